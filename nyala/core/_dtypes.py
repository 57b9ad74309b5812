"""Names of data types: one string class that equals whatever the field writes for the same type."""

from __future__ import annotations

from typing import Any

from nyala.core import _settings
from nyala.core._errors import did_you_mean

FLOATS = ("float16", "bfloat16", "float32", "float64", "float8_e4m3fn", "float8_e5m2")
INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "int4")
COMPLEX = ("complex64", "complex128")
ALLOWED = (*FLOATS, *INTEGERS, *COMPLEX, "bool", "string")
_PYTHON_TYPES = {bool: "bool", int: "int32", str: "string", bytes: "string"}
_NUMPY_ALIASES = {"str": "string", "bytes": "string", "object": "string", "bool_": "bool"}


class DType(str):
    """The name of a data type, equal to its string, to NumPy's dtype and to NumPy's type.

    >>> import nyala, numpy as np
    >>> nyala.ops.zeros((2,)).dtype == np.float32
    True
    >>> nyala.ops.zeros((2,)).dtype == "float32"
    True
    """

    __slots__ = ()

    @property
    def name(self) -> str:
        """The plain name, such as `"float32"`."""
        return str(self)

    @property
    def is_floating(self) -> bool:
        """Whether values are real floating-point numbers."""
        return self in FLOATS

    @property
    def is_integer(self) -> bool:
        """Whether values are integers (booleans are not)."""
        return self in INTEGERS

    @property
    def is_bool(self) -> bool:
        """Whether values are truth values."""
        return str.__eq__(self, "bool")

    @property
    def is_complex(self) -> bool:
        """Whether values are complex numbers."""
        return self in COMPLEX

    @property
    def as_numpy_dtype(self) -> Any:
        """NumPy's type for the same values (`object` for strings)."""
        return object if self == "string" else numpy_dtype(self).type

    @property
    def size(self) -> int:
        """Bytes of one element."""
        return numpy_dtype(self).itemsize

    @property
    def itemsize(self) -> int:
        """Bytes of one element, as NumPy spells it."""
        return self.size

    @property
    def type(self) -> Any:
        """NumPy's scalar type, as `numpy.dtype.type`."""
        return self.as_numpy_dtype

    @property
    def kind(self) -> str:
        """NumPy's one-letter kind."""
        return "O" if self == "string" else numpy_dtype(self).kind

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str):
            return str.__eq__(self, other)
        if other is None:
            return False
        try:
            return str.__eq__(self, standardize_dtype(other))
        except (TypeError, ValueError):
            return False

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__

    def __reduce__(self):
        return (DType, (str(self),))


_INTERNED = {name: DType(name) for name in ALLOWED}


def standardize_dtype(dtype: Any) -> DType:
    """Return the one spelling of `dtype`.

    Args:
        dtype: a name, a Python type, a NumPy/JAX/PyTorch dtype or scalar type, or `None`
            for the default float type (`config.floatx()`).

    Raises:
        ValueError: the name is not a known data type.

    >>> from nyala.core import standardize_dtype
    >>> import numpy as np
    >>> standardize_dtype(np.int64), standardize_dtype(None)
    ('int64', 'float32')
    """
    if dtype is None:
        return _INTERNED[_settings.floatx()]
    try:
        return _INTERNED[dtype]
    except (KeyError, TypeError):
        pass
    if dtype is float:
        return _INTERNED[_settings.floatx()]
    if isinstance(dtype, type) and dtype in _PYTHON_TYPES:
        return _INTERNED[_PYTHON_TYPES[dtype]]
    name = dtype if isinstance(dtype, str) else _name_of(dtype)
    name = _NUMPY_ALIASES.get(name, name)
    if name.startswith(("str", "bytes")) and name not in ("string",):
        name = "string"
    if name == "int":
        name = "int32"
    elif name == "float":
        name = _settings.floatx()
    if name not in _INTERNED:
        raise ValueError(
            f"Unknown dtype {dtype!r}: expected one of {', '.join(ALLOWED)}."
            f"{did_you_mean(name, ALLOWED)}"
        )
    return _INTERNED[name]


def _name_of(dtype: Any) -> str:
    name = getattr(dtype, "name", None) or getattr(dtype, "__name__", None)
    if name is None and str(dtype).startswith("torch."):
        return str(dtype).removeprefix("torch.")
    if name is None and hasattr(dtype, "dtype"):
        return _name_of(dtype.dtype)
    return str(name if name is not None else dtype)


def numpy_dtype(dtype: Any) -> Any:
    """Return NumPy's dtype object of the same values, bfloat16 and float8 included."""
    import ml_dtypes
    import numpy as np

    name = str(standardize_dtype(dtype))
    if name == "string":
        return np.dtype(object)
    extended = getattr(ml_dtypes, name, None)
    return np.dtype(extended if extended is not None else name)


def is_float_dtype(dtype: Any) -> bool:
    """Whether `dtype` holds real floating-point numbers."""
    return standardize_dtype(dtype).is_floating


def is_int_dtype(dtype: Any) -> bool:
    """Whether `dtype` holds integers."""
    return standardize_dtype(dtype).is_integer
