"""`evaluate`: loss and metrics on data."""

from __future__ import annotations

from typing import Any

from nyala.data import InMemoryData
from nyala.training import _setup
from nyala.training._feeds import make_feed
from nyala.training._prepare import build_all, check_labels
from nyala.training._run import Listeners, run_pass


def evaluate(
    model: Any,
    x: Any,
    y: Any,
    *,
    batch_size: int | None,
    verbose: Any,
    sample_weight: Any,
    steps: int | None,
    callbacks: Any,
    return_dict: bool,
) -> Any:
    """Evaluate `model`; see `Trainer.evaluate`."""
    steps = _setup.capped(steps)
    feed = make_test_feed(model, x, y, sample_weight, batch_size)
    _setup.check_ends(feed.data, steps, "evaluate()", "steps")
    callback_list = _setup.as_callback_list(callbacks, model, verbose, epochs=1,
                                          steps=steps or feed.steps)  # fmt: skip
    try:
        results = run_feed(model, feed, callback_list, limit=steps)
    finally:
        feed.close()
    return results if return_dict else as_list(results)


def make_test_feed(model: Any, x: Any, y: Any, sample_weight: Any, batch_size: int | None) -> Any:
    """Return a feed of test steps."""
    data = _setup.make_data(x, y, sample_weight, batch_size)
    y_pred = build_all(model, data.head(), "test")
    if isinstance(data, InMemoryData):
        check_labels(model, data, y_pred)
    return make_feed(data, model._programs_for("test"), model._fuses_steps())


def run_feed(model: Any, feed: Any, callbacks: Any, limit: int | None = None) -> dict:
    """Run test steps over a feed; return the logs as plain numbers."""
    model.reset_metrics()
    callbacks.on_test_begin()
    done, logs = run_pass(model, feed, Listeners(callbacks, "test"), limit)
    if not done:
        raise ValueError("The data to evaluate on is empty: it yielded no batch.")
    feed.end_epoch()
    results = dict(logs)
    callbacks.on_test_end(results)
    return results


def as_list(results: dict) -> Any:
    """Return results as `evaluate` does: a number where there is one, else a list."""
    values = list(results.values())
    return values[0] if len(values) == 1 else values
