"""The rows of Parquet files as a source."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nyala.data._convert import narrowed
from nyala.data._specs import TensorSpec
from nyala.data.sources import Blocks, stacked_strings

_ROWS_AT_ONCE = 1 << 14


class ParquetRows(Blocks):
    """Columns of the rows of Parquet files.

    Args:
        paths: of the files.
        names: the columns that are read.
        arrange: makes an element of a list with an item for each column.
        shuffle, seed, what: see `Blocks`.
    """

    def __init__(self, paths: list, names: list[str], arrange: Callable[[list], Any], *, what: str,
                 shuffle: bool = False, seed: int | None = None):  # fmt: skip
        super().__init__(paths, what, shuffle, seed)
        self.names, self.arrange = names, arrange
        self._schema = open_parquet(self.paths[0], what).schema_arrow
        self._specs = [self._column_spec(name) for name in names]

    @property
    def spec(self) -> Any:
        """Scalars, and vectors for columns of lists of one size, arranged."""
        return self.arrange(list(self._specs))

    @property
    def length(self) -> int:
        """The sum of the files' rows."""
        return sum(open_parquet(path, self.what).metadata.num_rows for path in self.paths)

    def _column_spec(self, name: str) -> TensorSpec:
        kind = self._schema.field(name).type
        empty = self._schema.empty_table().column(name).combine_chunks()
        array = self._as_array(empty, name, self.paths[0], 0)
        dtype = "string" if _is_text(kind) else array.dtype
        return TensorSpec(array.shape[1:], dtype)

    def blocks(self, path: str, place: Any) -> Iterator[tuple[Any, Any]]:
        """Yield the arrays of some rows at a time; a place is a row group and a part of it."""
        file = open_parquet(path, self.what)
        if not file.schema_arrow.equals(self._schema):
            raise ValueError(
                f"{path}: the columns are {_described(file.schema_arrow)}, those of the first file "
                f"{_described(self._schema)}."
            )
        group, part = place or (0, 0)
        for number in range(group, file.num_row_groups):
            first = part if number == group else 0
            batches = file.iter_batches(_ROWS_AT_ONCE, row_groups=[number], columns=self.names)
            for i, batch in enumerate(batches):
                if i >= first and len(batch):
                    columns = [self._as_array(batch.column(n), n, path, number) for n in self.names]
                    yield [number, i], self.arrange(columns)
        file.close()

    def _as_array(self, values: Any, name: str, path: str, group: int) -> np.ndarray:
        if values.null_count and not _is_text(values.type):
            raise ValueError(
                f"{path}, row group {group}: the column {name!r} has missing values. Fill them "
                "when the file is written, or leave the column out."
            )
        if hasattr(values.type, "list_size"):
            flat = values.flatten().to_numpy(zero_copy_only=False)
            return narrowed(flat).reshape(-1, values.type.list_size)
        if _is_text(values.type):
            filled = values.fill_null("" if "string" in str(values.type) else b"")
            return stacked_strings(filled.to_pylist())
        array = values.to_numpy(zero_copy_only=False)
        if array.dtype.kind not in "biuf":
            raise ValueError(
                f"{path}: the column {name!r} of type {values.type} cannot become a tensor: a "
                "column must hold numbers, text or lists of one size."
            )
        return narrowed(array)


def _is_text(kind: Any) -> bool:
    return str(kind) in ("string", "large_string", "string_view", "binary", "large_binary")


def _described(schema: Any) -> str:
    return ", ".join(f"{f.name}: {f.type}" for f in schema)


def open_parquet(path: str, what: str) -> Any:
    """Open a Parquet file.

    Raises:
        ImportError: PyArrow is not installed.
        ValueError: the file is damaged, or of another kind.
    """
    try:
        import pyarrow.parquet
    except ImportError:
        raise ImportError(
            f"{what} reads Parquet files by PyArrow, which is not installed: "
            'pip install "nyala[data]".'
        ) from None
    try:
        return pyarrow.parquet.ParquetFile(path)
    except pyarrow.ArrowInvalid as error:
        raise ValueError(f"{path} is no whole Parquet file ({error}).") from None
