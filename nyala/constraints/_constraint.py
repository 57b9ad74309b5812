"""`Constraint`: a projection of a weight that optimizers apply after each step."""

from __future__ import annotations

from typing import Any


class Constraint:
    """A function that returns a weight projected onto the values that are allowed.

    Subclasses implement `__call__(w)`, and `get_config()` if their constructor takes arguments.

    >>> import nyala
    >>> class Bounded(nyala.constraints.Constraint):
    ...     def __call__(self, w):
    ...         return nyala.ops.clip(w, -1.0, 1.0)
    >>> Bounded()(nyala.ops.array([-3.0, 0.5])).numpy()
    array([-1. ,  0.5], dtype=float32)
    """

    def __call__(self, w: Any) -> Any:
        """Return the projection of `w`; `w` itself unless a subclass says otherwise."""
        return w

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {}

    @classmethod
    def from_config(cls, config: dict) -> Any:
        """Return a constraint from `get_config()`."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"<nyala.constraints.{type(self).__name__}>"
