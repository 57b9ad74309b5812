"""One measurement: as many calls as make it long enough, divided by the steps in them."""

from __future__ import annotations

import time
from collections.abc import Callable

# Short calls are repeated for about as long, so that the clock and the scheduler weigh little.
_SECONDS = 0.2


def stopwatch(call: Callable[[], object], steps: int, tiny: bool) -> Callable[[], float]:
    """Warm `call` up and return what measures it once, in seconds a step.

    Args:
        call: runs `steps` steps and waits for their results.
        steps: how many.
        tiny: whether one call is enough.
    """
    call()  # compiles
    count = 1 if tiny else max(1, round(_SECONDS / _seconds(call, 1)))
    return lambda: _seconds(call, count) / (count * steps)


def _seconds(call: Callable[[], object], count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        call()
    return time.perf_counter() - start
