"""Reading HDF5 from strangers: only plain arrays that lie in the file itself.

Before anything is used, every link and dataset is looked at: links to other files or places, data
kept outside the file, filters that HDF5 would load as plugins, and sizes that the file does not
back up are refused.
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterator, Mapping
from typing import Any

import h5py
import numpy as np

from nyala.saving._limits import ModelFileError, limits

_ALIGNMENT = 64  # as XLA wants it: arrays so aligned become device arrays without a copy
_FILTERS = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32,
            h5py.h5z.FILTER_LZF, h5py.h5z.FILTER_SZIP, h5py.h5z.FILTER_NBIT,
            h5py.h5z.FILTER_SCALEOFFSET}  # fmt: skip


class H5Reader:
    """An HDF5 file, checked.

    Args:
        source: a path or a binary file object; one with `read_at(offset, buffer)` gives arrays
            without a detour.
        what: names the file in errors.

    Raises:
        ModelFileError: it is damaged, or holds what is never read.
    """

    def __init__(self, source: Any, what: str):
        self.what = what
        self._source = _Positioned(source) if isinstance(source, (str, os.PathLike)) else source
        self.file: Any = None
        try:
            with self.damage_reported():
                self.file = h5py.File(self._source, "r")
                self._check_all()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file."""
        if self.file is not None:
            self.file.close()
        if isinstance(self._source, _Positioned):
            self._source.close()

    def __enter__(self) -> H5Reader:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def group(self, path: str) -> GroupReader | None:
        """Return the group at `path` as a mapping from names to arrays, or `None`."""
        with self.damage_reported():
            found = self.file.get(path) if path else self.file
            return GroupReader(self, found) if isinstance(found, h5py.Group) else None

    def attribute(self, group: Any, name: str) -> Any:
        """Return an attribute of a group, or `None`."""
        with self.damage_reported():
            return group.attrs.get(name)

    def shapes(self, path: str) -> dict[str, tuple]:
        """Return the shapes of the arrays directly in the group at `path`."""
        group = self.group(path)
        return {} if group is None else group.shapes()

    def groups_with_arrays(self) -> list[str]:
        """Return the paths of all groups that directly hold an array."""
        return self._filled

    # -- checking --------------------------------------------------------------------------------

    def _check_all(self) -> None:
        self._filled: list[str] = []
        count, declared, level, depth, seen = 0, 0, [self.file], 0, set()
        while level:
            depth += 1
            limits.check("hdf5_depth", depth, f"The depth of groups in {self.what}")
            following = []
            for group in level:
                for name in group:
                    count += 1
                    limits.check("hdf5_objects", count, f"The number of objects in {self.what}")
                    item = self._checked_item(group, name)
                    if isinstance(item, h5py.Group):
                        self._refuse_cycle(item, seen)
                        following.append(item)
                    else:
                        declared += self._check_dataset(item)
                if any(group.get(name, getclass=True) is h5py.Dataset for name in group):
                    self._filled.append(group.name.strip("/"))
            level = following

    def _refuse_cycle(self, group: h5py.Group, seen: set) -> None:
        info = h5py.h5o.get_info(group.id)
        if (info.fileno, info.addr) in seen:
            raise ModelFileError(f"{self.what}: {group.name} has two names, which is not allowed.")
        seen.add((info.fileno, info.addr))

    def _checked_item(self, group: h5py.Group, name: str) -> Any:
        link = group.get(name, getlink=True)
        if not isinstance(link, h5py.HardLink):
            kind = {"ExternalLink": "a link to another file", "SoftLink": "a symbolic link"}
            raise ModelFileError(
                f"{self.what}: {group.name.rstrip('/')}/{name} is "
                f"{kind.get(type(link).__name__, 'a link')}, which is never followed."
            )
        item = group[name]
        if not isinstance(item, (h5py.Group, h5py.Dataset)):
            raise ModelFileError(f"{self.what}: {item.name} is neither a group nor an array.")
        return item

    def _check_dataset(self, dataset: h5py.Dataset) -> int:
        where = f"{self.what}: the array {dataset.name}"
        properties = dataset.id.get_create_plist()
        if dataset.is_virtual:
            raise ModelFileError(f"{where} is put together from other files, which are not read.")
        if properties.get_external_count():
            raise ModelFileError(f"{where} keeps its data in another file, which is not read.")
        filters = {properties.get_filter(i)[0] for i in range(properties.get_nfilters())}
        if filters - _FILTERS:
            raise ModelFileError(
                f"{where} is packed with the filter(s) {sorted(filters - _FILTERS)}, which would "
                "need a plugin; plugins are not loaded."
            )
        shape = dataset.shape
        if shape is None:
            raise ModelFileError(f"{where} has no shape.")
        declared = math.prod(shape) * dataset.dtype.itemsize
        stored = dataset.id.get_storage_size()
        if (
            not filters
            and declared > max(stored, 0)
            and properties.get_layout() != h5py.h5d.CHUNKED
        ):
            raise ModelFileError(f"{where} claims {declared:,} bytes; {stored:,} are stored.")
        limits.check_expansion(stored, declared, where)
        return declared

    @contextlib.contextmanager
    def damage_reported(self) -> Iterator[None]:
        """Turn what h5py raises over a damaged file into a `ModelFileError`."""
        try:
            yield
        except ModelFileError:
            raise
        except (OSError, RuntimeError, KeyError, TypeError, ValueError) as error:
            raise ModelFileError(
                f"{self.what} is not an HDF5 file, or is damaged: {error}."
            ) from error

    # -- reading ---------------------------------------------------------------------------------

    def read(self, dataset: h5py.Dataset) -> np.ndarray:
        """Return the values of an array."""
        with self.damage_reported():
            array = self._read_directly(dataset)
            if array is None:
                array = np.asarray(dataset[()])
            mark = dataset.attrs.get("dtype")
            if isinstance(mark, str) and mark == "bfloat16":
                import ml_dtypes

                array = array.view(ml_dtypes.bfloat16)
            return array

    def _read_directly(self, dataset: h5py.Dataset) -> np.ndarray | None:
        """Read the array's bytes past HDF5, where they lie in one piece in this machine's order."""
        dtype, offset = dataset.dtype, dataset.id.get_offset()
        plain = dtype.kind in "fiu" and dtype.isnative and dtype.itemsize in (1, 2, 4, 8)
        if offset is None or not plain or not hasattr(self._source, "read_at"):
            return None
        array = aligned_empty(dataset.shape, dtype)
        self._source.read_at(offset, memoryview(array.reshape(-1).view(np.uint8)))
        return array


