"""`Regularizer`: a penalty on a weight or an output, added to the loss."""

from __future__ import annotations

from typing import Any


class Regularizer:
    """A function of an array that returns a scalar penalty.

    Subclasses implement `__call__(x)`, and `get_config()` so that they can be saved.

    >>> import nyala
    >>> class Largest(nyala.regularizers.Regularizer):
    ...     def __call__(self, x):
    ...         return nyala.ops.max(nyala.ops.abs(x))
    >>> float(Largest()(nyala.ops.array([1.0, -3.0])))
    3.0
    """

    def __call__(self, x: Any) -> Any:
        """Return the penalty of `x`, a scalar; 0 unless a subclass says otherwise."""
        return 0.0

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor; subclasses that are saved implement it."""
        raise TypeError(
            f"{type(self).__name__} cannot be saved: implement get_config(), which returns the "
            "arguments of __init__ as a dict."
        )

    @classmethod
    def from_config(cls, config: dict) -> Any:
        """Return a regularizer from `get_config()`."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"<nyala.regularizers.{type(self).__name__}>"
