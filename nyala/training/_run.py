"""One pass over data: steps, callbacks, the clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nyala.training._feeds import wait_for
from nyala.training._logs import Logs
from nyala.training._pace import Pace


class Listeners:
    """Who is told about batches, and how often.

    Args:
        callbacks: the callback list.
        mode: `"train"`, `"test"` or `"predict"`.
    """

    def __init__(self, callbacks: Any, mode: str):
        self.begin = getattr(callbacks, f"on_{mode}_batch_begin")
        self.end = getattr(callbacks, f"on_{mode}_batch_end")
        self.wants_batches = callbacks.wants_batches(mode)
        self.shown = callbacks.shows_progress()
        self._callbacks = callbacks
        self._backups = callbacks.backups if mode == "train" else []
        self._mode = mode

    def until_due(self, done: int) -> int | None:
        """Return after how many more batches of the epoch a piece must end, `None` for any."""
        return self._callbacks.batches_until_due(done) if self._mode == "train" else None

    def end_due(self, done: int, logs: Any) -> None:
        """Tell those that take part in some batches only."""
        if not self.wants_batches:  # else they were told with the others
            self._callbacks.on_due_batch_end(done - 1, logs)

    def save(self, done: int, logs: Any) -> None:
        """Let the whole run be saved, after everybody has been told, where that is due."""
        for backup in self._backups:
            backup.after_batches(done, logs)


def run_pass(model: Any, feed: Any, listeners: Listeners, limit: int | None, *,
             resume: bool = False, within: bool = False, first: int = 0,
             should_stop: Callable[[], bool] = lambda: False,
             each: Callable[[Any], None] | None = None) -> tuple[int, Any]:  # fmt: skip
    """Run one pass; return the number of steps and the last logs.

    Args:
        model: the model (its `steps_per_execution` fixes the pace where batches are listened to).
        feed: the data.
        listeners: who is told.
        limit: the most steps to run, or `None`.
        resume: whether to go on where the last pass stopped.
        within: whether this goes on within an epoch that another process began.
        first: the number of steps of this epoch that ran before.
        should_stop: asked after every piece.
        each: called with what every single step returned (for `predict`).
    """
    if within:
        feed.go_on(limit)
    else:
        feed.begin_epoch(resume, limit)
    pace = Pace(listeners.shown, model.steps_per_execution if listeners.wants_batches else None)
    done, logs, before = 0, None, None
    while limit is None or done < limit:
        size = pace.next_size() if each is None else 1
        if limit is not None:
            size = min(size, limit - done)
        due = listeners.until_due(first + done)
        if due is not None:
            size = min(size, due)
        if listeners.wants_batches:
            listeners.begin(first + done, {})
        count, result = _run_pieces(feed, size)
        if not count:
            break
        done += count
        logs = result
        if each is not None:
            each(result)
        if due is not None:
            listeners.end_due(first + done, logs)
        if listeners.wants_batches:
            listeners.end(first + done - 1, {"outputs": logs} if each is not None else logs)
        else:
            # One piece stays in flight while the bar shows the one before it.
            wait_for(before)
            pace.finished(count)
            if listeners.shown:
                shown = logs if before is None else before
                listeners.end(first + done - 1, shown if isinstance(shown, Logs) else {})
        if due is not None:
            listeners.save(first + done, logs)
        before = result
        if should_stop():
            break
    return done, logs


def _run_pieces(feed: Any, size: int) -> tuple[int, Any]:
    """Run `size` steps, in as many programs as that takes; return how many, and the last logs."""
    done, logs = 0, None
    while done < size:
        count, result = feed.run(size - done)
        if not count:
            break
        done, logs = done + count, result
    return done, logs
