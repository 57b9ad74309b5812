"""The first records of a file: names of columns, and what types their values are of."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from nyala.data._chunks import chunks
from nyala.data.csv._format import CsvFormat

_FIRST_BYTES = 1 << 16


class FirstRecord(NamedTuple):
    """A file's first record: its fields, where it ends, and how many lines it has."""

    record: list[str]
    end: int
    lines: int


def read_first_record(path: str, form: CsvFormat) -> FirstRecord | None:
    """Return a file's first record, `None` for an empty file."""
    chunk = next(chunks(path, form.compression, form.quotes, size=_FIRST_BYTES), None)
    if chunk is None:
        return None
    lines = chunk.data.splitlines(keepends=True)
    reader = form.reader(io.StringIO(chunk.data.decode(form.encoding, "replace"), newline=""))
    record = next(reader, [])
    return FirstRecord(_without_mark(record), sum(map(len, lines[: reader.line_num])),
                       reader.line_num)  # fmt: skip


def _without_mark(record: list[str]) -> list[str]:
    """Spreadsheets put a byte-order mark before the first name."""
    return [record[0].removeprefix("\ufeff"), *record[1:]] if record else record


def infer_dtypes(paths: list[str], form: CsvFormat, fields: int, rows: int | None) -> list[str]:
    """Return the narrowest dtype that the first records' values of each field fit into."""
    ranks = [0] * fields
    for record in itertools.islice(_records(paths, form), rows):
        for i, text in enumerate(record[:fields]):
            if not form.is_missing(text):
                ranks[i] = max(ranks[i], _rank(text))
    return [_RANKED[rank] for rank in ranks]


def _records(paths: list[str], form: CsvFormat) -> Iterator[list[str]]:
    for path in paths:
        first = True
        for chunk in chunks(path, form.compression, form.quotes, size=_FIRST_BYTES):
            text = chunk.data.decode(form.encoding, "replace")
            for record in form.reader(io.StringIO(text, newline="")):
                if record and not (first and form.header):
                    yield record
                first = False


_RANKED = ("int32", "int64", "float32", "string")


def _rank(text: str) -> int:
    try:
        number: Any = int(text)
    except ValueError:
        try:
            float(text)
        except ValueError:
            return 3
        return 2
    return 0 if abs(number) <= np.iinfo("int32").max else 1
