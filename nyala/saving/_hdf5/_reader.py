"""`H5Reader`: the arrays of a file by group, checked before any is read."""

from __future__ import annotations

import contextlib
import math
import struct
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from nyala.saving._hdf5._bytes import UNDEFINED, Bytes
from nyala.saving._hdf5._chunks import KNOWN, read_chunks, stored_bytes
from nyala.saving._hdf5._objects import Dataset, Group, read_tree
from nyala.saving._hdf5._types import values_of
from nyala.saving._limits import ModelFileError, limits

_ALIGNMENT = 64  # as XLA wants it: arrays so aligned become device arrays without a copy


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
        self._bytes = Bytes(source, what)
        try:
            with self.damage_reported():
                self.file: Group = read_tree(self._bytes)
                self._filled = self._check(self.file)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._bytes.close()

    @property
    def size(self) -> int:
        """The bytes of the file."""
        return self._bytes.size

    def __enter__(self) -> H5Reader:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def group(self, path: str) -> GroupReader | None:
        """Return the group at `path` as a mapping from names to arrays, or `None`."""
        found = self.file.get(path)
        return GroupReader(self, found) if isinstance(found, Group) else None

    def attribute(self, group: Group, name: str) -> Any:
        """Return an attribute of a group, or `None`."""
        return group.attrs.get(name)

    def shapes(self, path: str) -> dict[str, tuple]:
        """Return the shapes of the arrays directly in the group at `path`."""
        group = self.group(path)
        return {} if group is None else group.shapes()

    def groups_with_arrays(self) -> list[str]:
        """Return the paths of all groups that directly hold an array."""
        return self._filled

    # -- checking --------------------------------------------------------------------------------

    def _check(self, root: Group) -> list[str]:
        filled, level = [], [root]
        while level:
            following = []
            for group in level:
                arrays = [one for one in group.members.values() if isinstance(one, Dataset)]
                for dataset in arrays:
                    self._check_dataset(dataset)
                if arrays:
                    filled.append(group.name.strip("/"))
                following += [one for one in group.members.values() if isinstance(one, Group)]
            level = following
        return filled

    def _check_dataset(self, dataset: Dataset) -> None:
        where = f"{self.what}: the array {dataset.name}"
        unknown = sorted(set(dataset.filters) - KNOWN)
        if unknown:
            raise ModelFileError(
                f"{where} is packed with the filter(s) {unknown}, which would need a plugin; "
                "plugins are not loaded."
            )
        declared = math.prod(dataset.shape) * dataset.dtype.itemsize
        if dataset.layout[0] == "chunks":
            if declared > limits.expansion_floor:
                limits.check_expansion(self._bytes.size, declared, where)
            limits.check_expansion(stored_bytes(dataset, self._bytes), declared, where)
            return
        stored = self._stored(dataset)
        if declared > stored:
            raise ModelFileError(f"{where} claims {declared:,} bytes; {stored:,} are stored.")

    def _stored(self, dataset: Dataset) -> int:
        if dataset.layout[0] == "bytes":
            return len(dataset.layout[1])
        _, address, size = dataset.layout
        if address == UNDEFINED:
            return 0
        return min(size, max(0, self._bytes.size - address))

    @contextlib.contextmanager
    def damage_reported(self) -> Iterator[None]:
        """Turn what Python raises over a damaged file into a `ModelFileError`."""
        try:
            yield
        except ModelFileError:
            raise
        except (OSError, KeyError, TypeError, ValueError, OverflowError, struct.error) as error:
            raise self._bytes.damaged(str(error)) from error

    # -- reading ---------------------------------------------------------------------------------

    def read(self, dataset: Dataset) -> np.ndarray:
        """Return the values of an array."""
        with self.damage_reported():
            if dataset.kind.anywhere or dataset.layout[0] == "bytes":
                array = np.asarray(values_of(self._raw(dataset), dataset.kind, dataset.shape,
                                             self._bytes))  # fmt: skip
            elif dataset.layout[0] == "chunks":
                array = read_chunks(dataset, self._bytes)
            else:
                array = aligned_empty(dataset.shape, dataset.dtype)
                target = memoryview(array.reshape(-1).view(np.uint8))
                if len(target):
                    self._bytes.read_into(dataset.layout[1], target)
            mark = dataset.attrs.get("dtype")
            # Where bfloat16 is not marked, it is two bytes that HDF5 knows nothing of.
            if mark == b"bfloat16" or array.dtype == np.dtype("V2"):
                import ml_dtypes

                array = array.view(ml_dtypes.bfloat16)
            return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))

    def _raw(self, dataset: Dataset) -> bytes:
        if dataset.layout[0] == "bytes":
            return dataset.layout[1]
        size = math.prod(dataset.shape) * dataset.dtype.itemsize
        return self._bytes.at(dataset.layout[1], size) if size else b""


class GroupReader(Mapping):
    """A group of an `H5Reader` as a mapping from names to arrays."""

    def __init__(self, reader: H5Reader, group: Group):
        self._reader, self._group = reader, group

    def __getitem__(self, name: str) -> np.ndarray:
        item = self._group[name]
        if not isinstance(item, Dataset):
            raise KeyError(name)
        return self._reader.read(item)

    def __iter__(self) -> Iterator[str]:
        return iter(self._group.members)

    def __len__(self) -> int:
        return len(self._group.members)

    def shapes(self) -> dict[str, tuple]:
        """Return the arrays' shapes by name, without reading them."""
        items = self._group.members.items()
        return {name: item.shape for name, item in items if isinstance(item, Dataset)}

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
