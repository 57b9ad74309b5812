"""Columns out of the records of a chunk: by PyArrow where it is installed, else by Python.

What PyArrow refuses is read again by Python, which says where the mistake is.
"""

from __future__ import annotations

import csv
import functools
import io
from typing import Any

import numpy as np

from nyala.data._chunks import Chunk
from nyala.data.csv._format import Column, CsvFormat

_INTEGERS = ("int32", "int64")


class ChunkParser:
    """Turns chunks into arrays.

    Args:
        form: how records are written.
        columns: what is wanted of each record.
        fields: the number of fields of a record.
        ignore_errors: whether records with mistakes are left out.
    """

    def __init__(self, form: CsvFormat, columns: list[Column], fields: int,
                 ignore_errors: bool = False):  # fmt: skip
        self.form, self.columns, self.fields = form, columns, fields
        self.ignore_errors = ignore_errors

    def parse(self, chunk: Chunk, path: str) -> list[np.ndarray]:
        """Return the columns' arrays.

        Raises:
            ValueError: a record has another number of fields, or a field is no number or missing;
                names the file and the line.
        """
        arrow = arrow_csv()
        if arrow is not None and self.form.encoding == "utf-8":
            try:
                return self._by_arrow(arrow, chunk)
            except (ValueError, KeyError, OverflowError):  # ArrowInvalid is a ValueError
                pass
        return self._by_python(chunk, path)

    # -- PyArrow

    def _by_arrow(self, arrow: Any, chunk: Chunk) -> list[np.ndarray]:
        names = [str(i) for i in range(self.fields)]
        quotes = self.form.quotes
        table = arrow.csv.read_csv(
            io.BytesIO(chunk.data),
            read_options=arrow.csv.ReadOptions(column_names=names, block_size=1 << 20),
            parse_options=arrow.csv.ParseOptions(
                delimiter=self.form.delimiter, quote_char='"' if quotes else False,
                double_quote=quotes, newlines_in_values=quotes and b'"' in chunk.data,
            ),
            convert_options=arrow.csv.ConvertOptions(
                column_types={
                    str(c.index): getattr(arrow, "string" if c.stored is None else c.stored.name)()
                    for c in self.columns
                },
                null_values=list({"", self.form.na_value}), strings_can_be_null=True,
                include_columns=[str(c.index) for c in self.columns],
            ),
        )  # fmt: skip
        return [_filled(table.column(str(c.index)), c) for c in self.columns]

    # -- Python

    def _by_python(self, chunk: Chunk, path: str) -> list[np.ndarray]:
        records, lines = self._records(chunk, path)
        try:
            return [self._column(c, [r[c.index] for r in records]) for c in self.columns]
        except (ValueError, OverflowError):
            pass
        good = []
        for record, line in zip(records, lines, strict=True):
            try:
                self._check(record, line, path)
                good.append(record)
            except ValueError:
                if not self.ignore_errors:
                    raise
        return [self._column(c, [r[c.index] for r in good]) for c in self.columns]

    def _records(self, chunk: Chunk, path: str) -> tuple[list, list]:
        """Return records and the numbers of their lines."""
        try:
            text = chunk.data.decode(self.form.encoding)
        except UnicodeDecodeError as error:
            line = chunk.line + chunk.data.count(b"\n", 0, error.start)
            raise ValueError(f"{path}, line {line}: not {self.form.encoding} text.") from None
        reader = self.form.reader(io.StringIO(text, newline=""))
        records, lines = [], []
        while True:
            line = chunk.line + reader.line_num
            try:
                record = next(reader, None)
            except csv.Error as error:
                raise ValueError(f"{path}, line {line}: {error}.") from None
            if record is None:
                return records, lines
            if len(record) == self.fields:
                records.append(record)
                lines.append(line)
            elif record and not self.ignore_errors:
                raise ValueError(
                    f"{path}, line {line}: the record has {len(record)} fields, the file's first "
                    f"one has {self.fields}: {self.form.delimiter.join(record)[:80]!r}."
                )

    def _column(self, column: Column, fields: list[str]) -> np.ndarray:
        missing = [i for i, text in enumerate(fields) if self.form.is_missing(text)]
        if missing and column.default is None:
            raise ValueError("a value is missing")
        for i in missing:
            fields[i] = str(column.default)
        array = np.empty(len(fields), object)
        array[:] = fields
        if column.stored is None:
            return array
        if column.dtype not in _INTEGERS:
            return array.astype(column.stored)
        wide = array.astype("int64")
        limits = np.iinfo(column.stored)
        if wide.size and (wide.min() < limits.min or wide.max() > limits.max):
            raise OverflowError
        return wide.astype(column.stored)

    def _check(self, record: list, line: int, path: str) -> None:
        for column in self.columns:
            text = record[column.index]
            try:
                self._column(column, [text])
            except (ValueError, OverflowError):
                wanted = column.dtype if column.stored is None else column.stored.name
                wrong = (
                    "the value is missing, and the column has no default"
                    if self.form.is_missing(text) else f"{text!r} is no {wanted}"
                )  # fmt: skip
                raise ValueError(f"{path}, line {line}, column {column.name!r}: {wrong}.") from None


@functools.cache
def arrow_csv() -> Any:
    """Return `pyarrow` with its CSV reader, or `None` where it is not installed."""
    try:
        import pyarrow
        import pyarrow.csv
    except ImportError:
        return None
    return pyarrow


def _filled(values: Any, column: Column) -> np.ndarray:
    """Return a column of PyArrow's as an array, missing values filled."""
    if values.null_count:
        if column.default is None:
            raise ValueError("a value is missing")
        values = values.fill_null(column.default)
    array = values.to_numpy()
    return array if column.stored is None else array.astype(column.stored, copy=False)
