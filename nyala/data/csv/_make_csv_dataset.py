"""`make_csv_dataset`."""

from __future__ import annotations

from typing import Any

import jax

from nyala.data._columns import Named, batches_of_columns, chosen_columns, matching_files
from nyala.data._dataset import Dataset
from nyala.data.csv._format import Column, CsvFormat, column_of
from nyala.data.csv._header import infer_dtypes, read_first_record
from nyala.data.csv._stage import CsvRecords


def make_csv_dataset(
    file_pattern: Any, batch_size: int, column_names: list[str] | None = None,
    column_defaults: list | None = None, label_name: str | None = None,
    select_columns: list | None = None, field_delim: str = ",", use_quote_delim: bool = True,
    na_value: str = "", header: bool = True, num_epochs: int | None = None, shuffle: bool = True,
    shuffle_buffer_size: int = 10000, shuffle_seed: int | None = None,
    prefetch_buffer_size: int | None = None, num_parallel_reads: int | None = None,
    sloppy: bool = False, num_rows_for_inference: int | None = 100,
    compression_type: str | None = None, ignore_errors: bool = False, encoding: str = "utf-8",
) -> Dataset:  # fmt: skip
    r"""Return a dataset of batches of CSV files' columns, by name.

    Args:
        file_pattern: a path or pattern as in `glob`, or a list of those.
        batch_size: records of a batch.
        column_names: the names of all columns; those in the first file's first line if `None`.
        column_defaults: for each column that is read, its dtype (a missing value is then an error)
            or the value of missing fields, which says the dtype. If `None`, the first records tell
            the dtypes (int32, float32 or string), and a missing value is 0 or `""`.
        label_name: a column that is not among the features: elements are then pairs of a dict and
            this column.
        select_columns: names or indices of the columns to read; all if `None`.
        field_delim: the character between fields.
        use_quote_delim: whether `"` around a field is not part of it.
        na_value: a text that stands, as an empty field does, for a missing value.
        header: whether the first line of every file holds the names.
        num_epochs: how often the files are read; for ever if `None`, and every batch is then full.
        shuffle: whether files and records come in random order.
        shuffle_buffer_size: records among which the next one is chosen.
        shuffle_seed: of the order.
        prefetch_buffer_size: batches that are made ahead, in a thread; some if `None`.
        num_parallel_reads, sloppy: accepted for TensorFlow's sake: a chunk of a file is parsed by
            all processors, and the order never varies.
        num_rows_for_inference: records that tell the dtypes; all if `None`.
        compression_type: `None`, `""`, `"GZIP"` or `"ZLIB"`.
        ignore_errors: whether records with mistakes are left out.
        encoding: of the text.

    Returns:
        A `Dataset` of dicts from name to a column `(batch,)`, or of pairs of such a dict and the
        label's column.

    Raises:
        FileNotFoundError: no file fits.
        ValueError: names are missing, twice there or unknown; on iteration, see `CsvDataset`.

    >>> import nyala, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "points.csv"
    >>> _ = path.write_text("x,kind,y\n1,a,0.5\n2,b,1.5\n")
    >>> dataset = nyala.data.experimental.make_csv_dataset(
    ...     str(path), 2, label_name="y", num_epochs=1, shuffle=False)
    >>> next(dataset.as_numpy_iterator())
    ({'x': array([1, 2], dtype=int32), 'kind': array([b'a', b'b'], dtype=object)},
     array([0.5, 1.5], dtype=float32))
    """
    paths = matching_files(file_pattern, "make_csv_dataset")
    form = CsvFormat(field_delim, bool(use_quote_delim), na_value, bool(header),
                     compression_type or "", encoding)  # fmt: skip
    names = _names(paths, form, column_names)
    indices = chosen_columns(names, select_columns, "make_csv_dataset")
    columns = _columns(paths, form, names, indices, column_defaults, num_rows_for_inference)
    named = Named([names[i] for i in indices], label_name, "make_csv_dataset")
    stage = CsvRecords(paths, form, columns, named, what="make_csv_dataset",
                       names=names if column_names is None else None,
                       fields=len(names), ignore_errors=ignore_errors, shuffle=shuffle,
                       seed=shuffle_seed)  # fmt: skip
    return batches_of_columns(
        Dataset(stage), batch_size, num_epochs, shuffle and shuffle_buffer_size, shuffle_seed,
        prefetch_buffer_size,
    )  # fmt: skip


def _names(paths: list[str], form: CsvFormat, given: list[str] | None) -> list[str]:
    names = None if given is None else list(given)
    if names is None:
        if not form.header:
            raise ValueError("make_csv_dataset: without a header, column_names must be given.")
        first = read_first_record(paths[0], form)
        if first is None:
            raise ValueError(f"make_csv_dataset: {paths[0]} is empty: it has no header.")
        names = first.record
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(
            f"make_csv_dataset: a column name must be there once; twice there: {sorted(twice)}."
        )
    return names


def _columns(paths: list[str], form: CsvFormat, names: list[str], indices: list[int],
             defaults: list | None, rows: int | None) -> list[Column]:  # fmt: skip
    if defaults is None:
        found = infer_dtypes(paths, form, len(names), rows)
        return [_inferred(i, names[i], found[i]) for i in indices]
    if len(defaults) != len(indices):
        raise ValueError(
            f"make_csv_dataset: column_defaults has {len(defaults)} entries for {len(indices)} "
            "columns."
        )
    return [column_of(i, names[i], given) for i, given in zip(indices, defaults, strict=True)]


def _inferred(index: int, name: str, dtype: str) -> Column:
    if dtype == "int64" and not jax.config.jax_enable_x64:
        dtype = "float32"  # such numbers do not fit into the integers that the device computes in
    return Column(index, name, dtype, "" if dtype == "string" else 0)
