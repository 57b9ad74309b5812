"""`ReadFiles`: the contents of files, read by several threads into one array a batch."""

from __future__ import annotations

import contextlib
import os
import warnings
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Any, NamedTuple, Protocol

import numpy as np

from nyala.data._bookmarks import Bookmarks, go_to
from nyala.data._elements import one_row
from nyala.data._placement import ReusedMemory, as_it_lies
from nyala.data._specs import TensorSpec
from nyala.data._stage import UNKNOWN, Pass, Stage, StageIterator, Transform, TransformIterator
from nyala.data.loaders._file_labels import FileLabels

_MOST_THREADS = 16


class FileReader(Protocol):
    """What makes the array of a file."""

    spec: TensorSpec

    def read_into(self, path: str, row: np.ndarray) -> None:
        """Write what a file holds into an array of the spec's shape and dtype.

        Raises:
            OSError, ValueError: the file is broken; the message names it.
        """


class ReadFiles(Transform):
    """Reads the files that numbers name.

    Args:
        source: yields numbers of files.
        paths: of the files.
        labels: of the files, or `None`.
        reader: makes arrays of files.
        skipped: where to note broken files (the reason by path) that are passed over; `None` to
            raise what the reader raised.
    """

    def __init__(self, source: Stage, paths: list[str], labels: FileLabels | None,
                 reader: FileReader, skipped: dict[str, str] | None = None):  # fmt: skip
        super().__init__(source)
        self.paths, self.labels, self.reader, self.skipped = paths, labels, reader, skipped
        self.threads = min(os.cpu_count() or 1, _MOST_THREADS)
        self._memory = ReusedMemory()

    @property
    def spec(self) -> Any:
        """The spec of a file, and of its label."""
        spec = self.reader.spec
        return spec if self.labels is None else (spec, self.labels.spec)

    @property
    def length(self) -> int:
        """The number of files; unknown where some may be passed over."""
        return self.source.length if self.skipped is None else UNKNOWN

    @property
    def uniform(self) -> bool:
        """All files come out with one shape."""
        return True

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator with threads behind it."""
        return ReadFilesIterator(self, where)

    def empty(self, count: int) -> np.ndarray:
        """Return room for the contents of files."""
        if self.reader.spec.dtype == "string":
            return np.empty((count, *self.reader.spec.shape), object)  # type: ignore[misc]
        return self._memory.empty((count, *self.reader.spec.shape), self.reader.spec.dtype)  # type: ignore[misc]

    def read(self, number: int, row: np.ndarray) -> bool:
        """Write a file into an array; return whether it could be read."""
        path = self.paths[number]
        with self.broken_noted(path):
            self.reader.read_into(path, row)
            return True
        return False

    def read_all(self, numbers: np.ndarray, contents: np.ndarray) -> list[bool]:
        """Write files into the rows of an array; return which could be read."""
        # Rows are views, also where they are single strings.
        return [self.read(n, contents[i, ...]) for i, n in enumerate(numbers.tolist())]

    @contextlib.contextmanager
    def broken_noted(self, path: str) -> Iterator[None]:
        """Where broken files are passed over: note what was raised, and end the block."""
        try:
            yield
        except (OSError, ValueError) as error:
            if self.skipped is None:
                raise
            self._note(path, str(error))

    def _note(self, path: str, reason: str) -> None:
        if not self.skipped:
            warnings.warn(
                f"A file is skipped: {reason} All that are skipped stand in the dataset's "
                "skipped_files.",
                stacklevel=2,
            )
        self.skipped[path] = reason  # type: ignore[index]


class _Piece(NamedTuple):
    """Files that are being read.

    Attributes:
        start: how many numbers were read before theirs.
        numbers: of the files.
        contents: what is being filled.
        good: yields for each whether it could be read, when that is known.
    """

    start: int
    numbers: np.ndarray
    contents: np.ndarray
    good: Iterator[bool]


class ReadFilesIterator(TransformIterator):
    """Reads as many files at once as are asked for, and as many more while these are in use."""

    def __init__(self, stage: ReadFiles, where: Pass):
        super().__init__(stage, where)
        self._reading = Bookmarks(self.source)
        self._handed_out = 0  # numbers of the source whose files are done with
        self._ahead: deque[tuple[int, Any]] = deque()  # single elements, and where they end
        self._pieces: deque[_Piece] = deque()
        self._ended = False
        self._pool: ThreadPoolExecutor | None = None

    def __next__(self) -> Any:
        while not self._ahead:
            self._read_ahead()
        self._handed_out, element = self._ahead.popleft()
        self._reading.forget_before(self._handed_out)
        return element

    def _read_ahead(self) -> None:
        piece = self._next_piece(self.stage.threads)
        if piece is None:
            raise StopIteration
        self._cut(piece, np.fromiter(piece.good, bool))

    def _cut(self, piece: _Piece, good: np.ndarray) -> None:
        """Let the good ones of a piece come as single elements."""
        rows = self._with_labels(piece.contents, piece.numbers)
        self._ahead.extend(
            (piece.start + i + 1, one_row(rows, i)) for i in np.flatnonzero(good).tolist()
        )

    def next_rows(self, count: int) -> Any:
        if self._ahead:
            return super().next_rows(count)
        piece = self._next_piece(count)
        if piece is None:
            return None
        good, size = np.fromiter(piece.good, bool), len(piece.numbers)
        is_last = self._ended and not self._pieces
        if not good.all() or (size != count and not is_last):
            self._cut(piece, good)
            return super().next_rows(count)
        self._handed_out = piece.start + size
        self._reading.forget_before(self._handed_out)
        return self._with_labels(as_it_lies(piece.contents), piece.numbers)

    def _next_piece(self, count: int) -> _Piece | None:
        if not self._pieces:
            self._begin(count)
        if not self._pieces:
            return None
        self._begin(count)  # so that no thread idles while the last file of this piece is read
        return self._pieces.popleft()

    def _begin(self, count: int) -> None:
        start = self._reading.position
        numbers = None if self._ended else self._reading.read_rows(count)
        if numbers is None:
            self._ended = True
            return
        contents = self.stage.empty(len(numbers))
        # A few files are one task: handing one over costs as much as reading a small file.
        step = max(1, len(numbers) // (4 * self.stage.threads))
        parts = [slice(i, i + step) for i in range(0, len(numbers), step)]
        good = self._map(
            self.stage.read_all, [numbers[p] for p in parts], [contents[p] for p in parts]
        )
        self._pieces.append(_Piece(start, numbers, contents, chain.from_iterable(good)))

    def _map(self, function: Callable, *args: Any) -> Iterator[Any]:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.stage.threads, thread_name_prefix="nyala-files")
            self._end_pool = weakref.finalize(self, _end, self._pool)
        return self._pool.map(function, *args)

    def _with_labels(self, contents: Any, numbers: np.ndarray) -> Any:
        labels = self.stage.labels
        return contents if labels is None else (contents, labels.rows(numbers))

    def get_state(self) -> dict:
        return {"handed_out": self._handed_out, "source": self._reading.state_at(self._handed_out)}

    def set_state(self, state: dict) -> None:
        self._handed_out = self._reading.position = state["handed_out"]
        go_to(self.source, state["source"])

    def skip(self, count: int) -> None:
        if (
            self._ahead or self._pieces or self.stage.skipped is not None
        ):  # which are broken, reading tells
            super().skip(count)
            return
        # Files that nobody sees are not read.
        self.source.skip(count)
        self._reading.jump(count)
        self._handed_out += count

    def close(self) -> None:
        if self._pool is not None:
            self._end_pool()
        super().close()


def _end(pool: ThreadPoolExecutor) -> None:
    pool.shutdown(wait=True, cancel_futures=True)
