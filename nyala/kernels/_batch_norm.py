"""Batch normalization with the statistics of the batch itself."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, lax

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
    wide = x.astype(_wide(x))
    others = tuple(a for a in range(x.ndim) if a != axis)
    full = None if weights is None else jnp.broadcast_to(weights, x.shape)
    mean = jnp.average(wide, others, full, keepdims=True)
    variance = jnp.average(jnp.square(wide - mean), others, full, keepdims=True)
    y = (wide - mean) * lax.rsqrt(variance + epsilon)
    shape = mean.shape
    y = y if gamma is None else y * gamma.reshape(shape).astype(y.dtype)
    y = y if beta is None else y + beta.reshape(shape).astype(y.dtype)
    return y.astype(x.dtype), mean.ravel(), variance.ravel()


def _wide(x: Array) -> Any:
    return jnp.promote_types(x.dtype, jnp.float32)


def _weights(mask: Array, x: Array) -> Array:
    """1 where the mask is true, of a shape that broadcasts against `x`."""
    return jnp.broadcast_to(mask, x.shape[:-1])[..., None].astype(_wide(x))


def _sum(x: Array, axis: int) -> Array:
    """Sum over all axes but one, which are kept with extent 1."""
    return x.sum(tuple(a for a in range(x.ndim) if a != axis), keepdims=True)


def _count(x: Array, weights: Array | None, axis: int) -> Array | float:
    if weights is None:
        return float(x.size // x.shape[axis])
    # The small term keeps a batch that is masked altogether from dividing by zero.
    return _sum(jnp.broadcast_to(weights, x.shape), axis) + 1e-7


def _weighted(x: Array, weights: Array | None) -> Array:
    return x if weights is None else x * weights


@partial(jax.custom_vjp, nondiff_argnums=(4, 5))
def _normalize(x, gamma, beta, weights, axis, epsilon):
    return _normalize_forward(x, gamma, beta, weights, axis, epsilon)[0]


def _normalize_forward(x, gamma, beta, weights, axis, epsilon):
    wide = x.astype(_wide(x))
    count = _count(wide, weights, axis)
    mean = _sum(_weighted(wide, weights), axis) / count
    variance = _sum(_weighted(jnp.square(wide - mean), weights), axis) / count
    inverse = lax.rsqrt(variance + epsilon)
    scale = inverse * gamma.reshape(mean.shape).astype(wide.dtype)
    y = (wide - mean) * scale + beta.reshape(mean.shape).astype(wide.dtype)
    saved = (x, gamma, beta, weights, mean, inverse)
    return (y.astype(x.dtype), mean.ravel(), variance.ravel()), saved


def _normalize_backward(axis, epsilon, saved, cotangents):
    """The gradient from the saved mean and inverse deviation, in two sums and one pass.

    With u = x - mean and weights w: dgamma = s sum(dy u), dbeta = sum(dy), and
    dx = gamma s (dy - w/n (sum(dy) + u s^2 sum(dy u))) + w/n (dmean + 2 u dvariance).
    """
    x, gamma, beta, weights, mean, inverse = saved
    dy, dmean, dvariance = cotangents
    wide = x.astype(mean.dtype)
    dy = dy.astype(mean.dtype)
    centred = wide - mean
    sum_dy = _sum(dy, axis)
    sum_dy_centred = _sum(dy * centred, axis)
    count = _count(wide, weights, axis)
    scale = gamma.reshape(mean.shape).astype(mean.dtype) * inverse
    constant = (dmean.reshape(mean.shape) - scale * sum_dy) / count
    slope = (2 * dvariance.reshape(mean.shape) - scale * inverse**2 * sum_dy_centred) / count
    dx = scale * dy + _weighted(constant + slope * centred, weights)
    dgamma = (sum_dy_centred * inverse).reshape(gamma.shape).astype(gamma.dtype)
    dbeta = sum_dy.reshape(beta.shape).astype(beta.dtype)
    dweights = None if weights is None else jnp.zeros_like(weights)
    return dx.astype(x.dtype), dgamma, dbeta, dweights


_normalize.defvjp(_normalize_forward, _normalize_backward)
