from __future__ import annotations

import contextlib

import jax
import pytest

_COMPILED = "/jax/core/compile/backend_compile_duration"


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
