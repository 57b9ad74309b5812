"""Fixtures for tests that need more than the package."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parent.parent
_DIFFERENTIAL = Path(__file__).parent / "differential"
_EVERY = 4


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave three quarters of the comparisons with real Keras to `make soak`.

    They take as long as all other tests together, most of it for what Keras compiles. Of the cases
    of each test, every fourth runs always; `-m ""` runs all of them.
    """
    counts: Counter[str] = Counter()
    for item in items:
        if not item.path.is_relative_to(_DIFFERENTIAL) or not hasattr(item, "callspec"):
            continue
        test = item.nodeid.partition("[")[0]
        if counts[test] % _EVERY:
            item.add_marker(pytest.mark.soak)
        counts[test] += 1


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder that holds `pyproject.toml`."""
    return _ROOT


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The optional large inputs: in `$NYALA_SHARED`, else in `shared` next to the checkout."""
    named = os.environ.get("NYALA_SHARED")
    folder = Path(named) if named else _ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"needs the optional inputs in {folder}; set NYALA_SHARED to where they lie")
    return folder


def _threads_of_pipelines() -> set[threading.Thread]:
    return {t for t in threading.enumerate() if t.name.startswith("nyala-")}


@pytest.fixture
def threads_of_pipelines():
    """A function that returns the threads that were begun since, and work for pipelines.

    At the end of the test there is none.
    """
    before = _threads_of_pipelines()
    yield lambda: _threads_of_pipelines() - before
    deadline = time.monotonic() + 10
    while _threads_of_pipelines() - before and time.monotonic() < deadline:
        gc.collect()
        time.sleep(0.01)
    assert not _threads_of_pipelines() - before


_FORGET_AT = 2 << 30  # bytes of this process in memory
_forget_at = _FORGET_AT


@pytest.fixture(scope="module", autouse=True)
def _small_heap():
    """Keep what earlier modules left from slowing down this one.

    Every module leaves compiled programs, which JAX keeps for good. The garbage collector, which
    many tests call, would walk over all of them each time: it is told to pass them by. When they
    have become too many for a machine's memory, they are forgotten; oftener would cost more, for
    the next modules compile the common ones again.

    This happens before a module and not after one, whose last test is still held then.
    """
    global _forget_at
    if _resident_bytes() > _forget_at:
        gc.unfreeze()
        if "jax" in sys.modules:
            sys.modules["jax"].clear_caches()
        gc.collect()
        _forget_at = max(_FORGET_AT, _resident_bytes() + (1 << 30))
    gc.collect()
    gc.freeze()


def _resident_bytes() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:  # another system than Linux
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
