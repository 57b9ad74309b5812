"""Layer and root-mean-square normalization.

Where the last axes are normalized, a native kernel brings a row into the cache once, forward and
backward; elsewhere XLA's operations pass over the array for each sum.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import jax
import jax.numpy as jnp
from jax import Array, lax

from nyala.kernels._native import NATIVE_FLOATS, native
from nyala.kernels._standardize import standardize_and_scale

# Below, starting a native kernel costs more than it saves.
_FEWEST_ELEMENTS = 1 << 12
# A row is whole vectors, or long enough for its rest not to count.
_LANES = 16
_LONG_ROW = 256


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
    return _normalize(x, gamma, beta, axis, epsilon, centre=True)


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
    return _normalize(x, gamma, None, axis, epsilon, centre=False)


def _normalize(
    x: Array,
    gamma: Array | None,
    beta: Array | None,
    axis: int | Sequence[int],
    epsilon: float,
    centre: bool,
) -> Array:
    axes = tuple(sorted(a % x.ndim for a in ((axis,) if isinstance(axis, int) else axis)))
    last = axes == tuple(range(x.ndim - len(axes), x.ndim))
    width = math.prod(x.shape[a] for a in axes)
    able = last and width > 0 and x.dtype in NATIVE_FLOATS
    faster = x.size >= _FEWEST_ELEMENTS and (width % _LANES == 0 or width >= _LONG_ROW)
    if not able or not _rows.chosen(faster):
        return standardize_and_scale(x, gamma, beta, axes, epsilon, centre)
    gamma = jnp.ones(width) if gamma is None else gamma.ravel()
    beta = jnp.zeros(width) if beta is None else beta.ravel()
    weights = gamma.astype(jnp.float32), beta.astype(jnp.float32)
    rows = x.reshape(x.size // width, width)
    return _normalize_rows(rows, *weights, epsilon, centre).reshape(x.shape)


@native("norm_rows")
def _rows(
    x: Array, gamma: Array, beta: Array, *, epsilon: float, centre: bool
) -> tuple[Array, Array, Array]:
    """Each row of a matrix normalized, scaled and shifted; its mean, and one over its deviation."""
    wide = x.astype(jnp.float32)
    mean = wide.mean(1) if centre else jnp.zeros(len(x), jnp.float32)
    centred = wide - mean[:, None]
    inverse = lax.rsqrt(jnp.square(centred).mean(1) + epsilon)
    return (centred * inverse[:, None] * gamma + beta).astype(x.dtype), mean, inverse


@native("norm_rows_gradient")
def _rows_gradient(
    dy: Array, x: Array, gamma: Array, mean: Array, inverse: Array, *, centre: bool
) -> tuple[Array, Array, Array]:
    """The gradients of `x`, `gamma` and `beta`.

    With h = (x - mean) s and g = dy gamma: dx = s (g - mean(g) - h mean(g h)), where the first mean
    is for centring only; dgamma = sum(dy h), dbeta = sum(dy).
    """
    dy = dy.astype(jnp.float32)
    h = (x.astype(jnp.float32) - mean[:, None]) * inverse[:, None]
    g = dy * gamma
    dx = g - h * (g * h).mean(1, keepdims=True)
    dx = dx - g.mean(1, keepdims=True) if centre else dx
    return (dx * inverse[:, None]).astype(x.dtype), (dy * h).sum(0), dy.sum(0)


@partial(jax.custom_vjp, nondiff_argnums=(3, 4))
def _normalize_rows(x, gamma, beta, epsilon, centre):
    return _rows(x, gamma, beta, epsilon=epsilon, centre=centre)[0]


def _normalize_rows_forward(x, gamma, beta, epsilon, centre):
    y, mean, inverse = _rows(x, gamma, beta, epsilon=epsilon, centre=centre)
    return y, (x, gamma, mean, inverse)


def _normalize_rows_backward(epsilon, centre, saved, dy):
    return _rows_gradient(dy, *saved, centre=centre)


_normalize_rows.defvjp(_normalize_rows_forward, _normalize_rows_backward)
