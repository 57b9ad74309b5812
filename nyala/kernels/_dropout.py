"""Dropout whose mask is never stored: the gradient makes the same bits again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import jax
import jax.numpy as jnp
from jax import Array

from nyala.kernels._mode import use_reference
from nyala.kernels._random_bits import random_bits


def dropout(
    x: Array, rate: float, key: Array, *, noise_shape: Sequence[int | None] | None = None
) -> Array:
    """Set a random fraction of the elements to zero and scale the others to keep the mean.

    Args:
        x: any floating-point array.
        rate: probability, from 0 to 1, that an element is set to zero.
        key: two `uint32` words; the same key gives the same mask on every platform.
        noise_shape: shape of the mask, broadcast against `x`; `None`, or a `None` within, stands
            for the extent of `x`.

    Returns:
        An array of the shape and dtype of `x`.

    Raises:
        ValueError: if `rate` lies outside 0 to 1.

    Source: Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from
    Overfitting", JMLR 15 (2014).

    Example:
        >>> import jax.numpy as jnp
        >>> from nyala import kernels
        >>> kept = kernels.dropout(jnp.ones(1000), 0.5, jnp.array([0, 7], "uint32"))
        >>> sorted(set(kept.tolist()))
        [0.0, 2.0]
    """
    if not 0 <= rate <= 1:
        raise ValueError(f"dropout: expected a rate from 0 to 1; got {rate}.")
    if rate == 0:
        return x
    if rate == 1:
        return jnp.zeros_like(x)
    shape = mask_shape(x.shape, noise_shape)
    if use_reference():
        return dropout_reference(x, key, rate, shape)
    return _drop(x, key, rate, shape)


def mask_shape(shape: tuple[int, ...], noise_shape: Sequence[int | None] | None) -> tuple[int, ...]:
    if noise_shape is None:
        return shape
    if len(noise_shape) != len(shape):
        raise ValueError(
            f"dropout: `noise_shape` needs {len(shape)} entries for an input of shape {shape}; "
            f"got {tuple(noise_shape)}."
        )
    return tuple(s if n is None else n for s, n in zip(shape, noise_shape, strict=True))


def keep_mask(key: Array, rate: float, shape: tuple[int, ...]) -> Array:
    """True with probability `1 - rate`, to within 2**-32."""
    return random_bits(key, shape) >= jnp.uint32(keep_threshold(rate))


def keep_threshold(rate: float) -> int:
    """The lowest random bits that keep an element."""
    return min(round(rate * 2**32), 2**32 - 1)


def dropout_reference(x: Array, key: Array, rate: float, shape: tuple[int, ...]) -> Array:
    """The definition; its default gradient stores the mask."""
    return jnp.where(keep_mask(key, rate, shape), x * _scale(x, rate), jnp.zeros((), x.dtype))


def _scale(x: Array, rate: float) -> Array:
    return jnp.asarray(1 / (1 - rate), x.dtype)


@partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def _drop(x: Array, key: Array, rate: float, shape: tuple[int, ...]) -> Array:
    return dropout_reference(x, key, rate, shape)


def _drop_forward(x, key, rate, shape):
    return _drop(x, key, rate, shape), key


def _drop_backward(rate, shape, key, dy):
    return _drop(dy, key, rate, shape), None


_drop.defvjp(_drop_forward, _drop_backward)
