"""Many pieces of memory into one file: copied, summed and flushed by several threads at once."""

from __future__ import annotations

import contextlib
import functools
import os
import threading
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from nyala.saving._crc import crc32_joined

_CHUNK = 1 << 20
_THREADS = 4
_WORTH_THREADS = 1 << 24
_FLUSH_EVERY = 0.02  # seconds


def write_pieces(file: Any, pieces: Iterable[Any]) -> tuple[int, int]:
    """Write pieces of bytes one after another from the place where a binary file stands.

    The sum costs as much as the copy into the system's cache, and the disk as much as both: for a
    large file, threads copy and sum one part each, while another has the disk take what is there.

    Returns:
        How many bytes were written, and their CRC-32.
    """
    views = [memoryview(piece).cast("B") for piece in pieces]
    size = sum(len(view) for view in views)
    number = _number_of(file) if size >= _WORTH_THREADS else None
    if number is None:
        return size, _write_in_order(file, views)
    file.flush()
    start = file.tell()
    crc = _write_at_once(number, start, views)
    file.seek(start + size)
    return size, crc


def _write_in_order(file: Any, views: list[memoryview]) -> int:
    crc = 0
    for view in views:
        file.write(view)
        crc = zlib.crc32(view, crc)
    return crc


def _write_at_once(number: int, start: int, views: list[memoryview]) -> int:
    def write(chunk: tuple[int, memoryview]) -> tuple[int, int]:
        place, view = chunk
        crc, length = zlib.crc32(view), len(view)
        while view:
            count = os.pwrite(number, view, place)
            view, place = view[count:], place + count
        return crc, length

    threads = min(_THREADS, os.cpu_count() or 1)
    with _flushing(number), ThreadPoolExecutor(threads) as pool:
        try:
            sums = list(pool.map(write, _chunks(start, views)))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return functools.reduce(lambda crc, part: crc32_joined(crc, *part), sums, 0)


def _chunks(place: int, views: list[memoryview]) -> Iterator[tuple[int, memoryview]]:
    for view in views:
        for start in range(0, len(view), _CHUNK):
            yield place + start, view[start : start + _CHUNK]
        place += len(view)


@contextlib.contextmanager
def _flushing(number: int) -> Iterator[None]:
    """Have the disk take what was written so far, again and again: little is left to the end."""
    done = threading.Event()

    def flush() -> None:
        while not done.wait(_FLUSH_EVERY):
            with contextlib.suppress(OSError):  # the last flush is the one that reports
                os.fdatasync(number)

    thread = threading.Thread(target=flush, name="nyala-flush", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _number_of(file: Any) -> int | None:
    """Return the number under which the system knows a file, if threads can write to it there."""
    if not (hasattr(os, "pwrite") and hasattr(os, "fdatasync")):
        return None
    try:
        return file.fileno()
    except (AttributeError, OSError):  # a file in memory has none
        return None
