"""EarlyStopping: when it stops, what it restores, what it says."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import nyala
from nyala.callbacks import EarlyStopping


class Model:
    """A model whose only weight is the number of the epoch."""

    def __init__(self, metrics=()):
        self.metrics = list(metrics)
        self.stop_training = False
        self.weights = [np.float32(-1)]

    def get_weights(self):
        return list(self.weights)

    def set_weights(self, weights):
        self.weights = list(weights)


def run(stopping, values, model=None):
    """Feed epochs until training stops; return the number of epochs and the model."""
    model = model or Model()
    stopping.set_model(model)
    stopping.on_train_begin()
    epochs = 0
    for epoch, value in enumerate(values):
        model.weights = [np.float32(epoch)]
        stopping.on_epoch_end(epoch, {stopping.monitor: value})
        epochs += 1
        if model.stop_training:
            break
    stopping.on_train_end()
    return epochs, model


@pytest.mark.parametrize(
    ("arguments", "values", "epochs"),
    [
        ({}, [1, 2, 3], 2),
        ({"patience": 2}, [3, 1, 2, 2, 0], 4),
        ({"patience": 1, "min_delta": 0.5}, [3, 2.6, 2.5, 1], 2),
        ({"patience": 1, "mode": "max"}, [1, 2, 1, 5], 3),
        ({"patience": 1, "baseline": 0.5}, [1, 0.9, 0.8], 3),
        ({"patience": 2, "start_from_epoch": 3}, [1, 2, 3, 4, 5, 6, 7], 6),
        ({"patience": 0}, [0.0, 0.0], 2),
    ],
)
def test_when_it_stops(arguments, values, epochs):
    assert run(EarlyStopping("loss", **arguments), values)[0] == epochs


def test_the_best_weights_are_restored():
    _, model = run(EarlyStopping("loss", patience=2, restore_best_weights=True), [3, 1, 2, 2, 0])
    assert model.weights == [1]


def test_the_best_weights_are_restored_where_training_was_not_stopped():
    _, model = run(EarlyStopping("loss", patience=9, restore_best_weights=True), [3, 1, 2])
    assert model.weights == [1]


def test_weights_stay_where_that_is_not_asked_for():
    _, model = run(EarlyStopping("loss", patience=2), [3, 1, 2, 2, 0])
    assert model.weights == [3]


def test_an_epoch_that_failed_is_not_the_best():
    stopping = EarlyStopping("loss", patience=2, restore_best_weights=True)
    epochs, model = run(stopping, [float("nan"), 2, float("nan"), 3, 1])
    assert epochs == 4
    assert model.weights == [1]


def test_rounding_is_no_improvement():
    # 0.7 + 0.1 < 0.8 in float64; as float32, which logs are, the two are equal.
    assert run(EarlyStopping("loss", min_delta=0.1), [0.8, 0.7])[0] == 2


def test_a_second_fit_begins_anew():
    stopping = EarlyStopping("loss", patience=1)
    assert run(stopping, [1, 2])[0] == 2
    assert stopping.stopped_epoch == 1
    assert run(stopping, [5, 4, 4])[0] == 3
    assert stopping.best == 4


def test_what_it_prints(capsys):
    run(EarlyStopping("loss", patience=2, verbose=1, restore_best_weights=True), [3, 1, 2, 2])
    assert capsys.readouterr().out.splitlines() == [
        "Epoch 4: training stops early; loss was best (1) in epoch 2.",
        "The weights of epoch 2 are restored.",
    ]


def test_a_missing_value_warns_and_names_the_others():
    stopping = EarlyStopping("val_acc")
    stopping.set_model(Model())
    stopping.on_train_begin()
    with pytest.warns(UserWarning, match="'val_acc'.*Available: loss, val_accuracy.*Did you mean"):
        stopping.on_epoch_end(0, {"loss": 1.0, "val_accuracy": 0.5})
    assert not stopping.model.stop_training


def test_a_missing_validation_value_names_the_remedy():
    stopping = EarlyStopping()
    stopping.set_model(Model())
    stopping.on_train_begin()
    with pytest.warns(UserWarning, match="'val_loss'.*need validation_data or validation_split"):
        stopping.on_epoch_end(0, {"loss": 1.0})


def test_before_its_first_epoch_it_still_warns_of_a_missing_value():
    stopping = EarlyStopping("accuracy", start_from_epoch=5)
    with pytest.warns(UserWarning, match="'accuracy'"):
        stopping.on_epoch_end(0, {"loss": 1.0})


@pytest.mark.parametrize(
    ("monitor", "metric", "more"),
    [
        ("val_accuracy", nyala.metrics.BinaryAccuracy(name="accuracy"), True),
        ("auc", nyala.metrics.AUC(name="auc"), True),
        ("mse", nyala.metrics.MeanSquaredError(name="mse"), False),
        ("val_loss", None, False),
        ("val_left_loss", None, False),
    ],
)
def test_the_direction_of_a_metric(monitor, metric, more):
    stopping = EarlyStopping(monitor)
    epochs, _ = run(stopping, [1, 2, 3, 4], Model([metric] if metric else []))
    assert (epochs == 4) is more


def test_the_direction_of_a_metric_of_one_output():
    model = Model([nyala.metrics.BinaryAccuracy(name="accuracy")])
    model.metrics_names = ["left_accuracy"]
    assert run(EarlyStopping("val_left_accuracy"), [1, 2, 3], model)[0] == 3


def test_an_unknown_direction_is_asked_for():
    with pytest.raises(ValueError, match=r"monitor='my_score'.*Pass mode='max' or mode='min'"):
        run(EarlyStopping("my_score"), [1, 2])


def test_an_unknown_mode_warns():
    with pytest.warns(UserWarning, match="mode='mix'.*'auto' is used"):
        stopping = EarlyStopping("loss", mode="mix")
    assert stopping.mode == "auto"


def test_an_interrupted_run_goes_on_where_it_was():
    values = [5, 4, 4.5, 3, 3.5, 3.6, 3.7, 1]
    whole, model = run(EarlyStopping("loss", patience=3, restore_best_weights=True), values)
    before = EarlyStopping("loss", patience=3, restore_best_weights=True)
    before.set_model(Model())
    before.on_train_begin()
    for epoch in range(5):
        before.model.weights = [np.float32(epoch)]
        before.on_epoch_end(epoch, {"loss": values[epoch]})
    after = EarlyStopping("loss", patience=3, restore_best_weights=True)
    after.set_model(Model())
    after.on_train_begin()
    after.set_state(before.get_state())
    after.set_arrays(before.get_arrays())
    for epoch in range(5, len(values)):
        after.on_epoch_end(epoch, {"loss": values[epoch]})
        if after.model.stop_training:
            break
    after.on_train_end()
    assert epoch + 1 == whole == 7
    assert after.model.weights == model.weights == [3]


def test_no_warning_where_all_is_well():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(EarlyStopping("loss"), [1, 2])
