"""A folder of generations: the newest whole one is always there to go on from."""

from __future__ import annotations

import os
import re
import warnings
from pathlib import Path
from typing import Any

from nyala.core import remove_at_once, remove_stale_in
from nyala.saving._limits import ModelFileError
from nyala.saving.checkpoints._generation import (
    Generation,
    is_generation,
    read_generation,
    write_generation,
)


class CheckpointStore:
    """Numbered generations in a folder, of which the newest are kept.

    One process at a time may write to a folder.

    Args:
        folder: made when the first generation is written.
        keep: how many generations stay; `None` for all.
        prefix: of their names, before `-` and the number.

    >>> import numpy as np, tempfile
    >>> from nyala.saving.checkpoints import CheckpointStore
    >>> store = CheckpointStore(tempfile.mkdtemp())
    >>> for epoch in range(3):
    ...     _ = store.save({"epoch": epoch}, {"weights": np.full(2, epoch)})
    >>> store.numbers(), store.latest().state
    ([2, 3], {'epoch': 2})
    """

    def __init__(self, folder: Any, keep: int | None = 2, prefix: str = "ckpt"):
        self.folder, self.keep, self.prefix = Path(os.fspath(folder)), keep, prefix
        self._good: list[int] | None = None  # known to be whole: read or written here

    def numbers(self) -> list[int]:
        """Return the numbers of the generations that are there, the oldest first."""
        return numbers_in(self.folder, self.prefix)

    def path(self, number: int) -> Path:
        """Return where a generation lies."""
        return self.folder / f"{self.prefix}-{number}"

    def latest(self) -> Generation | None:
        """Return the newest generation that is whole, `None` where there is none at all.

        What killed processes left unfinished is removed. A damaged generation is passed over with a
        warning that says so.

        Raises:
            ModelFileError: there are generations, and all of them are damaged.
        """
        remove_stale_in(self.folder)
        numbers = self.numbers()
        found = newest_whole([self.path(number) for number in reversed(numbers)])
        if found is not None:
            self._good = [number for number in numbers if self.path(number) == found.path]
        elif numbers:
            raise ModelFileError(
                f"None of the checkpoints in {self.folder} can be used. To begin anew, move the "
                "folder away."
            )
        return found

    def save(self, state: dict, arrays: dict[str, Any]) -> Path:
        """Write the next generation, then remove those that are not to be kept; return its path.

        Raises:
            OSError: the disk is full, or refuses; the generations before are unchanged.
        """
        number = max(self.numbers(), default=0) + 1
        write_generation(self.path(number), state, arrays)
        self._good = [*(self._good or ()), number]
        if self.keep is not None:
            self._good = self._good[-self.keep :]
            for other in self.numbers():  # the oldest first: a kill leaves the newest
                if other not in self._good:
                    remove_at_once(self.path(other))
        return self.path(number)

    def clear(self) -> None:
        """Remove all generations, and the folder where nothing else lies in it."""
        for number in self.numbers():  # the oldest first: a kill leaves the newest
            remove_at_once(self.path(number))
        if self.folder.is_dir() and not os.listdir(self.folder):
            self.folder.rmdir()
        self._good = None


def newest_whole(paths: list[Path]) -> Generation | None:
    """Return the first generation of these that can be read; warn of those that cannot.

    Args:
        paths: the newest first.
    """
    damages: list[str] = []
    for path in paths:
        try:
            found = read_generation(path)
        except (ModelFileError, OSError) as error:
            damages.append(str(error))
            continue
        _warn_of(damages, f"{path}, the newest before that is whole, is used")
        return found
    _warn_of(damages, "there is none that is whole")
    return None


def _warn_of(damages: list[str], remedy: str) -> None:
    if damages:
        warnings.warn(f"A checkpoint is damaged; {remedy}. {' '.join(damages)}", stacklevel=4)


def numbers_in(folder: Path, prefix: str) -> list[int]:
    """Return the numbers of the generations in a folder whose names begin with `prefix`."""
    pattern = re.compile(re.escape(prefix) + r"-(\d+)")
    if not folder.is_dir():
        return []
    matches = [pattern.fullmatch(name) for name in os.listdir(folder)]
    return sorted(int(m[1]) for m in matches if m and is_generation(folder / m[0]))
