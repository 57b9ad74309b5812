"""Initializers, regularizers and constraints beside real Keras."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nyala import constraints, initializers, regularizers
from nyala.initializers._windows import WINDOWS, get_window

keras = pytest.importorskip("keras")

SHAPES = [(40, 60), (3, 3, 8, 16), (500,)]
RANDOM = [
    ("RandomNormal", {"mean": 0.5, "stddev": 0.3}),
    ("TruncatedNormal", {"mean": 0.5, "stddev": 0.3}),
    ("RandomUniform", {"minval": -1.0, "maxval": 0.5}),
    ("GlorotNormal", {}),
    ("GlorotUniform", {}),
    ("HeNormal", {}),
    ("HeUniform", {}),
    ("LecunNormal", {}),
    ("LecunUniform", {}),
    ("VarianceScaling", {"mode": "fan_out", "distribution": "untruncated_normal"}),
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(("name", "config"), RANDOM)
def test_same_moments(name, config, shape):
    ours = np.asarray(getattr(initializers, name)(seed=1, **config)(shape))
    theirs = np.asarray(getattr(keras.initializers, name)(seed=1, **config)(shape))
    # At least 500 draws: 15 % on the deviation is more than four standard errors.
    tolerance = 0.15 if ours.size < 1000 else 0.08
    assert ours.std() == pytest.approx(theirs.std(), rel=tolerance)
    standard_error = float(theirs.std()) / ours.size**0.5
    assert ours.mean() == pytest.approx(theirs.mean(), abs=6 * standard_error)
    assert ours.dtype == theirs.dtype


@pytest.mark.parametrize("side", ["real", "imag"])
@pytest.mark.parametrize(
    ("window", "scaling", "periodic"),
    [("hann", "density", False), ("blackman", "spectrum", True), (None, None, False)],
)
def test_stft(side, window, scaling, periodic):
    ours = initializers.STFT(side, window, scaling, periodic)((32, 1, 17))
    theirs = keras.initializers.STFT(side, window, scaling, periodic)((32, 1, 17))
    # Keras computes the angles in float32, up to 100 radians: hence 2e-5.
    np.testing.assert_allclose(ours, theirs, atol=2e-5)


@pytest.mark.parametrize("name", WINDOWS)
@pytest.mark.parametrize("periodic", [False, True])
@pytest.mark.parametrize("length", [1, 8, 9])
def test_windows_agree_with_scipy(name, periodic, length):
    signal = pytest.importorskip("scipy.signal")
    theirs = signal.get_window(name, length, periodic)
    np.testing.assert_allclose(get_window(name, length, periodic), theirs, atol=1e-12)


CONFIGS = [
    (initializers.Constant(2), keras.initializers),
    (initializers.Orthogonal(0.5, seed=3), keras.initializers),
    (initializers.Identity(2.0), keras.initializers),
    (initializers.STFT("imag"), keras.initializers),
    (initializers.VarianceScaling(2.0, "fan_avg", "uniform", 1), keras.initializers),
    (initializers.HeNormal(seed=2), keras.initializers),
    (initializers.RandomUniform(seed=2), keras.initializers),
    (regularizers.L1(0.25), keras.regularizers),
    (regularizers.L2(0.25), keras.regularizers),
    (regularizers.L1L2(0.25, 0.5), keras.regularizers),
    (regularizers.OrthogonalRegularizer(0.5, "columns"), keras.regularizers),
    (constraints.MaxNorm(3, [0, 1]), keras.constraints),
    (constraints.MinMaxNorm(0.5, 1.5, 0.5, 1), keras.constraints),
    (constraints.NonNeg(), keras.constraints),
    (constraints.UnitNorm(1), keras.constraints),
]


@pytest.mark.parametrize(("ours", "module"), CONFIGS, ids=lambda x: type(x).__name__)
def test_configs_pass_between_the_two(ours, module):
    from nyala.core import deserialize_keras_object, serialize_keras_object

    data = serialize_keras_object(ours)
    theirs = module.deserialize(json.loads(json.dumps(data)))
    their_data = module.serialize(theirs)
    assert {k: v for k, v in their_data.items() if k != "config"} == {
        k: v for k, v in data.items() if k != "config"
    }
    config = json.loads(json.dumps(their_data["config"]))
    # Keras leaves the gain of Identity out, and holds some factors in float32 (0.25 is exact).
    ours_again = json.loads(json.dumps(data["config"]))
    assert config == {key: ours_again[key] for key in config}
    assert set(data["config"]) - set(config) <= {"gain"}
    back = deserialize_keras_object(json.loads(json.dumps(their_data)))
    assert type(back) is type(ours)


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("MaxNorm", {"max_value": 1.0}),
        ("MaxNorm", {"max_value": 1.0, "axis": [0, 1]}),
        ("MinMaxNorm", {"min_value": 0.5, "max_value": 1.0, "rate": 0.3, "axis": 1}),
        ("NonNeg", {}),
        ("UnitNorm", {"axis": 1}),
    ],
)
def test_constraints(name, config):
    w = np.random.default_rng(0).normal(size=(4, 5)).astype("float32")
    ours = getattr(constraints, name)(**config)(w)
    theirs = getattr(keras.constraints, name)(**config)(w)
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("L1", {"l1": 0.2}),
        ("L2", {"l2": 0.2}),
        ("L1L2", {"l1": 0.2, "l2": 0.3}),
        ("OrthogonalRegularizer", {"factor": 0.2}),
        ("OrthogonalRegularizer", {"factor": 0.2, "mode": "columns"}),
    ],
)
def test_regularizers(name, config):
    x = keras.ops.convert_to_tensor(np.random.default_rng(0).normal(size=(4, 5)), "float32")
    ours = getattr(regularizers, name)(**config)(np.asarray(x))
    theirs = getattr(keras.regularizers, name)(**config)(x)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)
