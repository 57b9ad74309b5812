"""`ReadVaryingFiles`: the contents of files, each of a shape of its own."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from nyala.data._elements import one_row
from nyala.data._specs import TensorSpec
from nyala.data._stage import Pass, StageIterator
from nyala.data.loaders._read_files import ReadFiles, ReadFilesIterator


class VaryingFileReader(Protocol):
    """What makes the array of a file whose shape only the file tells."""

    spec: TensorSpec

    def read(self, path: str) -> np.ndarray:
        """Return what a file holds.

        Raises:
            OSError, ValueError: the file is broken; the message names it.
        """


class ReadVaryingFiles(ReadFiles):
    """Reads the files that numbers name, a few ahead of where they are asked for."""

    reader: Any

    @property
    def uniform(self) -> bool:
        """No two files need to have one shape."""
        return False

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator with threads behind it."""
        return ReadVaryingFilesIterator(self, where)

    def read_whole(self, number: int) -> np.ndarray | None:
        """Return a file's contents, `None` where it is passed over."""
        path = self.paths[number]
        with self.broken_noted(path):
            return self.reader.read(path)
        return None


class ReadVaryingFilesIterator(ReadFilesIterator):
    """Reads as many files at once as there are threads."""

    def _read_ahead(self) -> None:
        start = self._reading.position
        numbers = self._reading.read_rows(2 * self.stage.threads)
        if numbers is None:
            raise StopIteration
        labels = self.stage.labels and self.stage.labels.rows(numbers)
        for i, content in enumerate(self._map(self.stage.read_whole, numbers)):
            if content is not None:
                element = content if labels is None else (content, one_row(labels, i))
                self._ahead.append((start + i + 1, element))

    def next_rows(self, count: int) -> Any:
        return StageIterator.next_rows(self, count)
