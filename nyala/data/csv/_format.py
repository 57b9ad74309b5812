"""What a CSV file looks like, and the columns that are wanted of it."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

from nyala.core import numpy_dtype, standardize_dtype
from nyala.data._compressed import checked_compression
from nyala.data._specs import TensorSpec

DTYPES = ("float32", "float64", "int32", "int64", "string")


@dataclass(frozen=True)
class CsvFormat:
    """How records are written.

    Attributes:
        delimiter: between fields.
        quotes: whether `"` around a field is not part of it; `""` in it is one `"`.
        na_value: stands, as an empty field does, for a value that is missing.
        header: whether a file's first line holds names.
        compression: `""`, `"GZIP"` or `"ZLIB"`.
        encoding: of the text.
    """

    delimiter: str = ","
    quotes: bool = True
    na_value: str = ""
    header: bool = False
    compression: str = ""
    encoding: str = "utf-8"

    def __post_init__(self) -> None:
        if not isinstance(self.delimiter, str) or len(self.delimiter) != 1:
            raise ValueError(f"field_delim must be one character; got {self.delimiter!r}.")
        checked_compression(self.compression)

    def reader(self, lines: Any) -> Any:
        """Return Python's reader of records written like this."""
        quoting = csv.QUOTE_MINIMAL if self.quotes else csv.QUOTE_NONE
        return csv.reader(lines, delimiter=self.delimiter, quoting=quoting, strict=self.quotes)

    def is_missing(self, text: str) -> bool:
        """Whether a field stands for no value."""
        return text in ("", self.na_value)


@dataclass(frozen=True)
class Column:
    """A column that is read.

    Attributes:
        index: its place in a record.
        name: shown in errors.
        dtype: the dtype's name as the user gave it.
        default: stands in for missing values; `None` where there must be none.
    """

    index: int
    name: str
    dtype: str
    default: Any = None
    spec: TensorSpec = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "spec", TensorSpec((), self.stored.name if self.stored else "string")
        )

    @property
    def stored(self) -> np.dtype | None:
        """The dtype of the column's array in the width that the device computes in; or strings."""
        if self.dtype == "string":
            return None
        narrow = {"float64": "float32", "int64": "int32"}
        wide = jax.config.jax_enable_x64
        return numpy_dtype(self.dtype if wide else narrow.get(self.dtype, self.dtype))


def column_of(index: int, name: str, given: Any) -> Column:
    """Return a column from what a user gave for it: a dtype, or the value of missing fields.

    Raises:
        ValueError: the value or dtype cannot be one of a CSV column.
    """
    dtype, default = _dtype_and_default(given)
    if dtype not in DTYPES:
        raise ValueError(
            f"The column {name!r} has the dtype {dtype}; a CSV column is one of "
            f"{', '.join(DTYPES)}."
        )
    return Column(index, name, dtype, default)


def _dtype_and_default(given: Any) -> tuple[str, Any]:
    if isinstance(given, str) and given in DTYPES:
        return given, None
    if isinstance(given, type) or hasattr(given, "as_numpy_dtype") or isinstance(given, np.dtype):
        return str(standardize_dtype("string" if given in (str, bytes) else given)), None
    array = np.asarray(given)
    if array.size > 1:
        raise ValueError(f"The default of a column must be one value; got {given!r}.")
    if array.dtype.kind in "OUS":
        return "string", (array.ravel()[0] if array.size else None)
    exact = {"i": "int32", "f": "float32"} if not hasattr(given, "dtype") else {}
    dtype = exact.get(array.dtype.kind, array.dtype.name)
    return dtype, (array.ravel()[0].item() if array.size else None)
