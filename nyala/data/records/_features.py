"""What is expected of the features of examples, and reading them as arrays."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from nyala.core import did_you_mean, standardize_dtype
from nyala.data._convert import narrowed
from nyala.data._elements import to_tensors
from nyala.data.records._example import BytesList, FloatList, Int64List
from nyala.data.records._wire import WireError, fields
from nyala.data.records._writer import as_bytes

_LISTS: dict[int, Any] = {1: BytesList, 2: FloatList, 3: Int64List}
_KIND_OF = {"string": 1, "float32": 2, "int64": 3}
_NUMPY = {1: object, 2: "float32", 3: "int64"}


class FixedLenFeature(NamedTuple):
    """A feature with the same number of values in every example.

    Attributes:
        shape: of the values; `[]` for one.
        dtype: `float32`, `int64` or `string`.
        default_value: stands in for a feature that an example lacks; that is an error if `None`.
    """

    shape: Any
    dtype: Any
    default_value: Any = None


class VarLenFeature(NamedTuple):
    """A feature with any number of values.

    One example gives a vector. A batch gives a matrix: shorter rows are filled up with 0 or `""`
    (TensorFlow gives sparse tensors, which nyala has not; `tf.sparse.to_dense` would make the same
    of them).

    Attributes:
        dtype: `float32`, `int64` or `string`.
    """

    dtype: Any


class RaggedFeature(NamedTuple):
    """A feature with any number of values; like `VarLenFeature`.

    Attributes:
        dtype: `float32`, `int64` or `string`.
        value_key: the name of the feature in examples, if it is another one.
    """

    dtype: Any
    value_key: str | None = None


def parse_single_example(serialized: Any, features: dict, example_names: Any = None,
                         name: str | None = None) -> dict:  # fmt: skip
    """Return the features of a serialized `tf.train.Example` as tensors.

    Args:
        serialized: bytes, or a scalar tensor of bytes.
        features: what is expected, by name: `FixedLenFeature`, `VarLenFeature`, `RaggedFeature`.
        example_names, name: accepted for TensorFlow's sake.

    Returns:
        A dict of tensors: of the shape of a `FixedLenFeature`, a vector for others.

    Raises:
        ValueError: a feature is missing or has another kind or number of values; the bytes are no
            example; a number does not fit into the integers that the device computes in.

    >>> from nyala import tf
    >>> words = tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"a", b"b"]))
    >>> example = tf.train.Example(features=tf.train.Features(feature={"words": words}))
    >>> wanted = {
    ...     "words": tf.io.VarLenFeature(tf.string),
    ...     "n": tf.io.FixedLenFeature([], tf.int64, default_value=7),
    ... }
    >>> parsed = tf.io.parse_single_example(example.SerializeToString(), wanted)
    >>> parsed["words"].numpy(), int(parsed["n"])
    (array([b'a', b'b'], dtype=object), 7)
    """
    readers = _readers(features)
    keys = {reader.key for reader in readers.values()}
    values = read_features(as_bytes(serialized, "parse_single_example"), keys)
    return to_tensors({
        name: _for_device(reader.array(values.get(reader.key)), name)
        for name, reader in readers.items()
    })  # fmt: skip


def parse_example(serialized: Any, features: dict, example_names: Any = None,
                  name: str | None = None) -> dict:  # fmt: skip
    """Return the features of several serialized `tf.train.Example`s as tensors.

    Args:
        serialized: a vector of bytes.
        features: what is expected, by name, as for `parse_single_example`.
        example_names, name: accepted for TensorFlow's sake.

    Returns:
        A dict of tensors `(n, *shape)`; of features of any length `(n, longest)`, filled up.

    >>> from nyala import tf
    >>> def example(*numbers):
    ...     values = tf.train.Feature(int64_list=tf.train.Int64List(value=numbers))
    ...     return tf.train.Example(features=tf.train.Features(feature={"n": values}))
    >>> records = [example(1).SerializeToString(), example(2, 3).SerializeToString()]
    >>> tf.io.parse_example(records, {"n": tf.io.VarLenFeature(tf.int64)})["n"].numpy()
    array([[1, 0],
           [2, 3]], dtype=int32)
    """
    readers = _readers(features)
    items = serialized.numpy() if hasattr(serialized, "numpy") else serialized
    if isinstance(items, (bytes, str)) or not np.ndim(np.asarray(items, object)):
        return parse_single_example(items, features)
    keys = {reader.key for reader in readers.values()}
    examples = [read_features(as_bytes(item, "parse_example"), keys) for item in items]
    return to_tensors({
        name: _for_device(_stacked([reader.array(e.get(reader.key)) for e in examples], reader),
                          name)
        for name, reader in readers.items()
    })  # fmt: skip


def read_features(data: bytes, wanted: set[str]) -> dict[str, tuple[int, Any]]:
    """Return the kind and the values of features of a serialized example.

    Raises:
        ValueError: the bytes are no example.
    """
    found: dict[str, tuple[int, Any]] = {}
    try:
        for number, _, features in fields(data):
            if number == 1:
                for _, _, entry in fields(features):
                    parts = {n: v for n, _, v in fields(entry)}
                    name = parts[1].decode()
                    if name in wanted:
                        for kind, _, listed in fields(parts.get(2, b"")):
                            found[name] = kind, _values(kind, listed)
    except (WireError, TypeError, KeyError, AttributeError, UnicodeDecodeError) as error:
        raise ValueError(f"The {len(data)} bytes are no tf.train.Example: {error}.") from None
    return found


def _values(kind: int, data: bytes) -> Any:
    """Return the values of a list; packed floats, as nearly all are, as an array."""
    if kind == 2 and data[:1] == b"\x0a":
        parts = [value for _, _, value in fields(data)]
        if len(parts) == 1 and not len(parts[0]) % 4:
            return np.frombuffer(parts[0], "<f4")
    values = _LISTS[kind]()
    values._read(data)
    return values.value


class _Reader:
    """Reads one feature.

    Args:
        name: of the feature.
        feature: what is expected of it.
    """

    def __init__(self, name: str, feature: Any):
        self.name, self.key = name, getattr(feature, "value_key", None) or name
        dtype = str(standardize_dtype(feature.dtype))
        if dtype not in _KIND_OF:
            raise ValueError(
                f"The feature {name!r} has the dtype {dtype}; features of examples are float32, "
                "int64 or string."
            )
        self.kind, self.dtype = _KIND_OF[dtype], dtype
        self.shape = None
        self.default: Any = None
        if isinstance(feature, FixedLenFeature):
            self.shape = tuple(int(n) for n in np.atleast_1d(np.asarray(feature.shape, int)))
            self._set_default(feature.default_value)

    def _set_default(self, value: Any) -> None:
        if value is None:
            return
        array = _as_array(_texts(value), self.kind)
        try:
            self.default = np.broadcast_to(array if array.size != 1 else array.reshape(()),
                                           self.shape)  # fmt: skip
        except ValueError:
            raise ValueError(
                f"The feature {self.name!r} has the shape {self.shape}, but a default of "
                f"{array.size} values."
            ) from None

    def array(self, found: tuple[int, list] | None) -> np.ndarray:
        """Return an example's values as an array."""
        if found is None:
            if self.shape is None:
                return np.empty(0, _NUMPY[self.kind])
            if self.default is None:
                raise ValueError(
                    f"The example has no feature {self.key!r}, which has no default_value."
                )
            return self.default
        kind, values = found
        if kind != self.kind and len(values):
            names = {number: name for name, number in _KIND_OF.items()}
            raise ValueError(
                f"The feature {self.key!r} holds {names[kind]}, not {self.dtype} as was said."
            )
        array = _as_array(values, self.kind)
        if self.shape is None:
            return array
        if array.size != math.prod(self.shape):
            raise ValueError(
                f"The feature {self.key!r} has {array.size} values; the shape {self.shape} takes "
                f"{math.prod(self.shape)}."
            )
        return array.reshape(self.shape)


