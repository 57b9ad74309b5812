"""Regularizers: arguments, names, errors."""

from __future__ import annotations

import numpy as np
import pytest

from nyala import regularizers

X = np.array([[1.0, -2.0], [3.0, 0.5]], "float32")


def test_penalties_by_hand():
    assert float(regularizers.L1(0.1)(X)) == pytest.approx(0.65)
    assert float(regularizers.L2(0.1)(X)) == pytest.approx(1.425)
    assert float(regularizers.L1L2(0.1, 0.1)(X)) == pytest.approx(2.075)
    assert float(regularizers.L1L2()(X)) == 0.0


def test_the_penalty_has_the_dtype_of_the_weight():
    assert regularizers.L2(0.1)(X.astype("float16")).dtype == "float16"


def test_keras_2_spellings():
    assert regularizers.l2(l=0.3).l2 == 0.3
    assert regularizers.get("l1_l2").get_config() == {"l1": 0.01, "l2": 0.01}
    assert regularizers.L1(None).l1 == 0.01


def test_names():
    for name, cls in {
        "l1": "L1",
        "L2": "L2",
        "orthogonal_regularizer": "OrthogonalRegularizer",
    }.items():
        assert type(regularizers.get(name)) is getattr(regularizers, cls)
    assert regularizers.get(None) is None


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf"), "much"])
def test_the_factor_must_be_a_number_that_is_not_negative(value):
    with pytest.raises(ValueError, match="not negative"):
        regularizers.L2(value)


def test_errors():
    with pytest.raises(ValueError, match="Did you mean"):
        regularizers.get("L22")
    with pytest.raises(TypeError, match=r"unknown arguments \['lambda_'\]"):
        regularizers.L1(lambda_=3)
    with pytest.raises(ValueError, match="'rows' or 'columns'"):
        regularizers.OrthogonalRegularizer(mode="row")
    with pytest.raises(ValueError, match="expects a matrix"):
        regularizers.OrthogonalRegularizer()(np.zeros((2, 2, 2), "float32"))
    with pytest.raises(TypeError, match="implement get_config"):
        regularizers.serialize(regularizers.Regularizer())
