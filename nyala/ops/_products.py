"""Products of vectors, matrices and tensors."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from nyala.eager import Array, op


def _accumulator(*xs: Array) -> Any:
    """Bytes are multiplied into int32, for which processors and GPUs have instructions."""
    return jnp.int32 if all(x.dtype == jnp.int8 for x in xs) else None


@op
def matmul(x1: Array, x2: Array) -> Array:
    """Matrix product.

    Args:
        x1: array of shape `(..., n, k)`, or a vector `(k,)`.
        x2: array of shape `(..., k, m)`, or a vector `(k,)`. Leading axes broadcast.

    Returns:
        A tensor of shape `(..., n, m)`; the axis of a vector is left out. int8 gives int32.

    Raises:
        ValueError: the two lengths `k` differ.

    >>> import nyala
    >>> nyala.ops.matmul([[1.0, 2.0]], [[3.0], [4.0]]).numpy()
    array([[11.]], dtype=float32)
    """
    x1, x2 = jnp.asarray(x1), jnp.asarray(x2)
    return jnp.matmul(x1, x2, preferred_element_type=_accumulator(x1, x2))


@op
def dot(x1: Array, x2: Array) -> Array:
    """Sum of products over the last axis of `x1` and the last but one of `x2`.

    Args:
        x1: array of shape `(..., k)`, or a scalar.
        x2: array of shape `(..., k, m)`, a vector `(k,)`, or a scalar.

    Returns:
        A tensor with the other axes of `x1`, then those of `x2`.

    >>> import nyala
    >>> nyala.ops.dot([1.0, 2.0], [3.0, 4.0]).numpy()
    array(11., dtype=float32)
    """
    return jnp.dot(x1, x2)


@op
def inner(x1: Array, x2: Array) -> Array:
    """Sum of products over the last axes of both.

    Args:
        x1: array of shape `(..., k)`.
        x2: array of shape `(..., k)`.

    Returns:
        A tensor with the other axes of `x1`, then those of `x2`.

    >>> import nyala
    >>> nyala.ops.inner([1.0, 2.0], [[3.0, 4.0], [5.0, 6.0]]).numpy()
    array([11., 17.], dtype=float32)
    """
    return jnp.inner(x1, x2)


@op
def outer(x1: Array, x2: Array) -> Array:
    """All products of an element of `x1` and one of `x2`.

    Args:
        x1: array of any shape, flattened.
        x2: array of any shape, flattened.

    Returns:
        A tensor of shape `(size of x1, size of x2)`.

    >>> import nyala
    >>> nyala.ops.outer([1, 2], [3, 4]).numpy()
    array([[3, 4],
           [6, 8]], dtype=int32)
    """
    return jnp.outer(x1, x2)


@op
def vdot(x1: Array, x2: Array) -> Array:
    """Sum of products of all elements, those of `x1` conjugated.

    Args:
        x1: array of any shape.
        x2: array with as many elements.

    Returns:
        A scalar.

    >>> import nyala
    >>> nyala.ops.vdot([[1, 2], [3, 4]], [[1, 1], [1, 1]]).numpy()
    array(10, dtype=int32)
    """
    return jnp.vdot(x1, x2)


@op
def tensordot(x1: Array, x2: Array, axes: Any = 2) -> Array:
    """Sum of products over chosen axes.

    Args:
        x1: array of any shape.
        x2: array of any shape.
        axes: how many of the last axes of `x1` and the first of `x2`, or a pair of lists of
            axes.

    Returns:
        A tensor with the other axes of `x1`, then those of `x2`.

    >>> import nyala
    >>> nyala.ops.tensordot([[1, 2], [3, 4]], [5, 6], axes=1).numpy()
    array([17, 39], dtype=int32)
    """
    return jnp.tensordot(jnp.asarray(x1), jnp.asarray(x2), axes)


@op
def einsum(subscripts: str, *operands: Array, **kwargs: Any) -> Array:
    """Sum of products in Einstein's notation.

    Args:
        subscripts: letters for the axes of each operand and of the result, such as
            `"ij,jk->ik"`.
        *operands: arrays with these axes.
        **kwargs: further options of `jax.numpy.einsum`, such as `optimize`.

    Returns:
        A tensor with the axes named behind the arrow. int8 gives int32.

    >>> import nyala
    >>> nyala.ops.einsum("ij,j->i", [[1, 2], [3, 4]], [5, 6]).numpy()
    array([17, 39], dtype=int32)
    """
    operands = [jnp.asarray(x) for x in operands]
    kwargs.setdefault("preferred_element_type", _accumulator(*operands))
    return jnp.einsum(subscripts, *operands, **kwargs)


@op
def cross(
    x1: Array,
    x2: Array,
    axisa: int = -1,
    axisb: int = -1,
    axisc: int = -1,
    axis: int | None = None,
) -> Array:
    """Cross product of vectors of length 2 or 3.

    Args:
        x1: array whose axis `axisa` holds the coordinates.
        x2: array whose axis `axisb` holds them; the other axes broadcast.
        axisa: the axis of the coordinates of `x1`.
        axisb: that of `x2`.
        axisc: that of the result.
        axis: one axis for all three.

    Returns:
        A tensor of vectors; of scalars where both vectors have length 2.

    >>> import nyala
    >>> nyala.ops.cross([1, 0, 0], [0, 1, 0]).numpy()
    array([0, 0, 1], dtype=int32)
    """
    return jnp.cross(jnp.asarray(x1), jnp.asarray(x2), axisa, axisb, axisc, axis)


@op
def kron(x1: Array, x2: Array) -> Array:
    """Kronecker product: `x2` scaled by each element of `x1`.

    Args:
        x1: array of any shape.
        x2: array of any shape.

    Returns:
        A tensor, each axis as long as the product of theirs.

    >>> import nyala
    >>> nyala.ops.kron([1, 2], [1, 1]).numpy()
    array([1, 1, 2, 2], dtype=int32)
    """
    return jnp.kron(x1, x2)
