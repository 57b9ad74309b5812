"""Feeds: data turned into compiled steps, for a number of epochs."""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from nyala.core import tree
from nyala.data import InMemoryData, StreamData, on_device
from nyala.training._blocks import Block, Gathering
from nyala.training._logs import Logs
from nyala.training._programs import EagerSteps
from nyala.training._read_ahead import ReadAhead, ReadInPlace

# Programs that were started and not waited for: each keeps its batches in memory.
_MOST_AT_WORK = 2


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
        self.size = self.next_row = 0  # nothing left: the first epoch begins by ordering
        self.used = 0  # batches of this pass that went through a step
        self._rounds: Iterator[tuple] = iter(())

    def begin_epoch(self, resume: bool, limit: int | None) -> None:
        """Begin a pass over the rows; `resume` goes on where the last epoch stopped."""
        if resume and (self.next_row < self.size or self._next_round()):
            return
        self._rounds, self.used = self.data.rounds(), 0
        self._next_round()

    def go_on(self, limit: int | None) -> None:
        """Go on within an epoch whose first part ran in another process."""

    def _next_round(self) -> bool:
        """Begin the next round of the pass; return whether there is one."""
        order, self.size = next(self._rounds, (None, 0))
        self.order = None if order is None else jnp.asarray(order)
        self.next_row = 0
        return self.size > 0

    def run(self, count: int) -> tuple[int, Any]:
        """Run up to `count` steps; return how many ran (0 at the end) and the logs."""
        if self.next_row >= self.size and not self._next_round():
            return 0, None
        size, rows = self.size, self.data.batch_size
        start, left = self.next_row, self.size - self.next_row
        if left < rows:
            self.next_row = size
            self.used += 1
            return 1, self.programs.run_rows(self.arrays, self.order, start, left)
        count = min(count, left // rows) if self.fused else 1
        self.next_row += count * rows
        self.used += count
        if not self.fused:
            return 1, self.programs.run_rows(self.arrays, self.order, np.int32(start), rows)
        logs = self.programs.run_fused(
            self.arrays, self.order, np.int32(start), np.int32(count), rows
        )
        return count, logs

    def get_state(self) -> dict:
        """Return the place behind the last step's batch, as plain data."""
        return self.data.state_at(self.used)

    def set_state(self, state: dict) -> None:
        """Go to where `get_state` was called."""
        self.data.restore(state)
        self._rounds, left = self.data.rest()
        self.used, self.size, self.next_row = left, 0, 0
        while left and self._next_round():
            count = min(left, -(-self.size // self.data.batch_size))
            self.next_row = min(count * self.data.batch_size, self.size)
            left -= count

    def end_epoch(self) -> None:
        """Nothing to tell: arrays do not listen."""

    def close(self) -> None:
        """Nothing works for arrays."""


class StreamFeed:
    """Steps on batches that arrive one by one, read ahead of the steps in a thread.

    Args:
        data: the batches.
        programs: the compiled steps.
        fused: whether many steps run as one program.
    """

    def __init__(self, data: StreamData, programs: Any, fused: bool = False):
        self.data, self.programs = data, programs
        self.fused = fused and programs.fuses
        self.steps = data.num_batches
        self.used = 0  # batches of this pass that went through a step
        self._gathering = Gathering(self.fused)
        self._ahead: Any = None
        self._block: Block | None = None
        self._at_work: deque[Any] = deque()

    def begin_epoch(self, resume: bool, limit: int | None) -> None:
        """Begin a pass over the source; `resume` goes on where the last epoch stopped.

        Args:
            resume: whether to go on.
            limit: the most batches to read; more are not asked of the source.
        """
        if not (resume and self._ahead is not None):
            self._end_reading()
            self._ahead = self._reading(self.data.batches(fresh=not resume))
            if not getattr(self.data, "once", False):
                self.used = 0
        self._ahead.grant(limit)

    def go_on(self, limit: int | None) -> None:
        """Go on within an epoch whose first part ran in another process."""
        self._ahead.grant(limit)

    def _reading(self, batches: Iterator[tuple]) -> Any:
        if isinstance(self.programs, EagerSteps):
            return ReadInPlace(batches)
        programs = self.programs
        return ReadAhead(batches, self._gathering, programs.prepared, programs.single.touches)

    def run(self, count: int) -> tuple[int, Any]:
        """Run up to `count` steps; return how many ran (0 at the end) and the logs."""
        block = self._next_block()
        if block is None:
            self._end_reading()
            return 0, None
        if block.rows is None:
            count, result = 1, self.programs.run_prepared(block.arrays)
        else:
            count, start = min(count, block.left), block.used * block.rows
            result = self.programs.run_fused(
                block.arrays, None, np.int32(start), np.int32(count), block.rows
            )
        block.used += count
        self.used += count
        self.data.forget_before(self.used)
        self._at_work.append(result)
        if len(self._at_work) > _MOST_AT_WORK:
            wait_for(self._at_work.popleft())
        return count, result

    def _next_block(self) -> Block | None:
        if self._block is None or not self._block.left:
            self._block = None if self._ahead is None else self._ahead.take(self._wait)
        return self._block

    def _wait(self) -> None:
        if self._at_work:
            wait_for(self._at_work[-1])

    def _end_reading(self) -> None:
        if self._ahead is not None:
            self._ahead.close()
        self._ahead = self._block = None
        self._gathering = self._gathering.anew()
        self._at_work.clear()

    def get_state(self) -> dict:
        """Return the place behind the last step's batch, whatever was read ahead of it.

        It is JSON-ready where the state of the source's iterator is, as a `Dataset`'s always is.
        """
        return self.data.state_at(self.used)

    def set_state(self, state: dict) -> None:
        """Go to where `get_state` was called, for `begin_epoch(resume=True, …)` to go on there."""
        self._end_reading()
        # The batches left may have other shapes than the first, which decides what is stacked.
        self._gathering.expect(self.programs.prepared(self.data.head()))
        self.data.restore(state)
        self.used = state["batches"]
        self._ahead = self._reading(self.data.batches(fresh=False))

    def end_epoch(self) -> None:
        """Tell the source that an epoch has ended."""
        self.data.end_epoch()

    def close(self) -> None:
        """End what reads and works for the batches."""
        self._end_reading()
        self.data.close()


class HostRowsFeed(StreamFeed):
    """Steps on rows of arrays that stay on the host, such as strings.

    Args:
        data: the arrays.
        programs: the steps.
        fused: whether many steps run as one program.
    """

    def end_epoch(self) -> None:
        """Nothing to tell: arrays do not listen."""


def make_feed(data: InMemoryData | StreamData, programs: Any, fused: bool) -> Any:
    """Return the feed for this kind of data."""
    if isinstance(data, StreamData):
        return StreamFeed(data, programs, fused)
    if programs.on_host:
        return HostRowsFeed(data, programs, fused)
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
