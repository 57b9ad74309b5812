"""`HashedCrossing`: combinations of values to a fixed number of bins."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

from nyala.core import enrol
from nyala.eager import Tensor
from nyala.layers.base import positive_integer
from nyala.layers.preprocessing._encoding import (
    check_mode,
    encode_on_host,
    encoded_shape,
    refuse_sparse,
)
from nyala.layers.preprocessing._hashing import texts_of
from nyala.layers.preprocessing._host_layer import HostLayer, device_dtype, to_device
from nyala.layers.preprocessing.tokens import combined, fingerprints64
from nyala.symbolic import KerasTensor

# What TensorFlow's crossing begins with.
_START = 0xDECAFCAFFE


@enrol("keras.layers")
class HashedCrossing(HostLayer):
    """Puts combinations of two or more features into bins by a hash.

    Args:
        num_bins: how many bins there are.
        output_mode: `"int"`, the bin of each combination, or `"one_hot"`, a vector for each.
        sparse: must be false.

    Input shape: a list or tuple of two or more inputs of one shape, `()`, `(batch,)` or
    `(batch, 1)`, strings or integers. Output shape: that shape, integers; or
    `(batch, num_bins)`, floats.

    The bins are those of Keras.

    >>> import nyala
    >>> nyala.layers.HashedCrossing(5)((["A", "B"], [1, 2])).numpy()
    array([0, 1], dtype=int32)
    """

    def __init__(self, num_bins: int, output_mode: str = "int", sparse: bool = False,
                 name: str | None = None, dtype: Any = None, **kwargs: Any):  # fmt: skip
        if output_mode == "int" and dtype is None:
            dtype = "int64"
        super().__init__(name=name, dtype=dtype, **kwargs)
        who = f"HashedCrossing {self.name!r}"
        refuse_sparse(sparse, who)
        self.num_bins = positive_integer(num_bins, "HashedCrossing(num_bins=...)")
        self.output_mode, self.sparse = check_mode(output_mode, ("int", "one_hot"), who), False
        self.built = True

    def call(self, inputs: Any) -> Tensor:
        """Put the combinations into bins."""
        self._check(inputs)
        columns = [self._host_array(_as_tensor(x)) for x in inputs]
        shape = columns[0].shape
        who = f"HashedCrossing {self.name!r}"
        if any(column.dtype.kind == "f" for column in columns):
            raise TypeError(f"{who} expects strings or integers; got floats.")
        prints = [_prints(column, who) for column in columns]
        start = np.full(columns[0].size, _START, np.uint64)
        places = (reduce(combined, prints, start) % self.num_bins).astype(np.int64).reshape(shape)
        vectors = encode_on_host(places, self.output_mode, self.num_bins, np.int64)
        return to_device(vectors, self.dtype)

    def _check(self, inputs: Any) -> None:
        who = f"HashedCrossing {self.name!r}"
        if not isinstance(inputs, (list, tuple)) or len(inputs) < 2:
            raise ValueError(f"{who} expects a list of two or more inputs; got {inputs!r:.80}.")
        shapes = [tuple(np.shape(x)) if not hasattr(x, "shape") else tuple(x.shape) for x in inputs]
        first = shapes[0]
        if (
            len(first) > 2
            or (len(first) == 2 and first[-1] != 1)
            or shapes.count(first) < len(shapes)
        ):
            raise ValueError(
                f"{who} expects inputs of one shape, (), (batch,) or (batch, 1); got {shapes}."
            )

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape of the outputs for a list of input shapes."""
        return encoded_shape(tuple(input_shape[0]), self.output_mode, self.num_bins)

    def compute_output_spec(self, inputs: Any) -> KerasTensor:
        """Return the shape and dtype of the outputs, as a KerasTensor."""
        self._check(inputs)
        shape = self.compute_output_shape([x.shape for x in inputs])
        return KerasTensor(shape, device_dtype(self.dtype))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            "num_bins": self.num_bins,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
            "name": self.name,
            "dtype": str(self.dtype),
        }


def _as_tensor(x: Any) -> Any:
    return x if isinstance(x, Tensor) else np.asarray(x)


def _prints(column: np.ndarray, who: str) -> np.ndarray:
    """Return the fingerprint of each string; integers are their own."""
    if column.dtype.kind == "O":
        return fingerprints64(texts_of(column, who))
    return column.astype(np.int64).ravel().view(np.uint64)
