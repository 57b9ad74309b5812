"""What holds for every test and every doctest: one platform, no network, no state left behind."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

import pytest

# Set before anything imports jax or keras; both read their environment once.
os.environ["KERAS_BACKEND"] = "jax"
if not os.environ.get("NYALA_TEST_GPU"):
    os.environ["JAX_PLATFORMS"] = "cpu"
# Compiled programs and files go here and not to the user's home; kept between runs for speed.
os.environ["NYALA_HOME"] = str(Path(__file__).parent / ".cache" / "nyala")
os.environ["KERAS_HOME"] = str(Path(__file__).parent / ".cache" / "keras")
# A data folder of the user's must not decide whether a test passes.
os.environ.pop("NYALA_DATASETS", None)


@pytest.fixture(autouse=True)
def _isolated_state():
    """Start each test with fresh names and seeds, and undo its changes to the settings.

    Only a nyala that is imported already has state; importing it here would hide that a test
    of `import nyala` itself fails.
    """
    with contextlib.ExitStack() as undo:
        if "nyala.core" in sys.modules:
            undo.enter_context(_restored_core(sys.modules["nyala.core"]))
        if "nyala.eager" in sys.modules:
            sys.modules["nyala.eager"].set_random_seed(1337)
        yield


@contextlib.contextmanager
def _restored_core(core):
    core.reset_names()
    x64 = _x64_enabled()
    settings = {
        name: value
        for name, value in vars(core.settings).items()
        if value is None or isinstance(value, (bool, int, float, str))
    }
    with core.fresh_registry():
        yield
    vars(core.settings).update(settings)
    core.set_dtype_policy(None)
    if _x64_enabled() != x64:
        sys.modules["jax"].config.update("jax_enable_x64", x64)


def _x64_enabled() -> bool:
    return "jax" in sys.modules and bool(sys.modules["jax"].config.jax_enable_x64)
