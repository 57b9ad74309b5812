"""Whole records out of files, a few megabytes at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nyala.data._compressed import DAMAGED, open_compressed

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


def chunks(path: str, compression: str, quotes: bool, offset: int = 0, line: int = 1,
           size: int = _CHUNK_BYTES) -> Iterator[Chunk]:  # fmt: skip
    """Yield the records of a file, each whole, from a place between two on."""
    file: Any = open_compressed(path, compression)
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
    except DAMAGED as error:
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
