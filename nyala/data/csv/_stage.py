"""The records of CSV files as a source."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from nyala.data._chunks import chunks
from nyala.data.csv._format import Column, CsvFormat
from nyala.data.csv._header import read_first_record
from nyala.data.csv._parse import ChunkParser
from nyala.data.sources import Blocks


class CsvRecords(Blocks):
    """Columns of the records of CSV files.

    Args:
        paths: of the files.
        form: how records are written.
        columns: what is wanted of each record.
        arrange: makes an element of a list with an item for each column.
        names: the names that every file's header must have; not checked if `None`.
        fields: the number of fields of a record; that of the first file's first one if `None`.
        ignore_errors, shuffle, seed, what: see `ChunkParser` and `Blocks`.
    """

    def __init__(self, paths: list, form: CsvFormat, columns: list[Column],
                 arrange: Callable[[list], Any], *, what: str, names: list[str] | None = None,
                 fields: int | None = None, ignore_errors: bool = False, shuffle: bool = False,
                 seed: int | None = None):  # fmt: skip
        super().__init__(paths, what, shuffle, seed)
        self.form, self.columns, self.arrange = form, columns, arrange
        self.names, self.ignore_errors = names, ignore_errors
        self._fields = fields

    @property
    def spec(self) -> Any:
        """Scalars, arranged."""
        return self.arrange([column.spec for column in self.columns])

    def blocks(self, path: str, place: Any) -> Iterator[tuple[Any, Any]]:
        """Yield the arrays of some records at a time; a place is an offset and a line number."""
        first = read_first_record(path, self.form)
        if first is None:
            return
        if self.names is not None and self.form.header and first.record != self.names:
            raise ValueError(
                f"{path}, line 1: the header is {first.record}, that of the first file is "
                f"{self.names}."
            )
        if self._fields is None:
            self._fields = self._checked(len(first.record), path)
        parser = ChunkParser(self.form, self.columns, self._fields, self.ignore_errors)
        offset, line = place or ((first.end, first.lines + 1) if self.form.header else (0, 1))
        for chunk in chunks(path, self.form.compression, self.form.quotes, offset, line):
            arrays = parser.parse(chunk, path)
            if len(arrays[0]):
                yield [chunk.offset, chunk.line], self.arrange(arrays)

    def _checked(self, fields: int, path: str) -> int:
        last = max(self.columns, key=lambda column: column.index)
        if last.index >= fields:
            raise ValueError(
                f"{path}, line 1: the record has {fields} fields, but column {last.index} is read."
            )
        return fields
