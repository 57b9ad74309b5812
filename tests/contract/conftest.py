from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import jax
import pytest

_COMPILED = "/jax/core/compile/backend_compile_duration"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of one row behind one another, so that they share what it compiled.

    They then fall to the same worker, too, and what the row left can be forgotten after them. Every
    layer's first row runs always, its variants in `make soak` (and with `-m ""`).
    """
    first: dict[str, object] = {}
    for item in items:
        row = _row_of(item)
        if row is not None and hasattr(row[1], "variant") and (
            first.setdefault(row[1].layer, row[1]) is not row[1]
        ):  # fmt: skip
            item.add_marker(pytest.mark.soak)
    places = [i for i, item in enumerate(items) if _row_of(item) is not None]
    rows = list(dict.fromkeys(_row_of(items[i]) for i in places))
    number = {row: n for n, row in enumerate(rows)}
    for place, item in zip(
        places,
        sorted((items[i] for i in places), key=lambda item: number[_row_of(item)]),
        strict=True,
    ):
        items[place] = item


def _row_of(item: pytest.Item) -> tuple[str, Any] | None:
    callspec = getattr(item, "callspec", None)
    if callspec is None or item.path.parent != Path(__file__).parent:
        return None
    row = callspec.params.get("row")
    return None if row is None else (item.path.name, callspec.params["row"])


class Counter:
    """Counts XLA compilations."""

    def __init__(self):
        self.count = 0
        self.on = False

    def __call__(self, event: str, duration: float, **kwargs) -> None:
        if self.on and event == _COMPILED:
            self.count += 1


_counter = Counter()


@pytest.fixture(scope="session")
def _listening_counter():
    # jax has no public way to take one listener away: it stays, switched off.
    jax.monitoring.register_event_duration_secs_listener(_counter)
    return _counter


@pytest.fixture
def count_compilations(_listening_counter):
    """A context manager that counts the compilations inside it."""

    @contextlib.contextmanager
    def counting():
        counter = _listening_counter
        counter.count, counter.on = 0, True
        try:
            yield counter
        finally:
            counter.on = False

    return counting
