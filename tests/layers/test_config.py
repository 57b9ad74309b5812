"""`layers.serialize` and `layers.deserialize`."""

from __future__ import annotations

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
