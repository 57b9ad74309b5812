"""Batch normalization with the statistics of the batch itself."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array, lax

from nyala.kernels._channel_sums import (
    along,
    count_of,
    gradient_sums,
    moments,
    use_native_sums,
    weighted_count,
    weighted_moments,
    wide_type,
)
from nyala.kernels._mode import use_reference


def batch_norm_train(
    x: Array,
    gamma: Array | None,
    beta: Array | None,
    *,
    axis: int = -1,
    epsilon: float = 1e-3,
    mask: Array | None = None,
) -> tuple[Array, Array, Array]:
    """Normalize each channel by its mean and variance over all other axes.

    Args:
        x: any array of two or more dimensions.
        gamma: `(channels,)` scale, or `None` for 1.
        beta: `(channels,)` offset, or `None` for 0.
        axis: the axis of the channels.
        epsilon: added to the variance.
        mask: optional, of the shape of `x` without its last axis; elements where it is false do
            not enter the statistics.

    Returns:
        The normalized array in the dtype of `x`, and the `(channels,)` mean and (biased) variance
        in float32 (float64 for float64). The statistics are computed in that dtype, too.

    Source: Ioffe and Szegedy, "Batch Normalization", ICML 2015.

    Example:
        >>> import jax.numpy as jnp
        >>> from nyala import kernels
        >>> y, mean, variance = kernels.batch_norm_train(jnp.array([[1.0], [3.0]]), None, None)
        >>> mean, variance
        (Array([2.], dtype=float32), Array([1.], dtype=float32))
    """
    axis %= x.ndim
    weights = None if mask is None else _weights(mask, x)
    if use_reference():
        return batch_norm_train_reference(x, gamma, beta, weights, axis, epsilon)
    gamma_ = jnp.ones(x.shape[axis], jnp.float32) if gamma is None else gamma
    beta_ = jnp.zeros(x.shape[axis], jnp.float32) if beta is None else beta
    return _normalize(x, gamma_, beta_, weights, axis, epsilon)


def batch_norm_train_reference(
    x: Array,
    gamma: Array | None,
    beta: Array | None,
    weights: Array | None,
    axis: int,
    epsilon: float,
) -> tuple[Array, Array, Array]:
    """The definition, with JAX's own gradient."""
    wide = x.astype(wide_type(x))
    others = tuple(a for a in range(x.ndim) if a != axis)
    full = None if weights is None else jnp.broadcast_to(weights, x.shape)
    mean = jnp.average(wide, others, full, keepdims=True)
    variance = jnp.average(jnp.square(wide - mean), others, full, keepdims=True)
    y = (wide - mean) * lax.rsqrt(variance + epsilon)
    shape = mean.shape
    y = y if gamma is None else y * gamma.reshape(shape).astype(y.dtype)
    y = y if beta is None else y + beta.reshape(shape).astype(y.dtype)
    return y.astype(x.dtype), mean.ravel(), variance.ravel()


def _weights(mask: Array, x: Array) -> Array:
    """1 where the mask is true, of a shape that broadcasts against `x`."""
    return jnp.broadcast_to(mask, x.shape[:-1])[..., None].astype(wide_type(x))


def _moments(x: Array, weights: Array | None, axis: int) -> tuple[Array, Array]:
    use_native = use_native_sums(x, axis)
    if weights is None:
        return (moments if use_native else moments.lowering)(x, axis=axis, batched=False)
    use_native = use_native and axis == x.ndim - 1
    return (weighted_moments if use_native else weighted_moments.lowering)(x, weights, axis=axis)


@partial(jax.custom_vjp, nondiff_argnums=(4, 5))
def _normalize(x, gamma, beta, weights, axis, epsilon):
    return _normalize_forward(x, gamma, beta, weights, axis, epsilon)[0]


def _normalize_forward(x, gamma, beta, weights, axis, epsilon):
    mean, variance = _moments(x, weights, axis)
    inverse = lax.rsqrt(variance + epsilon)
    scale = along(inverse * gamma.astype(mean.dtype), x, axis)
    centred = x.astype(mean.dtype) - along(mean, x, axis)
    y = centred * scale + along(beta.astype(mean.dtype), x, axis)
    return (y.astype(x.dtype), mean, variance), (x, gamma, beta, weights, mean, inverse)


def _normalize_backward(axis, epsilon, saved, cotangents):
    """The gradient from the saved mean and inverse deviation, in two sums and one pass.

    With u = x - mean and weights w: dgamma = s sum(dy u), dbeta = sum(dy), and
    dx = gamma s (dy - w/n (sum(dy) + u s^2 sum(dy u))) + w/n (dmean + 2 u dvariance).
    """
    x, gamma, beta, weights, mean, inverse = saved
    dy, dmean, dvariance = cotangents
    sums = gradient_sums if use_native_sums(x, axis) else gradient_sums.lowering
    sum_dy, sum_dy_centred = sums(dy, x, mean, axis=axis, batched=False)
    count = count_of(x, axis, False) if weights is None else weighted_count(x, weights, axis)
    scale = gamma.astype(mean.dtype) * inverse
    constant = along((dmean - scale * sum_dy) / count, x, axis)
    slope = along((2 * dvariance - scale * inverse**2 * sum_dy_centred) / count, x, axis)
    inner = constant + slope * (x.astype(mean.dtype) - along(mean, x, axis))
    inner = inner if weights is None else inner * weights
    dx = along(scale, x, axis) * dy.astype(mean.dtype) + inner
    dgamma = (sum_dy_centred * inverse).astype(gamma.dtype)
    dweights = None if weights is None else jnp.zeros_like(weights)
    return dx.astype(x.dtype), dgamma, sum_dy.astype(beta.dtype), dweights


_normalize.defvjp(_normalize_forward, _normalize_backward)
