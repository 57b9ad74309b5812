"""`cache`: elements made once and kept, in memory or in a file."""

from __future__ import annotations

import os
import threading
import weakref
from typing import Any

import numpy as np

from nyala.core import tree
from nyala.data._elements import one_row, stack
from nyala.data._record_file import RecordFile, RecordWriter
from nyala.data._stage import Pass, Stage, StageIterator, Transform


class Cache(Transform):
    """Keeps elements when they are read for the first time.

    What is kept does not depend on which pass comes first: random choices before the cache are
    those of pass 0.

    Args:
        source: the stage before.
        filename: the file to keep them in, or `""` for memory. The file appears when the last
            element was read; one that is there already is read in place of the input.
    """

    def __init__(self, source: Stage, filename: str = ""):
        super().__init__(source)
        self.filename = os.fspath(filename) if filename else ""
        self._store: Any = None
        self._reading: StageIterator | None = None
        self._paused: Any = None  # the state of the reading that was interrupted
        self._complete = False
        self._stacked: Any = None
        self._lock = threading.RLock()

    @property
    def row_count(self) -> int | None:
        """The input's length, for a cache in memory."""
        length = self.source.length
        return length if length >= 0 and not self.filename and self.uniform else None

    def rows(self, index: Any, where: Pass) -> Any:
        """Return elements; the first call reads the whole input."""
        with self._lock:
            if self._stacked is None:
                while self.get(len(self._opened()), where) is not None:
                    pass
                self._stacked = stack(list(self._store))
                self._store = _Rows(self._stacked)
        return tree.map_structure(lambda a: None if a is None else a[index], self._stacked)

    def get(self, index: int, where: Pass) -> Any:
        """Return the element with this number, reading on where needed; `None` behind the last."""
        with self._lock:
            store = self._opened()
            while len(store) <= index and not self._complete:
                self._read_one(store, where)
                store = self._store
            return store[index] if index < len(store) else None

    def _opened(self) -> Any:
        if self._store is None:
            if not self.filename:
                self._store = []
            elif os.path.exists(self.filename):
                self._store, self._complete = RecordFile(self.filename), True
            else:
                self._store = RecordWriter(self.filename)
        return self._store

    def _read_one(self, store: Any, where: Pass) -> None:
        if self._reading is None:
            self._reading = self.source.iterate(Pass((0,), where.seeds))
            if self._paused is not None:
                self._reading.set_state(self._paused)
        try:
            store.append(_read_only(next(self._reading)))
        except StopIteration:
            self._reading.close()
            self._reading, self._complete = None, True
            if self.filename:
                self._store = store.finish()

    def pause(self) -> None:
        """End the threads that read for the cache; reading goes on from there when it is needed."""
        with self._lock:
            if self._reading is not None:
                self._paused = self._reading.get_state()
                self._reading.close()
                self._reading = None

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over what is kept."""
        return CacheIterator(self, where)


class CacheIterator(StageIterator):
    """Holds a number."""

    def __init__(self, stage: Cache, where: Pass):
        self.stage, self.where, self.position = stage, where, 0
        self.close = weakref.finalize(self, stage.pause)

    def __next__(self) -> Any:
        element = self.stage.get(self.position, self.where)
        if element is None:
            raise StopIteration
        self.position += 1
        return element

    def skip(self, count: int) -> None:
        if count:
            self.stage.get(self.position + count - 1, self.where)
            self.position += count

    def get_state(self) -> int:
        return self.position

    def set_state(self, state: int) -> None:
        self.position = state


def _read_only(element: Any) -> Any:
    """Mark an element's arrays as kept: whoever wants to change one must copy it."""
    for leaf in tree.flatten(element):
        if isinstance(leaf, np.ndarray):
            leaf.setflags(write=False)
    return element


class _Rows:
    """Stacked elements, one by one."""

    def __init__(self, rows: Any):
        self.rows = rows
        self.count = len(next(leaf for leaf in tree.flatten(rows) if leaf is not None))

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Any:
        return one_row(self.rows, index)
