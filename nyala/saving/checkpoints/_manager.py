"""`CheckpointManager`: numbered checkpoints in a folder, of which some are kept."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nyala.core import remove_at_once, remove_stale_in
from nyala.saving._limits import ModelFileError
from nyala.saving.checkpoints._checkpoint import Checkpoint
from nyala.saving.checkpoints._generation import is_generation, time_of
from nyala.saving.checkpoints._store import newest_whole, numbers_in

_WEIGHTS = ".weights.h5"
_HOUR = 3600.0


class CheckpointManager:
    """Saves a `Checkpoint` again and again, and removes the oldest.

    What is in the folder is what there is: nothing else is recorded, so that a process may be
    killed at any moment.

    Args:
        checkpoint: the checkpoint.
        directory: the folder.
        max_to_keep: how many of the newest are kept; `None` for all.
        keep_checkpoint_every_n_hours: one that is to be removed stays if so many hours have passed
            since the last one that stayed.
        checkpoint_name: of the files, before `-` and the number.
        step_counter: a variable that counts steps, for `checkpoint_interval`.
        checkpoint_interval: steps that must have passed before `save` saves again.
        init_fn: called by `restore_or_initialize` where there is no checkpoint.

    Raises:
        ValueError: `max_to_keep` below 1, or an interval without a counter.

    >>> import nyala, tempfile
    >>> step = nyala.Variable(0, name="step")
    >>> manager = nyala.saving.CheckpointManager(
    ...     nyala.saving.Checkpoint(step=step), tempfile.mkdtemp(), max_to_keep=2)
    >>> for _ in range(3):
    ...     _ = step.assign_add(1)
    ...     _ = manager.save()
    >>> [path.split("/")[-1] for path in manager.checkpoints]
    ['ckpt-2', 'ckpt-3']
    """

    def __init__(self, checkpoint: Checkpoint, directory: Any, max_to_keep: int | None,
                 keep_checkpoint_every_n_hours: float | None = None, checkpoint_name: str = "ckpt",
                 step_counter: Any = None, checkpoint_interval: int | None = None,
                 init_fn: Callable | None = None):  # fmt: skip
        if max_to_keep is not None and max_to_keep < 1:
            raise ValueError(
                f"CheckpointManager(max_to_keep=...) expects a positive integer or None; got "
                f"{max_to_keep!r}."
            )
        if checkpoint_interval is not None and step_counter is None:
            raise ValueError("CheckpointManager(checkpoint_interval=...) needs a step_counter.")
        self._checkpoint = checkpoint
        self._directory = Path(os.fspath(directory))
        self._max_to_keep = max_to_keep
        self._hours = keep_checkpoint_every_n_hours
        self._name = checkpoint_name
        self._step_counter, self._interval = step_counter, checkpoint_interval
        self._init_fn = init_fn
        self._last_step: int | None = None
        self._whole: Path | None = None  # the newest that is known to be whole
        remove_stale_in(self._directory)
        numbers = numbers_in(self._directory, self._name)
        # Older ones than the newest few can only have stayed by the hours.
        stayed = [] if max_to_keep is None else numbers[:-max_to_keep]
        self._stayed = set(stayed)
        self._last_stayed = time_of(self._path(stayed[-1])) if stayed else None

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint."""
        return self._checkpoint

    @property
    def directory(self) -> str:
        """The folder."""
        return str(self._directory)

    @property
    def checkpoint_interval(self) -> int | None:
        """Steps between two saves."""
        return self._interval

    @property
    def checkpoints(self) -> list[str]:
        """The paths of the newest checkpoints, the oldest first; not of those kept by the hours."""
        numbers = numbers_in(self._directory, self._name)
        return [str(self._path(n)) for n in numbers if n not in self._stayed]

    @property
    def latest_checkpoint(self) -> str | None:
        """The path of the newest checkpoint that is whole, `None` where there is none.

        A damaged one is passed over with a warning.
        """
        numbers = numbers_in(self._directory, self._name)
        if numbers and self._path(numbers[-1]) == self._whole:
            return str(self._whole)
        found = newest_whole([self._path(n) for n in reversed(numbers)])
        self._whole = None if found is None else found.path
        return None if found is None else str(found.path)

    def save(self, checkpoint_number: Any = None, check_interval: bool = True,
             options: Any = None) -> str | None:  # fmt: skip
        """Save, remove what is not to be kept, and return the path.

        Args:
            checkpoint_number: the number; the next one by default.
            check_interval: whether nothing happens (and `None` is returned) until
                `checkpoint_interval` steps have passed.
            options: accepted for TensorFlow's sake.
        """
        if check_interval and not self._is_time():
            return None
        self._checkpoint.save_counter.assign_add(1)
        number = checkpoint_number if checkpoint_number is not None else (
            self._checkpoint.save_counter
        )  # fmt: skip
        path = self._path(int(number))
        self._checkpoint.write(path)
        self._whole = path
        self._remove_oldest()
        if self._step_counter is not None:
            self._last_step = int(self._step_counter)
        return str(path)

    def restore_or_initialize(self) -> str | None:
        """Restore the newest checkpoint and return its path, or call `init_fn`."""
        path = self.latest_checkpoint
        if path is not None:
            self._checkpoint.restore(path)
            if self._step_counter is not None:
                self._last_step = int(self._step_counter)
        elif self._init_fn is not None:
            self._init_fn()
        return path

    def _path(self, number: int) -> Path:
        return self._directory / f"{self._name}-{number}"

    def _is_time(self) -> bool:
        if self._interval is None or self._last_step is None:
            return True
        return int(self._step_counter) >= self._last_step + self._interval

    def _remove_oldest(self) -> None:
        if self._max_to_keep is None:
            return
        numbers = [n for n in numbers_in(self._directory, self._name) if n not in self._stayed]
        for number in numbers[: -self._max_to_keep]:
            if self._stays(self._path(number)):
                self._stayed.add(number)
            else:
                remove_at_once(self._path(number))

    def _stays(self, path: Path) -> bool:
        if self._hours is None:
            return False
        written = time_of(path)
        if self._last_stayed is not None and written - self._last_stayed < self._hours * _HOUR:
            return False
        self._last_stayed = written
        return True


