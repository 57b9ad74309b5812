"""Lines of text files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nyala.data._chunks import Chunk, chunks
from nyala.data._compressed import checked_compression
from nyala.data._specs import TensorSpec
from nyala.data.sources._blocks import Blocks, stacked_strings


class TextLines(Blocks):
    """The lines of files, one file after the other, without line ends.

    Args:
        paths: of the files; text in UTF-8.
        compression: `None`, `""`, `"GZIP"` or `"ZLIB"`.
    """

    def __init__(self, paths: list, compression: str | None = None):
        super().__init__(paths, "TextLineDataset")
        self.compression = checked_compression(compression)

    @property
    def spec(self) -> Any:
        """A string."""
        return TensorSpec((), "string")

    def blocks(self, path: str, place: Any) -> Iterator[tuple[Any, Any]]:
        """Yield some lines at a time; a place is an offset and a line number."""
        offset, line = place or (0, 1)
        for chunk in chunks(path, self.compression, False, offset, line):
            yield [chunk.offset, chunk.line], stacked_strings(_lines(chunk, path))


def _lines(chunk: Chunk, path: str) -> list[str]:
    try:
        text = chunk.data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = chunk.line + chunk.data.count(b"\n", 0, error.start)
        raise ValueError(f"{path}, line {line}: not UTF-8 text ({error}).") from None
    lines = text.removesuffix("\n").split("\n")
    return [line.removesuffix("\r") for line in lines] if "\r" in text else lines
