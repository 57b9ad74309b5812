"""One generation of a checkpoint: a directory that appears whole, and whose damage shows.

`arrays.bin` holds the arrays' bytes one after another, `manifest.json` what they are, their
checksums, and the rest of the state as plain data. Nothing in them is code or names any.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nyala.core import atomic_directory, numpy_dtype
from nyala.saving._json import read_json
from nyala.saving._limits import ModelFileError

MANIFEST, ARRAYS = "manifest.json", "arrays.bin"
_FORMAT, _VERSION = "nyala checkpoint", 1
_CHUNK = 1 << 22
_FIELDS = {"name": str, "dtype": str, "shape": list, "bytes": int, "crc32": int}


class Generation(NamedTuple):
    """What a generation holds.

    Args:
        state: plain data.
        arrays: NumPy arrays by name.
        path: the directory.
        time: when it was written, in seconds since 1970.
    """

    state: dict
    arrays: dict[str, np.ndarray]
    path: Path
    time: float


def write_generation(path: Path, state: dict, arrays: dict[str, Any]) -> None:
    """Write a generation; its directory appears when everything is on the disk.

    Args:
        path: the directory, replaced as a whole where there is one.
        state: what JSON can hold.
        arrays: arrays by name, NumPy's or ones on a device, which are fetched one by one.

    Raises:
        OSError: the disk is full, or refuses; with the path and the free space.
        TypeError: the state holds what JSON cannot.
    """
    body = {"format": _FORMAT, "version": _VERSION, "time": time.time(), "state": state}
    with atomic_directory(path) as folder:
        with open(folder / ARRAYS, "wb") as file:
            body["arrays"] = [_write_array(file, name, array) for name, array in arrays.items()]
        text = json.dumps(body)
        with open(folder / MANIFEST, "w", encoding="utf-8") as file:
            file.write(f'{{"sha256": "{_checksum(text)}", "body": {text}}}')


def _write_array(file: Any, name: str, array: Any) -> dict:
    shape, array = np.shape(array), np.ascontiguousarray(array)
    if array.dtype.hasobject:  # strings
        array = array.astype("U")
    data = memoryview(array.reshape(-1).view(np.uint8)) if array.size else memoryview(b"")
    file.write(data)
    dtype = array.dtype.str if array.dtype.kind in "SU" else array.dtype.name
    return {"name": name, "dtype": dtype, "shape": list(shape), "bytes": len(data),
            "crc32": zlib.crc32(data)}  # fmt: skip


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def read_generation(path: str | os.PathLike) -> Generation:
    """Return what a generation holds, after every byte was compared with its checksum.

    Raises:
        FileNotFoundError: there is none.
        ModelFileError: it is damaged, or something else.
    """
    path = Path(path)
    body = _read_manifest(path)
    arrays: dict[str, np.ndarray] = {}
    with _opened(path / ARRAYS) as file:
        declared = sum(entry["bytes"] for entry in body["arrays"])
        if (stored := os.fstat(file.fileno()).st_size) != declared:
            raise ModelFileError(f"{path / ARRAYS} has {stored:,} bytes in place of {declared:,}.")
        for entry in body["arrays"]:
            arrays[entry["name"]] = _read_array(file, entry, path)
    return Generation(body["state"], arrays, path, float(body["time"]))


def time_of(path: Path) -> float:
    """Return when a generation was written, without reading its arrays."""
    return float(_read_manifest(path)["time"])


def is_generation(path: str | os.PathLike) -> bool:
    """Whether a directory looks like a generation."""
    return os.path.isfile(os.path.join(path, MANIFEST))


def _opened(path: Path) -> Any:
    if path.is_symlink():
        raise ModelFileError(f"{path} is a link, which no checkpoint holds.")
    return open(path, "rb", buffering=0)


def _read_manifest(path: Path) -> dict:
    what = str(path / MANIFEST)
    with _opened(path / MANIFEST) as file:
        manifest = read_json(file.readall(), what)
    body = manifest.get("body") if isinstance(manifest, dict) else None
    if not isinstance(body, dict) or body.get("format") != _FORMAT:
        raise ModelFileError(f"{what} is not that of a checkpoint of nyala.")
    if manifest.get("sha256") != _checksum(json.dumps(body)):
        raise ModelFileError(f"{what} is damaged: it does not match its checksum.")
    if body.get("version") != _VERSION:
        raise ModelFileError(
            f"{what} has version {body.get('version')!r} of the format; this nyala reads "
            f"{_VERSION}. Use the nyala that wrote it."
        )
    well_formed = isinstance(body.get("arrays"), list) and isinstance(body.get("state"), dict)
    if not well_formed or not all(_is_entry(entry) for entry in body["arrays"]):
        raise ModelFileError(f"{what} does not say what a manifest says.")
    return body


def _is_entry(entry: Any) -> bool:
    if not isinstance(entry, dict):
        return False
    typed = all(type(entry.get(key)) is kind for key, kind in _FIELDS.items())
    return typed and all(type(n) is int and n >= 0 for n in entry["shape"])


def _read_array(file: Any, entry: dict, path: Path) -> np.ndarray:
    what = f"The array {entry['name']!r} of {path}"
    try:
        name = entry["dtype"]
        dtype = np.dtype(name) if name[:2] in ("<U", "|S", ">U") else numpy_dtype(name)
    except (TypeError, ValueError) as error:
        raise ModelFileError(f"{what} has the dtype {entry['dtype']!r}, which is none.") from error
    if dtype.hasobject or math.prod(entry["shape"]) * dtype.itemsize != entry["bytes"]:
        raise ModelFileError(f"{what} does not have the size that its shape and dtype ask for.")
    data = np.empty(entry["bytes"], np.uint8)
    total = 0
    for part in _read_parts(file, memoryview(data)):
        total = zlib.crc32(part, total)
    if total != entry["crc32"]:
        raise ModelFileError(f"{what} is damaged: its bytes do not match their checksum.")
    return data.view(dtype).reshape(entry["shape"])


def _read_parts(file: Any, data: memoryview) -> Iterator[memoryview]:
    place = 0
    while place < len(data):
        count = file.readinto(data[place : place + _CHUNK])
        if not count:
            raise ModelFileError("The file ends before its arrays do.")
        yield data[place : place + count]
        place += count