def latest_checkpoint(checkpoint_dir: Any, latest_filename: str | None = None) -> str | None:
    """Return the path of the newest checkpoint in a folder, `None` where there is none.

    Args:
        checkpoint_dir: the folder.
        latest_filename: accepted for TensorFlow's sake.

    Returns:
        A path for `Checkpoint.restore`; or, where weights were saved under TensorFlow's kind of
        name (`ModelCheckpoint("cp-{epoch}.ckpt", save_weights_only=True)`), one for `load_weights`.

    >>> import nyala, tempfile
    >>> nyala.saving.latest_checkpoint(tempfile.mkdtemp()) is None
    True
    """
    folder = Path(os.fspath(checkpoint_dir))
    if not folder.is_dir():
        return None
    found = [p for p in folder.iterdir() if is_generation(p) or p.name.endswith(_WEIGHTS)]
    found.sort(key=_age, reverse=True)
    if found and found[0].is_file():
        return str(found[0]).removesuffix(_WEIGHTS)
    whole = newest_whole([path for path in found if path.is_dir()])
    return None if whole is None else str(whole.path)


def _age(path: Path) -> tuple[float, int]:
    number = re.search(r"(\d+)$", path.name.removesuffix(_WEIGHTS))
    when = path.stat().st_mtime if path.is_file() else _written(path)
    return when, int(number[1]) if number else 0


def _written(path: Path) -> float:
    try:
        return time_of(path)
    except ModelFileError:  # damaged: it is passed over when it is read
        return path.stat().st_mtime
