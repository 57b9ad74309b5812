"""`random`: random integers without end."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala.data._elements import as_scalar_array
from nyala.data._specs import TensorSpec
from nyala.data._stage import INFINITE, Pass, Stage, StageIterator

# Numbers are drawn this many at a time, so that one can get at any of them without all before.
_BLOCK = 1024


class Random(Stage):
    """Random integers of 32 bits.

    Args:
        seed: of the numbers; drawn if `None`.
        anew: whether each pass has numbers of its own.
    """

    random = True

    def __init__(self, seed: int | None, anew: bool):
        self.own_seed, self.anew = None if seed is None else int(seed), bool(anew)

    @property
    def spec(self) -> Any:
        """An unsigned integer."""
        return TensorSpec((), "uint32")

    @property
    def length(self) -> int:
        """No end."""
        return INFINITE

    @property
    def uniform(self) -> bool:
        """Numbers always are."""
        return True

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over the numbers of a pass."""
        return RandomIterator(self, where)


class RandomIterator(StageIterator):
    """Holds how many numbers were handed out."""

    def __init__(self, stage: Random, where: Pass):
        self.stage, self.where, self.position = stage, where, 0
        self._number = -1
        self._block = np.empty(0, "uint32")

    def __next__(self) -> Any:
        return as_scalar_array(self.next_rows(1)[0])

    def next_rows(self, count: int) -> Any:
        pieces = []
        while count:
            number, offset = divmod(self.position, _BLOCK)
            piece = self._numbers(number)[offset : offset + count]
            pieces.append(piece)
            self.position += len(piece)
            count -= len(piece)
        return np.concatenate(pieces)

    def _numbers(self, block: int) -> np.ndarray:
        if block != self._number:
            generator = self.where.generator(self.stage, block, fixed=not self.stage.anew)
            self._block = generator.integers(0, 1 << 32, _BLOCK, dtype=np.uint32)
            self._number = block
        return self._block

    def skip(self, count: int) -> None:
        self.position += count

    def get_state(self) -> int:
        return self.position

    def set_state(self, state: int) -> None:
        self.position = state
