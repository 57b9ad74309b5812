"""Stacks and users' own models: building, tracking, configs, errors."""

from __future__ import annotations

import numpy as np
import pytest

import nyala
from nyala import layers


def test_a_stack_without_input_is_built_by_its_first_data():
    model = nyala.Sequential([layers.Dense(3), layers.Dense(2)])
    assert not model.built
    assert model.weights == []
    with pytest.raises(AttributeError, match="no output_shape yet"):
        _ = model.output_shape
    assert model(np.ones((5, 4), "float32")).shape == (5, 2)
    assert model.output_shape == (None, 2)
    assert [one.name for one in model.layers] == ["dense", "dense_1"]


def test_a_stack_built_by_data_takes_other_lengths():
    model = nyala.Sequential([layers.Conv1D(2, 2), layers.GlobalMaxPooling1D()])
    assert model(np.ones((1, 5, 3), "float32")).shape == (1, 2)
    assert model(np.ones((1, 9, 3), "float32")).shape == (1, 2)


def test_add_and_pop():
    model = nyala.Sequential([nyala.Input((4,)), layers.Dense(3)])
    removed = model.add(layers.Dense(2)) or model.pop()
    assert removed.name == "dense_1"
    assert model.output_shape == (None, 3)
    assert len(model.weights) == 2
    model.pop()
    with pytest.raises(TypeError, match="no layer to pop"):
        model.pop()


def test_input_shape_in_the_first_layer():
    model = nyala.Sequential([layers.Dense(2, input_shape=(3,)), layers.Dense(1)])
    assert model.built
    assert model.input_shape == (None, 3)


def test_a_stack_on_a_model_is_built_at_once():
    x = nyala.Input((4,))
    inner = nyala.Model(x, layers.Dense(3)(x))
    model = nyala.Sequential([inner, layers.Dense(2)])
    assert model.output_shape == (None, 2)
    assert model.weights[0] is inner.weights[0]


@pytest.mark.parametrize(
    ("layer", "error", "message"),
    [
        (layers.Dense, TypeError, r"not the class Dense: write Dense\("),
        (3, TypeError, "expects a layer; got 3"),
        (layers.InputLayer((2,)), ValueError, "can only come first"),
    ],
    ids=["class", "number", "second input"],
)
def test_what_cannot_be_added(layer, error, message):
    model = nyala.Sequential([nyala.Input((4,)), layers.Dense(3)])
    with pytest.raises(error, match=message):
        model.add(layer)


def test_names_must_differ_in_a_stack():
    with pytest.raises(ValueError, match="already has a layer named 'a'"):
        nyala.Sequential([layers.Dense(1, name="a"), layers.Dense(1, name="a")])


@pytest.mark.parametrize("built", [False, True])
def test_a_stack_from_its_config(built):
    model = nyala.Sequential([layers.Dense(3), layers.Dropout(0.5), layers.Dense(2)], name="stack")
    if built:
        model.build((None, 4))
    copy = nyala.Sequential.from_config(model.get_config())
    assert (copy.name, copy.built) == ("stack", built)
    assert [one.name for one in copy.layers] == [one.name for one in model.layers]


# -- subclasses ----------------------------------------------------------------------------------


class Own(nyala.Model):
    def __init__(self, units=3, depth=2):
        super().__init__()
        self.blocks = [layers.Dense(units) for _ in range(depth)]
        self.heads = {"a": layers.Dense(1), "b": layers.Dense(2)}

    def call(self, inputs):
        for block in self.blocks:
            inputs = block(inputs)
        return {key: head(inputs) for key, head in self.heads.items()}


def test_layers_in_lists_and_dicts_are_tracked():
    model = Own()
    assert len(model.layers) == 4
    model.blocks.append(layers.Dense(3))
    assert len(model.layers) == 5


def test_build_makes_the_weights():
    model = Own()
    model.build((None, 4))
    assert [tuple(w.shape) for w in model.weights[:2]] == [(4, 3), (3,)]
    assert model.count_params() == 15 + 12 + 4 + 8


def test_build_by_the_names_of_the_arguments():
    class Two(nyala.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(2)

        def call(self, left, right):
            return self.dense(left) + right

    model = Two()
    model.build({"left": (None, 3), "right": (None, 2)})
    assert model.count_params() == 8


def test_a_subclass_is_known_by_its_arguments():
    config = Own(5, depth=1).get_config()
    assert (config["units"], config["depth"]) == (5, 1)
    assert len(Own.from_config(config).blocks) == 1


def test_a_config_without_the_arguments_says_so():
    class Forgetful(Own):
        def get_config(self):
            return {"colour": "blue"}

    with pytest.raises(TypeError, match=r"Forgetful cannot be rebuilt.*colour.*__init__"):
        Forgetful.from_config(Forgetful().get_config())


def test_weights_before_they_exist():
    with pytest.raises(ValueError, match="do not exist yet"):
        Own().layers[0].count_params()


class Scale(layers.Layer):
    def build(self, input_shape):
        self.factor = self.add_weight(shape=(input_shape[-1],))

    def call(self, inputs):
        return inputs * self.factor


def test_a_weight_used_before_the_layer_is_built():
    layer = Scale(name="head")
    assert not hasattr(layer, "factor")
    with pytest.raises(AttributeError, match=r"'head' has no attribute .factor. yet.*build\("):
        _ = layer.factor
    with pytest.raises(AttributeError, match=r"'dense'.* has no kernel yet.*build\("):
        _ = layers.Dense(2).kernel
    layer.build((None, 3))
    with pytest.raises(AttributeError, match=r"no attribute 'faktor'.*Did you mean 'factor'"):
        _ = layer.faktor
    with pytest.raises(AttributeError, match="never called on a symbolic tensor"):
        _ = layer.output


def test_a_model_without_call():
    class Empty(nyala.Model):
        pass

    with pytest.raises(TypeError, match=r"no call\(\) method"):
        Empty()(np.ones((1, 2), "float32"))


def test_init_must_come_first_in_a_layer():
    class Wrong(layers.Layer):
        def __init__(self):
            self.dense = layers.Dense(1)

    with pytest.raises(RuntimeError, match=r"super\(\).__init__"):
        Wrong()
