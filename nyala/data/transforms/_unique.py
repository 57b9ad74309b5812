"""`unique`: every element once."""

from __future__ import annotations

from typing import Any

from nyala.core import tree
from nyala.data._stage import UNKNOWN, Pass, Stage, StageIterator, Transform, TransformIterator


class Unique(Transform):
    """Leaves out elements that came before; remembers all that came.

    Args:
        source: the stage before.
    """

    def __init__(self, source: Stage):
        super().__init__(source)

    @property
    def length(self) -> int:
        """Unknown, but for an empty or endless input."""
        return UNKNOWN if self.source.length > 0 else self.source.length

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over elements that are new."""
        return UniqueIterator(self, where)


class UniqueIterator(TransformIterator):
    """Holds what came; a restored one reads its input again from the beginning."""

    def __init__(self, stage: Unique, where: Pass):
        super().__init__(stage, where)
        self._seen: set[Any] = set()
        self._read = 0

    def __next__(self) -> Any:
        while True:
            element = next(self.source)
            self._read += 1
            if self._is_new(element):
                return element

    def _is_new(self, element: Any) -> bool:
        known = len(self._seen)
        self._seen.add(tuple(_key(leaf) for leaf in tree.flatten(element)))
        return len(self._seen) > known

    def get_state(self) -> int:
        return self._read

    def set_state(self, state: int) -> None:
        for _ in range(state):
            self._is_new(next(self.source))
        self._read = state


def _key(leaf: Any) -> Any:
    if leaf is None:
        return None
    content = tuple(leaf.ravel().tolist()) if leaf.dtype == object else leaf.tobytes()
    return leaf.shape, leaf.dtype.name, content
