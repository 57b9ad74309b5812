"""Normalization within each example: layer, root-mean-square and group normalization.

All three share one gradient: that of dividing by a deviation which is computed over some axes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, lax

from nyala.kernels._mode import use_reference


def layer_norm(
    x: Array,
    gamma: Array | None,
    beta: Array | None,
    *,
    axis: int | Sequence[int] = -1,
    epsilon: float = 1e-3,
) -> Array:
    """Normalize to mean 0 and variance 1 over `axis`, then scale and shift.

    Args:
        x: any array.
        gamma: scale, shaped as the axes of `axis` in ascending order, or `None` for 1.
        beta: offset of the same shape, or `None` for 0.
        axis: the axis or axes to normalize over.
        epsilon: added to the variance.

    Returns:
        An array of the shape and dtype of `x`; float16 and bfloat16 are computed in float32.

    Source: Ba et al., "Layer Normalization", arXiv:1607.06450.

    Example:
        >>> import jax.numpy as jnp
        >>> from nyala import kernels
        >>> kernels.layer_norm(jnp.array([[1.0, 3.0]]), None, None, epsilon=0.0)
        Array([[-1.,  1.]], dtype=float32)
    """
    axes = _axes(axis, x.ndim)
    y = _standardizer()(x, axes, epsilon, True)
    return _affine(y, _along(gamma, axes, x), _along(beta, axes, x), x.dtype)


def rms_norm(
    x: Array, gamma: Array | None, *, axis: int | Sequence[int] = -1, epsilon: float = 1e-6
) -> Array:
    """Divide by the root mean square over `axis`, then scale.

    Args:
        x: any array.
        gamma: scale, shaped as the axes of `axis` in ascending order, or `None` for 1.
        axis: the axis or axes to normalize over.
        epsilon: added to the mean square.

    Returns:
        An array of the shape and dtype of `x`; float16 and bfloat16 are computed in float32.

    Source: Zhang and Sennrich, "Root Mean Square Layer Normalization", NeurIPS 2019.

    Example:
        >>> import jax.numpy as jnp
        >>> from nyala import kernels
        >>> kernels.rms_norm(jnp.array([[1.0, 7.0]]), None, epsilon=0.0)
        Array([[0.2, 1.4]], dtype=float32)
    """
    axes = _axes(axis, x.ndim)
    y = _standardizer()(x, axes, epsilon, False)
    return _affine(y, _along(gamma, axes, x), None, x.dtype)


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
    split = (*x.shape[:axis], groups, channels // groups, *x.shape[axis + 1 :])
    axes = tuple(a for a in range(1, x.ndim + 1) if a != axis)
    y = _standardizer()(x.reshape(split), axes, epsilon, True).reshape(x.shape)
    return _affine(y, _along(gamma, (axis,), x), _along(beta, (axis,), x), x.dtype)


def standardize_reference(x: Array, axes: tuple[int, ...], epsilon: float, centre: bool) -> Array:
    """Subtract the mean (if `centre`) and divide by the deviation, in float32 or wider."""
    wide = x.astype(jnp.promote_types(x.dtype, jnp.float32))
    if centre:
        wide = wide - wide.mean(axes, keepdims=True)
    return wide * lax.rsqrt(jnp.square(wide).mean(axes, keepdims=True) + epsilon)


@partial(jax.custom_vjp, nondiff_argnums=(1, 2, 3))
def _standardize(x: Array, axes: tuple[int, ...], epsilon: float, centre: bool) -> Array:
    return standardize_reference(x, axes, epsilon, centre)


def _standardize_forward(x, axes, epsilon, centre):
    wide = x.astype(jnp.promote_types(x.dtype, jnp.float32))
    mean = wide.mean(axes, keepdims=True) if centre else None
    centred = wide if mean is None else wide - mean
    inverse = lax.rsqrt(jnp.square(centred).mean(axes, keepdims=True) + epsilon)
    return centred * inverse, (x, mean, inverse)


def _standardize_backward(axes, epsilon, centre, saved, dy):
    """With y = (x - mean) s: dx = s (dy - mean(dy) - y mean(dy y)), where the first mean is for
    centring only.
    """
    x, mean, inverse = saved
    wide = x.astype(inverse.dtype)
    y = (wide if mean is None else wide - mean) * inverse
    dx = dy - y * (dy * y).mean(axes, keepdims=True)
    if centre:
        dx = dx - dy.mean(axes, keepdims=True)
    return ((dx * inverse).astype(x.dtype),)


_standardize.defvjp(_standardize_forward, _standardize_backward)


def _standardizer():
    return standardize_reference if use_reference() else _standardize


def _axes(axis: int | Sequence[int], ndim: int) -> tuple[int, ...]:
    axes = (axis,) if isinstance(axis, int) else axis
    return tuple(sorted(a % ndim for a in axes))


def _along(weight: Array | None, axes: tuple[int, ...], x: Array) -> Array | None:
    if weight is None:
        return None
    return weight.reshape([x.shape[a] if a in axes else 1 for a in range(x.ndim)])


def _affine(y: Array, gamma: Array | None, beta: Array | None, dtype: Any) -> Array:
    y = y if gamma is None else y * gamma.astype(y.dtype)
    y = y if beta is None else y + beta.astype(y.dtype)
    return y.astype(dtype)
