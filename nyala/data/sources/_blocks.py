"""Sources that read files block by block: many rows at once, each block's place known."""

from __future__ import annotations

import abc
import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from nyala.data._elements import concat_rows, count_rows, one_row, pick_rows
from nyala.data._stage import UNKNOWN, Pass, Stage, StageIterator


class Blocks(Stage):
    """The rows of files, one file after the other.

    Args:
        paths: of the files.
        what: who asks for them, named in errors.
        shuffle: whether the files come in random order, another one in each pass.
        seed: of the order.

    Raises:
        FileNotFoundError: a file does not exist.
    """

    def __init__(self, paths: list, what: str, shuffle: bool = False, seed: int | None = None):
        self.paths, self.what = [os.fspath(path) for path in paths], what
        missing = [path for path in self.paths if not os.path.isfile(path)]
        if missing:
            raise FileNotFoundError(f"{what}: there is no file {missing[0]!r}.")
        self.shuffle = self.random = shuffle
        self.own_seed = None if seed is None else int(seed)

    @property
    def length(self) -> int:
        """Unknown."""
        return UNKNOWN

    @property
    def uniform(self) -> bool:
        """Rows of blocks always are."""
        return True

    @abc.abstractmethod
    def blocks(self, path: str, place: Any) -> Iterator[tuple[Any, Any]]:
        """Yield the blocks of a file from a place on, each with its place.

        Args:
            path: of the file.
            place: where a block begins; `None` for the beginning. JSON-ready.
        """

    def order(self, where: Pass) -> list[str]:
        """Return the files in the order of a pass."""
        if not self.shuffle:
            return self.paths
        return [self.paths[i] for i in where.generator(self).permutation(len(self.paths))]

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over rows."""
        return BlocksIterator(self, where)


class BlocksIterator(StageIterator):
    """Holds a block; its state is the file, the place of the block in it, and the row."""

    def __init__(self, stage: Blocks, where: Pass):
        self.stage, self.paths = stage, stage.order(where)
        self.number, self.place, self.row = 0, None, 0
        self._rows: Any = None
        self._count = 0
        self._blocks: Any = None

    def _have_rows(self) -> bool:
        """Make sure that there is an unread row; `False` at the end."""
        while self._rows is None or self.row >= self._count:
            if self.number >= len(self.paths):
                return False
            if self._blocks is None:
                self._blocks = self.stage.blocks(self.paths[self.number], self.place)
            found = next(self._blocks, None)
            if found is None:
                self.close()
                self.number, self.place, self.row = self.number + 1, None, 0
                continue
            place, rows = found
            # Of a block that was read before, rows were used: only a restored place has some.
            self.row = self.row if self._rows is None and place == self.place else 0
            self.place, self._rows, self._count = place, rows, count_rows(rows)
        return True

    def __next__(self) -> Any:
        if not self._have_rows():
            raise StopIteration
        self.row += 1
        return one_row(self._rows, self.row - 1)

    def next_rows(self, count: int) -> Any:
        pieces = []
        while count and self._have_rows():
            rows = pick_rows(self._rows, slice(self.row, self.row + count))
            taken = min(count, self._count - self.row)
            self.row, count = self.row + taken, count - taken
            pieces.append(rows)
        return concat_rows(pieces) if pieces else None

    def skip(self, count: int) -> None:
        while count and self._have_rows():
            taken = min(count, self._count - self.row)
            self.row, count = self.row + taken, count - taken

    def get_state(self) -> dict:
        return {"file": self.number, "place": self.place, "row": self.row}

    def set_state(self, state: dict) -> None:
        self.number, self.place, self.row = state["file"], state["place"], state["row"]

    def close(self) -> None:
        if self._blocks is not None:
            self._blocks.close()
        self._blocks = self._rows = None


def stacked_strings(items: list) -> np.ndarray:
    """Return strings or bytes as one array."""
    array = np.empty(len(items), object)
    array[:] = items
    return array
