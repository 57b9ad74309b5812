"""Models and optimizers through pickle and copy.deepcopy."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import nyala

X = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")


class Doubling(nyala.layers.Layer):
    """Not registered: pickle refers to the class itself."""

    def call(self, inputs):
        return inputs * 2


def built():
    model = nyala.Sequential([nyala.Input((3,)), nyala.layers.Dense(2), Doubling()])
    model.compile("adam", "mse")
    model.fit(X, X[:, :2], verbose=0)
    return model


@pytest.mark.parametrize("copied", [lambda m: pickle.loads(pickle.dumps(m)), copy.deepcopy],
                         ids=["pickle", "deepcopy"])  # fmt: skip
def test_a_model_is_copied_with_its_training_state(copied):
    model = built()
    other = copied(model)
    pairs = zip([*model.variables, *model.optimizer.variables],
                [*other.variables, *other.optimizer.variables], strict=True)  # fmt: skip
    for a, b in pairs:
        assert a is not b
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    before = model.get_weights()[0]
    other.fit(X, X[:, :2], verbose=0)
    np.testing.assert_array_equal(model.get_weights()[0], before)
    assert int(other.optimizer.iterations) == 2


def test_optimizers_and_metrics_are_pickled():
    optimizer = built().optimizer
    again = pickle.loads(pickle.dumps(optimizer))
    for a, b in zip(optimizer.variables, again.variables, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    mean = nyala.metrics.Mean()
    mean.update_state([1.0, 3.0])
    assert float(pickle.loads(pickle.dumps(mean)).result()) == 2.0
