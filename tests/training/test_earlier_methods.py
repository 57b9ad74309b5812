"""Keras 2's method names do what took their place, and say so."""

from __future__ import annotations

import numpy as np
import pytest

import nyala

X = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")


def batches():
    while True:
        yield X[:4], np.zeros((4, 1), "float32")


def model(units=1):
    made = nyala.Sequential([nyala.Input((3,)), nyala.layers.Dense(units, activation="sigmoid")])
    made.compile("sgd", "mse")
    return made


def test_generators_go_to_fit_evaluate_and_predict():
    made = model()
    with pytest.warns(DeprecationWarning, match="use fit, which takes generators"):
        history = made.fit_generator(batches(), steps_per_epoch=2, epochs=2, verbose=0)
    assert len(history.history["loss"]) == 2
    with pytest.warns(DeprecationWarning, match="evaluate"):
        assert made.evaluate_generator(batches(), steps=1) >= 0
    with pytest.warns(DeprecationWarning, match="predict"):
        assert made.predict_generator((X[:4] for _ in range(2)), steps=2).shape == (8, 1)


@pytest.mark.parametrize("units", [1, 4])
def test_classes_follow_from_the_scores(units):
    made = model(units)
    scores = made.predict(X, verbose=0)
    with pytest.warns(DeprecationWarning, match="argmax"):
        classes = made.predict_classes(X)
    expected = scores.argmax(-1) if units > 1 else scores > 0.5
    np.testing.assert_array_equal(classes, expected)
    with pytest.warns(DeprecationWarning, match="use predict"):
        np.testing.assert_array_equal(made.predict_proba(X), scores)


def test_metrics_may_be_the_third_argument_of_compile():
    made = model()
    made.compile("sgd", "mse", ["mae"])
    assert set(made.fit(X, np.zeros((8, 1)), verbose=0).history) == {"loss", "mae"}
    made.compile("sgd", "mse", [nyala.metrics.MeanAbsoluteError()], [2.0])
    assert made._compile_arguments["loss_weights"] == [2.0]
    made.compile("sgd", "mse", [0.5])
    assert made._compile_arguments["metrics"] is None
