"""Writing HDF5 as a stream: h5py lays out the file, the arrays go straight from memory to disk.

h5py writes its bookkeeping into pages kept in memory and reserves room for each array without
filling it. The stream is then those pages with the arrays' own memory between, in order, so that
nothing is copied and the file can go into an archive as it is made.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, MutableMapping
from typing import Any

import h5py
import numpy as np

_PAGE = 1 << 16


class H5Writer:
    """An HDF5 file in the making.

    >>> import io, h5py, numpy as np
    >>> from nyala.saving._h5_writer import H5Writer
    >>> writer = H5Writer()
    >>> writer.group("dense/vars")["0"] = np.ones(3, "float32")
    >>> file = io.BytesIO(b"".join(writer.pieces()))
    >>> h5py.File(file)["dense/vars/0"][()]
    array([1., 1., 1.], dtype=float32)
    """

    def __init__(self) -> None:
        self._pages = _Pages()
        self.file = h5py.File(self._pages, "w")
        self._arrays: list[tuple[int, np.ndarray]] = []

    def group(self, path: str, attributes: dict[str, Any] | None = None) -> GroupWriter:
        """Return the group at `path`, made where it is missing, to put arrays into."""
        group = self.file.require_group(path)
        for key, value in (attributes or {}).items():
            group.attrs[key] = value
        return GroupWriter(self, group)

    def add(self, group: h5py.Group, name: str, value: Any) -> None:
        """Reserve room for an array."""
        value = np.asarray(value)
        if value.dtype.hasobject or value.dtype.kind == "U":
            group.create_dataset(name, data=value.astype(object), dtype=h5py.string_dtype())
            return
        if value.dtype.name == "bfloat16":
            dataset = self._reserve(group, name, value)
            dataset.attrs["dtype"] = "bfloat16"
        else:
            self._reserve(group, name, value)

    def _reserve(self, group: h5py.Group, name: str, value: np.ndarray) -> h5py.Dataset:
        kind = h5py.h5t.py_create(value.dtype, logical=True)
        space = h5py.h5s.create_simple(value.shape) if value.shape else h5py.h5s.create(
            h5py.h5s.SCALAR
        )  # fmt: skip
        dataset = h5py.Dataset(h5py.h5d.create(group.id, name.encode(), kind, space, _reserving()))
        if value.size:
            self._arrays.append((dataset.id.get_offset(), value))
        return dataset

    def pieces(self) -> Iterator[memoryview | bytes]:
        """Yield the file's bytes from its beginning; nothing can be added after it."""
        self.file.close()
        place = 0
        for offset, value in sorted(self._arrays, key=lambda pair: pair[0]):
            yield from self._pages.between(place, offset)
            yield memoryview(np.ascontiguousarray(value).reshape(-1).view(np.uint8))
            place = offset + value.nbytes
        yield from self._pages.between(place, self._pages.size)


class GroupWriter(MutableMapping):
    """A group of an `H5Writer` as a mapping from names to arrays."""

    def __init__(self, writer: H5Writer, group: h5py.Group):
        self._writer, self._group = writer, group
        self._kept: dict[str, Any] = {}

    def __setitem__(self, name: str, value: Any) -> None:
        if name in self._kept:
            raise KeyError(f"{name!r} was put into {self._group.name} before.")
        self._kept[name] = value
        *parents, last = name.split("/")
        group = self._group.require_group("/".join(parents)) if parents else self._group
        self._writer.add(group, last, value)

    def __getitem__(self, name: str) -> Any:
        return self._kept[name]

    def __delitem__(self, name: str) -> None:
        raise TypeError("What was put into a file that is being written cannot be taken back.")

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


def _reserving() -> Any:
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_layout(h5py.h5d.CONTIGUOUS)
    properties.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    properties.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    return properties


class _Pages(io.RawIOBase):
    """A file in memory of which only the pages exist that were written."""

    def __init__(self) -> None:
        self._pages: dict[int, bytearray] = {}
        self._place = self.size = 0

    def seek(self, offset: int, whence: int = 0) -> int:
        self._place = offset + (0, self._place, self.size)[whence]
        return self._place

    def tell(self) -> int:
        return self._place

    def write(self, data: Any) -> int:
        data = memoryview(data).cast("B")
        done = 0
        while done < len(data):
            number, start = divmod(self._place + done, _PAGE)
            page = self._pages.setdefault(number, bytearray(_PAGE))
            part = data[done : done + _PAGE - start]
            page[start : start + len(part)] = part
            done += len(part)
        self._place += done
        self.size = max(self.size, self._place)
        return done

    def readinto(self, buffer: Any) -> int:
        target = memoryview(buffer).cast("B")
        end = min(self._place + len(target), self.size)
        done = 0
        for piece in self.between(self._place, end):
            target[done : done + len(piece)] = piece
            done += len(piece)
        self._place += done
        return done

    def between(self, start: int, end: int) -> Iterator[bytes]:
        """Yield the bytes from `start` to `end`."""
        while start < end:
            number, first = divmod(start, _PAGE)
            last = min(_PAGE, first + end - start)
            page = self._pages.get(number)
            yield bytes(last - first) if page is None else bytes(page[first:last])
            start += last - first

    def truncate(self, size: int | None = None) -> int:
        self.size = self._place if size is None else size
        return self.size

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True
