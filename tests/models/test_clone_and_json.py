"""Copies of models: `clone_model`, JSON, Keras 2's JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest

import nyala
from nyala import layers
from nyala.models import clone_model, model_from_json


@pytest.fixture
def siamese():
    e = nyala.Input((3,), name="e")
    encoder = nyala.Model(e, layers.Dense(2)(e), name="encoder")
    a, b = nyala.Input((3,), name="a"), nyala.Input((3,), name="b")
    return nyala.Model([a, b], layers.Dense(1)(abs(encoder(a) - encoder(b))))


DATA = [np.ones((2, 3), "float32"), np.zeros((2, 3), "float32")]


@pytest.mark.parametrize("recursive", [False, True])
def test_a_clone_computes_the_same_with_weights_of_its_own(siamese, recursive):
    clone = clone_model(siamese, recursive=recursive)
    assert not {id(w) for w in clone.weights} & {id(w) for w in siamese.weights}
    assert clone.count_params() == siamese.count_params() == 11
    clone.set_weights(siamese.get_weights())
    np.testing.assert_allclose(clone(DATA).numpy(), siamese(DATA).numpy(), rtol=1e-6)
    assert clone.input_names == ["a", "b"]


def test_clone_function_replaces_layers_also_inside(siamese):
    seen = []

    def wider(layer):
        seen.append(layer.name)
        config = layer.get_config()
        if layer.name == "dense":
            config["units"] = 7
        return type(layer).from_config(config)

    clone = clone_model(siamese, clone_function=wider, recursive=True)
    assert clone.get_layer("encoder").output_shape == (None, 7)
    assert seen.count("dense") == 1


def test_call_function_puts_something_behind_each_layer():
    x = nyala.Input((3,))
    model = nyala.Model(x, layers.Dense(2)(layers.Dense(4)(x)))

    def call(layer, *args, **kwargs):
        y = layer(*args, **kwargs)
        return layers.Dropout(0.5)(y) if isinstance(layer, layers.Dense) else y

    clone = clone_model(model, clone_function=lambda layer: layer, call_function=call)
    assert [type(one).__name__ for one in clone.layers] == [
        "InputLayer", "Dense", "Dropout", "Dense", "Dropout",
    ]  # fmt: skip
    assert clone.weights[0] is model.weights[0]


def test_cloning_onto_other_inputs():
    model = nyala.Sequential([nyala.Input((3,)), layers.Dense(2)])
    assert clone_model(model, input_tensors=nyala.Input((5,))).input_shape == (None, 5)
    x = nyala.Input((None, 3))
    graph = nyala.Model(x, layers.Dense(2)(x))
    assert clone_model(graph, input_tensors=nyala.Input((7, 5))).output_shape == (None, 7, 2)


def test_a_compiled_model_gives_a_compiled_clone():
    model = nyala.Sequential([nyala.Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    assert clone_model(model).compiled


def test_what_cannot_be_cloned_says_why():
    class Own(nyala.Model):
        pass

    with pytest.raises(ValueError, match=r"clone_function.*functional and Sequential"):
        clone_model(Own(), clone_function=lambda layer: layer)
    stack = nyala.Sequential([nyala.Input((3,)), layers.Dense(1)])
    with pytest.raises(ValueError, match="call_function is for functional"):
        clone_model(stack, call_function=lambda layer, x: layer(x))
    with pytest.raises(ValueError, match="does not take the argument 'deep'"):
        clone_model(stack, deep=True)


def test_json_of_a_graph(siamese):
    again = model_from_json(siamese.to_json(indent=1))
    again.set_weights(siamese.get_weights())
    np.testing.assert_allclose(again(DATA).numpy(), siamese(DATA).numpy(), rtol=1e-6)
    assert [one.name for one in again.layers] == [one.name for one in siamese.layers]


def test_json_with_classes_of_the_users():
    class Scale(layers.Layer):
        def __init__(self, factor, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, inputs):
            return inputs * self.factor

        def get_config(self):
            return {**super().get_config(), "factor": self.factor}

    text = nyala.Sequential([nyala.Input((2,)), Scale(3.0)]).to_json()
    with pytest.raises(ValueError, match=r"Scale.*custom_objects"):
        model_from_json(text)
    assert model_from_json(text, {"Scale": Scale}).layers[0].factor == 3.0


@pytest.mark.parametrize("text", ["{", None, '{"class_name": "Dense", "config": {"units": 1}}'])
def test_json_that_is_no_model(text):
    with pytest.raises(ValueError, match="model_from_json"):
        model_from_json(text)


def _layer(class_name, inbound, **config):
    return {"class_name": class_name, "name": config["name"], "config": config,
            "inbound_nodes": inbound}  # fmt: skip


def test_json_of_keras_2_with_a_model_inside_called_twice():
    """In Keras 2 a nested model's own graph is its call 0, so calls count from 1."""
    inner = {
        "name": "inner",
        "layers": [
            _layer("InputLayer", [], name="i", batch_input_shape=[None, 2], dtype="float32"),
            _layer("Dense", [[["i", 0, 0, {}]]], name="d", units=2),
        ],
        "input_layers": [["i", 0, 0]],
        "output_layers": [["d", 0, 0]],
    }
    outer = {
        "name": "outer",
        "layers": [
            _layer("InputLayer", [], name="x", batch_input_shape=[None, 2], dtype="float32"),
            {"class_name": "Functional", "name": "inner", "config": inner,
             "inbound_nodes": [[["x", 0, 0, {}]], [["inner", 1, 0, {}]]]},
            _layer("Add", [[["inner", 1, 0, {}], ["inner", 2, 0, {}]]], name="add"),
        ],
        "input_layers": [["x", 0, 0]],
        "output_layers": [["add", 0, 0], ["inner", 2, 0]],
    }  # fmt: skip
    model = model_from_json(json.dumps({"class_name": "Functional", "config": outer}))
    kernel = model.weights[0].numpy()
    total, twice = model(np.eye(2, dtype="float32"))
    np.testing.assert_allclose(twice.numpy(), kernel @ kernel, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(total.numpy(), kernel + kernel @ kernel, rtol=1e-5, atol=1e-6)
