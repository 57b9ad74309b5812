"""A file of elements that can be read by index, and appears only when it is complete."""

from __future__ import annotations

import struct
import threading
import weakref
from pathlib import Path
from typing import Any

from nyala.core import PendingFile
from nyala.data._encoding import from_bytes, to_bytes

_MAGIC = b"nyala-elements-1"
_NUMBER = struct.Struct("<Q")


class RecordWriter:
    """Writes elements to a file beside `path`, which takes its place by `finish`.

    Args:
        path: of the file.
        compress: whether records are compressed.
    """

    def __init__(self, path: Any, compress: bool = False):
        self.path, self.compress = Path(path), compress
        self._pending = PendingFile(self.path, "w+b")
        self._file = self._pending.file
        self._file.write(_MAGIC)
        self._offsets = [self._file.tell()]
        self._lock = threading.Lock()
        self.discard = weakref.finalize(self, self._pending.discard)

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def append(self, element: Any) -> None:
        """Write an element."""
        with self._lock:
            self._file.seek(self._offsets[-1])
            self._file.write(to_bytes(element, self.compress))
            self._offsets.append(self._file.tell())

    def __getitem__(self, index: int) -> Any:
        with self._lock:
            start, stop = self._offsets[index : index + 2]
            self._file.seek(start)
            return from_bytes(self._file.read(stop - start))

    def finish(self) -> RecordFile:
        """Write the index, put the file into its place and return it open for reading."""
        with self._lock:
            self._file.seek(self._offsets[-1])
            self._file.write(b"".join(_NUMBER.pack(n) for n in [*self._offsets, len(self)]))
            self._file.write(_MAGIC)
            self.discard.detach()
            self._pending.finish()
        return RecordFile(self.path)


class RecordFile:
    """Elements in a file.

    Args:
        path: of a file that a `RecordWriter` finished.

    Raises:
        ValueError: it is no such file, or damaged.
    """

    def __init__(self, path: Any):
        self.path = Path(path)
        self._file = open(self.path, "rb")  # noqa: SIM115 – closed with the object
        self.close = weakref.finalize(self, self._file.close)
        self._lock = threading.Lock()
        self._offsets = self._read_offsets()

    def _read_offsets(self) -> list[int]:
        size = self.path.stat().st_size
        tail = _NUMBER.size + len(_MAGIC)
        if size < tail + len(_MAGIC) or self._read(0, len(_MAGIC)) != _MAGIC:
            raise ValueError(f"{self.path} is not a file of elements that nyala wrote.")
        end = self._read(size - tail, tail)
        count = _NUMBER.unpack_from(end)[0]
        start = size - tail - (count + 1) * _NUMBER.size
        if end[_NUMBER.size :] != _MAGIC or start < len(_MAGIC):
            raise ValueError(f"{self.path} is damaged: it ends at byte {size}, inside an element.")
        numbers = self._read(start, (count + 1) * _NUMBER.size)
        return [n for (n,) in _NUMBER.iter_unpack(numbers)]

    def _read(self, start: int, size: int) -> bytes:
        with self._lock:
            self._file.seek(start)
            return self._file.read(size)

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __getitem__(self, index: int) -> Any:
        start, stop = self._offsets[index : index + 2]
        return from_bytes(self._read(start, stop - start))
