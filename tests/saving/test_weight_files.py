"""Weights in one file and in several: what fits, what does not, and what is left alone."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest

import nyala
from nyala import layers
from nyala.saving import ModelFileError

X = np.random.default_rng(0).normal(size=(8, 4)).astype("float32")


def built(units=3, compiled=True, fitted=False, optimizer="adam"):
    model = nyala.Sequential([nyala.Input((4,)), layers.Dense(units, name="a"), layers.Dense(2)])
    if compiled:
        model.compile(optimizer, "mse")
    if fitted:
        model.fit(X, X[:, :2], verbose=0)
    return model


def assert_same_weights(one, other):
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", ["w.weights.json", "w.weights.h5", "w"])
def test_weights_in_several_files(tmp_path, name):
    model = built(fitted=True)
    model.save_weights(tmp_path / name, max_shard_size=60 / 2**30)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files[:2] == ["w.weights.json", "w_00000.weights.h5"]
    assert len(files) > 4
    plan = json.loads((tmp_path / "w.weights.json").read_text())
    assert plan["metadata"]["total_size"] == sum(
        v.numpy().nbytes for v in [*model.weights, *model.optimizer.variables]
    )
    again = built()
    again.load_weights(tmp_path / "w.weights.json")
    assert_same_weights(model, again)
    assert int(again.optimizer.iterations) == 1


def test_files_of_two_saves_are_not_mixed(tmp_path):
    path = tmp_path / "w.weights.json"
    built().save_weights(path, max_shard_size=60 / 2**30)
    first = path.read_bytes()
    built().save_weights(path, max_shard_size=60 / 2**30)
    path.write_bytes(first)  # as a crash between two files would leave it
    with pytest.raises(ModelFileError, match="of another save"):
        built().load_weights(path)


def test_a_weight_larger_than_a_file_may_be(tmp_path):
    with pytest.raises(ValueError, match=r"max_shard_size.*raise it"):
        built().save_weights(tmp_path / "w.weights.json", max_shard_size=1e-9)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("listed", ["../w_00000.weights.h5", "/etc/passwd", 7, "missing.h5"])
def test_a_list_names_files_beside_it_only(tmp_path, listed):
    path = tmp_path / "below" / "w.weights.json"
    path.parent.mkdir()
    built().save_weights(tmp_path / "w.weights.json", max_shard_size=1)
    path.write_text(json.dumps({"weight_map": {"/layers/dense/vars": listed}}))
    with pytest.raises(ModelFileError, match=r"leads out|not names|no member"):
        built().load_weights(path)


@pytest.mark.parametrize("name", ["w.weights.h5", "w.h5"])
def test_the_table_names_weights_and_shapes(tmp_path, name):
    built(3).save_weights(tmp_path / name)
    with pytest.raises(
        ModelFileError, match=r"weight +the model expects +the file holds"
    ) as raised:
        built(5).load_weights(tmp_path / name)
    text = str(raised.value)
    assert "a/kernel" in text
    assert "(4, 5)" in text
    assert "(4, 3)" in text


@pytest.mark.parametrize(
    ("saved", "loaded", "step", "warns"),
    [({"compiled": False}, {"fitted": True}, 1, False),
     ({"fitted": True}, {}, 1, False),
     ({"fitted": True}, {"compiled": False}, None, False),
     ({"fitted": True, "optimizer": "rmsprop"}, {"fitted": True}, 1, True)],
    ids=["none in the file", "not built yet", "none in the model", "of another kind"],
)  # fmt: skip
def test_the_optimizer_s_state_is_no_condition(tmp_path, saved, loaded, step, warns):
    one, other = built(**saved), built(**loaded)
    one.save_weights(tmp_path / "w.weights.h5")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        other.load_weights(tmp_path / "w.weights.h5")
    assert_same_weights(one, other)
    assert [w for w in caught if "not loaded" in str(w.message)] != [] if warns else not caught
    if step is not None:
        assert int(other.optimizer.iterations) == step


def test_a_compiled_model_inside_a_model(tmp_path):
    inner = nyala.Sequential([nyala.Input((4,)), layers.Dense(3)], name="inner")
    inner.compile("adam", "mse")
    inner.fit(X, X[:, :3], verbose=0)
    x = nyala.Input((4,))
    outer = nyala.Model(x, layers.Dense(1)(inner(x)))
    outer.save(tmp_path / "m.keras")
    for compiled in (True, False):
        again = nyala.models.load_model(tmp_path / "m.keras", compile=compiled)
        assert_same_weights(outer, again)
    assert int(again.get_layer("inner").optimizer.iterations) == 1


@pytest.mark.parametrize("name", ["m.keras", "m"])
def test_weights_come_out_of_a_whole_model(tmp_path, name):
    model, other = built(), built()
    model.save(tmp_path / name)
    other.load_weights(tmp_path / name)
    assert_same_weights(model, other)


def test_objects_to_skip(tmp_path):
    model, other = built(), built()
    before = other.get_weights()
    model.save_weights(tmp_path / "w.weights.h5", objects_to_skip=[model.layers[1]])
    other.load_weights(tmp_path / "w.weights.h5", objects_to_skip=[other.layers[1]])
    np.testing.assert_array_equal(other.get_weights()[0], model.get_weights()[0])
    np.testing.assert_array_equal(other.get_weights()[2], before[2])


def test_a_terminal_is_asked(tmp_path, monkeypatch):
    path = tmp_path / "m.keras"
    path.write_text("mine")
    monkeypatch.setattr("sys.stdin", type("Terminal", (), {"isatty": lambda self: True})())
    monkeypatch.setattr("builtins.input", lambda question: "n")
    built().save(path, overwrite=False)
    assert path.read_text() == "mine"
    monkeypatch.setattr("builtins.input", lambda question: "y")
    built().save(path, overwrite=False)
    assert_same_weights(nyala.models.load_model(path), nyala.models.load_model(path))


def test_a_checkpoint_of_tensorflow_is_named(tmp_path):
    (tmp_path / "ckpt.index").write_bytes(b"")
    with pytest.raises(ModelFileError, match="TensorFlow checkpoint"):
        built().load_weights(tmp_path / "ckpt")


def test_thousands_of_names_in_hdf5(tmp_path):
    """HDF5 has room for 64 KiB in an attribute: long lists of names go into several."""
    stack = [layers.Dense(1, name=f"a_rather_long_name_of_a_layer_{i:05}") for i in range(1500)]
    model = nyala.Sequential([nyala.Input((1,)), *stack[:1]])
    from nyala.saving._legacy_weights import _write_names, names_in

    class Holder:
        def __init__(self):
            self.attrs, self.name = {}, "here"

    holder = Holder()
    names = [layer.name for layer in stack] * 2
    _write_names(holder, "weight_names", names)
    assert len(holder.attrs) > 1
    assert all(part.nbytes < 65_000 for part in holder.attrs.values())
    assert names_in(holder, "weight_names", "it") == names
    assert model.built


@nyala.saving.register_keras_serializable("tests")
class Pair(layers.Layer):
    """Holds two layers that may be one."""

    def __init__(self, first, second, **kwargs):
        super().__init__(**kwargs)
        self.first, self.second = first, second

    def build(self, shape):
        for layer in (self.first, self.second):
            if not layer.built:
                layer.build(shape)

    def call(self, inputs):
        return self.first(inputs) + self.second(inputs)

    def get_config(self):
        write = nyala.saving.serialize_keras_object
        parts = {"first": write(self.first), "second": write(self.second)}
        return {**super().get_config(), **parts}

    @classmethod
    def from_config(cls, config):
        read = nyala.saving.deserialize_keras_object
        return cls(read(config.pop("first")), read(config.pop("second")), **config)


def test_a_layer_that_two_hold_stays_one(tmp_path):
    nyala.saving.register_keras_serializable("tests")(Pair)
    shared = layers.Dense(4, name="shared")
    x = nyala.Input((4,))
    model = nyala.Model(x, shared(Pair(shared, shared, name="pair")(x)))
    model.save(tmp_path / "m.keras")
    again = nyala.models.load_model(tmp_path / "m.keras")
    pair = again.get_layer("pair")
    assert pair.first is pair.second is again.get_layer("shared")
    np.testing.assert_array_equal(again(X).numpy(), model(X).numpy())
