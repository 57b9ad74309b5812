"""Tensors made of a shape and a value."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from nyala.eager import Array, op
from nyala.ops._dtypes import jax_dtype, optional_dtype


@op
def zeros(shape: Any, dtype: Any = None) -> Array:
    """A tensor of zeros.

    Args:
        shape: tuple of integers, or one integer.
        dtype: the result's dtype; `floatx` by default.

    Returns:
        A tensor of this shape.

    >>> import nyala
    >>> nyala.ops.zeros((2, 2)).numpy()
    array([[0., 0.],
           [0., 0.]], dtype=float32)
    """
    return jnp.zeros(shape, jax_dtype(dtype))


@op
def ones(shape: Any, dtype: Any = None) -> Array:
    """A tensor of ones.

    Args:
        shape: tuple of integers, or one integer.
        dtype: the result's dtype; `floatx` by default.

    Returns:
        A tensor of this shape.

    >>> import nyala
    >>> nyala.ops.ones((2,), dtype="int32").numpy()
    array([1, 1], dtype=int32)
    """
    return jnp.ones(shape, jax_dtype(dtype))


@op
def empty(shape: Any, dtype: Any = None) -> Array:
    """A tensor whose values do not matter; they are zeros.

    Args:
        shape: tuple of integers, or one integer.
        dtype: the result's dtype; `floatx` by default.

    Returns:
        A tensor of this shape.

    >>> import nyala
    >>> nyala.ops.empty((2,)).shape
    (2,)
    """
    return jnp.empty(shape, jax_dtype(dtype))


@op
def full(shape: Any, fill_value: Array, dtype: Any = None) -> Array:
    """A tensor of one value.

    Args:
        shape: tuple of integers, or one integer.
        fill_value: a number, or an array whose shape broadcasts to `shape`.
        dtype: the result's dtype; `floatx` by default.

    Returns:
        A tensor of this shape.

    >>> import nyala
    >>> nyala.ops.full((2,), 7.0).numpy()
    array([7., 7.], dtype=float32)
    """
    return jnp.full(shape, fill_value, jax_dtype(dtype))


@op
def zeros_like(x: Array, dtype: Any = None) -> Array:
    """Zeros in the shape of `x`.

    Args:
        x: array of any shape.
        dtype: the result's dtype; that of `x` by default.

    Returns:
        A tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.zeros_like([1.5, 2.5]).numpy()
    array([0., 0.], dtype=float32)
    """
    return jnp.zeros_like(x, dtype=optional_dtype(dtype))


@op
def ones_like(x: Array, dtype: Any = None) -> Array:
    """Ones in the shape of `x`.

    Args:
        x: array of any shape.
        dtype: the result's dtype; that of `x` by default.

    Returns:
        A tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.ones_like([1.5, 2.5]).numpy()
    array([1., 1.], dtype=float32)
    """
    return jnp.ones_like(x, dtype=optional_dtype(dtype))


@op
def empty_like(x: Array, dtype: Any = None) -> Array:
    """A tensor in the shape of `x` whose values do not matter; they are zeros.

    Args:
        x: array of any shape.
        dtype: the result's dtype; that of `x` by default.

    Returns:
        A tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.empty_like([1.5, 2.5]).shape
    (2,)
    """
    return jnp.empty_like(x, dtype=optional_dtype(dtype))


@op
def full_like(x: Array, fill_value: Array, dtype: Any = None) -> Array:
    """One value in the shape of `x`.

    Args:
        x: array of any shape.
        fill_value: a number, or an array whose shape broadcasts to that of `x`.
        dtype: the result's dtype; that of `x` by default.

    Returns:
        A tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.full_like([1.5, 2.5], 7).numpy()
    array([7., 7.], dtype=float32)
    """
    return jnp.full_like(x, fill_value, dtype=optional_dtype(dtype))


@op
def copy(x: Array) -> Array:
    """A copy of `x`. Tensors never change, so this is rarely of use.

    Args:
        x: array of any shape.

    Returns:
        A tensor equal to `x`.

    >>> import nyala
    >>> nyala.ops.copy([1.0, 2.0]).numpy()
    array([1., 2.], dtype=float32)
    """
    return jnp.array(x, copy=True)
