"""Files that may be compressed, read as what was written into them."""

from __future__ import annotations

import gzip
import zlib
from typing import Any, BinaryIO

from nyala.core import did_you_mean

COMPRESSIONS = ("", "GZIP", "ZLIB")
DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile)
"""What reading a damaged compressed file raises."""


def checked_compression(value: Any) -> str:
    """Return a `compression_type` as one of `COMPRESSIONS`.

    Raises:
        ValueError: it is none.
    """
    value = value or ""
    if value not in COMPRESSIONS:
        raise ValueError(
            f"compression_type must be None, '', 'GZIP' or 'ZLIB'; got {value!r}."
            f"{did_you_mean(str(value), COMPRESSIONS)}"
        )
    return value


def open_compressed(path: str, compression: str) -> BinaryIO:
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
