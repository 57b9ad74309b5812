"""The progress bar."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import numpy as np

from nyala.callbacks._console import console, display_width

# Nobody reads faster than this, and notebooks freeze when they are sent more.
_LIVE_SECONDS = 0.1
# A log file shows life once a minute.
_PLAIN_SECONDS = 60.0
_SHORTEST_BAR = 5


class Progbar:
    """Shows how far a loop over steps is, how fast it runs and what it measures.

    In a terminal or a notebook one line is drawn over and over, at most ten times a second and
    never wider than the terminal; elsewhere whole lines are written, one a minute and one at the
    end. The bar falls back to ASCII where the encoding of the stream has no lines to draw with.

    Args:
        target: number of steps expected, or `None` where it is not known.
        width: width of the bar, in characters.
        verbose: 0 writes nothing, 1 draws a bar, 2 writes one line at the end.
        interval: the shortest time between two redraws, in seconds; less than 0.1 counts as 0.1.
        stateful_metrics: names of values that are shown as given; all others are averaged over
            steps.
        stateless_metrics: names of values that are averaged over steps; all others are shown as
            given. Give either this or `stateful_metrics`.
        unit_name: what a step is called.

    Raises:
        ValueError: both `stateful_metrics` and `stateless_metrics` are given.

    >>> import nyala
    >>> from nyala.callbacks import Progbar
    >>> bar = Progbar(target=2, verbose=2)
    >>> bar.update(1, [("loss", 1.0)])
    >>> bar.update(2, [("loss", 0.5)])
    2/2 - 0s - .../step - loss: 0.7500
    """

    def __init__(
        self,
        target: int | None,
        width: int = 20,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None,
        stateless_metrics: Iterable[str] | None = None,
        unit_name: str = "step",
    ):
        if stateful_metrics is not None and stateless_metrics is not None:
            raise ValueError(
                "Progbar takes either stateful_metrics (all others are averaged) or "
                "stateless_metrics (all others are shown as given), not both."
            )
        self.target = target
        self.width = width
        self.verbose = verbose
        self.interval = interval
        self.unit_name = unit_name
        self.stateful_metrics = (
            None if stateless_metrics is not None else set(stateful_metrics or ())
        )
        self.stateless_metrics = None if stateless_metrics is None else set(stateless_metrics)
        self.prefix = ""  # begins a plain line
        self._seen_so_far = 0
        self._values: dict[str, _Average] = {}
        self._start = time.monotonic()
        self._first: tuple[int, float] | None = None  # step and time of the first update
        self._stepped_at = self._start  # what follows the last step is no part of the rate
        self._drawn_at: float | None = None

    def update(
        self,
        current: int,
        values: Iterable[tuple[str, Any]] | None = None,
        finalize: bool | None = None,
    ) -> None:
        """Show that `current` steps are done.

        Args:
            current: number of steps done.
            values: pairs of a name and its value over the steps since the last update.
            finalize: whether this is the last update; by default it is when `current` reaches
                the target. Values of a last update that adds no step replace the averages.
        """
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        now = time.monotonic()
        steps = current - self._seen_so_far
        for name, value in values or ():
            self._take(name, value, steps, finalize)
        self._seen_so_far = current
        if steps:
            self._stepped_at = now
        if current and self._first is None:
            self._first = (current, now)
        if not finalize and not self.is_due(now):
            return
        if self.verbose == 1 and console.is_live():
            console.draw(self._live_line(current, now, finalize), last=finalize)
            self._drawn_at = now
        elif self.verbose == 1 or (self.verbose == 2 and finalize):
            console.say(self._plain_line(current, now))
            self._drawn_at = now

    def add(self, n: int, values: Iterable[tuple[str, Any]] | None = None) -> None:
        """Show that `n` more steps are done; `values` as for `update`."""
        self.update(self._seen_so_far + n, values)

    def is_due(self, now: float | None = None) -> bool:
        """Whether an update that is not the last would be shown: if not, it needs no values."""
        if self.verbose != 1:
            return False
        if now is None:
            now = time.monotonic()
        if console.is_live():
            since = self._drawn_at
            return since is None or now - since >= max(self.interval, _LIVE_SECONDS)
        since = self._start if self._drawn_at is None else self._drawn_at
        return now - since >= max(self.interval, _PLAIN_SECONDS)

    def _take(self, name: str, value: Any, steps: int, finalize: bool) -> None:
        """Learn a value over the last `steps` steps."""
        if not self._is_averaged(name) or (finalize and steps <= 0):
            self._values[name] = _Average(value)
        elif name in self._values:
            self._values[name].add(value, max(1, steps))
        else:
            self._values[name] = _Average(value, max(1, steps))

    def _is_averaged(self, name: str) -> bool:
        if self.stateless_metrics is not None:
            return name in self.stateless_metrics
        return name not in self.stateful_metrics

    # -- the line ---------------------------------------------------------------------------------

    def _live_line(self, current: int, now: float, finalize: bool) -> str:
        """Return the line with a bar, cut to the terminal's width unless it is the last one."""
        seconds = now - self._start
        rate = self._seconds_per_step(current)
        # The first steps compile: they tell nothing about the time that is left.
        if self.target and not finalize and current > self._first_step():
            seconds = rate * max(0, self.target - current)
        head = self._count(current) or f"{current:>7}/Unknown"
        tail = f" {_duration(seconds)} {_rate(rate, self.unit_name)}"
        tail += "".join(f" - {text}" for text in self._texts())
        columns = console.columns()
        bar_width = self.width if self.target else 0
        if columns is not None:
            room = columns - display_width(head) - display_width(tail) - 1
            bar_width = min(bar_width, room) if room >= _SHORTEST_BAR else 0
        bar = f" {_bar(bar_width, current / self.target)}" if bar_width > 0 else ""
        if columns is not None and not finalize:  # the last line may wrap: nothing is drawn over it
            room = columns - display_width(head + bar)
            return _cut(head, columns) if room <= 0 else head + bar + _cut(tail, room)
        return head + bar + tail

    def _plain_line(self, current: int, now: float) -> str:
        """Return the line for a file."""
        parts = [self._count(current) or (str(current) if current else "")]
        parts.append(_duration(now - self._start))
        if current:
            parts.append(_rate(self._seconds_per_step(current), self.unit_name))
        return self.prefix + " - ".join([part for part in parts if part] + self._texts())

    def _count(self, current: int) -> str:
        if not self.target:
            return ""
        return f"{current:>{len(str(self.target))}}/{self.target}"

    def _texts(self) -> list[str]:
        return [f"{name}: {value}" for name, value in self._values.items()]

    def _first_step(self) -> int:
        return self._first[0] if self._first else 0

    def _seconds_per_step(self, current: int) -> float:
        """Return the time of a step, without those of the first update: they compile."""
        if not current:
            return 0.0
        if current > self._first_step():
            return (self._stepped_at - self._first[1]) / (current - self._first[0])
        return (self._stepped_at - self._start) / current


