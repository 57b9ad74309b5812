"""Writing in the background: training goes on while the disk works."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

# A write that took t seconds is followed by a rest of so many times t: it shares its processors
# with the training.
_REST = 50.0


class BackgroundWriter:
    """Runs writes in a thread, one at a time, and of those that wait the newest only.

    A disk that is slower than the saves so writes fewer of them, and never holds anybody up. After
    a write comes a rest of up to `longest_rest` seconds, unless somebody waits.

    >>> from nyala.saving.checkpoints import BackgroundWriter
    >>> writer, written = BackgroundWriter(), []
    >>> writer.submit(lambda: written.append(1))
    >>> writer.wait()
    >>> written
    [1]
    """

    longest_rest = 0.25

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._next: Callable[[], object] | None = None
        self._working = self._hurried = False
        self._rest_until = 0.0
        self._error: BaseException | None = None

    def submit(self, write: Callable[[], object]) -> None:
        """Have a write done soon, in place of one that waits.

        Raises:
            Exception: what an earlier write raised.
        """
        with self._changed:
            self._raise_error()
            self._next = write
            if not self._working:
                self._working = True
                # Not a daemon: the interpreter's end waits for the last write.
                threading.Thread(target=self._work, name="nyala-checkpoint").start()

    def wait(self) -> None:
        """Wait until all is written.

        Raises:
            Exception: what a write raised.
        """
        with self._changed:
            self._hurried = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._working)
            self._hurried = False
            self._raise_error()

    def _work(self) -> None:
        while True:
            with self._changed:
                if self._next is not None:
                    rest = self._rest_until - time.monotonic()
                    self._changed.wait_for(lambda: self._hurried, timeout=max(rest, 0.0))
                write, self._next = self._next, None
                if write is None:
                    self._working = False
                    self._changed.notify_all()
                    return
            began = time.monotonic()
            try:
                write()
            except BaseException as error:  # raised again where it can be seen
                with self._changed:
                    self._error = error
            ended = time.monotonic()
            self._rest_until = ended + min(_REST * (ended - began), self.longest_rest)

    def _raise_error(self) -> None:
        error, self._error = self._error, None
        if error is not None:
            raise error
