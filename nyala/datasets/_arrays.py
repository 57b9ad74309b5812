"""`.npz` files: their arrays, checked; nothing in the file is ever executed."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import BadZipFile

import numpy as np

from nyala.core import download_limits, open_zip
from nyala.datasets._pickles import read_object_array

_FORMATS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
    (3, 0): np.lib.format.read_array_header_2_0,  # the same but for the encoding of names
}

Expected = Mapping[str, tuple[tuple[int | None, ...], str]]


def load_arrays(path: Path, expected: Expected) -> list[np.ndarray]:
    """Read arrays from an `.npz` file and check them.

    Args:
        path: the file.
        expected: for each array its shape, with `None` for any length, and its dtype: a name,
            `"integers"`, `"floats"` (of any width), or `"lists"` for an array of lists of integers.

    Returns:
        The arrays, in the order of `expected`.

    Raises:
        ValueError: the file is no `.npz` file, or an array is missing or differs.
    """
    try:
        with open(path, "rb") as file, open_zip(file, str(path), download_limits) as archive:
            return [_read(archive, name, *kind) for name, kind in expected.items()]
    except (ValueError, EOFError, OSError, BadZipFile, RuntimeError, zlib.error) as error:
        what = ", ".join(f"{name} {dtype} {shape}" for name, (shape, dtype) in expected.items())
        raise ValueError(
            f"{path} is not the file it should be: {error}. Expected an .npz file with {what}. "
            "Remove or replace it."
        ) from error


def _read(archive: Any, name: str, shape: tuple[int | None, ...], dtype: str) -> np.ndarray:
    if f"{name}.npy" not in archive.namelist():
        raise ValueError(f"array {name!r} is missing")
    with archive.open(f"{name}.npy") as stream:
        found, in_columns, kind = _header(stream, name)
        fits = len(found) == len(shape) and all(
            n in (None, m) for n, m in zip(shape, found, strict=True)
        )
        if not fits or not _is_kind(kind, dtype):
            raise ValueError(f"array {name!r} is {kind} {found}")
        if kind.kind == "O":
            return read_object_array(stream, found)
        size = archive.getinfo(f"{name}.npy").file_size - stream.tell()
        if size != math.prod(found) * kind.itemsize:
            raise ValueError(f"array {name!r} claims {found} of {kind}, but holds {size} bytes")
        array = np.empty(found, kind, order="F" if in_columns else "C")
        _fill(array.T if in_columns else array, stream)
    return array


def _header(stream: BinaryIO, name: str) -> tuple[tuple[int, ...], bool, np.dtype]:
    read = _FORMATS.get(np.lib.format.read_magic(stream))
    if read is None:
        raise ValueError(f"array {name!r} is written in an unknown format")
    return read(stream)


def _is_kind(found: np.dtype, wanted: str) -> bool:
    kinds = {"integers": "iu", "floats": "f", "lists": "O"}
    return found.kind in kinds[wanted] if wanted in kinds else found == wanted


def _fill(array: np.ndarray, stream: BinaryIO) -> None:
    buffer = memoryview(array.reshape(-1).view(np.uint8))  # type: ignore[arg-type]
    done = 0
    while done < len(buffer):
        count = stream.readinto(buffer[done:])  # type: ignore[attr-defined]
        if not count:
            raise EOFError("it ends within an array")
        done += count
    if stream.read(1):  # the end is where the checksum is compared
        raise ValueError("an array is longer than it says")
