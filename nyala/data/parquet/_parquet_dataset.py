"""`ParquetDataset` and `make_parquet_dataset`: Parquet files, in the style of the CSV datasets."""

from __future__ import annotations

from typing import Any

from nyala.data._api_sources import paths_of
from nyala.data._columns import Named, batches_of_columns, chosen_columns, matching_files
from nyala.data._dataset import Dataset
from nyala.data.parquet._stage import ParquetRows, open_parquet


class ParquetDataset(Dataset):
    """The rows of Parquet files, as dicts of scalars. (TensorFlow has no such dataset.)

    Args:
        filenames: a path, or a list or dataset of paths; read one file after the other.
        columns: names of the columns to read; all if `None`.

    Raises:
        ImportError: PyArrow is not installed (`pip install "nyala[data]"`).
        FileNotFoundError: a file does not exist.
        ValueError: a file is damaged or has other columns than the first; a column of numbers has
            missing values; a column holds neither numbers nor text nor lists of one size.

    >>> import nyala, pathlib, pyarrow, pyarrow.parquet, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "points.parquet"
    >>> table = pyarrow.table({"x": [1, 2], "kind": ["a", "b"]})
    >>> pyarrow.parquet.write_table(table, path)
    >>> list(nyala.data.experimental.ParquetDataset(path).as_numpy_iterator())
    [{'x': np.int32(1), 'kind': b'a'}, {'x': np.int32(2), 'kind': b'b'}]
    """

    def __init__(self, filenames: Any, columns: list[str] | None = None):
        paths = paths_of(filenames)
        names = _chosen_names(paths, columns, "ParquetDataset")
        named = Named(names, None, "ParquetDataset")
        super().__init__(ParquetRows(paths, names, named, what="ParquetDataset"))


def make_parquet_dataset(
    file_pattern: Any, batch_size: int, label_name: str | None = None,
    select_columns: list | None = None, num_epochs: int | None = None, shuffle: bool = True,
    shuffle_buffer_size: int = 10000, shuffle_seed: int | None = None,
    prefetch_buffer_size: int | None = None,
) -> Dataset:  # fmt: skip
    """Return a dataset of batches of Parquet files' columns, by name.

    Args:
        file_pattern: a path or pattern as in `glob`, or a list of those.
        batch_size: rows of a batch.
        label_name: a column that is not among the features: elements are then pairs of a dict and
            this column.
        select_columns: names or indices of the columns to read; all if `None`.
        num_epochs: how often the files are read; for ever if `None`, and every batch is then full.
        shuffle: whether files and rows come in random order.
        shuffle_buffer_size: rows among which the next one is chosen.
        shuffle_seed: of the order.
        prefetch_buffer_size: batches that are made ahead, in a thread; some if `None`.

    Returns:
        A `Dataset` of dicts from name to a column `(batch,)` (`(batch, size)` for lists of one
        size), or of pairs of such a dict and the label's column.

    Raises:
        FileNotFoundError: no file fits.
        ImportError, ValueError: as for `ParquetDataset`.

    >>> import nyala, pathlib, pyarrow, pyarrow.parquet, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "points.parquet"
    >>> pyarrow.parquet.write_table(pyarrow.table({"x": [1.0, 2.0], "y": [0, 1]}), path)
    >>> dataset = nyala.data.experimental.make_parquet_dataset(
    ...     str(path), 2, label_name="y", num_epochs=1, shuffle=False)
    >>> next(dataset.as_numpy_iterator())
    ({'x': array([1., 2.], dtype=float32)}, array([0, 1], dtype=int32))
    """
    what = "make_parquet_dataset"
    paths = matching_files(file_pattern, what)
    names = _chosen_names(paths, select_columns, what)
    stage = ParquetRows(paths, names, Named(names, label_name, what), what=what, shuffle=shuffle,
                        seed=shuffle_seed)  # fmt: skip
    return batches_of_columns(
        Dataset(stage), batch_size, num_epochs, shuffle and shuffle_buffer_size, shuffle_seed,
        prefetch_buffer_size,
    )  # fmt: skip


def _chosen_names(paths: list[str], select: Any, what: str) -> list[str]:
    names = list(open_parquet(paths[0], what).schema_arrow.names)
    return [names[i] for i in chosen_columns(names, select, what)]
