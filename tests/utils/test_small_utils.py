"""Config, padding, source inputs, Keras 2's serialization."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import nyala
from nyala import utils


def test_config_is_attributes_and_entries():
    config = utils.Config(rate=0.1)
    config.epochs = 3
    config["seed"] = 7
    config.update(seed=8)
    assert (config["rate"], config.epochs, config.seed) == (0.1, 3, 8)
    assert config.as_dict() == {"rate": 0.1, "epochs": 3, "seed": 8}
    assert config.pop("seed") == 8
    assert "seed" not in config
    assert list(config) == ["rate", "epochs"]
    assert config.get("missing", 5) == 5
    assert copy.deepcopy(config) == pickle.loads(pickle.dumps(config)) == config


def test_config_errors():
    config = utils.Config(learning_rate=0.1)
    with pytest.raises(AttributeError, match="Did you mean 'learning_rate'"):
        _ = config.learning_rat
    with pytest.raises(AttributeError, match="method of that name"):
        config.keys = 3
    config.freeze()
    assert config.frozen
    for change in (lambda: config.update(a=1), lambda: config.pop("learning_rate")):
        with pytest.raises(ValueError, match="frozen"):
            change()
    config.unfreeze()
    config.a = 1


@pytest.mark.parametrize("padding", ["pre", "post"])
@pytest.mark.parametrize("truncating", ["pre", "post"])
@pytest.mark.parametrize("maxlen", [None, 0, 2])
def test_padding_equals_keras(padding, truncating, maxlen):
    keras = pytest.importorskip("keras")
    sequences = [[], [1], [1, 2, 3], np.arange(4)]
    options = {"maxlen": maxlen, "padding": padding, "truncating": truncating, "value": 9}
    ours = utils.pad_sequences(sequences, **options)
    if maxlen == 0:  # Keras' slice from -0 on keeps everything and fails
        assert ours.shape == (4, 0)
        return
    theirs = keras.utils.pad_sequences(sequences, **options)
    np.testing.assert_array_equal(ours, theirs)
    assert ours.dtype == theirs.dtype


def test_padding_of_vectors_and_strings():
    rows = utils.pad_sequences([[[1.0, 2.0]], [[3.0, 4.0], [5.0, 6.0]]], dtype="float32")
    np.testing.assert_array_equal(rows[0], [[0, 0], [1, 2]])
    words = utils.pad_sequences([["a"], ["b", "c"]], dtype=object, value="-", padding="post")
    assert words.tolist() == [["a", "-"], ["b", "c"]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, 2],), "element at 0 is 1"),
        (([[1]], None, "int32", "before"), "'pre' or 'post'; got 'before'"),
        (([[[1, 2]], [[1]]],), r"at 1 have shape \(1,\)"),
        (([["a"]], None, "int32", "pre", "pre", "-"), "pass dtype=object"),
        ((iter([[1]]),), "Turn a generator into a list"),
    ],
)
def test_padding_errors(arguments, message):
    with pytest.raises(ValueError, match=message):
        utils.pad_sequences(*arguments)


def test_source_inputs():
    a, b = nyala.Input((2,), name="a"), nyala.Input((2,), name="b")
    x = nyala.layers.Dense(2)(b)
    assert [t.name for t in utils.get_source_inputs(x * a + b)] == ["b", "a"]
    assert utils.get_source_inputs(a) == [a]


def test_keras_2_serialization():
    layer = nyala.layers.Dense(3, name="d")
    config = utils.legacy.serialize_keras_object(layer)
    again = utils.legacy.deserialize_keras_object(config)
    assert (again.name, again.units) == ("d", 3)
    assert utils.legacy.serialize_keras_object(None) is None
    objects = {"relu": nyala.activations.relu}
    assert utils.legacy.deserialize_keras_object("relu", objects) is nyala.activations.relu
    with pytest.raises(ValueError, match=r"'rellu'\. Did you mean 'relu'"):
        utils.legacy.deserialize_keras_object("rellu", objects, printable_module_name="activation")
