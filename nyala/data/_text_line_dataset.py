"""`TextLineDataset`."""

from __future__ import annotations

from typing import Any

from nyala.data._api_sources import paths_of
from nyala.data._dataset import Dataset
from nyala.data.sources import TextLines


class TextLineDataset(Dataset):
    r"""The lines of text files, as strings without line ends.

    Args:
        filenames: a path, or a list or dataset of paths; read one file after the other.
        compression_type: `None`, `""`, `"GZIP"` or `"ZLIB"`.
        buffer_size, num_parallel_reads, name: accepted for TensorFlow's sake.

    Raises:
        FileNotFoundError: a file does not exist.
        ValueError: on iteration, where a line is not UTF-8: names the file and the line.

    >>> import nyala, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "lines.txt"
    >>> _ = path.write_text("one\ntwo\n")
    >>> list(nyala.data.TextLineDataset(path).skip(1).as_numpy_iterator())
    [b'two']
    """

    def __init__(self, filenames: Any, compression_type: str | None = None,
                 buffer_size: int | None = None, num_parallel_reads: int | None = None,
                 name: str | None = None):  # fmt: skip
        super().__init__(TextLines(paths_of(filenames), compression_type))
