"""Normalizing layers: training and inference, precision, old files, wrong use."""

from __future__ import annotations

import numpy as np
import pytest

import nyala
from nyala import layers


def random(*shape, scale=1.0, shift=0.0):
    return (np.random.default_rng(0).normal(size=shape) * scale + shift).astype("float32")


def test_batch_normalization_learns_statistics_only_in_training():
    layer, x = layers.BatchNormalization(momentum=0.0), random(64, 3, scale=4, shift=2)
    layer(x)
    np.testing.assert_array_equal(layer.moving_mean.numpy(), np.zeros(3))
    y = layer(x, training=True).numpy()
    np.testing.assert_allclose(y.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(y.std(0), 1, atol=1e-3)
    np.testing.assert_allclose(layer.moving_mean.numpy(), x.mean(0), rtol=1e-5)
    np.testing.assert_allclose(layer.moving_variance.numpy(), x.var(0), rtol=1e-4)
    np.testing.assert_allclose(layer(x).numpy(), y, rtol=1e-4, atol=1e-4)


def test_frozen_batch_normalization_infers():
    layer, x = layers.BatchNormalization(), random(8, 3, shift=5)
    layer(x)
    layer.trainable = False
    np.testing.assert_array_equal(layer(x, training=True).numpy(), layer(x).numpy())
    np.testing.assert_array_equal(layer.moving_mean.numpy(), np.zeros(3))


def test_batch_normalization_computes_half_precision_in_float32():
    # Squares of these overflow float16.
    layer, x = layers.BatchNormalization(dtype="mixed_float16"), random(64, 2, scale=300, shift=400)
    y = layer(x, training=True)
    assert y.dtype == "float16"
    assert layer.moving_variance.dtype == "float32"
    np.testing.assert_allclose(y.numpy().astype("float32").std(0), 1, atol=1e-2)
    assert np.isfinite(layer(x).numpy()).all()


@pytest.mark.parametrize(
    "layer",
    [layers.LayerNormalization, lambda **k: layers.GroupNormalization(1, **k),
     layers.UnitNormalization, layers.RMSNormalization],
)  # fmt: skip
def test_others_compute_half_precision_in_float32(layer):
    x = random(4, 256, scale=300, shift=100)
    y = layer(dtype="float16")(x)
    assert y.dtype == "float16"
    np.testing.assert_allclose(
        y.numpy().astype("float32"), layer()(x).numpy(), rtol=2e-2, atol=1e-2
    )


def test_batch_normalization_takes_what_keras_2_wrote():
    layer = layers.BatchNormalization.from_config(
        {"axis": [3], "momentum": 0.9, "epsilon": 0.01, "fused": True, "name": "bn"}
    )
    assert layer.axis == 3
    assert layer(random(2, 3, 3, 4)).shape == (2, 3, 3, 4)


def test_batch_normalization_takes_synchronized():
    assert layers.BatchNormalization(synchronized=True).get_config()["synchronized"] is True


def test_batch_normalization_wrong_use():
    x = random(4, 3, 5)
    with pytest.raises(ValueError, match=r"'bn': axis=3 is out of bounds .*\(4, 3, 5\)"):
        layers.BatchNormalization(axis=3, name="bn")(x)
    with pytest.raises(ValueError, match=r"without its last axis; got a mask of shape \(4,\)"):
        layers.BatchNormalization()(x, training=True, mask=np.ones(4, bool))
    with pytest.raises(ValueError, match=r"axis -1 .* known length"):
        layers.BatchNormalization()(nyala.KerasTensor((None, None)))
    for clipping, message in (
        ({"rmx": 1}, "the key 'rmx'"),
        ({"rmax": 1, "rmin": 2}, "rmax=1 is below rmin=2"),
        ({"dmax": -1}, "dmax=-1 is negative"),
    ):
        with pytest.raises(ValueError, match=message):
            layers.BatchNormalization(renorm=True, renorm_clipping=clipping)


def test_group_normalization_extremes():
    x = random(2, 5, 6)
    one, each = layers.GroupNormalization(1)(x).numpy(), layers.GroupNormalization(-1)(x).numpy()
    np.testing.assert_allclose(one.mean((1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(each.mean(1), 0, atol=1e-5)


def test_group_normalization_wrong_use():
    for groups in (0, -2, 1.5):
        with pytest.raises(ValueError, match=r"groups=...\) expects a positive integer, or -1"):
            layers.GroupNormalization(groups)
    with pytest.raises(ValueError, match=r"6 channels do not divide into groups=4.*\(2, 6\)"):
        layers.GroupNormalization(4)(random(2, 6))


@pytest.mark.parametrize(
    "cls", [layers.LayerNormalization, layers.RMSNormalization, layers.UnitNormalization]
)
def test_axis_is_an_integer_or_several(cls):
    with pytest.raises(TypeError, match=rf"{cls.__name__}\(axis=...\) expects an integer"):
        cls(axis="last")


def test_spectral_normalization_brings_the_largest_singular_value_to_one():
    layer = layers.SpectralNormalization(layers.Dense(4), power_iterations=30)
    layer(random(2, 6))
    layer.kernel.assign(random(6, 4, scale=3))
    layer(random(2, 6), training=True)
    assert np.linalg.norm(layer.layer.kernel.numpy(), 2) == pytest.approx(1, rel=1e-3)


def test_spectral_normalization_leaves_zeros():
    layer = layers.SpectralNormalization(layers.Dense(4, kernel_initializer="zeros"))
    layer(random(2, 6), training=True)
    np.testing.assert_array_equal(layer.kernel.numpy(), np.zeros((6, 4)))


def test_spectral_normalization_wrong_use():
    with pytest.raises(ValueError, match="power_iterations"):
        layers.SpectralNormalization(layers.Dense(4), power_iterations=0)
    with pytest.raises(ValueError, match="Flatten 'f' has neither"):
        layers.SpectralNormalization(layers.Flatten(name="f"))(random(2, 6))
