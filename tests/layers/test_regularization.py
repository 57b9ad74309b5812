"""Layers that act in training only: statistics, seeds, `training` handed down, wrong use."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import nyala
from nyala import layers

ONES = np.ones((64, 64), "float32")
NOISY = {
    "Dropout": lambda seed: layers.Dropout(0.3, seed=seed),
    "AlphaDropout": lambda seed: layers.AlphaDropout(0.3, seed=seed),
    "GaussianNoise": lambda seed: layers.GaussianNoise(0.3, seed=seed),
    "GaussianDropout": lambda seed: layers.GaussianDropout(0.3, seed=seed),
    "SpatialDropout1D": lambda seed: layers.SpatialDropout1D(0.3, seed=seed),
}


def shaped(name):
    return ONES[:, :, None] if name == "SpatialDropout1D" else ONES


@pytest.mark.parametrize("name", NOISY)
def test_seeds_and_training(name):
    inputs = shaped(name)
    first, second = NOISY[name](1), NOISY[name](1)
    drawn = first(inputs, training=True).numpy()
    np.testing.assert_array_equal(drawn, second(inputs, training=True))
    assert (drawn != first(inputs, training=True).numpy()).any()
    assert (drawn != NOISY[name](2)(inputs, training=True).numpy()).any()
    np.testing.assert_array_equal(first(inputs), inputs)
    np.testing.assert_array_equal(first(inputs, training=False), inputs)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_dropout_statistics(rate):
    y = layers.Dropout(rate, seed=3)(ONES, training=True).numpy()
    assert set(np.unique(y)) == {0.0, np.float32(1 / (1 - rate))}
    # 4096 draws: six standard errors.
    error = (rate * (1 - rate) / y.size) ** 0.5
    assert (y == 0).mean() == pytest.approx(rate, abs=6 * error)


def test_alpha_dropout_keeps_mean_and_variance():
    inputs = np.random.default_rng(0).normal(size=(200, 200)).astype("float32")
    y = layers.AlphaDropout(0.3, seed=3)(inputs, training=True).numpy()
    # 40,000 draws of variance 1: six standard errors are 0.03 for the mean, 0.06 for the variance.
    assert y.mean() == pytest.approx(0, abs=0.03)
    assert y.var() == pytest.approx(1, abs=0.06)


def test_gaussian_statistics():
    noise = layers.GaussianNoise(0.5, seed=3)(ONES, training=True).numpy() - 1
    factor = layers.GaussianDropout(0.2, seed=3)(ONES, training=True).numpy()
    for values, mean in ((noise, 0), (factor, 1)):
        assert values.mean() == pytest.approx(mean, abs=0.05)
        assert values.std() == pytest.approx(0.5, abs=0.04)


@pytest.mark.parametrize(
    ("layer", "shape", "shared"),
    [
        (lambda: layers.Dropout(0.5, noise_shape=(None, 1, None), seed=1), (4, 5, 6), (1,)),
        (lambda: layers.AlphaDropout(0.5, noise_shape=(4, 1, 6), seed=1), (4, 5, 6), (1,)),
        (lambda: layers.SpatialDropout2D(0.5, seed=1), (4, 3, 3, 6), (1, 2)),
        (lambda: layers.SpatialDropout2D(0.5, "channels_first", seed=1), (4, 6, 3, 3), (2, 3)),
        (lambda: layers.SpatialDropout3D(0.5, seed=1), (4, 3, 3, 3, 6), (1, 2, 3)),
    ],
)
def test_shared_choices(layer, shape, shared):
    y = layer()(np.ones(shape, "float32"), training=True).numpy()
    index = tuple(slice(0, 1) if axis in shared else slice(None) for axis in range(len(shape)))
    np.testing.assert_array_equal(y, np.broadcast_to(y[index], shape))
    assert len(np.unique(y[index])) == 2


def test_training_is_handed_down():
    class Block(layers.Layer):
        def __init__(self):
            super().__init__()
            self.inner = layers.Dropout(0.5, seed=1)

        def call(self, inputs):
            return self.inner(inputs)

    block = Block()
    assert (block(ONES, training=True).numpy() == 0).any()
    assert (block(ONES, training=False).numpy() == 1).all()
    assert (block(ONES).numpy() == 1).all()


def test_gradient_passes_what_was_kept():
    layer = layers.Dropout(0.5, seed=1)

    def total(values):
        y, _ = layer.stateless_call([], [layer.seed_generator.state.value], values, training=True)
        return jnp.sum(jnp.asarray(y)), jnp.asarray(y)

    gradient, y = jax.grad(total, has_aux=True)(ONES)
    np.testing.assert_array_equal(gradient, y)


def test_activity_regularization_adds_a_loss_in_a_graph():
    inputs = nyala.Input((2,))
    model = nyala.Model(inputs, layers.ActivityRegularization(0.5, 0.25)(inputs))
    model(np.array([[1.0, -3.0]], "float32"))
    assert [float(loss) for loss in model.losses] == [4.5]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.Dropout(1.5), r"Dropout\(rate=...\) expects a number from 0 to 1; got 1.5"),
        (lambda: layers.SpatialDropout1D("a"), r"SpatialDropout1D\(rate=...\)"),
        (lambda: layers.GaussianNoise(-1), r"GaussianNoise\(stddev=...\)"),
        (lambda: layers.GaussianDropout(1.0), "below 1"),
        (lambda: layers.Dropout(0.5, noise_shape="all"), "noise_shape"),
        (lambda: layers.Dropout(0.5, noise_shape=(2, 0)), "noise_shape"),
        (lambda: layers.Dropout(0.5, noise_shape=(1,))(ONES, training=True), "as many axes"),
        (lambda: layers.SpatialDropout1D(0.5)(ONES), "ndim=3"),
        (lambda: layers.Dropout(0.5, sede=1), "Did you mean 'seed'"),
    ],
)
def test_wrong_use(make, message):
    with pytest.raises(ValueError, match=message):
        make()
