"""Truth values combined, element by element."""

from __future__ import annotations

import jax.numpy as jnp

from nyala.eager import Array, op


@op
def logical_and(x1: Array, x2: Array) -> Array:
    """Whether both are true.

    Args:
        x1: truth values of any shape; numbers count as true where they are not 0.
        x2: truth values of a shape that broadcasts with that of `x1`.

    Returns:
        A boolean tensor of the broadcast shape.

    >>> import nyala
    >>> nyala.ops.logical_and([True, True], [True, False]).numpy()
    array([ True, False])
    """
    return jnp.logical_and(x1, x2)


@op
def logical_or(x1: Array, x2: Array) -> Array:
    """Whether at least one is true.

    Args:
        x1: truth values of any shape; numbers count as true where they are not 0.
        x2: truth values of a shape that broadcasts with that of `x1`.

    Returns:
        A boolean tensor of the broadcast shape.

    >>> import nyala
    >>> nyala.ops.logical_or([True, False], [False, False]).numpy()
    array([ True, False])
    """
    return jnp.logical_or(x1, x2)


@op
def logical_xor(x1: Array, x2: Array) -> Array:
    """Whether exactly one is true.

    Args:
        x1: truth values of any shape; numbers count as true where they are not 0.
        x2: truth values of a shape that broadcasts with that of `x1`.

    Returns:
        A boolean tensor of the broadcast shape.

    >>> import nyala
    >>> nyala.ops.logical_xor([True, True], [True, False]).numpy()
    array([False,  True])
    """
    return jnp.logical_xor(x1, x2)


@op
def logical_not(x: Array) -> Array:
    """Whether it is not true.

    Args:
        x: truth values of any shape; numbers count as true where they are not 0.

    Returns:
        A boolean tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.logical_not([True, False]).numpy()
    array([False,  True])
    """
    return jnp.logical_not(x)
