"""Operations on the bits of integers; on booleans they are the logical ones."""

from __future__ import annotations

import jax.numpy as jnp

from nyala.eager import Array, op


@op
def bitwise_and(x: Array, y: Array) -> Array:
    """The bits set in both.

    Args:
        x: integers or booleans of any shape.
        y: integers or booleans of a shape that broadcasts with that of `x`.

    Returns:
        A tensor of the broadcast shape, in the promoted dtype.

    >>> import nyala
    >>> nyala.ops.bitwise_and([6], [3]).numpy()
    array([2], dtype=int32)
    """
    return jnp.bitwise_and(x, y)


@op
def bitwise_or(x: Array, y: Array) -> Array:
    """The bits set in either.

    Args:
        x: integers or booleans of any shape.
        y: integers or booleans of a shape that broadcasts with that of `x`.

    Returns:
        A tensor of the broadcast shape, in the promoted dtype.

    >>> import nyala
    >>> nyala.ops.bitwise_or([6], [3]).numpy()
    array([7], dtype=int32)
    """
    return jnp.bitwise_or(x, y)


@op
def bitwise_xor(x: Array, y: Array) -> Array:
    """The bits set in exactly one.

    Args:
        x: integers or booleans of any shape.
        y: integers or booleans of a shape that broadcasts with that of `x`.

    Returns:
        A tensor of the broadcast shape, in the promoted dtype.

    >>> import nyala
    >>> nyala.ops.bitwise_xor([6], [3]).numpy()
    array([5], dtype=int32)
    """
    return jnp.bitwise_xor(x, y)


@op
def bitwise_not(x: Array) -> Array:
    """Every bit inverted.

    Args:
        x: integers or booleans of any shape.

    Returns:
        A tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.bitwise_not([6]).numpy()
    array([-7], dtype=int32)
    """
    return jnp.invert(x)


@op
def bitwise_invert(x: Array) -> Array:
    """Every bit inverted: the same as `bitwise_not`.

    Args:
        x: integers or booleans of any shape.

    Returns:
        A tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.bitwise_invert([6]).numpy()
    array([-7], dtype=int32)
    """
    return jnp.invert(x)


@op
def left_shift(x: Array, y: Array) -> Array:
    """The bits moved left by `y` places: x · 2^y.

    Args:
        x: integers of any shape.
        y: numbers of places, of a shape that broadcasts with that of `x`.

    Returns:
        A tensor of the broadcast shape, in the promoted dtype.

    >>> import nyala
    >>> nyala.ops.left_shift([3], 2).numpy()
    array([12], dtype=int32)
    """
    return jnp.left_shift(x, y)


@op
def bitwise_left_shift(x: Array, y: Array) -> Array:
    """The bits moved left: the same as `left_shift`.

    Args:
        x: integers of any shape.
        y: numbers of places, of a shape that broadcasts with that of `x`.

    Returns:
        A tensor of the broadcast shape, in the promoted dtype.

    >>> import nyala
    >>> nyala.ops.bitwise_left_shift([3], 2).numpy()
    array([12], dtype=int32)
    """
    return jnp.left_shift(x, y)


@op
def right_shift(x: Array, y: Array) -> Array:
    """The bits moved right by `y` places, the sign kept: x / 2^y rounded down.

    Args:
        x: integers of any shape.
        y: numbers of places, of a shape that broadcasts with that of `x`.

    Returns:
        A tensor of the broadcast shape, in the promoted dtype.

    >>> import nyala
    >>> nyala.ops.right_shift([12], 2).numpy()
    array([3], dtype=int32)
    """
    return jnp.right_shift(x, y)


@op
def bitwise_right_shift(x: Array, y: Array) -> Array:
    """The bits moved right: the same as `right_shift`.

    Args:
        x: integers of any shape.
        y: numbers of places, of a shape that broadcasts with that of `x`.

    Returns:
        A tensor of the broadcast shape, in the promoted dtype.

    >>> import nyala
    >>> nyala.ops.bitwise_right_shift([12], 2).numpy()
    array([3], dtype=int32)
    """
    return jnp.right_shift(x, y)
