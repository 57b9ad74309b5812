"""Weights spread over several files: `.weights.json` says which array lies in which `.weights.h5`.

The list also holds the size and checksum of every file (Keras does not mind them): files of two
saves that were torn apart by a crash are noticed, not mixed.
"""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from collections.abc import Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Any

import numpy as np

from nyala.core import atomic_file
from nyala.saving._archive import FolderReader
from nyala.saving._h5_writer import H5Writer
from nyala.saving._hdf5 import GroupReader, H5Reader
from nyala.saving._json import read_json
from nyala.saving._limits import ModelFileError, limits
from nyala.saving._pieces import write_pieces

SUFFIX = ".weights.json"
_GIB = 1 << 30
_CHUNK = 1 << 22


class ShardWriter:
    """Takes arrays as an `H5Writer` does, and spreads them over files.

    Args:
        path: where the list goes; it ends with `.weights.json`.
        max_shard_size: GiB that the arrays of one file may have.
    """

    def __init__(self, path: str, max_shard_size: float):
        self._path = Path(path)
        self._max = float(max_shard_size) * _GIB
        self._arrays: list[tuple[str, str, np.ndarray]] = []
        self._groups: dict[str, dict[str, Any]] = {}

    def group(self, path: str, attributes: dict[str, Any] | None = None) -> _Group:
        """Return a mapping to put the arrays of `path` into."""
        self._groups[path] = dict(attributes or {})
        return _Group(self, path)

    def add(self, path: str, name: str, value: Any) -> None:
        """Note an array."""
        value = np.asarray(value)
        if value.nbytes > self._max:
            raise ValueError(
                f"{path}/{name} has {value.nbytes / _GIB:.3g} GiB, more than max_shard_size="
                f"{self._max / _GIB:.3g} allows for a whole file: raise it."
            )
        self._arrays.append((path, name, value))

    def write(self) -> None:
        """Write the files and, last, the list."""
        places: dict[str, list[str]] = {}
        files: dict[str, dict[str, int]] = {}
        for number, shard in enumerate(self._shards()):
            file = f"{self._path.name.removesuffix(SUFFIX)}_{number:05}.weights.h5"
            files[file] = self._write_shard(self._path.with_name(file), shard)
            for path, _, _ in shard:
                known = places.setdefault(f"/{path}", [])
                known += [] if file in known else [file]
        total = sum(value.nbytes for _, _, value in self._arrays)
        plan = {
            "metadata": {"total_size": float(total), "files": files},
            "weight_map": {path: f[0] if len(f) == 1 else f for path, f in places.items()},
        }
        with atomic_file(self._path, "w", encoding="utf-8") as out:
            json.dump(plan, out, indent=4)

    def _shards(self) -> Iterator[list]:
        shard: list = []
        size = 0
        for entry in self._arrays:
            if shard and size + entry[2].nbytes > self._max:
                yield shard
                shard, size = [], 0
            shard.append(entry)
            size += entry[2].nbytes
        yield shard  # one file there is always: Keras opens the first before it looks at the list

    def _write_shard(self, path: Path, shard: list) -> dict[str, int]:
        writer = H5Writer()
        groups: dict[str, Any] = {}
        for group, name, value in shard:
            if group not in groups:
                groups[group] = writer.group(group, self._groups[group])
            groups[group][name] = value
        with atomic_file(path) as file:
            size, crc = write_pieces(file, writer.pieces())
        return {"bytes": size, "crc32": crc}


class _Group(MutableMapping):
    """The arrays of one place, on their way into a `ShardWriter`."""

    def __init__(self, writer: ShardWriter, path: str):
        self._writer, self._path = writer, path
        self._kept: dict[str, Any] = {}

    def __setitem__(self, name: str, value: Any) -> None:
        self._kept[name] = value
        self._writer.add(self._path, name, value)

    def __getitem__(self, name: str) -> Any:
        return self._kept[name]

    def __delitem__(self, name: str) -> None:
        raise TypeError("What was put into a file that is being written cannot be taken back.")

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


class ShardReader:
    """Weights in several files, read like those of one `H5Reader`.

    Raises:
        ModelFileError: a file is missing, damaged, of another save, or out of the list's folder.
    """

    def __init__(self, path: str):
        self.what = path
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            limits.check("json_bytes", size, f"The length of {path}")
            plan = read_json(file.read(), path)
        self._files = _files_by_place(plan, path)
        names = sorted({name for names in self._files.values() for name in names})
        limits.check("archive_members", len(names), f"The number of files of {path}")
        self._stack = contextlib.ExitStack()
        self._readers: dict[str, H5Reader] = {}
        try:
            for name in names:
                self._readers[name] = self._open(name, _sums(plan).get(name))
        except BaseException:
            self.close()
            raise

    def _open(self, name: str, summed: Any) -> H5Reader:
        file = FolderReader(Path(self.what).absolute().parent).open(name)
        if isinstance(summed, dict) and summed != _sum_of(file):
            raise ModelFileError(
                f"{file} is not the file that {self.what} was written with: one of them is damaged "
                "or of another save."
            )
        return self._stack.enter_context(H5Reader(file, str(file)))

    def __enter__(self) -> ShardReader:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all files."""
        self._stack.close()

    def readers(self) -> list[H5Reader]:
        """Return the readers of the files."""
        return list(self._readers.values())

    def group(self, path: str) -> _MergedGroup | None:
        """Return the arrays at `path`, from all files, or `None`."""
        found = (self._readers[name].group(path) for name in self._files.get(path, ()))
        parts = [part for part in found if part is not None]
        return _MergedGroup(parts) if parts else None

    def shapes(self, path: str) -> dict[str, tuple]:
        """Return the shapes of the arrays directly in the group at `path`."""
        group = self.group(path)
        return {} if group is None else group.shapes()

    def groups_with_arrays(self) -> list[str]:
        """Return the paths of all groups that directly hold an array."""
        found = (path for one in self._readers.values() for path in one.groups_with_arrays())
        return list(dict.fromkeys(found))


class _MergedGroup(Mapping):
    """One group whose arrays lie in several files."""

    def __init__(self, parts: list[GroupReader]):
        self._parts = parts

    def __getitem__(self, name: str) -> np.ndarray:
        for part in self._parts:
            if name in part:
                return part[name]
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name for part in self._parts for name in part))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def shapes(self) -> dict[str, tuple]:
        """Return the arrays' shapes by name, without reading them."""
        return {name: shape for part in self._parts for name, shape in part.shapes().items()}


def _files_by_place(plan: Any, what: str) -> dict[str, list[str]]:
    places = plan.get("weight_map") if isinstance(plan, dict) else None
    if not isinstance(places, dict):
        raise ModelFileError(f"{what} has no 'weight_map': it does not list files of weights.")
    found = {}
    for place, names in places.items():
        names = names if isinstance(names, list) else [names]
        if not all(isinstance(name, str) for name in names):
            raise ModelFileError(f"{what}: the files of {place!r} are not names: {names!r}.")
        found[place.strip("/")] = names
    return found


def _sums(plan: dict) -> dict:
    metadata = plan.get("metadata")
    files = metadata.get("files") if isinstance(metadata, dict) else None
    return files if isinstance(files, dict) else {}


def _sum_of(path: Path) -> dict[str, int]:
    size = total = 0
    with open(path, "rb") as file:
        while chunk := file.read(_CHUNK):
            size += len(chunk)
            total = zlib.crc32(chunk, total)
    return {"bytes": size, "crc32": total}
