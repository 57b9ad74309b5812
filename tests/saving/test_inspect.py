"""`nyala inspect`: what a file holds, and what is suspicious in it, without building it."""

from __future__ import annotations

import json

import h5py
import numpy as np
import pytest

import nyala
from nyala import layers
from nyala.cli import main
from nyala.saving import inspect_file


@pytest.fixture(scope="module")
def model():
    x = nyala.Input((3,), name="x")
    y = layers.Bidirectional(layers.LSTM(2), name="both")(layers.Embedding(5, 2, name="e")(x))
    model = nyala.Model(x, layers.Dense(1, name="out")(y), name="small")
    model.compile("adam", "mse", metrics=["mae"])
    return model


@pytest.mark.parametrize(
    ("name", "kind"),
    [("m.keras", "Keras archive"), ("m", "directory"), ("m.h5", "of a model"),
     ("m.weights.h5", "of weights"), ("m.weights.json", "several files"), ("m.json", "JSON")],
)  # fmt: skip
def test_every_kind_of_file(model, tmp_path, name, kind):
    path = tmp_path / name
    if name == "m.json":
        path.write_text(model.to_json())
    elif name == "m.weights.json":
        model.save_weights(path, max_shard_size=1e-7)
    elif "weights" in name:
        model.save_weights(path)
    else:
        model.save(path)
    found = inspect_file(path)
    assert kind in found.kind
    assert found.suspicious == []
    if "weights" not in name:
        assert found.model == "Functional 'small'"
        assert ("both/forward_lstm", "LSTM") in [layer[:2] for layer in found.layers]
        assert found.compiled["optimizer"].lower() == "adam"
    if name != "m.json":
        stored = [
            shape
            for place, shape, _, _ in found.weights
            if not place.startswith("optimizer") and "seed_generator" not in place
        ]
        assert sorted(stored) == sorted(tuple(w.shape) for w in model.weights)


def test_nothing_is_built_and_all_is_told(tmp_path, capsys):
    text = {"class_name": "Sequential", "config": {"name": "s", "layers": [
        {"class_name": "Lambda", "config": {"name": "l", "function": {
            "class_name": "__lambda__", "config": {"code": "YWJj"}}}},
        {"class_name": "system", "module": "os", "config": {"command": "true"}},
        {"class_name": "Dense", "config": {"name": "d", "units": 10**10}},
        {"class_name": "TextVectorization", "config": {"vocabulary": "/etc/passwd"}},
    ]}}  # fmt: skip
    path = tmp_path / "m.json"
    path.write_text(json.dumps(text))
    assert main(["inspect", str(path)]) == 3
    printed = capsys.readouterr().out.replace("\n", " ")
    for word in ("bytecode", "os.system", "10,000,000,000", "/etc/passwd", "suspicious"):
        assert word in printed


def test_links_in_hdf5_are_told(tmp_path):
    with h5py.File(tmp_path / "w.weights.h5", "w") as file:
        file.create_group("layers")["stolen"] = h5py.ExternalLink("/etc/secret.h5", "/x")
    found = inspect_file(tmp_path / "w.weights.h5")
    assert "link to another file" in found.suspicious[0]


def test_classes_of_the_users_are_named(tmp_path):
    @nyala.saving.register_keras_serializable("shop")
    class Twice(layers.Layer):
        def call(self, inputs):
            return inputs * 2

    nyala.Sequential([nyala.Input((2,)), Twice()]).save(tmp_path / "m.keras")
    assert inspect_file(tmp_path / "m.keras").custom[0].startswith("shop>Twice")


def test_json_for_programs(model, tmp_path, capsys):
    model.save(tmp_path / "m.keras")
    assert main(["inspect", str(tmp_path / "m.keras"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["suspicious"] == []
    assert np.prod(found["weights"][0][1]) > 0


def test_wrong_usage(tmp_path, capsys):
    assert main(["inspect"]) == 2
    assert main(["inspect", str(tmp_path / "none.keras")]) == 1
    assert "none.keras" in capsys.readouterr().err
