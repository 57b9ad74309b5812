"""Mean and variance of data that comes in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np


class Moments:
    """Mean and variance over some axes, exact in float64, batch after batch.

    Args:
        axes: the axes that are kept, from 0 on; all others are reduced.

    Each batch is gone through twice (mean, then squared deviations from it), and batches are merged
    by their deviations, so that a large mean does not swallow a small variance.

    Source: Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing
    Sample Variances", 1979.
    """

    def __init__(self, axes: tuple[int, ...]):
        self.axes = axes
        self.count = 0
        self.mean: Any = 0.0
        self.deviations: Any = 0.0

    def add(self, batch: np.ndarray) -> None:
        """Take a batch into account."""
        reduced = tuple(axis for axis in range(batch.ndim) if axis not in self.axes)
        count = int(np.prod([batch.shape[axis] for axis in reduced]))
        if not count:
            return
        batch = np.asarray(batch, "float64")
        mean = batch.mean(axis=reduced, keepdims=True)
        deviations = np.square(batch - mean).sum(axis=reduced)
        mean = mean.reshape(deviations.shape)
        total = self.count + count
        shift = mean - self.mean
        self.deviations = self.deviations + deviations + shift**2 * (self.count * count / total)
        self.mean = self.mean + shift * (count / total)
        self.count = total

    @property
    def variance(self) -> Any:
        """The mean squared deviation (of a population, not a sample)."""
        return self.deviations / self.count


def batches_of(data: Any, who: str) -> Iterator[np.ndarray]:
    """Return the arrays of an array, or of an iterable of batches (inputs only).

    Args:
        data: an array, a nested list of numbers, or an iterable of arrays or of tuples that begin
            with them.
        who: for errors.
    """
    if hasattr(data, "__array__") or _is_numbers(data):
        yield np.asarray(data)
        return
    if not isinstance(data, Iterable):
        raise TypeError(
            f"{who} expects an array or an iterable of batches; got {data!r} of type "
            f"{type(data).__name__}."
        )
    for batch in data:
        yield np.asarray(batch[0] if isinstance(batch, tuple) else batch)


def _is_numbers(data: Any) -> bool:
    while isinstance(data, (list, tuple)) and data:
        data = data[0]
    return isinstance(data, (bool, int, float))
