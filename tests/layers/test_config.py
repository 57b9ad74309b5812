"""`layers.serialize` and `layers.deserialize`."""

from __future__ import annotations

import numpy as np
import pytest

import nyala
from nyala import layers


def test_a_layer_comes_back():
    layer = layers.Conv2D(3, 2, padding="same", name="first")
    again = layers.deserialize(layers.serialize(layer))
    assert type(again) is layers.Conv2D
    assert again.get_config() == layer.get_config()


def test_own_layers_are_named():
    class Own(layers.Layer):
        pass

    config = layers.serialize(Own(name="mine"))
    assert layers.deserialize(config, custom_objects={"Own": Own}).name == "mine"
    with pytest.raises(TypeError, match="Own"):
        layers.deserialize(config)


def test_something_else_is_refused():
    config = nyala.losses.serialize(nyala.losses.Huber())
    with pytest.raises(ValueError, match="config of a layer"):
        layers.deserialize(config)


# -- the arguments of add_weight, of every generation ----------------------------------------------


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        (((2, 3), "ones"), {"name": "scale"}),
        (("scale",), {"shape": (2, 3), "initializer": "ones"}),
        (("scale", (2, 3)), {"initializer": "ones", "trainable": None}),
        (("scale", (2, 3), "float32", "ones", None, True), {}),
        ((), {"name": "scale", "shape": [2, 3], "initializer": "ones", "use_resource": True,
              "experimental_autocast": True}),
    ],
)  # fmt: skip
def test_add_weight_takes_the_order_of_keras_2_and_3(args, kwargs):
    weight = nyala.layers.Layer().add_weight(*args, **kwargs)
    assert (weight.name, tuple(weight.shape), weight.trainable) == ("scale", (2, 3), True)
    np.testing.assert_array_equal(weight.numpy(), np.ones((2, 3)))


def test_what_add_weight_does_not_take():
    layer = nyala.layers.Layer(name="mine")
    with pytest.raises(TypeError, match=r"'mine': .* 'initialiser'\. Did you mean 'initializer'"):
        layer.add_weight((2,), initialiser="ones")
    with pytest.raises(TypeError, match="two values for 'name': by position and by name"):
        layer.add_weight("a", shape=(2,), name="b")
