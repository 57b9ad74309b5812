"""Whole trainings against real Keras: same weights, same order of data, same histories.

Loss histories agree to 1e-4 over three epochs: float32 sums are taken in another order, and the
differences grow with the steps.
"""

from __future__ import annotations

import numpy as np
import pytest

import nyala

keras = pytest.importorskip("keras")

# Keras' own variables have an __array__ of the age before NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

EPOCHS, BATCH = 3, 16


def mlp(k):
    inputs = k.Input((12,))
    x = k.layers.Dense(16, activation="relu", kernel_regularizer="l2")(inputs)
    x = k.layers.BatchNormalization()(x)
    return k.Model(inputs, k.layers.Dense(4, activation="softmax")(x))


def cnn(k):
    return k.Sequential(
        [
            k.Input((10, 10, 2)),
            k.layers.Conv2D(6, 3, padding="same", activation="relu"),
            k.layers.MaxPooling2D(2),
            k.layers.Conv2D(8, 3, strides=2, activation="relu"),
            k.layers.Flatten(),
            k.layers.Dense(4),
        ]
    )


def lstm(k):
    return k.Sequential(
        [
            k.Input((7,), dtype="int32"),
            k.layers.Embedding(20, 5, mask_zero=True),
            k.layers.LSTM(6, return_sequences=True),
            k.layers.GRU(5),
            k.layers.Dense(1, activation="sigmoid"),
        ]
    )


def two_in_two_out(k):
    a, b = k.Input((5,), name="a"), k.Input((6, 3), name="b")
    x = k.layers.concatenate(
        [k.layers.Dense(4, activation="tanh")(a), k.layers.GlobalAveragePooling1D()(b)]
    )
    return k.Model([a, b], [k.layers.Dense(1, name="score")(x), k.layers.Dense(3, name="kind")(x)])


def rows(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def labels(seed, n, classes):
    return np.random.default_rng(seed).integers(0, classes, n).astype("int32")


def histories(build, compile_args, x, y, **fit_args):
    """Train the same model in both frameworks; return both histories."""
    theirs, ours = build(keras), build(nyala)
    ours.set_weights(theirs.get_weights())
    found = []
    for k, model in ((keras, theirs), (nyala, ours)):
        model.compile(**compile_args(k))
        history = model.fit(
            x, y, epochs=EPOCHS, batch_size=BATCH, shuffle=False, verbose=0, **fit_args
        )
        found.append(history.history)
    for theirs_w, ours_w in zip(theirs.get_weights(), ours.get_weights(), strict=True):
        np.testing.assert_allclose(ours_w, theirs_w, rtol=2e-3, atol=2e-4)
    return found


def assert_equal(found):
    theirs, ours = found
    assert set(theirs) == set(ours)
    for name in theirs:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-4, atol=1e-4, err_msg=name)


def classifier(k):
    return {
        "optimizer": k.optimizers.RMSprop(1e-2),
        "loss": "sparse_categorical_crossentropy",
        "metrics": ["accuracy"],
        "weighted_metrics": ["sparse_categorical_crossentropy"],
    }


@pytest.mark.parametrize("n", [64, 70], ids=["whole batches", "a smaller last batch"])
def test_mlp(n):
    x, y = rows(0, n, 12), labels(1, n, 4)
    held_out = (rows(2, 24, 12), labels(3, 24, 4))
    assert_equal(histories(mlp, classifier, x, y, validation_data=held_out))


def test_class_weight():
    x, y = rows(0, 60, 12), labels(1, 60, 4)
    assert_equal(histories(mlp, classifier, x, y, class_weight={0: 1.0, 1: 2.0, 2: 0.5, 3: 0.0}))


def test_sample_weight():
    x, y = rows(0, 60, 12), labels(1, 60, 4)
    weights = np.random.default_rng(2).random(60).astype("float32")
    assert_equal(histories(mlp, classifier, x, y, sample_weight=weights))


def test_cnn():
    def settings(k):
        return {
            "optimizer": k.optimizers.Adam(1e-2),
            "loss": k.losses.SparseCategoricalCrossentropy(from_logits=True),
            "metrics": ["accuracy"],
        }

    assert_equal(histories(cnn, settings, rows(0, 40, 10, 10, 2), labels(1, 40, 4)))


def test_lstm_with_a_mask():
    tokens = np.random.default_rng(0).integers(1, 20, (48, 7))
    tokens[np.arange(7) >= np.random.default_rng(1).integers(2, 8, (48, 1))] = 0

    def settings(k):
        return {
            "optimizer": k.optimizers.Adam(1e-2),
            "loss": "binary_crossentropy",
            "metrics": ["accuracy"],
        }

    assert_equal(histories(lstm, settings, tokens.astype("int32"), labels(2, 48, 2)))


def test_a_mask_over_time_steps_weighs_the_loss():
    def build(k):
        return k.Sequential(
            [
                k.Input((6, 3)),
                k.layers.Masking(),
                k.layers.SimpleRNN(4, return_sequences=True),
                k.layers.Dense(2),
            ]
        )

    x = rows(0, 32, 6, 3)
    x[:, 4:][::2] = 0.0

    def settings(k):
        return {"optimizer": k.optimizers.SGD(0.05), "loss": "mse"}

    assert_equal(histories(build, settings, x, rows(1, 32, 6, 2)))


def test_two_inputs_two_outputs():
    x = [rows(0, 48, 5), rows(1, 48, 6, 3)]
    y = [rows(2, 48, 1), labels(3, 48, 3)]

    def settings(k):
        return {
            "optimizer": k.optimizers.SGD(0.05, momentum=0.9),
            "loss": ["mse", k.losses.SparseCategoricalCrossentropy(from_logits=True)],
            "loss_weights": [0.5, 2.0],
            "metrics": [["mae"], ["accuracy"]],
        }

    assert_equal(histories(two_in_two_out, settings, x, y))


def test_evaluate_and_predict():
    theirs, ours = mlp(keras), mlp(nyala)
    ours.set_weights(theirs.get_weights())
    x, y = rows(0, 50, 12), labels(1, 50, 4)
    np.testing.assert_allclose(
        ours.predict(x, verbose=0, batch_size=16),
        theirs.predict(x, verbose=0),
        rtol=1e-5,
        atol=1e-6,
    )
    results = []
    for model in (theirs, ours):
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
        results.append(model.evaluate(x, y, batch_size=16, verbose=0))
    np.testing.assert_allclose(results[1], results[0], rtol=1e-5)
