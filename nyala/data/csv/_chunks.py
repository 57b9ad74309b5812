"""Whole records out of files, a few megabytes at a time."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

_CHUNK_BYTES = 4 << 20


@dataclass(frozen=True)
class Chunk:
    """Some records of a file.

    Attributes:
        data: their bytes, line ends included.
        offset: of the first byte in the (uncompressed) file.
        line: the number of the first line, counted from 1.
    """

    data: bytes
    offset: int
    line: int


def open_file(path: str, compression: str) -> BinaryIO:
    """Open a file for reading what was written into it before it was compressed."""
    if compression == "GZIP":
        return gzip.open(path, "rb")
    return _Inflated(path) if compression == "ZLIB" else open(path, "rb")


class _Inflated:
    """A file that holds one zlib stream."""

    def __init__(self, path: str):
        self._file = open(path, "rb")  # noqa: SIM115 – closed by close
        self._inflate = zlib.decompressobj()
        self._left = b""

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes, fewer only at the end."""
        parts, missing = [], size
        while missing:
            if not self._left:
                packed = self._inflate.unconsumed_tail or self._file.read(1 << 16)
                if not packed:
                    if not self._inflate.eof:
                        raise EOFError("it ends too early")
                    break
                self._left = self._inflate.decompress(packed, 1 << 20)
                continue
            parts.append(self._left[:missing])
            self._left = self._left[missing:]
            missing -= len(parts[-1])
        return b"".join(parts)

    def seek(self, offset: int) -> None:
        """Read and drop what lies before `offset`; nothing has been read yet."""
        while offset:
            offset -= len(self.read(min(offset, 1 << 20)))

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def chunks(path: str, compression: str, quotes: bool, offset: int = 0, line: int = 1,
           size: int = _CHUNK_BYTES) -> Iterator[Chunk]:  # fmt: skip
    """Yield the records of a file, each whole, from a place between two on."""
    file: Any = open_file(path, compression)
    try:
        file.seek(offset)
        rest = b""
        while True:
            read = file.read(size)
            data = rest + read
            cut = _end_of_records(data, quotes) if read else len(data)
            if cut:
                yield Chunk(data[:cut], offset, line)
            elif not read:
                return
            rest = data[cut:]
            offset, line = offset + cut, line + data.count(b"\n", 0, cut)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(
            f"{path}: the compressed file is damaged behind byte {offset} of what it holds, "
            f"line {line} ({error})."
        ) from error
    finally:
        file.close()


def _end_of_records(data: bytes, quotes: bool) -> int:
    """Return where the last whole record ends: behind a line end that is in no quoted field."""
    cut = data.rfind(b"\n") + 1
    if not quotes or not cut:
        return cut
    count = data.count(b'"', 0, cut)
    while cut and count % 2:
        before = data.rfind(b"\n", 0, cut - 1) + 1
        count -= data.count(b'"', before, cut)
        cut = before
    return cut
