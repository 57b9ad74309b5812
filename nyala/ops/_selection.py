"""Elements chosen by conditions."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from nyala.eager import Array, Arrays, Symbolic, Tensor, is_tracer, op, to_tensor
from nyala.ops._host import array_module


def where(condition: Any, x1: Any = None, x2: Any = None) -> Any:
    """`x1` where a condition holds, `x2` elsewhere.

    Args:
        condition: booleans of any shape.
        x1: array of a shape that broadcasts.
        x2: array of a shape that broadcasts. Without both, the result is `nonzero(condition)`.

    Returns:
        A tensor of the broadcast shape, in the promoted dtype of `x1` and `x2`.

    >>> import nyala
    >>> nyala.ops.where([True, False], [1, 2], 0).numpy()
    array([1, 0], dtype=int32)
    """
    if x1 is None and x2 is None:
        return nonzero(condition)
    if x1 is None or x2 is None:
        raise ValueError("ops.where expects both x1 and x2, or neither of them.")
    return _where(condition, x1, x2)


@op(name="where")
def _where(condition: Array, x1: Array, x2: Array) -> Array:
    return array_module(x1, x2).where(condition, x1, x2)


def nonzero(x: Any, size: int | None = None, fill_value: int = 0) -> tuple:
    """The positions of the elements that are not 0.

    Args:
        x: array of any shape.
        size: how many positions to return, which makes it work in compiled code: further ones are
            left out, missing ones filled in.
        fill_value: what fills up to `size`.

    Returns:
        A tuple of int32 tensors, one for each axis.

    Raises:
        TypeError: compiled code or a symbolic tensor, and no `size`.

    >>> import nyala
    >>> [i.tolist() for i in nyala.ops.nonzero([[0, 5], [7, 0]])]
    [[0, 1], [1, 0]]
    """
    if size is not None:
        return _nonzero(x, size, fill_value)
    return tuple(Tensor(i.astype("int32")) for i in np.nonzero(concrete(x, "nonzero")))


@op(name="nonzero")
def _nonzero(x: Array, size: int, fill_value: int) -> tuple:
    return jnp.nonzero(jnp.asarray(x), size=size, fill_value=fill_value)


def concrete(x: Any, operation: str, remedy: str = "pass size=...") -> np.ndarray:
    """Return the value of `x`, or say why an operation whose shape depends on it has none."""
    if not isinstance(x, Symbolic):
        tensor = to_tensor(x)
        if not is_tracer(tensor._value):
            return np.asarray(tensor)
    raise TypeError(
        f"ops.{operation}: the result's shape depends on the values of x, which compiled code and "
        f"model graphs do not have; {remedy}."
    )


@op
def select(condlist: Arrays, choicelist: Arrays, default: Array = 0) -> Array:
    """The choice of the first condition that holds, element by element.

    Args:
        condlist: a list of boolean arrays.
        choicelist: as many arrays, of shapes that broadcast.
        default: what stands where no condition holds.

    Returns:
        A tensor of the broadcast shape.

    >>> import nyala
    >>> nyala.ops.select([[True, False], [True, True]], [[1, 2], [3, 4]]).numpy()
    array([1, 4], dtype=int32)
    """
    conditions = [jnp.asarray(condition) for condition in condlist]
    choices = [jnp.asarray(choice) for choice in choicelist]
    return jnp.select(conditions, choices, default)
