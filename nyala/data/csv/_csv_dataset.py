"""`CsvDataset`."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from nyala.data._api_sources import paths_of
from nyala.data._dataset import Dataset
from nyala.data.csv._format import CsvFormat, column_of
from nyala.data.csv._header import read_first_record
from nyala.data.csv._stage import CsvRecords


class CsvDataset(Dataset):
    r"""The records of CSV files, as tuples of scalars.

    Args:
        filenames: a path, or a list or dataset of paths; read one file after the other.
        record_defaults: for each column that is read, its dtype (a missing value is then an error)
            or the value of missing fields, which says the dtype: one of float32, float64, int32,
            int64, string.
        compression_type: `None`, `""`, `"GZIP"` or `"ZLIB"`.
        buffer_size: accepted for TensorFlow's sake.
        header: whether the first line of every file is passed over.
        field_delim: the character between fields.
        use_quote_delim: whether `"` around a field is not part of it; delimiters and line ends may
            then stand in the field.
        na_value: a text that stands, as an empty field does, for a missing value.
        select_cols: the columns to read, as ascending indices; all if `None`.
        exclude_cols: the columns to leave out, in place of `select_cols`.

    Raises:
        FileNotFoundError: a file does not exist.
        ValueError: on iteration, for a record with another number of fields, a text that is no
            number, a missing value: names the file and the line.

    Files are read a few megabytes at a time, by PyArrow where it is installed
    (`pip install "nyala[data]"`), else by Python, several times slower.

    >>> import nyala, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "points.csv"
    >>> _ = path.write_text('1,2.5,"a, b"\n,3.5,c\n')
    >>> dataset = nyala.data.experimental.CsvDataset(path, [0, "float32", "string"])
    >>> list(dataset.as_numpy_iterator())
    [(np.int32(1), np.float32(2.5), b'a, b'), (np.int32(0), np.float32(3.5), b'c')]
    """

    def __init__(self, filenames: Any, record_defaults: list, compression_type: str | None = None,
                 buffer_size: int | None = None, header: bool = False, field_delim: str = ",",
                 use_quote_delim: bool = True, na_value: str = "",
                 select_cols: list[int] | None = None,
                 exclude_cols: list[int] | None = None):  # fmt: skip
        paths = paths_of(filenames)
        form = CsvFormat(field_delim, bool(use_quote_delim), na_value, bool(header),
                         compression_type or "")  # fmt: skip
        indices = _indices(paths, form, len(record_defaults), select_cols, exclude_cols)
        columns = [
            column_of(index, str(index), given)
            for index, given in zip(indices, record_defaults, strict=True)
        ]
        super().__init__(CsvRecords(paths, form, columns, tuple, what="CsvDataset"))


def _indices(paths: list[str], form: CsvFormat, count: int, select: Any, exclude: Any) -> list[int]:
    """Return which columns `count` defaults are for."""
    if not count:
        raise ValueError("CsvDataset: record_defaults must name at least one column.")
    if select is not None and exclude is not None:
        raise ValueError("CsvDataset takes select_cols or exclude_cols, not both.")
    if select is not None:
        indices = [int(i) for i in np.asarray(select).ravel()]
        if any(a >= b for a, b in itertools.pairwise(indices)) or min(indices) < 0:
            raise ValueError(f"CsvDataset: select_cols must be ascending indices; got {indices}.")
    elif exclude is not None:
        left_out = {int(i) for i in np.asarray(exclude).ravel()}
        first = read_first_record(paths[0], form) if paths else None
        fields = len(first.record) if first else count + len(left_out)
        indices = [i for i in range(fields) if i not in left_out]
    else:
        indices = list(range(count))
    if len(indices) != count:
        raise ValueError(
            f"CsvDataset: record_defaults has {count} entries for {len(indices)} columns."
        )
    return indices
