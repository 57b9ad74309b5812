"""Initializers without chance: constants and the identity matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala.core import deserialize_keras_object, enrol, numpy_dtype, standardize_dtype
from nyala.eager import Tensor
from nyala.initializers._initializer import Initializer, as_shape, on_device

_MODULE = "keras.initializers"


@enrol(_MODULE, aliases=("constant",))
class Constant(Initializer):
    """Fills a weight with one value.

    Args:
        value: a number, or an array that broadcasts to the weight's shape.

    >>> import nyala
    >>> nyala.initializers.Constant(3.0)((2,)).numpy()
    array([3., 3.], dtype=float32)
    """

    def __init__(self, value: Any = 0.0):
        self.value = value

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Return `value` broadcast to `shape`."""
        value = np.asarray(self.value).astype(numpy_dtype(standardize_dtype(dtype)))
        try:
            return Tensor(np.broadcast_to(value, as_shape(shape)))
        except ValueError:
            raise ValueError(
                f"Constant: a value of shape {value.shape} does not broadcast to the shape "
                f"{as_shape(shape)} of the weight."
            ) from None

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {"value": self.value}

    @classmethod
    def from_config(cls, config: dict) -> Constant:
        """Return an initializer from `get_config()`."""
        return cls(deserialize_keras_object(config.get("value", 0.0)))


@enrol(_MODULE, aliases=("zeros", "zero"))
class Zeros(Initializer):
    """Fills a weight with zeros.

    >>> import nyala
    >>> nyala.initializers.Zeros()((2,)).numpy()
    array([0., 0.], dtype=float32)
    """

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Return zeros of `shape`."""
        return on_device(np.zeros(as_shape(shape), numpy_dtype(standardize_dtype(dtype))), dtype)


@enrol(_MODULE, aliases=("ones", "one"))
class Ones(Initializer):
    """Fills a weight with ones.

    >>> import nyala
    >>> nyala.initializers.Ones()((2,)).numpy()
    array([1., 1.], dtype=float32)
    """

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Return ones of `shape`."""
        return on_device(np.ones(as_shape(shape), numpy_dtype(standardize_dtype(dtype))), dtype)


@enrol(_MODULE, aliases=("identity", "IdentityInitializer"))
class Identity(Initializer):
    """Makes a matrix the identity times `gain`; not square: ones on the main diagonal.

    Args:
        gain: the factor on the diagonal.

    Raises:
        ValueError: the weight is not a matrix.

    >>> import nyala
    >>> nyala.initializers.Identity(2.0)((2, 2)).numpy()
    array([[2., 0.],
           [0., 2.]], dtype=float32)
    """

    def __init__(self, gain: float = 1.0):
        self.gain = gain

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Return the scaled identity of `shape`."""
        shape = as_shape(shape)
        if len(shape) != 2:
            raise ValueError(
                f"Identity initializes matrices: expected a shape of two axes, got {shape}."
            )
        return on_device(np.eye(*shape, dtype="float32") * np.float32(self.gain), dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {"gain": self.gain}
