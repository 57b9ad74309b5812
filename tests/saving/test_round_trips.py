"""What is saved comes back: weights, optimizer, compile state, random state."""

from __future__ import annotations

import io
import os

import numpy as np
import pytest

import nyala
from nyala import layers


def trained(seed: int = 0):
    nyala.utils.set_random_seed(seed)
    model = nyala.Sequential(
        [nyala.Input((4,)), layers.Dense(3, activation="relu"), layers.BatchNormalization(),
         layers.Dropout(0.5), layers.Dense(1)]
    )  # fmt: skip
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(*data(), epochs=1, verbose=0)
    return model


def data():
    rng = np.random.default_rng(0)
    return rng.normal(size=(8, 4)).astype("float32"), rng.normal(size=(8, 1)).astype("float32")


def everything(model):
    return [v.numpy() for v in [*model.variables, *model.optimizer.variables]]


@pytest.fixture(scope="module")
def model():
    return trained()


@pytest.mark.parametrize("name", ["m.keras", "m.h5", "mymodel_3", "ckpt-loss=0.25"])
def test_a_model_comes_back_and_trains_on(model, tmp_path, name):
    model.save(tmp_path / name)
    again = nyala.models.load_model(tmp_path / name)
    assert os.listdir(tmp_path) == [name]
    expected = everything(model)
    if name.endswith(".h5"):  # Keras 2's layout has no place for random states
        expected = [v.numpy() for v in [*model.weights, *model.optimizer.variables]]
        found = [v.numpy() for v in [*again.weights, *again.optimizer.variables]]
    else:
        found = everything(again)
    for a, b in zip(expected, found, strict=True):
        np.testing.assert_array_equal(a, b)
    assert again.evaluate(*data(), verbose=0) == pytest.approx(model.evaluate(*data(), verbose=0))
    again.fit(*data(), epochs=1, verbose=0)
    assert int(again.optimizer.iterations) == int(model.optimizer.iterations) + 1


def test_a_file_object_holds_a_model(model):
    file = io.BytesIO()
    model.save(file)
    file.seek(0)
    again = nyala.models.load_model(file, compile=False)
    assert not again.compiled
    np.testing.assert_array_equal(again.predict(data()[0], verbose=0),
                                  model.predict(data()[0], verbose=0))  # fmt: skip


@pytest.mark.parametrize("name", ["a.weights.h5", "a.h5", "prefix"])
def test_weights_come_back(model, tmp_path, name):
    model.save_weights(tmp_path / name)
    again = nyala.models.clone_model(model)
    again.load_weights(tmp_path / name)
    for a, b in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", ["a.weights.h5", "a.h5"])
def test_an_unmatched_weight_is_shown_and_nothing_changes(model, tmp_path, name):
    model.save_weights(tmp_path / name)
    other = nyala.Sequential([nyala.Input((4,)), layers.Dense(3), layers.BatchNormalization(),
                              layers.Dropout(0.1), layers.Dense(2)])  # fmt: skip
    before = other.get_weights()
    with pytest.raises(nyala.saving.ModelFileError, match=r"\(3, 2\).*\(3, 1\)"):
        other.load_weights(tmp_path / name)
    for a, b in zip(before, other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    with pytest.warns(UserWarning, match=r"\(3, 2\).*\(3, 1\)"):
        other.load_weights(tmp_path / name, skip_mismatch=True)
    np.testing.assert_array_equal(other.get_weights()[0], model.get_weights()[0])
    np.testing.assert_array_equal(other.get_weights()[-2], before[-2])


def test_layers_are_matched_by_name(model, tmp_path):
    model.save_weights(tmp_path / "a.h5")
    other = nyala.Sequential(
        [nyala.Input((4,)), layers.Dense(3, name=model.layers[0].name), layers.Dense(5, name="new")]
    )
    other.load_weights(tmp_path / "a.h5", by_name=True)
    np.testing.assert_array_equal(other.get_weights()[0], model.get_weights()[0])


def test_nothing_is_replaced_against_ones_will(model, tmp_path):
    path = tmp_path / "m.keras"
    path.write_text("mine")
    with pytest.raises(FileExistsError, match=r"m\.keras exists"):
        model.save(path, overwrite=False)
    assert path.read_text() == "mine"


def test_a_missing_file_is_named(model, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.keras"):
        nyala.models.load_model(tmp_path / "none.keras")
    with pytest.raises(FileNotFoundError, match="none"):
        model.load_weights(tmp_path / "none")


@nyala.saving.register_keras_serializable("tests")
class Own(nyala.Model):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.blocks = [layers.Dense(units), layers.Dense(2)]
        self.norm = layers.LayerNormalization()

    def call(self, inputs):
        for block in self.blocks:
            inputs = block(inputs)
        return self.norm(inputs)

    def get_config(self):
        return {"units": self.units, "name": self.name}


def test_a_subclassed_model_comes_back(tmp_path):
    model = Own(3)
    x = data()[0]
    expected = model(x).numpy()
    model.save(tmp_path / "m.keras")
    again = nyala.models.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(again(x).numpy(), expected)


def test_mixed_precision_comes_back(tmp_path):
    model = nyala.Sequential(
        [
            nyala.Input((4,)),
            layers.Dense(2, dtype="mixed_float16"),
            layers.Dense(1, dtype="bfloat16"),
        ]
    )
    model.save(tmp_path / "m.keras")
    again = nyala.models.load_model(tmp_path / "m.keras")
    assert again.layers[0].compute_dtype == "float16"
    for a, b in zip(model.variables, again.variables, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a.numpy(), b.numpy())