class _Average:
    """A mean over steps, or any other value, as text."""

    def __init__(self, value: Any, steps: int = 1):
        self.value, self.steps = value, steps

    def add(self, value: Any, steps: int) -> None:
        self.steps += steps
        self.value = self.value + (value - self.value) * (steps / self.steps)

    def __str__(self) -> str:
        if isinstance(self.value, str) or self.value is None:
            return str(self.value)
        number = float(np.mean(np.asarray(self.value)))
        return f"{number:.4f}" if abs(number) > 1e-3 or number == 0 else f"{number:.4e}"


def _bar(width: int, share: float) -> str:
    done = int(width * min(1.0, max(0.0, share)))
    if not console.can_print("━─"):
        return "=" * done + (">" if done < width else "") + "." * (width - done - 1)
    full, rest = "━" * done, "─" * (width - done)
    return f"\x1b[32m{full}\x1b[0m{rest}" if full and console.has_colors() else full + rest


def _cut(text: str, columns: int) -> str:
    """Return as much of `text` as fits, with dots where something is left out."""
    if display_width(text) <= columns:
        return text
    dots = "…" if console.can_print("…") else "..."
    while text and display_width(text) + len(dots) > columns:
        text = text[:-1]
    return (text + dots)[:columns]


def _duration(seconds: float) -> str:
    minutes, left = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{left:02}"
    return f"{minutes}:{left:02}" if minutes else f"{left}s"


def _rate(seconds: float, unit: str) -> str:
    if seconds >= 1 or seconds == 0:
        return f"{seconds:.0f}s/{unit}"
    if seconds >= 1e-3:
        return f"{seconds * 1e3:.0f}ms/{unit}"
    return f"{seconds * 1e6:.0f}us/{unit}"
