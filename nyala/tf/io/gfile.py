"""`tf.io.gfile`: files and folders of this machine."""

from __future__ import annotations

import builtins
import glob as _glob
import os
import shutil
from collections.abc import Iterator
from typing import Any, NamedTuple

from nyala.tf._absent import refuse_others


class FileStatistics(NamedTuple):
    """What `stat` returns."""

    length: int
    mtime_nsec: int
    is_directory: bool


def exists(path: Any) -> bool:
    """Whether there is a file or folder."""
    return os.path.exists(path)


def isdir(path: Any) -> bool:
    """Whether there is a folder."""
    return os.path.isdir(path)


def listdir(path: Any) -> list[str]:
    """Return the names in a folder."""
    return sorted(os.listdir(path))


def glob(pattern: Any) -> list[str]:
    """Return the paths that fit a pattern or one of several."""
    patterns = pattern if isinstance(pattern, (list, tuple)) else [pattern]
    return sorted(path for one in patterns for path in _glob.glob(os.fspath(one)))


def mkdir(path: Any) -> None:
    """Make a folder in one that exists."""
    os.mkdir(path)


def makedirs(path: Any) -> None:
    """Make a folder and those around it; nothing happens where it exists."""
    os.makedirs(path, exist_ok=True)


def remove(path: Any) -> None:
    """Remove a file."""
    os.remove(path)


def rmtree(path: Any) -> None:
    """Remove a folder and all that is in it."""
    shutil.rmtree(path)


def rename(src: Any, dst: Any, overwrite: bool = False) -> None:
    """Give a file or folder another path.

    Raises:
        FileExistsError: there is something already, and `overwrite` is false.
    """
    _refuse_existing(dst, overwrite)
    os.replace(src, dst)


def copy(src: Any, dst: Any, overwrite: bool = False) -> None:
    """Copy a file.

    Raises:
        FileExistsError: there is something already, and `overwrite` is false.
    """
    _refuse_existing(dst, overwrite)
    shutil.copyfile(src, dst)


def _refuse_existing(path: Any, overwrite: bool) -> None:
    if not overwrite and os.path.exists(path):
        raise FileExistsError(f"{os.fspath(path)!r} exists; pass overwrite=True to replace it.")


def stat(path: Any) -> FileStatistics:
    """Return a file's length, time of change and whether it is a folder."""
    found = os.stat(path)
    return FileStatistics(found.st_size, found.st_mtime_ns, os.path.isdir(path))


def walk(top: Any, topdown: bool = True, onerror: Any = None) -> Iterator[tuple]:
    """Yield for each folder its path, the folders in it and the files in it."""
    yield from os.walk(top, topdown, onerror)


def join(path: Any, *paths: Any) -> str:
    """Return paths joined."""
    return os.path.join(path, *paths)


def GFile(name: Any, mode: str = "r") -> Any:
    """Return an open file; text is UTF-8."""
    return builtins.open(name, mode, encoding=None if "b" in mode else "utf-8")


Open = GFile

__all__ = [
    "GFile", "Open", "copy", "exists", "glob", "isdir", "join", "listdir", "makedirs", "mkdir",
    "remove", "rename", "rmtree", "stat", "walk",
]  # fmt: skip

__getattr__ = refuse_others("tf.io.gfile", __all__)
