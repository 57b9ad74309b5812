"""`timeseries_dataset_from_array`: windows of a series."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala.core import did_you_mean
from nyala.data import transforms
from nyala.data._convert import narrowed
from nyala.data._dataset import Dataset
from nyala.data._elements import as_host
from nyala.data._rows import RowsIterator
from nyala.data._specs import TensorSpec
from nyala.data._stage import Pass, Stage, StageIterator, check_count

_AHEAD = 2  # batches that are kept ready


class TimeWindows(Stage):
    """Equally spaced rows of a series, one window for each place where one begins.

    Args:
        data: array of shape `(steps, ...)`.
        targets: array with one row for each place, or `None`.
        starts: where windows begin.
        offsets: the steps of a window, counted from where it begins.
    """

    def __init__(self, data: np.ndarray, targets: np.ndarray | None, starts: np.ndarray,
                 offsets: np.ndarray):  # fmt: skip
        self.data, self.targets, self.starts, self.offsets = data, targets, starts, offsets

    @property
    def spec(self) -> Any:
        """The spec of a window, and of its target."""
        window = TensorSpec(
            (len(self.offsets), *self.data.shape[1:]), narrowed(self.data[:0]).dtype
        )
        if self.targets is None:
            return window
        return window, TensorSpec(self.targets.shape[1:], narrowed(self.targets[:0]).dtype)

    @property
    def length(self) -> int:
        """The number of windows."""
        return len(self.starts)

    @property
    def row_count(self) -> int:
        """The number of windows."""
        return len(self.starts)

    @property
    def uniform(self) -> bool:
        """Windows always are."""
        return True

    def rows(self, index: Any, where: Pass) -> Any:
        """Return windows, stacked."""
        starts = self.starts[index]
        windows = narrowed(self.data[starts[:, None] + self.offsets])
        return windows if self.targets is None else (windows, narrowed(self.targets[starts]))

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over the windows in order."""
        return RowsIterator(self, where)


def timeseries_dataset_from_array(
    data: Any, targets: Any, sequence_length: int, sequence_stride: int = 1,
    sampling_rate: int = 1, batch_size: int | None = 128, shuffle: bool = False,
    seed: int | None = None, start_index: int | None = None, end_index: int | None = None,
    format: str = "tf",
) -> Dataset:  # fmt: skip
    """Return a dataset of windows that slide over a series.

    The window that begins at step `i` holds the steps `i, i + sampling_rate, ...`; its target is
    `targets[i]`. Windows are cut out when they are read: the series lies in memory once (a
    `numpy.memmap` in its file).

    Args:
        data: array of shape `(steps, ...)`.
        targets: array whose row `i` belongs to the window that begins at step `i`; `None` for
            windows alone.
        sequence_length: steps of a window.
        sequence_stride: steps from the beginning of one window to that of the next.
        sampling_rate: steps of the series from one step of a window to the next.
        batch_size: windows of a batch; `None` for single windows.
        shuffle: whether windows are in random order, another one in each iteration.
        seed: of the order.
        start_index: the first step that is used; by default the first of all.
        end_index: the step before which windows end; by default the end.
        format: accepted for Keras' sake (`"tf"` or `"grain"`): there is one kind of dataset.

    Returns:
        A `Dataset` of windows of shape `(batch, sequence_length, ...)`, or of pairs of these and
        targets of shape `(batch, ...)`.

    Raises:
        ValueError: a number out of range, or the series is too short for any window.

    >>> import nyala
    >>> dataset = nyala.utils.timeseries_dataset_from_array(
    ...     list(range(10)), list(range(100, 110)), sequence_length=3, sequence_stride=2,
    ...     sampling_rate=2)
    >>> windows, targets = next(iter(dataset))
    >>> windows.numpy()
    array([[0, 2, 4], [2, 4, 6], [4, 6, 8]], dtype=int32)
    >>> targets.numpy()
    array([100, 102, 104], dtype=int32)
    """
    if format not in ("tf", "grain"):
        hint = did_you_mean(str(format), ("tf", "grain"))
        raise ValueError(f"format expects 'tf' or 'grain'; got {format!r}.{hint}")
    data = _as_array(data, "data")
    targets = None if targets is None else _as_array(targets, "targets")
    count = len(data)
    length = check_count(sequence_length, "sequence_length")
    stride = _within("sequence_stride", sequence_stride, 1, count - 1, count)
    rate = _within("sampling_rate", sampling_rate, 1, count - 1, count)
    start = 0 if start_index is None else _within("start_index", start_index, 0, count - 1, count)
    stop = count if end_index is None else _within("end_index", end_index, start + 1, count, count)
    data, targets = data[start:stop], None if targets is None else targets[start:stop]
    places = len(data) - (length - 1) * rate
    if targets is not None:
        places = min(places, len(targets))
    if places < 1:
        raise ValueError(
            f"There is no window of {length} steps, every {rate}, with a target, in "
            f"{len(data)} steps of data and {'no' if targets is None else len(targets)} targets."
        )
    stage: Stage = TimeWindows(
        data, targets, np.arange(0, places, stride), np.arange(length) * rate
    )
    if shuffle:
        stage = transforms.Shuffle(stage, stage.length, seed, reshuffle=True)
    if batch_size is not None:
        stage = transforms.Batch(stage, check_count(batch_size, "batch_size"), False)
    return Dataset(transforms.Prefetch(stage, _AHEAD))


def _as_array(value: Any, what: str) -> np.ndarray:
    array = value if isinstance(value, np.memmap) else as_host(value, what)
    if not getattr(array, "shape", ()):
        raise ValueError(f"{what} expects an array with an axis of time; got {value!r}.")
    return array


def _within(what: str, value: Any, least: int, most: int, count: int) -> int:
    number = value.__index__() if hasattr(value, "__index__") else None
    if number is None or not least <= number <= most:
        raise ValueError(
            f"{what} must be an integer from {least} to {most} for data of {count} steps; got "
            f"{value!r}."
        )
    return number
