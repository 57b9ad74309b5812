"""`TFRecordDataset` and `FixedLengthRecordDataset`."""

from __future__ import annotations

from typing import Any

from nyala.data._api_sources import paths_of
from nyala.data._dataset import Dataset
from nyala.data._stage import check_count
from nyala.data.records._stage import FixedLengthRecords, TFRecords


class TFRecordDataset(Dataset):
    r"""The records of TFRecord files, as byte strings.

    Args:
        filenames: a path, or a list or dataset of paths; read one file after the other.
        compression_type: `None`, `""`, `"GZIP"` or `"ZLIB"`.
        buffer_size, num_parallel_reads, name: accepted for TensorFlow's sake.

    Raises:
        FileNotFoundError: a file does not exist.
        ValueError: on iteration, for a record whose checksum is wrong or that is cut off: names the
            file and the byte that the record begins at (also `tf.errors.DataLossError`).

    >>> import nyala, pathlib, tempfile
    >>> from nyala import tf
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.tfrecord"
    >>> with tf.io.TFRecordWriter(path) as writer:
    ...     for n in range(3):
    ...         values = tf.train.Int64List(value=[n, n * n])
    ...         features = {"n": tf.train.Feature(int64_list=values)}
    ...         example = tf.train.Example(features=tf.train.Features(feature=features))
    ...         writer.write(example.SerializeToString())
    >>> wanted = {"n": tf.io.FixedLenFeature([2], tf.int64)}
    >>> dataset = nyala.data.TFRecordDataset(path)
    >>> for example in dataset.map(lambda record: tf.io.parse_single_example(record, wanted)):
    ...     print(example["n"].numpy())
    [0 0]
    [1 1]
    [2 4]
    """

    def __init__(self, filenames: Any, compression_type: str | None = None,
                 buffer_size: int | None = None, num_parallel_reads: int | None = None,
                 name: str | None = None):  # fmt: skip
        super().__init__(TFRecords(paths_of(filenames), compression_type, "TFRecordDataset"))


class FixedLengthRecordDataset(Dataset):
    """The records of files whose records have one length, as byte strings.

    Args:
        filenames: a path, or a list or dataset of paths; read one file after the other.
        record_bytes: bytes of a record.
        header_bytes, footer_bytes: bytes at the beginning and end of each file that are left out.
        buffer_size, num_parallel_reads, name: accepted for TensorFlow's sake.
        compression_type: `None`, `""`, `"GZIP"` or `"ZLIB"`.

    Raises:
        ValueError: on iteration, for a file that does not hold whole records.

    >>> import nyala, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.bin"
    >>> _ = path.write_bytes(b"#aabb")
    >>> list(nyala.data.FixedLengthRecordDataset(path, 2, header_bytes=1).as_numpy_iterator())
    [b'aa', b'bb']
    """

    def __init__(self, filenames: Any, record_bytes: int, header_bytes: int | None = None,
                 footer_bytes: int | None = None, buffer_size: int | None = None,
                 compression_type: str | None = None, num_parallel_reads: int | None = None,
                 name: str | None = None):  # fmt: skip
        what = "FixedLengthRecordDataset"
        super().__init__(FixedLengthRecords(
            paths_of(filenames), check_count(record_bytes, f"{what}: record_bytes"),
            check_count(header_bytes or 0, f"{what}: header_bytes", 0),
            check_count(footer_bytes or 0, f"{what}: footer_bytes", 0), compression_type,
        ))  # fmt: skip
