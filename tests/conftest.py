"""Fixtures for tests that need more than the package."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parent.parent


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
