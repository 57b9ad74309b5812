"""Lines of text files."""

from __future__ import annotations

import gzip
import os
import weakref
from typing import Any

import numpy as np

from nyala.core import did_you_mean
from nyala.data._specs import TensorSpec
from nyala.data._stage import UNKNOWN, Pass, Stage, StageIterator

_COMPRESSIONS = ("", "GZIP")


class TextLines(Stage):
    """The lines of files, one file after the other, without line ends.

    Args:
        paths: of the files; text in UTF-8.
        compression: `None`, `""` or `"GZIP"`.
    """

    def __init__(self, paths: list, compression: str | None = None):
        self.paths = [os.fspath(path) for path in paths]
        self.compression = compression or ""
        if self.compression not in _COMPRESSIONS:
            raise ValueError(
                f"compression_type must be None, '' or 'GZIP'; got {compression!r}."
                f"{did_you_mean(str(compression), _COMPRESSIONS)}"
            )
        missing = [path for path in self.paths if not os.path.isfile(path)]
        if missing:
            raise FileNotFoundError(f"TextLineDataset: there is no file {missing[0]!r}.")

    @property
    def spec(self) -> Any:
        """A string."""
        return TensorSpec((), "string")

    @property
    def length(self) -> int:
        """Unknown."""
        return UNKNOWN

    @property
    def uniform(self) -> bool:
        """Strings always are."""
        return True

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over lines."""
        return TextLinesIterator(self)


class TextLinesIterator(StageIterator):
    """Holds the number of the file and the place in it."""

    def __init__(self, stage: TextLines):
        self.stage = stage
        self.number = self.offset = self.line = 0
        self._file: Any = None

    def __next__(self) -> Any:
        while self.number < len(self.stage.paths):
            line = self._opened().readline()
            if line:
                self.offset = self._file.tell()
                self.line += 1
                return np.asarray(self._decoded(line), dtype=object)
            self.close()
            self.number, self.offset, self.line = self.number + 1, 0, 0
        raise StopIteration

    def _opened(self) -> Any:
        if self._file is None:
            path = self.stage.paths[self.number]
            opener = gzip.open if self.stage.compression else open
            self._file = opener(path, "rb")
            self._close_file = weakref.finalize(self, self._file.close)
            self._file.seek(self.offset)
        return self._file

    def _decoded(self, line: bytes) -> str:
        try:
            return line.rstrip(b"\n").removesuffix(b"\r").decode("utf-8")
        except UnicodeDecodeError as error:
            path = self.stage.paths[self.number]
            raise ValueError(f"{path}, line {self.line}: not UTF-8 text ({error}).") from None

    def get_state(self) -> dict:
        return {"file": self.number, "offset": self.offset, "line": self.line}

    def set_state(self, state: dict) -> None:
        self.number, self.offset, self.line = state["file"], state["offset"], state["line"]

    def close(self) -> None:
        if self._file is not None:
            self._close_file()
            self._file = None
