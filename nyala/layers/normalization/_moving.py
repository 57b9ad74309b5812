"""Moving averages of statistics."""

from __future__ import annotations

from typing import Any

from nyala.eager import Array, op


@op(name="moving_average")
def moved(average: Array, value: Array, momentum: float) -> Array:
    """Return `momentum * average + (1 - momentum) * value`, in the value's dtype."""
    return average.astype(value.dtype) * momentum + value * (1.0 - momentum)


def assign_moved(variable: Any, value: Any, momentum: float) -> None:
    """Move a variable towards a value."""
    variable.assign(moved(variable, value, momentum))
