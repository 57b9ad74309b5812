"""How many steps run between two looks at the clock."""

from __future__ import annotations

import time

# A progress bar redraws ten times a second; silent training still answers Ctrl-C within a second.
_SHOWN_SECONDS, _SILENT_SECONDS = 0.1, 0.8
_GROWTH = 8


class Pace:
    """Chooses the number of steps to fuse from the time that the last ones took.

    Args:
        shown: whether a progress bar wants to be redrawn.
        fixed: the number of steps that a listener to batches fixes, or `None`.
    """

    def __init__(self, shown: bool, fixed: int | None = None):
        self.seconds = _SHOWN_SECONDS if shown else _SILENT_SECONDS
        self.fixed = fixed
        self.size = fixed or 1
        self._last = time.perf_counter()
        self._warm = False

    def next_size(self) -> int:
        """Return how many steps to run next."""
        return self.fixed or self.size

    def finished(self, steps: int) -> None:
        """Learn that `steps` steps have just finished."""
        now = time.perf_counter()
        elapsed, self._last = now - self._last, now
        if self.fixed:
            return
        if not self._warm:  # compilation was in the time of the first
            self._warm = True
            return
        wanted = self.seconds * steps / max(elapsed, 1e-6)
        self.size = int(max(1, min(wanted, self.size * _GROWTH)))

    def resume(self) -> None:
        """Start the clock anew, after something else took time."""
        self._last = time.perf_counter()
