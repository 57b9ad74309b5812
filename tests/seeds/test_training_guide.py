"""Seeds 000 and 002: training and evaluation with the built-in methods."""

from __future__ import annotations

import numpy as np
import pytest

import nyala as keras
from nyala import layers


def get_uncompiled_model():
    inputs = keras.Input(shape=(64,), name="digits")
    x = layers.Dense(64, activation="relu", name="dense_1")(inputs)
    x = layers.Dense(64, activation="relu", name="dense_2")(x)
    outputs = layers.Dense(10, activation="softmax", name="predictions")(x)
    return keras.Model(inputs=inputs, outputs=outputs)


def get_compiled_model():
    model = get_uncompiled_model()
    model.compile(
        optimizer="rmsprop",
        loss="sparse_categorical_crossentropy",
        metrics=["sparse_categorical_accuracy"],
    )
    return model


def test_end_to_end(digits):
    (x_train, y_train), (x_test, y_test) = digits
    x_val, y_val = x_train[-300:], y_train[-300:]
    x_train, y_train = x_train[:-300], y_train[:-300]
    model = get_uncompiled_model()
    model.compile(
        optimizer=keras.optimizers.RMSprop(),
        loss=keras.losses.SparseCategoricalCrossentropy(),
        metrics=[keras.metrics.SparseCategoricalCrossentropy()],
    )
    history = model.fit(
        x_train, y_train, batch_size=64, epochs=15, validation_data=(x_val, y_val), verbose=0
    )
    assert set(history.history) == {
        "loss", "sparse_categorical_crossentropy",
        "val_loss", "val_sparse_categorical_crossentropy",
    }  # fmt: skip
    assert len(history.history["val_loss"]) == 15
    np.testing.assert_allclose(
        history.history["loss"], history.history["sparse_categorical_crossentropy"], rtol=1e-5
    )
    results = model.evaluate(x_test, y_test, batch_size=128, verbose=0)
    assert results[0] < 0.5
    assert results[0] == pytest.approx(results[1], rel=1e-5)
    assert model.predict(x_test[:3], verbose=0).shape == (3, 10)


def test_strings_and_names(digits):
    (x_train, y_train), (x_test, y_test) = digits
    model = get_compiled_model()
    model.fit(x_train, y_train, batch_size=64, epochs=25, verbose=0)
    named = dict(zip(model.metrics_names, model.evaluate(x_test, y_test, verbose=0), strict=True))
    assert named["sparse_categorical_accuracy"] > 0.88
    assert named["loss"] < 0.5


def test_validation_split(digits):
    (x_train, y_train), _ = digits
    history = get_compiled_model().fit(
        x_train, y_train, batch_size=64, validation_split=0.2, epochs=1, verbose=0
    )
    assert "val_sparse_categorical_accuracy" in history.history


def test_class_weight_makes_a_class_count_more(digits):
    (x_train, y_train), _ = digits
    weights = dict.fromkeys(range(10), 1.0)
    weights[5] = 2.0
    keras.utils.set_random_seed(1)
    by_class = get_compiled_model().fit(
        x_train, y_train, class_weight=weights, batch_size=64, epochs=2, verbose=0
    )
    sample_weight = np.ones(shape=(len(y_train),))
    sample_weight[y_train == 5] = 2.0
    keras.utils.set_random_seed(1)
    by_sample = get_compiled_model().fit(
        x_train, y_train, sample_weight=sample_weight, batch_size=64, epochs=2, verbose=0
    )
    assert by_class.history["loss"] == by_sample.history["loss"]
    keras.utils.set_random_seed(1)
    plain = get_compiled_model().fit(x_train, y_train, batch_size=64, epochs=2, verbose=0)
    assert by_class.history["loss"] != plain.history["loss"]


def test_early_stopping(digits):
    (x_train, y_train), _ = digits
    history = get_compiled_model().fit(
        x_train, y_train, epochs=100, batch_size=64, validation_split=0.2, verbose=0,
        callbacks=[keras.callbacks.EarlyStopping(monitor="val_loss", min_delta=1e-2, patience=2)],
    )  # fmt: skip
    assert 3 <= len(history.history["loss"]) < 100


class TestSeveralInputsAndOutputs:
    """Seed 002: an image and a time series in, a score and a class out."""

    @pytest.fixture
    def model(self):
        image_input = keras.Input(shape=(32, 32, 3), name="img_input")
        timeseries_input = keras.Input(shape=(None, 10), name="ts_input")
        x1 = layers.Conv2D(3, 3)(image_input)
        x1 = layers.GlobalMaxPooling2D()(x1)
        x2 = layers.Conv1D(3, 3)(timeseries_input)
        x2 = layers.GlobalMaxPooling1D()(x2)
        x = layers.concatenate([x1, x2])
        score_output = layers.Dense(1, name="score_output")(x)
        class_output = layers.Dense(5, name="class_output", activation="softmax")(x)
        return keras.Model(
            inputs=[image_input, timeseries_input], outputs=[score_output, class_output]
        )

    @pytest.fixture
    def data(self):
        r = np.random.default_rng(0)
        x = {"img_input": r.random((48, 32, 32, 3)), "ts_input": r.random((48, 20, 10))}
        y = {"score_output": r.random((48, 1)), "class_output": r.random((48, 5))}
        return x, y

    def test_lists_and_dicts(self, model, data):
        x, y = data
        model.compile(
            optimizer=keras.optimizers.RMSprop(1e-3),
            loss=[keras.losses.MeanSquaredError(), keras.losses.CategoricalCrossentropy()],
        )
        one = model.fit([x["img_input"], x["ts_input"]], [y["score_output"], y["class_output"]],
                        batch_size=32, epochs=1, verbose=0)  # fmt: skip
        two = model.fit(x, y, batch_size=32, epochs=1, verbose=0)
        assert (
            set(one.history)
            == set(two.history)
            == {"loss", "score_output_loss", "class_output_loss"}
        )

    def test_metrics_and_weights_by_name(self, model, data):
        x, y = data
        model.compile(
            optimizer=keras.optimizers.RMSprop(1e-3),
            loss={
                "score_output": keras.losses.MeanSquaredError(),
                "class_output": keras.losses.CategoricalCrossentropy(),
            },
            metrics={
                "score_output": [
                    keras.metrics.MeanAbsolutePercentageError(),
                    keras.metrics.MeanAbsoluteError(),
                ],
                "class_output": [keras.metrics.CategoricalAccuracy()],
            },
            loss_weights={"score_output": 2.0, "class_output": 1.0},
        )
        history = model.fit(x, y, batch_size=48, verbose=0).history
        total = 2 * history["score_output_loss"][0] + history["class_output_loss"][0]
        assert history["loss"][0] == pytest.approx(total, rel=1e-5)
        results = model.evaluate(x, y, verbose=0, return_dict=True)
        assert "class_output_categorical_accuracy" in results
        assert "score_output_mean_absolute_error" in results

    @pytest.mark.parametrize(
        "loss",
        [[None, "categorical_crossentropy"], {"class_output": "categorical_crossentropy"}],
        ids=["list", "dict"],
    )
    def test_an_output_that_is_not_trained(self, model, data, loss):
        x, y = data
        model.compile(optimizer=keras.optimizers.RMSprop(1e-3), loss=loss)
        score = model.get_layer("score_output").get_weights()
        model.fit(x, {"class_output": y["class_output"]}, verbose=0)
        for before, after in zip(score, model.get_layer("score_output").get_weights(), strict=True):
            np.testing.assert_array_equal(before, after)
