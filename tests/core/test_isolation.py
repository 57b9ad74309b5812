"""Every test starts the same (`conftest.py`): these spoil it for each other, in any order."""

from __future__ import annotations

import jax
import numpy as np
import pytest

import nyala.eager  # noqa: F401  # with it imported, the fixture seeds
from nyala import core


@pytest.mark.parametrize("time", ["first", "second"])
def test_each_test_starts_afresh(time):
    assert core.auto_name("dense") == "dense"
    assert core.settings.floatx() == core.dtype_policy().name == "float32"
    assert core.settings.eager_mode() == "recorded"
    assert not any("spoilt" in name for name in core.get_custom_objects())
    assert not jax.config.jax_enable_x64
    assert np.random.randint(1 << 30) == np.random.RandomState(1337).randint(1 << 30)

    core.settings.set_floatx("float64")
    core.settings.set_eager_mode("immediate")
    core.set_dtype_policy("mixed_bfloat16")
    core.register_keras_serializable("spoilt")(test_each_test_starts_afresh)
    assert jax.config.jax_enable_x64
    assert core.get_custom_objects()
