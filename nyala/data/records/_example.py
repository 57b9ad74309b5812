"""`Example`: a record of named lists of bytes, floats or integers, as TensorFlow writes them."""

from __future__ import annotations

import abc
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from nyala.data.records._wire import (
    FIXED32,
    LENGTH,
    VARINT,
    WireError,
    field,
    fields,
    packed_varints,
    read_packed_floats,
    read_packed_varints,
)


class Message(abc.ABC):
    """What can be written as bytes and read back."""

    def SerializeToString(self, deterministic: bool | None = None) -> bytes:
        """Return the message as bytes (always the same for the same message)."""
        return self._to_bytes()

    def ParseFromString(self, serialized: bytes) -> int:
        """Become the message that bytes hold; return how many they are.

        Raises:
            ValueError: they hold none.
        """
        self.Clear()
        self._read(bytes(serialized))
        return len(serialized)

    @classmethod
    def FromString(cls, s: bytes) -> Any:
        """Return the message that bytes hold.

        Raises:
            ValueError: they hold none.
        """
        message = cls()
        message.ParseFromString(s)
        return message

    def CopyFrom(self, other: Any) -> None:
        """Become like another message."""
        self.ParseFromString(other.SerializeToString())

    def ByteSize(self) -> int:
        """Return how many bytes the message takes."""
        return len(self._to_bytes())

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._to_bytes() == other._to_bytes()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "".join(f"{line}\n" for line in self._lines())

    @abc.abstractmethod
    def Clear(self) -> None:
        """Become empty."""

    @abc.abstractmethod
    def _to_bytes(self) -> bytes:
        """Return the message as bytes."""

    @abc.abstractmethod
    def _read(self, data: bytes) -> None:
        """Add what bytes hold."""

    @abc.abstractmethod
    def _lines(self) -> list[str]:
        """Return the lines that show the message."""


class ValueList(Message):
    """A list of values of one kind; `value` is a Python list.

    Args:
        value: the values.
    """

    def __init__(self, value: Iterable | None = None):
        self.value: list = []
        if value is not None:
            self.value.extend(map(self._checked, _items(value)))

    def Clear(self) -> None:
        """Become empty."""
        self.value = []

    def _checked(self, value: Any) -> Any:
        return value

    def _lines(self) -> list[str]:
        return [f"value: {self._shown(v)}" for v in self.value]

    def _shown(self, value: Any) -> str:
        return str(value)

    def _wrong(self, value: Any, wanted: str) -> TypeError:
        return TypeError(
            f"{type(self).__name__}: value must hold {wanted}; got {value!r} of type "
            f"{type(value).__name__}."
        )


class BytesList(ValueList):
    """A list of byte strings.

    >>> from nyala.data.records import BytesList
    >>> BytesList(value=[b"a"]).value
    [b'a']
    """

    def _checked(self, value: Any) -> bytes:
        if isinstance(value, np.ndarray) and not value.ndim:
            value = value.item()
        if not isinstance(value, (bytes, bytearray)):
            raise self._wrong(value, "bytes (encode strings)")
        return bytes(value)

    def _to_bytes(self) -> bytes:
        return b"".join([field(1, self._checked(v)) for v in self.value])

    def _read(self, data: bytes) -> None:
        for number, kind, value in fields(data):
            if number == 1:
                _expect(kind, LENGTH)
                self.value.append(value)

    def _shown(self, value: Any) -> str:
        text = "".join(
            chr(b) if 32 <= b < 127 and chr(b) not in '"\\' else _ESCAPES.get(b, f"\\{b:03o}")
            for b in value
        )
        return f'"{text}"'


_ESCAPES = {ord(k): v for k, v in {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"',
                                   "\\": "\\\\"}.items()}  # fmt: skip


class FloatList(ValueList):
    """A list of floats of 32 bits.

    >>> from nyala.data.records import FloatList
    >>> FloatList(value=[1, 0.5]).value
    [1.0, 0.5]
    """

    def _checked(self, value: Any) -> float:
        try:
            return float(np.float32(value))
        except (TypeError, ValueError):
            raise self._wrong(value, "numbers") from None

    def _to_bytes(self) -> bytes:
        return field(1, np.asarray(self.value, "<f4").tobytes()) if self.value else b""

    def _read(self, data: bytes) -> None:
        for number, kind, value in fields(data):
            if number == 1:
                if kind != FIXED32:
                    _expect(kind, LENGTH)
                self.value.extend(read_packed_floats(value))


class Int64List(ValueList):
    """A list of integers of 64 bits.

    >>> from nyala.data.records import Int64List
    >>> Int64List(value=[1, -2]).value
    [1, -2]
    """

    def _checked(self, value: Any) -> int:
        number = value.item() if hasattr(value, "item") else value
        if isinstance(number, float) or not hasattr(number, "__index__"):
            raise self._wrong(value, "integers")
        if not -(1 << 63) <= int(number) < 1 << 63:
            raise ValueError(f"Int64List: {number} does not fit into 64 bits.")
        return int(number)

    def _to_bytes(self) -> bytes:
        return field(1, packed_varints(map(self._checked, self.value))) if self.value else b""

    def _read(self, data: bytes) -> None:
        for number, kind, value in fields(data):
            if number == 1 and kind == VARINT:
                self.value.append(value - (value >> 63 << 64))
            elif number == 1:
                _expect(kind, LENGTH)
                self.value.extend(read_packed_varints(value))


