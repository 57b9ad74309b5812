"""Arrays that are stored in pieces, packed or not."""

from __future__ import annotations

import itertools
import math
import zlib

import numpy as np

from nyala.saving._hdf5._bytes import Bytes, Cursor
from nyala.saving._hdf5._objects import Dataset, leaves
from nyala.saving._limits import ModelFileError, limits

DEFLATE, SHUFFLE, FLETCHER32 = 1, 2, 3
KNOWN = {DEFLATE, SHUFFLE, FLETCHER32}


def stored_bytes(dataset: Dataset, file: Bytes) -> int:
    """Return how many bytes of the file belong to an array in pieces."""
    return sum(size for size, _, _, _ in _pieces(dataset, file))


def read_chunks(dataset: Dataset, file: Bytes) -> np.ndarray:
    """Return an array whose pieces lie all over the file."""
    shape, piece = dataset.shape, dataset.layout[2]
    array = np.zeros(shape, dataset.dtype)
    size = math.prod(piece) * dataset.dtype.itemsize
    limits.check("archive_bytes", size, f"The size of a piece of {dataset.name} in {file.what}")
    for stored, mask, start, address in _pieces(dataset, file):
        data = _unpacked(file.at(address, stored), mask, dataset, size, file)
        values = np.frombuffer(data, dataset.dtype).reshape(piece)
        places = tuple(slice(s, min(s + n, total)) for s, n, total in
                       zip(start, piece, shape, strict=True))  # fmt: skip
        array[places] = values[tuple(slice(0, max(0, p.stop - p.start)) for p in places)]
    return array


def _pieces(dataset: Dataset, file: Bytes) -> list[tuple[int, int, tuple, int]]:
    """Return `(bytes, filters left out, first index, address)` of each piece."""
    _, address, piece = dataset.layout
    rank = len(dataset.shape)
    if len(piece) != rank or not all(piece):
        raise file.damaged(f"the pieces of {dataset.name} have other axes than the array")
    found = {}
    for key, child in leaves(file, address, kind=1, key_size=16 + 8 * rank):
        size, mask, *start = Cursor(key, file).numbers(f"II{rank + 1}Q")
        if any(s >= n or s % p for s, n, p in zip(start, dataset.shape, piece, strict=False)):
            raise file.damaged(f"a piece of {dataset.name} lies outside the array")
        found[tuple(start[:-1])] = (size, mask, tuple(start[:-1]), child)
    expected = math.prod(-(-n // p) for n, p in zip(dataset.shape, piece, strict=True))
    if len(found) != expected:
        raise ModelFileError(
            f"{file.what}: the array {dataset.name} claims {expected:,} pieces, of which "
            f"{len(found):,} are stored."
        )
    return list(found.values())


def _unpacked(data: bytes, mask: int, dataset: Dataset, size: int, file: Bytes) -> bytes:
    numbered = list(enumerate(dataset.filters))
    for i, number in itertools.chain(reversed(numbered)):
        if mask >> i & 1:
            continue
        if number == FLETCHER32:
            data = data[:-4]
        elif number == DEFLATE:
            data = _inflated(data, size, file)
        else:
            width = dataset.dtype.itemsize
            data = np.frombuffer(data, np.uint8).reshape(width, -1).T.tobytes()
    if len(data) != size:
        raise file.damaged(f"a piece of {dataset.name} has {len(data)} bytes, not {size}")
    return data


def _inflated(data: bytes, size: int, file: Bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, size + 4)
    except zlib.error as error:
        raise file.damaged(str(error)) from error
