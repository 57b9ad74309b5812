"""Activations beside real Keras: values, gradients and dtypes."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from nyala import activations
from nyala.activations._lookup import _TABLE
from nyala.eager import to_tensor

keras = pytest.importorskip("keras")

# Keras 3.15.1's sparsemax on JAX does not sum to 1 where more than one class is left; ours is held
# to the definition in tests/activations.
COMPARED = sorted(set(_TABLE) - {"threshold", "sparsemax"})
CASES = [(name, {}) for name in COMPARED] + [
    ("threshold", {"threshold": 0.5, "default_value": -1.0}),
    ("relu", {"negative_slope": 0.1}),
    ("relu", {"max_value": 6.0}),
    ("relu", {"negative_slope": 0.1, "max_value": 2.0, "threshold": 0.5}),
    ("relu", {"max_value": 2.0, "threshold": -0.5}),
    ("relu", {"negative_slope": 0.2, "max_value": 6.0}),
    ("leaky_relu", {"negative_slope": 0.3}),
    ("elu", {"alpha": 0.5}),
    ("celu", {"alpha": 0.5}),
    ("gelu", {"approximate": True}),
    ("glu", {"axis": 0}),
    ("softmax", {"axis": 0}),
    ("softmax", {"axis": (0, 1)}),
    ("log_softmax", {"axis": 0}),
    ("log_softmax", {"axis": (0, 1)}),
    ("hard_shrink", {"threshold": 0.25}),
    ("soft_shrink", {"threshold": 0.25}),
    ("squareplus", {"b": 2.0}),
]
X = np.concatenate([np.linspace(-8, 8, 23), [0.0]]).astype("float32").reshape(4, 6)


@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_values_and_gradients(name, arguments):
    ours, theirs = getattr(activations, name), getattr(keras.activations, name)
    np.testing.assert_allclose(ours(X, **arguments), theirs(X, **arguments), rtol=1e-6, atol=1e-7)
    weights = np.cos(np.arange(24.0)).astype("float32")

    def ours_total(x):
        values = to_tensor(ours(to_tensor(x), **arguments))._value.ravel()
        return (values * weights[: values.size]).sum()

    def theirs_total(x):
        values = theirs(x, **arguments).ravel()
        return (values * weights[: values.size]).sum()

    np.testing.assert_allclose(
        jax.grad(ours_total)(X), jax.grad(theirs_total)(X), rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("name", COMPARED)
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision(name, dtype):
    x = keras.ops.cast(X, dtype)
    theirs = getattr(keras.activations, name)(x)
    ours = getattr(activations, name)(to_tensor(x))
    assert ours.dtype == theirs.dtype.name
    np.testing.assert_allclose(
        np.asarray(ours, "float32"), np.asarray(theirs, "float32"), rtol=1e-2, atol=1e-2
    )


def test_the_same_names():
    theirs = {n for n in dir(keras.activations) if not n.startswith("_")}
    assert theirs <= set(dir(activations))
