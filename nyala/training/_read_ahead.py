"""Batches of a stream, read in a thread ahead of the steps that use them.

The thread reads, runs the part of a model that works on the host, stacks batches of one shape for
programs of many steps, and puts them on the device. A stack that is not full is taken as it is by
whoever has nothing else to do: a pipeline that is slower than the step is not delayed further.

A source that looks at what is being trained (a generator that calls the model) is read in step from
then on: it sees the variables as they are when all batches before were used.
"""

from __future__ import annotations

import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator

from nyala.eager import Variable, before_reads
from nyala.training._blocks import Block, Gathering

# Stacks that are ready, beside the one that is being used and the one that is being filled.
_READY = 2
# User code that blocks cannot be interrupted: its thread is left to end by itself after this long.
_PATIENCE_SECONDS = 5.0


class ReadAhead:
    """Blocks of batches, made by a thread that ends with `close`.

    Args:
        batches: read in the thread only.
        gathering: puts batches together.
        prepare: called with each batch, in the thread.
        in_use: tells of a variable whether the steps change it.
    """

    def __init__(self, batches: Iterator[tuple], gathering: Gathering,
                 prepare: Callable[[tuple], tuple],
                 in_use: Callable[[Variable], bool]):  # fmt: skip
        self._channel = _Channel(gathering)
        self._thread = threading.Thread(
            target=_fill, args=(self._channel, batches, prepare, in_use),
            name="nyala-read-ahead", daemon=True,
        )  # fmt: skip
        # The thread knows the channel, not this object: dropping it ends the thread.
        self._stop = weakref.finalize(self, self._channel.stop)

    def grant(self, batches: int | None) -> None:
        """Let so many more batches be read (`None`: all). Whoever reads on finds the rest."""
        self._channel.grant(batches)
        if self._thread.ident is None:
            self._thread.start()

    def take(self, while_waiting: Callable[[], None]) -> Block | None:
        """Return the next block, `None` at the end; raise what reading raised in its place.

        Args:
            while_waiting: called where no block is finished: while a step is at work, more batches
                can be gathered.
        """
        if not self._channel.ready:
            while_waiting()
        return self._channel.take()

    def close(self) -> bool:
        """End the thread; return whether it has ended."""
        self._stop()
        if self._thread.ident is not None:
            self._thread.join(_PATIENCE_SECONDS)
        return not self._thread.is_alive()


class ReadInPlace:
    """Batches read by whoever asks, one by one: for steps that run uncompiled, and debuggers.

    Args:
        batches: the batches.
    """

    def __init__(self, batches: Iterator[tuple]):
        self._batches = batches

    def grant(self, batches: int | None) -> None:
        """Nothing is read before it is asked for."""

    def take(self, while_waiting: Callable[[], None]) -> Block | None:
        """Return the next batch as a block, `None` at the end."""
        batch = next(self._batches, None)
        return None if batch is None else Block(batch)

    def close(self) -> bool:
        """Nothing works for the batches."""
        return True


class _Channel:
    """What the thread and its reader share.

    Args:
        gathering: holds the unfinished block; whoever waits takes that, so that a source which
            waits for its last batch to be used never waits in vain.
    """

    def __init__(self, gathering: Gathering):
        self._gathering = gathering
        self._changed = threading.Condition()
        self._blocks: deque[Block] = deque()
        self._granted: int | None = 0
        self._error: Exception | None = None
        self._ended = self._stopped = False
        self._in_step = False  # whether the reader waits for the thread whenever it reads
        self._waiting = False

    @property
    def ready(self) -> bool:
        """Whether a finished block, or the end, is there."""
        return bool(self._blocks) or self._ended

    # -- the reader's side

    def grant(self, batches: int | None) -> None:
        with self._changed:
            both = None in (batches, self._granted)
            self._granted = None if both else self._granted + batches
            self._changed.notify_all()

    def take(self) -> Block | None:
        with self._changed:
            self._waiting = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self.ready or self._gathering.begun)
            self._waiting = False
            if self._blocks:
                self._changed.notify_all()
                return self._blocks.popleft()
            if self._gathering.begun and not self._stopped:
                return self._gathering.finish()
            error, self._error = self._error, None
        if error is not None:
            raise error
        return None

    def stop(self) -> None:
        with self._changed:
            self._stopped = self._ended = True
            self._blocks.clear()
            self._changed.notify_all()

    # -- the thread's side

    def may_read(self) -> bool:
        """Wait until a batch may be read; `False` where there will be no more."""
        with self._changed:
            self._changed.wait_for(
                lambda: (
                    self._stopped or (self._granted != 0 and (self._all_used or not self._in_step))
                )
            )
            if self._granted:
                self._granted -= 1
            return not self._stopped

    @property
    def _all_used(self) -> bool:
        """Whether the reader waits for the next batch."""
        return self._waiting and not self._blocks and not self._gathering.begun

    def fall_in_step(self) -> None:
        """Wait until all batches were used; read no further ahead from now on."""
        with self._changed:
            self._in_step = True
            self._changed.wait_for(lambda: self._stopped or self._all_used)
            if self._stopped:
                raise _Stopped

    def put(self, batch: tuple) -> None:
        """Add a batch; wait while enough blocks are ready."""
        with self._changed:
            for block in self._gathering.add(batch):
                self._changed.wait_for(lambda: self._stopped or len(self._blocks) < _READY)
                self._blocks.append(block)
            self._changed.notify_all()

    def end(self, error: Exception | None = None) -> None:
        with self._changed:
            self._error, self._ended = error, True
            # A raised error knows the frames that it passed, and so whoever reads.
            del error
            self._changed.notify_all()


class _Stopped(BaseException):
    """Nobody wants the batch that a source is making; no `except Exception` should hold it up."""


def _fill(channel: _Channel, batches: Iterator[tuple], prepare: Callable[[tuple], tuple],
          in_use: Callable[[Variable], bool]) -> None:  # fmt: skip
    """What the thread does."""

    def before_read(variable: Variable) -> None:
        if in_use(variable):
            channel.fall_in_step()

    with before_reads(before_read):
        channel.end(_read_all(channel, batches, prepare))


def _read_all(channel: _Channel, batches: Iterator[tuple],
              prepare: Callable[[tuple], tuple]) -> Exception | None:  # fmt: skip
    """Read to the end; return what was raised on the way."""
    try:
        while channel.may_read():
            batch = next(batches, None)
            if batch is None:
                break
            channel.put(prepare(batch))
    except Exception as error:
        return error
    except _Stopped:
        pass
    return None
