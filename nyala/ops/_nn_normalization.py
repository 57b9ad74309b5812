"""Shifting and scaling values by their statistics."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from nyala import kernels
from nyala.core import epsilon as default_epsilon
from nyala.eager import Array, op
from nyala.ops._dtypes import as_float

_HALF = ("float16", "bfloat16")


@op
def moments(
    x: Array, axes: int | Sequence[int], keepdims: bool = False, synchronized: bool = False
) -> tuple:
    """Mean and variance along axes.

    Args:
        x: array of any shape. Of half precision, the sums are in single precision.
        axes: the axes to average over.
        keepdims: whether they stay, with length 1.
        synchronized: accepted for Keras' sake: the statistics of a sharded array are always those
            of all of it.

    Returns:
        The mean and the (biased) variance, in the dtype of `x`.

    >>> import nyala
    >>> mean, variance = nyala.ops.moments([1.0, 3.0], axes=0)
    >>> float(mean), float(variance)
    (2.0, 1.0)
    """
    x = as_float(x)
    dtype, wide = x.dtype, x
    if dtype.name in _HALF:
        wide = x.astype("float32")
    mean = jnp.mean(wide, axes, keepdims=keepdims)
    variance = jnp.var(wide, axes, keepdims=keepdims)
    if dtype.name in _HALF:
        limits = jnp.finfo("float16")
        mean, variance = (
            jnp.clip(m, float(limits.min), float(limits.max)).astype(dtype)
            for m in (mean, variance)
        )
    return mean, variance


@op
def normalize(x: Array, axis: int = -1, order: int = 2, epsilon: float | None = None) -> Array:
    """Scales vectors to length one.

    Args:
        x: array of any shape.
        axis: the axis along which the vectors lie.
        order: which norm: 1 for the sum of absolute values, 2 for the Euclidean, …
        epsilon: norms below it count as it; `config.epsilon()` by default.

    Returns:
        A tensor of the same shape.

    >>> import nyala
    >>> nyala.ops.normalize([3.0, 4.0]).numpy()
    array([0.6, 0.8], dtype=float32)
    """
    if not isinstance(order, int) or order < 1:
        raise ValueError(f"ops.normalize(order=...) expects an integer of at least 1; got {order}.")
    floor = default_epsilon() if epsilon is None else epsilon
    x = jnp.atleast_1d(as_float(x))
    if order == 2:
        squares = jnp.sum(jnp.square(x), axis=axis, keepdims=True)
        return x * jnp.minimum(jax.lax.rsqrt(squares), 1.0 / floor)
    norms = jnp.sum(jnp.abs(x) ** order, axis=axis, keepdims=True) ** (1.0 / order)
    return x / jnp.maximum(norms, floor)


@op
def batch_normalization(
    x: Array,
    mean: Array,
    variance: Array,
    axis: int,
    offset: Array | None = None,
    scale: Array | None = None,
    epsilon: float = 1e-3,
) -> Array:
    """Normalizes with given statistics: (x - mean) / sqrt(variance + epsilon) · scale + offset.

    After Ioffe and Szegedy 2015 (arXiv:1502.03167).

    Args:
        x: array of any shape.
        mean: vector of the length of `axis`.
        variance: vector of that length.
        axis: the axis that keeps its statistics, usually that of the channels.
        offset: vector of that length, beta; none by default.
        scale: vector of that length, gamma; none by default.
        epsilon: a small number against division by zero.

    Returns:
        A tensor of the shape of `x`.

    >>> import nyala
    >>> x = nyala.ops.array([[1.0, 5.0]])
    >>> nyala.ops.batch_normalization(x, [1.0, 1.0], [1.0, 4.0], axis=-1, epsilon=0.0).numpy()
    array([[0., 2.]], dtype=float32)
    """
    shape = [1] * x.ndim
    shape[axis] = x.shape[axis]
    factor = jax.lax.rsqrt(jnp.reshape(variance, shape) + epsilon)
    if scale is not None:
        factor = factor * jnp.reshape(scale, shape)
    shift = -jnp.reshape(mean, shape) * factor
    if offset is not None:
        shift = shift + jnp.reshape(offset, shape)
    return x * factor + shift


def layer_normalization(
    x: Any,
    gamma: Any = None,
    beta: Any = None,
    axis: int | Sequence[int] = -1,
    epsilon: float | None = None,
    rms_scaling: bool = False,
) -> Any:
    """Normalizes each example by the mean and variance of its own values.

    After Ba et al. 2016 (arXiv:1607.06450).

    Args:
        x: array of any shape; computed in at least single precision.
        gamma: the scale, of the lengths of the axes; none by default.
        beta: the offset, of those lengths; none by default.
        axis: the axis or axes over which the statistics are taken.
        epsilon: a small number against division by zero; `config.epsilon()` by default.
        rms_scaling: deprecated: only divides by the deviation; use `rms_normalization`.

    Returns:
        A tensor of the shape and dtype of `x`.

    >>> import nyala
    >>> nyala.ops.layer_normalization([1.0, 3.0]).numpy().round(3)
    array([-1.,  1.], dtype=float32)
    """
    epsilon = default_epsilon() if epsilon is None else epsilon
    if not rms_scaling:
        return _layer_normalization(x, gamma, beta, axis, epsilon)
    warnings.warn(
        "layer_normalization(rms_scaling=True) is deprecated: it divides by the standard deviation "
        "and not by the root mean square. Use ops.rms_normalization().",
        DeprecationWarning,
        stacklevel=2,
    )
    return _divided_by_deviation(x, gamma, axis, epsilon)


@op(name="layer_normalization")
def _layer_normalization(
    x: Array,
    gamma: Array | None,
    beta: Array | None,
    axis: int | Sequence[int],
    epsilon: float,
) -> Array:
    x = as_float(x)
    axes = _sorted_axes(axis, x.ndim)
    gamma, beta = _along(gamma, x, axes), _along(beta, x, axes)
    return kernels.layer_norm(x, gamma, beta, axis=axes, epsilon=epsilon)


@op(name="_divided_by_deviation")
def _divided_by_deviation(
    x: Array, gamma: Array | None, axis: int | Sequence[int], epsilon: float
) -> Array:
    x = as_float(x)
    axes = _sorted_axes(axis, x.ndim)
    wide = x.astype(jnp.promote_types(x.dtype, "float32"))
    scaled = wide * jax.lax.rsqrt(jnp.var(wide, axes, keepdims=True) + epsilon)
    if gamma is not None:
        scaled = scaled * jnp.reshape(gamma, [n if a in axes else 1 for a, n in enumerate(x.shape)])
    return scaled.astype(x.dtype)


@op
def rms_normalization(
    x: Array,
    scale: Array | None = None,
    axis: int | Sequence[int] = -1,
    epsilon: float | None = None,
) -> Array:
    """Divides each example by the root of the mean of its squares.

    After Zhang and Sennrich 2019, "Root Mean Square Layer Normalization" (arXiv:1910.07467).

    Args:
        x: array of any shape; computed in at least single precision.
        scale: a factor that broadcasts to `x`; none by default.
        axis: the axis or axes over which the mean is taken.
        epsilon: a small number against division by zero; `config.epsilon()` by default.

    Returns:
        A tensor of the shape and dtype of `x`.

    >>> import nyala
    >>> nyala.ops.rms_normalization([3.0, 3.0]).numpy().round(3)
    array([1., 1.], dtype=float32)
    """
    epsilon = default_epsilon() if epsilon is None else epsilon
    x = jnp.atleast_1d(as_float(x))
    axes = _sorted_axes(axis, x.ndim)
    if scale is None or jnp.shape(scale) == tuple(x.shape[a] for a in axes):
        return kernels.rms_norm(x, scale, axis=axes, epsilon=epsilon)
    wide = x.astype(jnp.promote_types(x.dtype, "float32"))
    return (kernels.rms_norm(wide, None, axis=axes, epsilon=epsilon) * scale).astype(x.dtype)


def _sorted_axes(axis: int | Sequence[int], ndim: int) -> tuple[int, ...]:
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    return tuple(sorted(a % ndim for a in axes))


def _along(weight: Array | None, x: Array, axes: tuple[int, ...]) -> Array | None:
    """Return a weight in the shape of the axes; given so, or broadcast to the rank of `x`."""
    if weight is None:
        return None
    weight = jnp.asarray(weight)
    shape = tuple(x.shape[a] for a in axes)
    if weight.ndim == x.ndim and weight.size == 1:
        return jnp.broadcast_to(weight.reshape(()), shape)
    return jnp.reshape(weight, shape)
