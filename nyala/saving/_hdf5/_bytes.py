"""Bytes of a file at any place, and a cursor over them that never leaves them."""

from __future__ import annotations

import os
import struct
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from nyala.saving._limits import ModelFileError

UNDEFINED = (1 << 64) - 1
_PAGE = 1 << 14
_PAGES = 256
_THREADS = 4
_WORTH_A_THREAD = 1 << 21


class Bytes:
    """A file whose parts are read by address; small parts through a cache of pages.

    Args:
        source: a path, bytes-like, or an object with `read_at(offset, buffer)` and `size`, or a
            seekable binary file object.
        what: names the file in errors.
    """

    def __init__(self, source: Any, what: str):
        self.what = what
        self._owned = isinstance(source, (str, os.PathLike))
        self._source: Any = Positioned(source) if self._owned else source
        self.size = _size_of(self._source)
        self._pages: OrderedDict[int, bytes] = OrderedDict()

    def close(self) -> None:
        """Close the file, if it was opened here."""
        if self._owned:
            self._source.close()

    def damaged(self, why: str) -> ModelFileError:
        """Return the error of a file that does not keep to the format."""
        return ModelFileError(f"{self.what} is not an HDF5 file, or is damaged: {why}.")

    def at(self, address: int, size: int) -> bytes:
        """Return `size` bytes from `address` on."""
        self._check(address, size)
        if size > _PAGE:
            buffer = bytearray(size)
            self.read_into(address, memoryview(buffer))
            return bytes(buffer)
        number, start = divmod(address, _PAGE)
        part = self._page(number)[start : start + size]
        if len(part) < size:
            part += self._page(number + 1)[: size - len(part)]
        return part

    def cursor(self, address: int, size: int) -> Cursor:
        """Return a cursor over `size` bytes from `address` on."""
        return Cursor(self.at(address, size), self)

    def read_into(self, address: int, buffer: memoryview) -> None:
        """Fill a buffer from `address` on."""
        self._check(address, len(buffer))
        try:
            if hasattr(self._source, "read_at"):
                self._source.read_at(address, buffer)
            else:
                read_fully(self._source, address, buffer)
        except OSError as error:
            raise self.damaged(str(error)) from error

    def _check(self, address: int, size: int) -> None:
        if address < 0 or size < 0 or address + size > self.size:
            raise self.damaged(f"{size:,} bytes at {address:,} lie outside its {self.size:,}")

    def _page(self, number: int) -> bytes:
        page = self._pages.get(number)
        if page is None:
            start = number * _PAGE
            buffer = bytearray(max(0, min(_PAGE, self.size - start)))
            if buffer:
                self.read_into(start, memoryview(buffer))
            page = self._pages[number] = bytes(buffer)
            if len(self._pages) > _PAGES:
                self._pages.popitem(last=False)
        return page


class Cursor:
    """Reads numbers and pieces one after another."""

    def __init__(self, data: bytes, file: Bytes):
        self.data, self.place, self._file = data, 0, file

    @property
    def left(self) -> int:
        """How many bytes are left."""
        return len(self.data) - self.place

    def take(self, size: int) -> bytes:
        """Return the next `size` bytes."""
        if size < 0 or size > self.left:
            raise self._file.damaged("a part of it ends too early")
        piece = self.data[self.place : self.place + size]
        self.place += size
        return piece

    def number(self, size: int) -> int:
        """Return the next `size` bytes as an unsigned number."""
        return int.from_bytes(self.take(size), "little")

    def numbers(self, layout: str) -> tuple:
        """Return numbers by a layout of `struct`, such as `"BBH"`."""
        return struct.unpack("<" + layout, self.take(struct.calcsize("<" + layout)))

    def align(self, size: int) -> None:
        """Go on to the next multiple of `size` from the beginning."""
        self.place = min(len(self.data), -(-self.place // size) * size)


class Positioned:
    """A file opened by its path that can be read at any place."""

    def __init__(self, path: Any):
        self._file = open(path, "rb", buffering=0)  # noqa: SIM115
        self.size = os.fstat(self._file.fileno()).st_size

    def read_at(self, offset: int, buffer: memoryview) -> None:
        """Fill `buffer` from `offset` on."""
        size = len(buffer)
        if not can_share(self._file):
            read_fully(self._file, offset, buffer)
            return
        in_pieces(size, lambda a, b: read_fully(self._file, offset + a, buffer[a:b]))

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def in_pieces(size: int, read: Callable[[int, int], Any]) -> list:
    """Return what `read(start, end)` returns for pieces of `size` bytes, in order.

    Large ones are read by several threads: copying out of the system's cache and touching new
    memory take longer than the disk.
    """
    threads = min(_THREADS, os.cpu_count() or 1, size // _WORTH_A_THREAD)
    if threads < 2:
        return [read(0, size)]
    step = -(-size // threads)
    places = [(start, min(start + step, size)) for start in range(0, size, step)]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda place: read(*place), places))


def read_fully(file: Any, offset: int, buffer: memoryview) -> None:
    """Fill `buffer` from `offset` of an unbuffered file on."""
    read = getattr(os, "preadv", None)  # it has a place of its own: threads do not disturb it
    number = _number_of(file) if read else None
    while buffer:
        if read and number is not None:
            count = read(number, [buffer], offset)
        else:
            file.seek(offset)
            count = file.readinto(buffer)
        if not count:
            raise OSError("the file ends within an array")
        buffer, offset = buffer[count:], offset + count


def can_share(file: Any) -> bool:
    """Whether threads may read from the file at the same time."""
    return hasattr(os, "preadv") and _number_of(file) is not None


def _number_of(file: Any) -> int | None:
    try:
        return file.fileno()
    except (AttributeError, OSError):  # a file in memory has none
        return None


def _size_of(source: Any) -> int:
    if hasattr(source, "size"):
        return source.size
    return source.seek(0, os.SEEK_END)
