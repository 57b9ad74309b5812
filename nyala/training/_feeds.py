"""Feeds: data turned into compiled steps, for a number of epochs."""

from __future__ import annotations

import warnings
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from nyala.core import tree
from nyala.data import InMemoryData, StreamData, on_device
from nyala.training._logs import Logs


class ArrayFeed:
    """Steps on arrays that lie on the device; many of them run as one program.

    Args:
        data: the arrays.
        programs: the compiled steps.
        fused: whether many steps run as one program.
    """

    def __init__(self, data: InMemoryData, programs: Any, fused: bool):
        self.data, self.programs, self.fused = data, programs, fused
        self.steps = data.num_batches
        self.arrays = tree.map_structure(lambda a: None if a is None else on_device(a), data.arrays)
        self.order: Any = None
        self.next_row = data.size  # nothing left: the first epoch begins by ordering

    def begin_epoch(self, resume: bool) -> None:
        """Begin a pass over the rows; `resume` goes on where the last epoch stopped."""
        if resume and self.next_row < self.data.size:
            return
        order = self.data.next_order()
        self.order = None if order is None else jnp.asarray(order)
        self.next_row = 0

    def run(self, count: int) -> tuple[int, Any]:
        """Run up to `count` steps; return how many ran (0 at the end) and the logs."""
        size, rows = self.data.size, self.data.batch_size
        left = size - self.next_row
        if left <= 0:
            return 0, None
        start = self.next_row
        if left < rows:
            self.next_row = size
            return 1, self.programs.run_rows(self.arrays, self.order, start, left)
        count = min(count, left // rows) if self.fused else 1
        self.next_row += count * rows
        if not self.fused:
            return 1, self.programs.run_rows(self.arrays, self.order, np.int32(start), rows)
        logs = self.programs.run_fused(
            self.arrays, self.order, np.int32(start), np.int32(count), rows
        )
        return count, logs

    def end_epoch(self) -> None:
        """Nothing to tell: arrays do not listen."""


class StreamFeed:
    """Steps on batches that arrive one by one.

    Args:
        data: the batches.
        programs: the compiled steps.
    """

    fused = False

    def __init__(self, data: StreamData, programs: Any):
        self.data, self.programs = data, programs
        self.steps = data.num_batches
        self._batches: Any = None

    def begin_epoch(self, resume: bool) -> None:
        """Begin a pass over the source; `resume` goes on where the last epoch stopped."""
        if not (resume and self._batches is not None):
            self._batches = self.data.batches(fresh=not resume)

    def run(self, count: int) -> tuple[int, Any]:
        """Run one step; return 1 (0 at the end of the source) and the logs."""
        batch = None if self._batches is None else next(self._batches, None)
        if batch is None:
            self._batches = None
            return 0, None
        return 1, self.programs.run_batch(batch)

    def end_epoch(self) -> None:
        """Tell the source that an epoch has ended."""
        self.data.end_epoch()


class HostRowsFeed(StreamFeed):
    """Steps on rows of arrays that stay on the host, such as strings.

    Args:
        data: the arrays.
        programs: the steps.
    """

    def begin_epoch(self, resume: bool) -> None:
        """Begin a pass over the rows; `resume` goes on where the last epoch stopped."""
        if not (resume and self._batches is not None):
            self._batches = self.data.batches(self.data.next_order())

    def end_epoch(self) -> None:
        """Nothing to tell: arrays do not listen."""


def make_feed(data: InMemoryData | StreamData, programs: Any, fused: bool) -> Any:
    """Return the feed for this kind of data."""
    if isinstance(data, StreamData):
        return StreamFeed(data, programs)
    if programs.on_host:
        return HostRowsFeed(data, programs)
    return ArrayFeed(data, programs, fused and programs.fuses)


def warn_ran_out(steps: int, wanted: int) -> None:
    """Say that a source ended before the steps that were asked for."""
    warnings.warn(
        f"The data ran out after {steps} steps of the {wanted} that steps_per_epoch asks for; "
        "training stops. Make the source yield steps_per_epoch * epochs batches.",
        stacklevel=4,
    )


def wait_for(result: Any) -> None:
    """Wait until the program that computes these logs or outputs has run."""
    jax.block_until_ready(result.pending() if isinstance(result, Logs) else result)