def _readers(features: dict) -> dict[str, _Reader]:
    if not isinstance(features, dict) or not features:
        raise ValueError(f"features must be a dict that is not empty; got {features!r}.")
    kinds = (FixedLenFeature, VarLenFeature, RaggedFeature)
    for name, feature in features.items():
        if not isinstance(feature, kinds):
            hint = did_you_mean(type(feature).__name__, [kind.__name__ for kind in kinds])
            raise ValueError(
                f"The feature {name!r} must be a FixedLenFeature, VarLenFeature or RaggedFeature; "
                f"got {feature!r}.{hint}"
            )
    return {name: _Reader(name, feature) for name, feature in features.items()}


def _texts(value: Any) -> Any:
    return value.numpy() if hasattr(value, "numpy") else value


def _as_array(values: Any, kind: int) -> np.ndarray:
    if kind != 1:
        return np.asarray(values, _NUMPY[kind])
    if isinstance(values, (str, bytes)):
        return np.asarray(values, object)
    array = np.empty(len(values), object)
    array[:] = values
    return array


def _stacked(rows: list[np.ndarray], reader: _Reader) -> np.ndarray:
    if reader.shape is not None:
        return np.stack(rows)
    fill = b"" if reader.kind == 1 else 0
    out = np.full((len(rows), max(map(len, rows), default=0)), fill, _NUMPY[reader.kind])
    for i, row in enumerate(rows):
        out[i, : len(row)] = row
    return out


def _for_device(array: np.ndarray, name: str) -> np.ndarray:
    if array.dtype != np.int64:
        return array
    small = narrowed(array)
    if small.dtype != array.dtype and (small != array).any():
        raise ValueError(
            f"The feature {name!r} holds numbers that do not fit into 32 bits, such as "
            f"{array[small != array].ravel()[0]}. Switch on jax_enable_x64 for 64 bits."
        )
    return small
