"""One array cut into several."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from nyala.eager import Array, op
from nyala.ops._host import array_module


def _cuts(indices_or_sections: Any) -> Any:
    """JAX takes the positions as an array, not as a tuple of numbers."""
    return (
        np.asarray(indices_or_sections)
        if isinstance(indices_or_sections, tuple)
        else indices_or_sections
    )


@op
def split(x: Array, indices_or_sections: Any, axis: int = 0) -> list:
    """`x` cut along an axis.

    Args:
        x: array of any shape.
        indices_or_sections: into how many equal parts, or a list of the positions at which
            to cut.
        axis: the axis to cut.

    Returns:
        A list of tensors.

    Raises:
        ValueError: the axis cannot be cut into so many equal parts (see `array_split`).

    >>> import nyala
    >>> [part.tolist() for part in nyala.ops.split([1, 2, 3, 4], 2)]
    [[1, 2], [3, 4]]
    >>> [part.tolist() for part in nyala.ops.split([1, 2, 3, 4], [1, 3])]
    [[1], [2, 3], [4]]
    """
    return list(array_module(x).split(x, _cuts(indices_or_sections), axis))


@op
def array_split(x: Array, indices_or_sections: Any, axis: int = 0) -> list:
    """`x` cut along an axis into parts that may differ in length by one.

    Args:
        x: array of any shape.
        indices_or_sections: into how many nearly equal parts, or a list of the positions at
            which to cut.
        axis: the axis to cut.

    Returns:
        A list of tensors.

    >>> import nyala
    >>> [part.tolist() for part in nyala.ops.array_split([1, 2, 3], 2)]
    [[1, 2], [3]]
    """
    return list(jnp.array_split(jnp.asarray(x), _cuts(indices_or_sections), axis))


@op
def hsplit(x: Array, indices_or_sections: Any) -> list:
    """`x` cut along its second axis, a vector along its only one.

    Args:
        x: array with at least one axis.
        indices_or_sections: into how many equal parts, or a list of the positions at which
            to cut.

    Returns:
        A list of tensors.

    >>> import nyala
    >>> [part.shape for part in nyala.ops.hsplit(nyala.ops.zeros((2, 2, 2)), 2)]
    [(2, 1, 2), (2, 1, 2)]
    """
    return list(jnp.hsplit(jnp.asarray(x), _cuts(indices_or_sections)))


@op
def vsplit(x: Array, indices_or_sections: Any) -> list:
    """`x` cut along its first axis.

    Args:
        x: array with at least two axes.
        indices_or_sections: into how many equal parts, or a list of the positions at which
            to cut.

    Returns:
        A list of tensors.

    >>> import nyala
    >>> [part.shape for part in nyala.ops.vsplit(nyala.ops.zeros((2, 2, 2)), 2)]
    [(1, 2, 2), (1, 2, 2)]
    """
    return list(jnp.vsplit(jnp.asarray(x), _cuts(indices_or_sections)))


@op
def dsplit(x: Array, indices_or_sections: Any) -> list:
    """`x` cut along its third axis.

    Args:
        x: array with at least three axes.
        indices_or_sections: into how many equal parts, or a list of the positions at which
            to cut.

    Returns:
        A list of tensors.

    >>> import nyala
    >>> [part.shape for part in nyala.ops.dsplit(nyala.ops.zeros((2, 2, 2)), 2)]
    [(2, 2, 1), (2, 2, 1)]
    """
    return list(jnp.dsplit(jnp.asarray(x), _cuts(indices_or_sections)))


@op
def unstack(x: Array, num: int | None = None, axis: int = 0) -> list:
    """The slices of `x` along an axis, the axis itself gone.

    Args:
        x: array of any shape.
        num: the length of the axis, for a check; it is known anyway.
        axis: the axis to take apart.

    Returns:
        A list of tensors with one axis less.

    >>> import nyala
    >>> [part.tolist() for part in nyala.ops.unstack([[1, 2], [3, 4]])]
    [[1, 2], [3, 4]]
    """
    x = jnp.asarray(x)
    length = x.shape[axis]
    if num is not None and num != length:
        raise ValueError(f"num={num}, but axis {axis} of shape {x.shape} has length {length}.")
    return [jnp.squeeze(part, axis) for part in jnp.split(x, length, axis)] if length else []
