"""Fixtures for tests that need more than the package."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parent.parent


# Thousands of compiled programs take gigabytes; those of other modules are of no more use.
_MOST_RESIDENT = 2 * 2**30


@pytest.fixture(autouse=True, scope="module")
def _forget_programs() -> Iterator[None]:
    yield
    if "jax" in sys.modules and _resident() > _MOST_RESIDENT:
        sys.modules["jax"].clear_caches()
        if "nyala.eager" in sys.modules:
            sys.modules["nyala.eager"].forget_recorded()
        gc.collect()


def _resident() -> int:
    """Bytes of memory that this process has now; 0 where that cannot be told."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


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
