"""Dividing by a deviation that is computed over some axes: the XLA operations of the normalizations
within each example, and their gradient.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, lax

from nyala.kernels._mode import use_reference


def standardize_and_scale(
    x: Array,
    gamma: Array | None,
    beta: Array | None,
    axes: tuple[int, ...],
    epsilon: float,
    centre: bool,
) -> Array:
    """Standardize, then multiply by `gamma` and add `beta`, which lie along `axes`."""
    y = standardize(x, axes, epsilon, centre)
    return affine(y, shaped_along(gamma, axes, x), shaped_along(beta, axes, x), x.dtype)


def standardize(x: Array, axes: tuple[int, ...], epsilon: float, centre: bool) -> Array:
    """Subtract the mean (if `centre`) and divide by the deviation, in float32 or wider."""
    run = standardize_reference if use_reference() else _standardize
    return run(x, axes, epsilon, centre)


def standardize_reference(x: Array, axes: tuple[int, ...], epsilon: float, centre: bool) -> Array:
    """The definition, with JAX's own gradient."""
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


def shaped_along(weight: Array | None, axes: tuple[int, ...], x: Array) -> Array | None:
    if weight is None:
        return None
    return weight.reshape([x.shape[a] if a in axes else 1 for a in range(x.ndim)])


def affine(y: Array, gamma: Array | None, beta: Array | None, dtype: Any) -> Array:
    y = y if gamma is None else y * gamma.astype(y.dtype)
    y = y if beta is None else y + beta.astype(y.dtype)
    return y.astype(dtype)