class GroupReader(Mapping):
    """A group of an `H5Reader` as a mapping from names to arrays."""

    def __init__(self, reader: H5Reader, group: h5py.Group):
        self._reader, self._group = reader, group

    def __getitem__(self, name: str) -> np.ndarray:
        item = self._group[name]
        if not isinstance(item, h5py.Dataset):
            raise KeyError(name)
        return self._reader.read(item)

    def __iter__(self) -> Iterator[str]:
        return iter(self._group)

    def __len__(self) -> int:
        return len(self._group)

    def shapes(self) -> dict[str, tuple]:
        """Return the arrays' shapes by name, without reading them."""
        items = ((name, self._group[name]) for name in self._group)
        return {name: item.shape for name, item in items if isinstance(item, h5py.Dataset)}

    @property
    def attributes(self) -> Any:
        """The group's attributes."""
        return self._group.attrs


def aligned_empty(shape: tuple, dtype: np.dtype) -> np.ndarray:
    """Return an uninitialised array whose memory begins at a multiple of 64 bytes."""
    size = math.prod(shape) * dtype.itemsize
    memory = np.empty(size + _ALIGNMENT, np.uint8)
    start = -memory.ctypes.data % _ALIGNMENT
    return memory[start : start + size].view(dtype).reshape(shape)


class _Positioned:
    """A file opened by its path that can be read at any place."""

    def __init__(self, path: Any):
        self._file = open(path, "rb", buffering=0)  # noqa: SIM115

    def read_at(self, offset: int, buffer: memoryview) -> None:
        read_fully(self._file, offset, buffer)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def read_fully(file: Any, offset: int, buffer: memoryview) -> None:
    """Fill `buffer` from `offset` of an unbuffered file on."""
    file.seek(offset)
    while buffer:
        count = file.readinto(buffer)
        if not count:
            raise OSError("the file ends within an array")
        buffer = buffer[count:]
