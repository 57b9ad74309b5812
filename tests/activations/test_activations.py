"""Activations: names, configs, values by hand, gradients, dtypes."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from nyala import activations
from nyala.activations._lookup import _TABLE
from nyala.core import register_keras_serializable
from nyala.eager import to_tensor

UNARY = sorted(set(_TABLE) - {"threshold", "glu"})
X = np.array([[-8.0, -1.0, -0.25, 0.0], [0.25, 0.75, 2.0, 8.0]], "float32")


@pytest.mark.parametrize("name", sorted(_TABLE))
def test_name_and_config_round_trip(name):
    function = activations.get(name)
    written = activations.serialize(function)
    assert isinstance(written, str)
    assert activations.deserialize(written) is function
    assert getattr(activations, name) is function


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_shape_and_dtype_are_kept(name, dtype):
    result = activations.get(name)(to_tensor(X.astype(np.float32)).astype(dtype))
    assert tuple(result.shape) == X.shape
    assert result.dtype == dtype


@pytest.mark.parametrize("name", sorted(set(UNARY) - {"linear"}))
def test_gradients_are_finite_everywhere(name):
    def total(x):
        return activations.get(name)(to_tensor(x))._value.sum()

    gradient = jax.grad(total)(jax.numpy.asarray(X))
    assert np.isfinite(gradient).all()


def test_relu_with_all_its_arguments():
    x = np.array([-3.0, -0.5, 0.5, 1.5, 9.0], "float32")
    result = activations.relu(x, negative_slope=0.5, max_value=6.0, threshold=1.0)
    np.testing.assert_allclose(result, [-2.0, -0.75, -0.25, 1.5, 6.0])
    np.testing.assert_allclose(activations.relu(x, negative_slope=0.5), [-1.5, -0.25, 0.5, 1.5, 9])


def test_linear_returns_its_argument():
    x = object()
    assert activations.linear(x) is x
    assert activations.get(None) is activations.linear


def test_softmax_along_a_length_of_one_warns():
    with pytest.warns(UserWarning, match="use sigmoid"):
        activations.softmax(np.ones((3, 1), "float32"))


def test_softmax_along_two_axes():
    result = np.asarray(activations.softmax(np.zeros((2, 2, 3), "float32"), axis=(1, 2)))
    np.testing.assert_allclose(result, 1 / 6, rtol=1e-6)


def test_sparsemax_lies_on_the_simplex():
    x = np.random.default_rng(0).normal(size=(5, 7)).astype("float32")
    result = np.asarray(activations.sparsemax(x, axis=0))
    np.testing.assert_allclose(result.sum(axis=0), 1.0, rtol=1e-5)
    assert (result >= 0).all()
    assert (result == 0).any()


def test_functions_and_objects_pass_through():
    def mine(x):
        return x

    assert activations.get(mine) is mine
    with pytest.raises(ValueError, match="expected a name"):
        activations.get(3)


def test_unknown_names():
    with pytest.raises(ValueError, match="Did you mean 'relu'"):
        activations.get("rellu")
    with pytest.raises(ValueError, match="Unknown activation"):
        activations.deserialize("rellu")


def test_a_registered_function_round_trips():
    @register_keras_serializable(package="shop")
    def twice(x):
        return x * 2

    config = activations.serialize(twice)
    assert config["config"] == "shop>twice"
    assert activations.deserialize(config) is twice
    assert activations.get("shop>twice") is twice


def test_an_operation_is_written_by_its_name():
    from nyala.ops import nn

    assert activations.serialize(nn.relu) == "relu"
