"""`CategoryEncoding` and `Discretization` next to real Keras, which needs no TensorFlow for them.

Tolerance of boundaries: 1e-5, relative (Keras interpolates in float32 as well).
"""

from __future__ import annotations

import numpy as np
import pytest

from nyala import layers

keras = pytest.importorskip("keras")

BATCHES = np.random.default_rng(5).normal(size=(3, 200)).astype("float32")


@pytest.mark.parametrize("mode", ["one_hot", "multi_hot", "count"])
@pytest.mark.parametrize("shape", [(), (4,), (3, 1), (2, 3)])
def test_category_encoding(mode, shape):
    values = np.random.default_rng(2).integers(0, 5, shape).astype("int32")
    own, real = (room.CategoryEncoding(5, output_mode=mode) for room in (layers, keras.layers))
    np.testing.assert_array_equal(own(values).numpy(), np.asarray(real(values)))


def test_weighted_counts():
    values, weights = np.array([[0, 2, 2]]), np.array([[0.5, 1.5, 2.0]], "float32")
    own, real = (room.CategoryEncoding(4, output_mode="count") for room in (layers, keras.layers))
    np.testing.assert_allclose(
        own(values, count_weights=weights).numpy(), np.asarray(real(values, count_weights=weights))
    )


@pytest.mark.parametrize("mode", ["int", "one_hot", "multi_hot", "count"])
@pytest.mark.parametrize("shape", [(4,), (3, 1), (2, 3)])
def test_discretization(mode, shape):
    values = np.random.default_rng(3).normal(size=shape).astype("float32")
    ends = [-0.5, 0.0, 0.5]
    own, real = (room.Discretization(ends, output_mode=mode) for room in (layers, keras.layers))
    output = own(values)
    np.testing.assert_array_equal(output.numpy(), np.asarray(real(values)))
    assert output.dtype == ("int32" if mode == "int" else "float32")


@pytest.mark.parametrize(("bins", "epsilon"), [(4, 0.01), (7, 0.1), (3, 0.003)])
def test_adapted_boundaries(bins, epsilon):
    own, real = (room.Discretization(num_bins=bins, epsilon=epsilon)
                 for room in (layers, keras.layers))  # fmt: skip
    own.adapt(iter(list(BATCHES)))
    for batch in BATCHES:  # what adapt() of the real one does, which asks for TensorFlow first
        real.update_state(batch)
    real.finalize_state()
    np.testing.assert_allclose(own.bin_boundaries, real.bin_boundaries, rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "kwargs"),
    [
        ("CategoryEncoding", {"num_tokens": 3, "output_mode": "count"}),
        ("Discretization", {"bin_boundaries": [1.0, 2.0], "output_mode": "one_hot"}),
        ("Discretization", {"num_bins": 3, "epsilon": 0.1}),
    ],
)
def test_configs_interchange(name, kwargs):
    own, real = (getattr(room, name)(**kwargs, name="one") for room in (layers, keras.layers))
    assert own.get_config() == real.get_config()
    assert getattr(layers, name).from_config(real.get_config()).get_config() == own.get_config()
