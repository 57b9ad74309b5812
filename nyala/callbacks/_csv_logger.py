"""A table of what every epoch measured."""

from __future__ import annotations

import csv
import os
import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np

from nyala.callbacks._callback import Callback


class CSVLogger(Callback):
    """Writes one row an epoch into a CSV file; a row is in the file when the epoch has ended.

    The columns are the epoch and the values of the first epoch in alphabetical order, with a column
    for each on validation data; a value that an epoch did not measure is `NA`.

    Args:
        filename: path of the file.
        separator: the character between two values.
        append: whether to go on with a file that is there, under its columns; else it is replaced.

    Rows are appended to the file; where training goes on from a checkpoint (`BackupAndRestore`),
    those of epochs that run again are cut off first, so that no row is lost or stands there twice.

    >>> import nyala, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "log.csv")
    >>> logger = nyala.callbacks.CSVLogger(path)
    >>> logger.on_train_begin()
    >>> logger.on_epoch_end(0, {"loss": 0.5, "val_loss": 0.75})
    >>> print(path.read_text())
    epoch,loss,val_loss
    0,0.5,0.75
    >>> logger.on_train_end()
    """

    def __init__(self, filename: Any, separator: str = ",", append: bool = False):
        super().__init__()
        self.filename = os.fspath(filename)
        self.sep = separator
        self.append = append
        self.append_header = True
        self.keys: list[str] | None = None
        self.csv_file: Any = None
        self.writer: Any = None
        self._goes_on = append
        self._synced = False

    def on_train_begin(self, logs: Any = None) -> None:
        """Close the file of an earlier `fit`; this one's is opened for its first row."""
        self._close()
        self._goes_on = self.append

    def _open(self) -> None:
        header = self._header() if self._goes_on else []
        self.append_header = not header
        self.keys = header[1:] if header[:1] == ["epoch"] else None
        torn = self._goes_on and _ends_within_a_line(self.filename)
        # csv ends lines by itself; translating them would double the ends on Windows.
        self.csv_file = open(  # noqa: SIM115 - stays open until training ends
            self.filename, "a" if self._goes_on else "w", newline="", encoding="utf-8"
        )
        if torn:  # the run before was killed while it wrote
            self.csv_file.write("\r\n")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Write a row."""
        logs = logs or {}
        if self.csv_file is None:
            self._open()
        if self.keys is None:
            self.keys = _columns(logs)
        if self.writer is None:
            self.writer = csv.DictWriter(
                self.csv_file, ["epoch", *self.keys], restval="NA", delimiter=self.sep
            )
            if self.append_header:
                self.writer.writeheader()
        self._warn_of_unknown(logs)
        row = {name: _cell(logs[name]) for name in self.keys if name in logs}
        self.writer.writerow({"epoch": epoch, **row})
        self.csv_file.flush()
        self._synced = False

    def on_train_end(self, logs: Any = None) -> None:
        """Close the file."""
        self._close()

    def _close(self) -> None:
        if self.csv_file is not None:
            self.csv_file.close()
        self.csv_file = self.writer = None

    # -- state ------------------------------------------------------------------------------------

    def get_state(self) -> dict:
        """Return how long the file is; so much of it is on the disk then."""
        if self.csv_file is None:
            there = self._goes_on and os.path.exists(self.filename)
            return {"bytes": os.path.getsize(self.filename) if there else 0}
        if not self._synced:
            os.fsync(self.csv_file.fileno())
            self._synced = True
        return {"bytes": os.fstat(self.csv_file.fileno()).st_size}

    def set_state(self, state: dict) -> None:
        """Cut the file back to how long it was, and go on there."""
        self._close()
        length = state["bytes"]
        found = os.path.getsize(self.filename) if os.path.exists(self.filename) else 0
        if found < length:
            warnings.warn(
                f"CSVLogger: {self.filename} has {found} bytes, but had {length} when the "
                "checkpoint was made that training goes on from: rows of earlier epochs are lost.",
                stacklevel=2,
            )
        elif found > length:
            os.truncate(self.filename, length)
        self._goes_on = found > 0 and length > 0

    def _header(self) -> list[str]:
        """Return the first row of the file, or an empty list."""
        if not os.path.exists(self.filename):
            return []
        with open(self.filename, newline="", encoding="utf-8") as file:
            return next(csv.reader(file, delimiter=self.sep), [])

    def _warn_of_unknown(self, logs: Any) -> None:
        unknown = [name for name in logs if name not in self.keys]
        if unknown:
            warnings.warn(
                f"CSVLogger: {self.filename} has no columns for {', '.join(unknown)}, so these are "
                "not written. Its columns are those of the first epoch.",
                stacklevel=3,
            )


def _columns(logs: Any) -> list[str]:
    names = sorted(logs)
    if not any(name.startswith("val_") for name in names):  # validation may come in a later epoch
        names += [f"val_{name}" for name in names]
    return names


def _cell(value: Any) -> Any:
    if isinstance(value, str) or not isinstance(value, Iterable) or np.ndim(value) == 0:
        return value
    return f'"[{", ".join(map(str, value))}]"'


def _ends_within_a_line(path: str) -> bool:
    if not os.path.exists(path) or not os.path.getsize(path):
        return False
    with open(path, "rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() not in (b"\n", b"\r")
