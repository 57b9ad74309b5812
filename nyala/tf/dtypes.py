"""`tf.dtypes`: the data types by name."""

from __future__ import annotations

from typing import Any

from nyala.core import DType, standardize_dtype
from nyala.tf._absent import refuse_others
from nyala.tf._creation import cast, saturate_cast
from nyala.tf._elementwise import complex

bfloat16 = standardize_dtype("bfloat16")
bool = standardize_dtype("bool")
complex64 = standardize_dtype("complex64")
complex128 = standardize_dtype("complex128")
float16 = half = standardize_dtype("float16")
float32 = standardize_dtype("float32")
float64 = double = standardize_dtype("float64")
int8 = standardize_dtype("int8")
int16 = standardize_dtype("int16")
int32 = standardize_dtype("int32")
int64 = standardize_dtype("int64")
string = standardize_dtype("string")
uint8 = standardize_dtype("uint8")
uint16 = standardize_dtype("uint16")
uint32 = standardize_dtype("uint32")
uint64 = standardize_dtype("uint64")


def as_dtype(type_value: Any) -> DType:
    """Return the one spelling of a data type.

    >>> import nyala
    >>> nyala.tf.as_dtype("float32") is nyala.tf.float32
    True
    """
    return standardize_dtype(type_value)


__all__ = [
    "DType", "as_dtype", "bfloat16", "bool", "cast", "complex", "complex64", "complex128", "double",
    "float16", "float32", "float64", "half", "int8", "int16", "int32", "int64", "saturate_cast",
    "string", "uint8", "uint16", "uint32", "uint64",
]  # fmt: skip

__getattr__ = refuse_others("tf.dtypes", __all__)
