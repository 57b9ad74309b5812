"""The records of TFRecord files, and records of one length, as sources."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from nyala.data._compressed import DAMAGED, checked_compression, open_compressed
from nyala.data._specs import TensorSpec
from nyala.data.records._crc32c import masked_crc32c
from nyala.data.sources import Blocks, stacked_strings

_HEAD = struct.Struct("<QI")
_TAIL = struct.Struct("<I")
_READ_BYTES = 1 << 20


class DataLossError(ValueError):
    """A file is damaged."""


class RecordBlocks(Blocks):
    """Byte strings out of files.

    Args:
        paths: of the files.
        compression: `None`, `""`, `"GZIP"` or `"ZLIB"`.
        what: named in errors.
    """

    def __init__(self, paths: list, compression: str | None, what: str):
        super().__init__(paths, what)
        self.compression = checked_compression(compression)

    @property
    def spec(self) -> Any:
        """A string."""
        return TensorSpec((), "string")


class TFRecords(RecordBlocks):
    """The records of TFRecord files; their checksums are compared."""

    def blocks(self, path: str, place: Any) -> Iterator[tuple[Any, Any]]:
        """Yield some records at a time; a place is an offset in the file."""
        file: Any = open_compressed(path, self.compression)
        offset, data = place or 0, b""
        try:
            file.seek(offset)
            wanted = _READ_BYTES
            while read := file.read(wanted):
                data += read
                cut = _cut(data, path, offset)
                if cut.records:
                    yield offset, stacked_strings(cut.checked(path, offset))
                data, offset = data[cut.end :], offset + cut.end
                wanted = max(cut.missing, _READ_BYTES)
            if data:
                raise DataLossError(
                    f"{path}: the record at byte {offset} is cut off: the file ends there."
                )
        except DAMAGED as error:
            raise DataLossError(
                f"{path}: the compressed file is damaged behind byte {offset} of what it holds "
                f"({error})."
            ) from error
        finally:
            file.close()


class _Cut(NamedTuple):
    """Whole records out of a piece of a file.

    Attributes:
        records: what they hold.
        checks: their checksums.
        starts: where they begin.
        end: where the last one ends.
        missing: bytes that the next one lacks, where its length is known.
    """

    records: list[bytes]
    checks: list[int]
    starts: list[int]
    end: int
    missing: int

    def checked(self, path: str, offset: int) -> list[bytes]:
        """Return the records, if their checksums say that they are what was written."""
        right = masked_crc32c(self.records) == np.array(self.checks, np.uint32)
        if not right.all():
            number = int(np.argmin(right))
            raise DataLossError(
                f"{path}: the record at byte {offset + self.starts[number]} is damaged: its "
                "checksum is wrong."
            )
        return self.records


def _cut(data: bytes, path: str, offset: int) -> _Cut:
    records, heads, checks, starts, position, missing = [], [], [], [], 0, 0
    while position + _HEAD.size <= len(data):
        size, check = _HEAD.unpack_from(data, position)
        starts.append(position)
        heads.append((data[position : position + 8], check))
        stop = position + _HEAD.size + size
        if stop + _TAIL.size > len(data):
            missing = stop + _TAIL.size - len(data)
            break
        records.append(data[position + _HEAD.size : stop])
        checks.append(_TAIL.unpack_from(data, stop)[0])
        position = stop + _TAIL.size
    # A damaged length might ask for more than there ever is.
    _check_heads(heads, starts, path, offset)
    return _Cut(records, checks, starts, position, missing)


def _check_heads(heads: list[tuple[bytes, int]], starts: list[int], path: str,
                 offset: int) -> None:  # fmt: skip
    wanted = np.array([check for _, check in heads], np.uint32)
    right = masked_crc32c([length for length, _ in heads]) == wanted
    if not right.all():
        raise DataLossError(
            f"{path}: the record at byte {offset + starts[int(np.argmin(right))]} is damaged: the "
            "checksum of its length is wrong. Is it a TFRecord file, and is its compression_type "
            "given?"
        )


class FixedLengthRecords(RecordBlocks):
    """Byte strings of one length.

    Args:
        paths: of the files.
        size: bytes of a record.
        header, footer: bytes at the beginning and end of each file that are left out.
        compression: see `RecordBlocks`.
    """

    def __init__(self, paths: list, size: int, header: int, footer: int, compression: str | None):
        super().__init__(paths, compression, "FixedLengthRecordDataset")
        self.size, self.header, self.footer = size, header, footer

    def blocks(self, path: str, place: Any) -> Iterator[tuple[Any, Any]]:
        """Yield some records at a time; a place is an offset in the file."""
        file: Any = open_compressed(path, self.compression)
        offset, data = place or self.header, b""
        wanted = max(_READ_BYTES // self.size, 1) * self.size
        try:
            file.seek(offset)
            while True:
                read = file.read(wanted)
                data += read
                count = (len(data) - self.footer) // self.size
                if count > 0:
                    records = [data[i * self.size : (i + 1) * self.size] for i in range(count)]
                    yield offset, stacked_strings(records)
                    data, offset = data[count * self.size :], offset + count * self.size
                if len(read) < wanted:
                    break
        finally:
            file.close()
        if len(data) != self.footer:
            raise DataLossError(
                f"{path}: the file does not hold whole records of {self.size} bytes: "
                f"{len(data) - self.footer} bytes are left over at byte {offset}."
            )
