"""Watching, and stopping, every change that a process makes to files below a folder."""

from __future__ import annotations

import builtins
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

_CALLS = ("fsync", "replace", "rename", "mkdir", "unlink", "rmdir", "truncate")


class WatchedFile:
    """A file whose writes are announced."""

    def __init__(self, file: Any, announce: Callable):
        self._file, self._announce = file, announce

    def write(self, data: Any) -> int:
        def halve() -> Callable[[], None]:
            place = self._file.tell()
            self._file.write(data[: len(data) // 2])
            self._file.flush()

            def undo() -> None:
                self._file.seek(place)
                self._file.truncate()

            return undo

        self._announce("write", halve)
        return self._file.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> WatchedFile:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()


def watch_files(folder: Path, announce: Callable[[str, Callable], None]) -> Callable[[], None]:
    """Announce every change of files below a folder before it is made; return what ends that.

    Args:
        folder: the folder.
        announce: called with the kind of the change, and a function that makes half of it (where
            that can be) and returns one that undoes this.
    """
    prefix = str(folder.resolve())
    originals = {name: getattr(os, name) for name in _CALLS}
    builtin_open = builtins.open

    def opened(path: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        file = builtin_open(path, mode, *args, **kwargs)
        below = not isinstance(path, int) and str(Path(path).absolute()).startswith(prefix)
        return WatchedFile(file, announce) if below and set(mode) & set("wxa+") else file

    def watched(name: str) -> Callable:
        def call(path: Any, *args: Any, **kwargs: Any) -> Any:
            if isinstance(path, int) or str(Path(path).absolute()).startswith(prefix):
                announce(name, lambda: lambda: None)
            return originals[name](path, *args, **kwargs)

        return call

    def end() -> None:
        builtins.open = builtin_open
        for name, function in originals.items():
            setattr(os, name, function)

    builtins.open = opened
    for name in _CALLS:
        setattr(os, name, watched(name))
    return end