class Feature(Message):
    """One of the three kinds of lists.

    Args:
        bytes_list, float_list, int64_list: the list; one of them.

    >>> from nyala.data.records import Feature, FloatList
    >>> Feature(float_list=FloatList(value=[0.5])).WhichOneof("kind")
    'float_list'
    """

    KINDS: ClassVar[dict[str, Any]] = {
        "bytes_list": BytesList,
        "float_list": FloatList,
        "int64_list": Int64List,
    }

    def __init__(self, bytes_list: BytesList | None = None, float_list: FloatList | None = None,
                 int64_list: Int64List | None = None):  # fmt: skip
        given = {"bytes_list": bytes_list, "float_list": float_list, "int64_list": int64_list}
        self._lists: dict[str, ValueList] = {k: v for k, v in given.items() if v is not None}
        for name, values in self._lists.items():
            if not isinstance(values, self.KINDS[name]):
                raise TypeError(
                    f"Feature: {name} must be a {self.KINDS[name].__name__}; got {values!r}."
                )
        if len(self._lists) > 1:
            raise ValueError(f"Feature takes one list; got {', '.join(self._lists)}.")
        self._kind = next(iter(self._lists), None)

    def __getattr__(self, name: str) -> ValueList:
        if name not in self.KINDS:
            raise AttributeError(name)
        return self._lists.setdefault(name, self.KINDS[name]())

    def WhichOneof(self, oneof_group: str = "kind") -> str | None:
        """Return the name of the list that is set, `None` where none is."""
        filled = [name for name, values in self._lists.items() if values.value]
        return filled[-1] if filled else self._kind

    def HasField(self, field_name: str) -> bool:
        """Whether this list is the one that is set."""
        return self.WhichOneof() == field_name

    def Clear(self) -> None:
        """Become empty."""
        self._lists, self._kind = {}, None

    def _to_bytes(self) -> bytes:
        kind = self.WhichOneof()
        if kind is None:
            return b""
        return field(list(self.KINDS).index(kind) + 1, self._lists[kind]._to_bytes())

    def _read(self, data: bytes) -> None:
        names = list(self.KINDS)
        for number, kind, value in fields(data):
            if 1 <= number <= len(names):
                _expect(kind, LENGTH)
                self._kind = names[number - 1]
                getattr(self, self._kind)._read(value)

    def _lines(self) -> list[str]:
        kind = self.WhichOneof()
        return [] if kind is None else _block(kind, self._lists[kind]._lines())


class Features(Message):
    """Features by name; `feature` is a dict.

    Args:
        feature: the features.

    >>> from nyala.data.records import Feature, Features, Int64List
    >>> features = Features(feature={"n": Feature(int64_list=Int64List(value=[3]))})
    >>> features.feature["n"].int64_list.value
    [3]
    """

    def __init__(self, feature: dict[str, Feature] | None = None):
        self.feature = _FeatureMap(feature or {})

    def Clear(self) -> None:
        """Become empty."""
        self.feature = _FeatureMap()

    def _to_bytes(self) -> bytes:
        return b"".join(
            field(1, field(1, name.encode()) + field(2, self.feature[name]._to_bytes()))
            for name in sorted(self.feature)
        )

    def _read(self, data: bytes) -> None:
        for number, kind, value in fields(data):
            if number == 1:
                _expect(kind, LENGTH)
                parts = {n: v for n, _, v in fields(value)}
                name = parts.get(1, b"").decode()
                self.feature[name] = Feature.FromString(parts.get(2, b""))

    def _lines(self) -> list[str]:
        lines = []
        for name in sorted(self.feature):
            entry = [f'key: "{name}"', *_block("value", self.feature[name]._lines())]
            lines += _block("feature", entry)
        return lines


class _FeatureMap(dict):
    """A dict in which a feature begins to exist when it is looked at."""

    def __missing__(self, name: str) -> Feature:
        self[name] = Feature()
        return self[name]


class Example(Message):
    r"""A record of named lists.

    Args:
        features: the lists.

    >>> from nyala.data.records import Example, Feature, Features, Int64List
    >>> example = Example(features=Features(feature={
    ...     "n": Feature(int64_list=Int64List(value=[3]))}))
    >>> example.SerializeToString()
    b'\n\x0c\n\n\n\x01n\x12\x05\x1a\x03\n\x01\x03'
    >>> Example.FromString(example.SerializeToString()) == example
    True
    """

    def __init__(self, features: Features | None = None):
        self.features = Features() if features is None else features

    def Clear(self) -> None:
        """Become empty."""
        self.features = Features()

    def _to_bytes(self) -> bytes:
        return field(1, self.features._to_bytes())

    def _read(self, data: bytes) -> None:
        for number, kind, value in fields(data):
            if number == 1:
                _expect(kind, LENGTH)
                self.features._read(value)

    def _lines(self) -> list[str]:
        return _block("features", self.features._lines())


def _items(value: Any) -> Iterable:
    array = np.asarray(value) if hasattr(value, "__array__") else None
    return value if array is None else array.ravel().tolist()


def _block(name: str, lines: list[str]) -> list[str]:
    return [f"{name} {{", *(f"  {line}" for line in lines), "}"]


def _expect(kind: int, wanted: int) -> None:
    if kind != wanted:
        raise WireError(f"a field of kind {kind} stands where one of kind {wanted} is expected")
