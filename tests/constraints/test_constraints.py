"""Constraints: values by hand, names, errors."""

from __future__ import annotations

import numpy as np
import pytest

from nyala import constraints

W = np.array([[3.0, 0.3], [-4.0, 0.4]], "float32")


def test_projections_by_hand():
    np.testing.assert_allclose(constraints.MaxNorm(1.0)(W), [[0.6, 0.3], [-0.8, 0.4]], atol=1e-6)
    np.testing.assert_allclose(
        constraints.MinMaxNorm(1.0, 2.0)(W), [[1.2, 0.6], [-1.6, 0.8]], atol=1e-6
    )
    np.testing.assert_allclose(constraints.UnitNorm()(W), [[0.6, 0.6], [-0.8, 0.8]], atol=1e-6)
    np.testing.assert_array_equal(constraints.NonNeg()(W), np.maximum(W, 0))


def test_the_dtype_is_kept():
    for constraint in (constraints.MaxNorm(), constraints.UnitNorm(), constraints.NonNeg()):
        assert constraint(W.astype("float16")).dtype == "float16"


def test_radial_constraint_makes_rings():
    kernel = np.arange(16.0, dtype="float32").reshape(4, 4, 1, 1)
    projected = np.asarray(constraints.RadialConstraint()(kernel))[:, :, 0, 0]
    expected = np.full((4, 4), 15.0)
    expected[1:3, 1:3] = 5.0
    np.testing.assert_array_equal(projected, expected)
    with pytest.raises(ValueError, match="size, size"):
        constraints.RadialConstraint()(W)


@pytest.mark.parametrize("name", ["max_norm", "MaxNorm", "min_max_norm", "non_neg", "unit_norm"])
def test_names_and_round_trip(name):
    constraint = constraints.get(name)
    back = constraints.deserialize(constraints.serialize(constraint))
    assert type(back) is type(constraint)
    assert back.get_config() == constraint.get_config()


def test_unknown_names():
    assert constraints.get(None) is None
    with pytest.raises(ValueError, match=r"Did you mean '(?i:max_?norm)'"):
        constraints.get("maxnrm")
