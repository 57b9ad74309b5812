"""`Initializer`: what every initializer is; first values are made by NumPy on the host.

A device would have to compile a program for each shape before it could fill the first weight; NumPy
starts at once, and the values do not depend on the platform.
"""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from nyala.core import numpy_dtype, standardize_dtype
from nyala.eager import Tensor


class Initializer:
    """A rule for the first value of a weight: called with a shape and a dtype, returns a tensor.

    Subclasses implement `__call__(shape, dtype=None)`, and `get_config()` if their constructor
    takes arguments.

    >>> import nyala
    >>> class Halves(nyala.initializers.Initializer):
    ...     def __call__(self, shape, dtype=None):
    ...         return nyala.ops.full(shape, 0.5, dtype=dtype)
    >>> nyala.layers.Dense(2, kernel_initializer=Halves()).kernel_initializer
    <nyala.initializers.Halves>
    """

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Return the first value of a weight.

        Args:
            shape: the lengths of its axes.
            dtype: its dtype; `config.floatx()` by default.
        """
        raise TypeError(f"{type(self).__name__} must implement __call__(shape, dtype=None).")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {}

    @classmethod
    def from_config(cls, config: dict) -> Any:
        """Return an initializer from `get_config()`."""
        # Files of Keras 2 name the dtype here; in Keras 3 it is an argument of the call.
        return cls(**{key: value for key, value in config.items() if key != "dtype"})

    def clone(self) -> Any:
        """Return a new initializer with the same configuration."""
        return type(self).from_config(self.get_config())

    def __repr__(self) -> str:
        return f"<nyala.initializers.{type(self).__name__}>"


def as_shape(shape: Any) -> tuple[int, ...]:
    """Return a shape as a tuple of integers; one integer is the length of a vector."""
    if isinstance(shape, (int, np.integer)):
        return (int(shape),)
    return tuple(int(n) for n in shape)


def on_device(array: np.ndarray, dtype: Any) -> Tensor:
    """Return the Tensor of a NumPy array, cast on the host to `dtype` (`floatx` for `None`).

    The array must not change any more: a CPU device may use it where it lies.
    """
    # `jax.numpy.asarray` compiles a program for every shape, 15 ms for each of a model's weights.
    return Tensor(jax.device_put(array.astype(numpy_dtype(standardize_dtype(dtype)), copy=False)))
