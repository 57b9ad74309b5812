"""`Hashing`: values to a fixed number of bins, without a vocabulary."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala.core import enrol, floatx
from nyala.eager import Tensor
from nyala.layers.base import positive_integer
from nyala.layers.preprocessing._encoding import (
    MODES,
    check_mode,
    check_salt,
    encode_on_host,
    encoded_shape,
    refuse_sparse,
)
from nyala.layers.preprocessing._host_layer import HostLayer, device_dtype, to_device
from nyala.layers.preprocessing.tokens import (
    Strings,
    StringTable,
    encoded,
    fingerprints64,
    keyed_hashes64,
)
from nyala.symbolic import KerasTensor


@enrol("keras.layers")
class Hashing(HostLayer):
    """Puts strings or integers into bins by a hash.

    Args:
        num_bins: how many bins there are, that of `mask_value` included.
        mask_value: the value that alone goes to bin 0; `None` for no such.
        salt: an integer, or two, that change the hash (to SipHash under this key).
        output_mode: `"int"`, the bin of each value; `"one_hot"`, a vector for each; or for each row
            `"multi_hot"` or `"count"`.
        sparse: must be false.

    Input shape: any. Output shape: the same, integers; with vectors, floats: the last axis is
    replaced by one of length `num_bins` (for `"one_hot"` one is added, unless the last has length
    1).

    The bins are those of Keras: the remainder of FarmHash's 64-bit fingerprint of a string, or of
    an integer's decimal digits. Equal values always meet; different ones do so now and then.

    Source: Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", 2009.

    >>> import nyala
    >>> nyala.layers.Hashing(3)(["A", "B", "A"]).numpy()
    array([1, 0, 1], dtype=int32)
    """

    def __init__(self, num_bins: int, mask_value: Any = None, salt: Any = None,
                 output_mode: str = "int", sparse: bool = False, **kwargs: Any):  # fmt: skip
        if kwargs.get("dtype") is None:
            kwargs["dtype"] = "int64" if output_mode == "int" else floatx()
        super().__init__(**kwargs)
        self._who = who = f"Hashing {self.name!r}"
        refuse_sparse(sparse, who)
        self.num_bins = positive_integer(num_bins, "Hashing(num_bins=...)")
        self.output_mode = check_mode(output_mode, MODES, who)
        if self.output_mode == "int" and self.dtype not in ("int32", "int64"):
            raise ValueError(
                f"{who}: output_mode='int' needs the dtype 'int32' or 'int64'; got {self.dtype!r}."
            )
        self.mask_value, self.sparse = mask_value, False
        self.salt = check_salt(salt, who)
        self.built = True

    def call(self, inputs: Any) -> Tensor:
        """Put the values into bins."""
        values = self._host_array(inputs)
        if self.output_mode == "one_hot" and values.ndim and values.shape[-1] == 1:
            values = values[..., 0]
        vectors = encode_on_host(self._bins(values), self.output_mode, self.num_bins, np.int64)
        return to_device(vectors, self.dtype)

    def _bins(self, values: np.ndarray) -> np.ndarray:
        column = texts_of(values, self._who)
        masked = self.mask_value is not None and self.num_bins > 1
        first = 1 if masked else 0
        bins = (self._hashes(column) % (self.num_bins - first)).astype(np.int64) + first
        if masked:
            mask = np.asarray(self.mask_value)
            kind = mask.astype(object) if mask.dtype.kind in "US" else mask
            bins *= StringTable(texts_of(kind, self._who).items(), [0], 1).find(column)
        return bins.reshape(values.shape)

    def _hashes(self, column: Strings) -> np.ndarray:
        if self.salt is None:
            return fingerprints64(column)
        return keyed_hashes64(column, tuple(self.salt))

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape of the outputs for inputs of this shape."""
        shape = tuple(input_shape)
        if self.output_mode == "one_hot" and shape and shape[-1] == 1:
            shape = shape[:-1]
            return (*(shape or (1,)), self.num_bins)
        return encoded_shape(shape, self.output_mode, self.num_bins)

    def compute_output_spec(self, inputs: Any) -> KerasTensor:
        """Return the shape and dtype of the outputs, as a KerasTensor."""
        return KerasTensor(self.compute_output_shape(inputs.shape), device_dtype(self.dtype))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "num_bins": self.num_bins,
            "salt": None if self.salt is None else list(self.salt),
            "mask_value": self.mask_value,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
        }


def texts_of(values: np.ndarray, who: str) -> Strings:
    """Return what is hashed for strings, integers, or floats (cut to integers)."""
    kind = values.dtype.kind
    if kind == "O":
        return encoded(values, "utf-8", who)
    if kind not in "iuf":
        raise TypeError(f"{who} expects strings or numbers; got values of dtype {values.dtype}.")
    integers = values.astype(np.int64) if kind == "f" else values
    return Strings.of_integers(integers.ravel())
