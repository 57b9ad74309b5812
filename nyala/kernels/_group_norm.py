"""Group normalization: groups of channels of each example.

Native sums of the channels become those of their groups; without native kernels the array is
viewed as groups.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array, lax

from nyala.kernels._channel_sums import along, count_of, gradient_sums, moments, use_native_sums
from nyala.kernels._standardize import affine, shaped_along, standardize


def group_norm(
    x: Array,
    gamma: Array | None,
    beta: Array | None,
    *,
    groups: int,
    axis: int = -1,
    epsilon: float = 1e-3,
) -> Array:
    """Normalize each example over groups of neighbouring channels and all other axes.

    Args:
        x: `(batch, ...)` with channels on `axis`.
        gamma: `(channels,)` scale, or `None` for 1.
        beta: `(channels,)` offset, or `None` for 0.
        groups: number of groups; must divide the number of channels.
        axis: the axis of the channels.
        epsilon: added to the variance.

    Returns:
        An array of the shape and dtype of `x`; float16 and bfloat16 are computed in float32.

    Raises:
        ValueError: if `groups` does not divide the number of channels.

    Source: Wu and He, "Group Normalization", ECCV 2018.

    Example:
        >>> import jax.numpy as jnp
        >>> from nyala import kernels
        >>> kernels.group_norm(jnp.array([[1.0, 3.0, 5.0, 5.0]]), None, None, groups=2, epsilon=0.1)
        Array([[-0.953...,  0.953...,  0.   ,  0.   ]], dtype=float32)
    """
    axis %= x.ndim
    channels = x.shape[axis]
    if channels % groups:
        raise ValueError(
            f"group_norm: the number of channels, {channels}, does not divide into {groups} groups."
        )
    if axis > 0 and use_native_sums(x, axis):
        gamma_ = jnp.ones(channels, jnp.float32) if gamma is None else gamma.astype(jnp.float32)
        beta_ = jnp.zeros(channels, jnp.float32) if beta is None else beta.astype(jnp.float32)
        return _normalize(x, gamma_, beta_, groups, axis, epsilon)
    split = (*x.shape[:axis], groups, channels // groups, *x.shape[axis + 1 :])
    axes = tuple(a for a in range(1, x.ndim + 1) if a != axis)
    y = standardize(x.reshape(split), axes, epsilon, True).reshape(x.shape)
    return affine(y, shaped_along(gamma, (axis,), x), shaped_along(beta, (axis,), x), x.dtype)


@partial(jax.custom_vjp, nondiff_argnums=(3, 4, 5))
def _normalize(x, gamma, beta, groups, axis, epsilon):
    return _normalize_forward(x, gamma, beta, groups, axis, epsilon)[0]


def _normalize_forward(x, gamma, beta, groups, axis, epsilon):
    means, variances = moments(x, axis=axis, batched=True)
    mean = _mean_of_group(means, groups)
    variance = _mean_of_group(variances + jnp.square(means - mean), groups)
    inverse = lax.rsqrt(variance + epsilon)
    scale = along(inverse * gamma, x, axis)
    y = (x.astype(mean.dtype) - along(mean, x, axis)) * scale + along(beta, x, axis)
    return y.astype(x.dtype), (x, gamma, mean, inverse)


def _normalize_backward(groups, axis, epsilon, saved, dy):
    """With u = x - mean and g = dy gamma: dx = s (g - mean(g) - u s^2 mean(g u)), means of the
    group.
    """
    x, gamma, mean, inverse = saved
    sum_dy, sum_dy_centred = gradient_sums(dy, x, mean, axis=axis, batched=True)
    count = count_of(x, axis, True)
    constant = -inverse * _mean_of_group(gamma * sum_dy, groups) / count
    slope = -(inverse**3) * _mean_of_group(gamma * sum_dy_centred, groups) / count
    dx = along(inverse * gamma, x, axis) * dy.astype(mean.dtype)
    dx = dx + along(constant, x, axis)
    dx = dx + along(slope, x, axis) * (x.astype(mean.dtype) - along(mean, x, axis))
    return dx.astype(x.dtype), (inverse * sum_dy_centred).sum(0), sum_dy.sum(0)


def _mean_of_group(channels: Array, groups: int) -> Array:
    """For each channel, `(examples, channels)`, the mean of the channels of its group."""
    grouped = channels.reshape(len(channels), groups, channels.shape[1] // groups)
    means = grouped.mean(2, keepdims=True)
    return jnp.broadcast_to(means, grouped.shape).reshape(channels.shape)


_normalize.defvjp(_normalize_forward, _normalize_backward)
