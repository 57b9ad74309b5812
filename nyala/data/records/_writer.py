"""`TFRecordWriter`: byte strings into a TFRecord file."""

from __future__ import annotations

import gzip
import os
import struct
import weakref
import zlib
from typing import Any, BinaryIO

from nyala.core import PendingFile
from nyala.data._compressed import checked_compression
from nyala.data.records._crc32c import masked_crc32c

_LENGTH, _CRC = struct.Struct("<Q"), struct.Struct("<I")
# Checksums of many records at once cost a fraction of single ones.
_PENDING_RECORDS, _PENDING_BYTES = 1024, 1 << 20


class TFRecordOptions:
    """How records are compressed.

    Args:
        compression_type: `None`, `""`, `"GZIP"` or `"ZLIB"`.
        compression_level: of zlib, 0 to 9; its own choice if `None`.
        flush_mode, input_buffer_size, output_buffer_size, window_bits, compression_method,
            mem_level, compression_strategy: accepted for TensorFlow's sake.
    """

    def __init__(self, compression_type: str | None = None, flush_mode: Any = None,
                 input_buffer_size: Any = None, output_buffer_size: Any = None,
                 window_bits: Any = None, compression_level: int | None = None,
                 compression_method: Any = None, mem_level: Any = None,
                 compression_strategy: Any = None):  # fmt: skip
        self.compression_type = checked_compression(compression_type)
        self.compression_level = -1 if compression_level is None else int(compression_level)


class TFRecordWriter:
    r"""Writes byte strings into a TFRecord file, each with its length and checksums.

    Records are collected in a file beside `path` that takes its place by `close()`: whoever reads
    `path` never sees half of it, and a file that was there stays until then. A `with` block that
    ends by an exception leaves `path` as it was.

    Args:
        path: of the file.
        options: `TFRecordOptions`, or the compression as a string.

    >>> import nyala, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.tfrecord"
    >>> with nyala.data.records.TFRecordWriter(path) as writer:
    ...     writer.write(b"one")
    >>> list(nyala.data.TFRecordDataset(path).as_numpy_iterator())
    [b'one']
    """

    def __init__(self, path: Any, options: Any = None):
        if not isinstance(options, TFRecordOptions):
            options = TFRecordOptions(options)
        self._path = os.fspath(path)
        self._pending_file = PendingFile(self._path)
        self._file = _compressed(self._pending_file.file, options)
        self._pending: list[bytes] = []
        self._size = 0
        # Dropping a writer, or ending the program, closes it as TensorFlow's does.
        self._end = weakref.finalize(self, _finish, self._file, self._pending, self._pending_file)

    def write(self, record: Any) -> None:
        """Add a record.

        Args:
            record: bytes, or a scalar tensor of bytes; a string is written in UTF-8.
        """
        if not self._end.alive:
            raise ValueError(f"TFRecordWriter: the file {self._path} is closed.")
        data = as_bytes(record, "TFRecordWriter.write")
        self._pending.append(data)
        self._size += len(data)
        if len(self._pending) >= _PENDING_RECORDS or self._size >= _PENDING_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what was added to the file beside `path`."""
        _write_all(self._file, self._pending)
        self._size = 0

    def close(self) -> None:
        """Write the rest and put the file into its place."""
        self._end()

    def __enter__(self) -> TFRecordWriter:
        return self

    def __exit__(self, kind: Any, *_: Any) -> None:
        if kind is None:
            self.close()
        elif self._end.detach():
            self._pending_file.discard()


def as_bytes(value: Any, who: str) -> bytes:
    """Return a record as bytes, whatever holds it.

    Raises:
        TypeError: it is no byte string.
    """
    if isinstance(value, bytes):
        return value
    if hasattr(value, "numpy"):
        value = value.numpy()
    if hasattr(value, "item") and not getattr(value, "shape", ()):
        value = value.item()
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    hint = " Call its SerializeToString()." if hasattr(value, "SerializeToString") else ""
    raise TypeError(f"{who} expects bytes; got {value!r} of type {type(value).__name__}.{hint}")


def _compressed(file: BinaryIO, options: TFRecordOptions) -> Any:
    """Return what compresses into a file; closing it leaves the file open."""
    level = options.compression_level
    if options.compression_type == "GZIP":
        return gzip.GzipFile("", "wb", 9 if level < 0 else level, file, mtime=0)
    return _Deflating(file, level) if options.compression_type else file


class _Deflating:
    """A file that is written as one zlib stream."""

    def __init__(self, file: BinaryIO, level: int):
        self._file, self._deflate = file, zlib.compressobj(level)

    def write(self, data: bytes) -> None:
        """Write data, compressed."""
        self._file.write(self._deflate.compress(data))

    def close(self) -> None:
        """Write the rest."""
        self._file.write(self._deflate.flush())


def _write_all(file: Any, pending: list[bytes]) -> None:
    if not pending:
        return
    lengths = [_LENGTH.pack(len(data)) for data in pending]
    checks = [_CRC.pack(n) for n in masked_crc32c(lengths + pending).tolist()]
    parts = zip(lengths, checks, pending, checks[len(lengths) :], strict=False)
    file.write(b"".join([piece for record in parts for piece in record]))
    pending.clear()


def _finish(file: Any, pending: list[bytes], target: PendingFile) -> None:
    _write_all(file, pending)
    if file is not target.file:
        file.close()
    target.finish()
