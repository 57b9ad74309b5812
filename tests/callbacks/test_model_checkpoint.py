"""ModelCheckpoint: which files are there, and what they hold."""

from __future__ import annotations

import os

import numpy as np
import pytest

import nyala
from nyala.callbacks import BackupAndRestore, CallbackList, ModelCheckpoint


def fit(callback, epochs=3):
    model = nyala.Sequential([nyala.Input((2,)), nyala.layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.arange(16, dtype="float32").reshape(8, 2) / 16
    model.fit(x, x[:, :1], batch_size=2, epochs=epochs, verbose=0, callbacks=[callback],
              validation_data=(x, x[:, :1]))  # fmt: skip
    return model


@pytest.mark.parametrize("name", ["m_{epoch}.keras", "m_{epoch}.h5", "mymodel_{epoch}"])
def test_a_file_an_epoch(tmp_path, name):
    model = fit(ModelCheckpoint(tmp_path / name))
    assert sorted(os.listdir(tmp_path)) == [name.format(epoch=e) for e in (1, 2, 3)]
    again = nyala.models.load_model(tmp_path / name.format(epoch=3))
    np.testing.assert_array_equal(again.get_weights()[0], model.get_weights()[0])
    assert int(again.optimizer.iterations) == 12


def test_names_out_of_the_logs(tmp_path):
    fit(ModelCheckpoint(str(tmp_path / "ckpt-loss={loss:.2f}")), epochs=1)
    (name,) = os.listdir(tmp_path)
    assert name.startswith("ckpt-loss=")
    with pytest.raises(KeyError, match="'los'"):
        fit(ModelCheckpoint(str(tmp_path / "{los}.keras")), epochs=1)


def test_every_so_many_batches(tmp_path):
    fit(
        ModelCheckpoint(
            tmp_path / "{epoch}-{batch}.weights.h5", save_weights_only=True, save_freq=3
        )
    )
    # 12 batches, 4 an epoch: after the 3rd, 6th, 9th and 12th.
    expected = ["1-3.weights.h5", "2-2.weights.h5", "3-1.weights.h5", "3-4.weights.h5"]
    assert sorted(os.listdir(tmp_path)) == expected


def drive(callback, values):
    model = nyala.Sequential([nyala.Input((2,)), nyala.layers.Dense(1)])
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate(values):
        callback.on_epoch_end(epoch, {"val_loss": value})


def test_only_the_best(tmp_path):
    callback = ModelCheckpoint(tmp_path / "{epoch}.keras", save_best_only=True,
                               initial_value_threshold=2.5)  # fmt: skip
    drive(callback, [3.0, 2.0, 2.2, float("nan"), 1.0])
    assert sorted(os.listdir(tmp_path)) == ["2.keras", "5.keras"]
    assert callback.best == 1.0
    other = ModelCheckpoint(tmp_path / "{epoch}.keras", save_best_only=True)
    other.set_state(callback.get_state())
    drive(other, [1.5])
    assert "1.keras" not in os.listdir(tmp_path)


def test_the_oldest_go(tmp_path):
    drive(ModelCheckpoint(tmp_path / "{epoch}.keras", max_to_keep=2), [1.0] * 4)
    assert sorted(os.listdir(tmp_path)) == ["3.keras", "4.keras"]


def test_keras2_period(tmp_path):
    drive(ModelCheckpoint(tmp_path / "{epoch}.keras", period=2), [1.0] * 4)
    assert sorted(os.listdir(tmp_path)) == ["2.keras", "4.keras"]


def test_arguments_are_checked():
    with pytest.raises(ValueError, match="save_freq"):
        ModelCheckpoint("m.keras", save_freq="batch")
    with pytest.raises(ValueError, match="'verbos'"):
        ModelCheckpoint("m.keras", verbos=1)


def test_saving_after_batches_does_not_single_them_out():
    callbacks = CallbackList([ModelCheckpoint("m.keras", save_freq=100), BackupAndRestore("b", 30)])
    assert not callbacks.wants_batches("train")
    assert callbacks.batches_until_due(0) == 30
    callbacks.on_due_batch_end(29)
    assert callbacks.callbacks[0].batches_until_due(30) == 70
    assert CallbackList([ModelCheckpoint("m.keras")]).batches_until_due(5) is None


def test_a_subclass_that_listens_to_batches_hears_all():
    class Listening(ModelCheckpoint):
        def on_train_batch_end(self, batch, logs=None):
            pass

    assert CallbackList([Listening("m.keras", save_freq=100)]).wants_batches("train")
