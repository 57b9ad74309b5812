"""`to_categorical`, `normalize`, `pad_sequences`: values, dtypes and errors beside real Keras."""

from __future__ import annotations

import numpy as np
import pytest

import nyala
from nyala import utils

keras = pytest.importorskip("keras")

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("x", "num_classes"),
    [([0, 2, 1], None), ([[0], [2]], 4), (np.zeros((2, 3, 1), int), 2), (1, 3), ([1.9, 0.1], 2),
     ([0, 1], 0), (RANDOM.integers(0, 5, (2, 4)), None)],
)  # fmt: skip
def test_categories(x, num_classes):
    ours, theirs = (m.utils.to_categorical(x, num_classes) for m in (nyala, keras))
    np.testing.assert_array_equal(ours, theirs)
    assert (ours.dtype, type(ours)) == (theirs.dtype, type(theirs))


@pytest.mark.parametrize("shape", [(4,), (4, 1), (2, 3)])
def test_categories_of_tensors(shape):
    x = RANDOM.integers(0, 3, shape).astype("int32")
    ours = utils.to_categorical(nyala.ops.convert_to_tensor(x), 3)
    theirs = keras.utils.to_categorical(keras.ops.convert_to_tensor(x), 3)
    assert isinstance(ours, nyala.tf.Tensor)
    np.testing.assert_array_equal(ours.numpy(), theirs)
    assert ours.dtype == str(theirs.dtype)
    with pytest.raises(ValueError, match="needs num_classes"):
        utils.to_categorical(nyala.ops.convert_to_tensor(x))


@pytest.mark.parametrize("x", [[0, 3], [-4]])
def test_labels_outside_of_the_classes(x):
    for module in (nyala, keras):
        with pytest.raises((ValueError, IndexError), match=f"{x[-1]}"):
            module.utils.to_categorical(x, 3)


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("axis", [-1, 1])
def test_normalized(axis, order):
    x = RANDOM.normal(size=(3, 4))
    x[1] = 0
    ours, theirs = (m.utils.normalize(x, axis, order) for m in (nyala, keras))
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    tensor = utils.normalize(nyala.ops.convert_to_tensor(x, "float32"), axis, order)
    assert isinstance(tensor, nyala.tf.Tensor)
    np.testing.assert_allclose(tensor.numpy(), theirs, rtol=1e-5)
    # Along the first axis Keras puts the norms into the wrong place.
    np.testing.assert_allclose(
        utils.normalize(x, 0, order), utils.normalize(x.T, -1, order).T, rtol=1e-12
    )


@pytest.mark.parametrize(
    ("sequences", "options"),
    [
        (3, {}),
        ([1, 2], {}),
        ([[1], [2]], {"padding": "behind"}),
        ([[1, 2], [2]], {"truncating": "end", "maxlen": 1}),
        ([["a"], ["b"]], {"value": "x", "dtype": "int32"}),
        ([[[1, 2]], [[1, 2, 3]]], {}),
    ],
)
def test_what_cannot_be_padded(sequences, options):
    for module in (nyala, keras):
        with pytest.raises(ValueError):
            module.utils.pad_sequences(sequences, **options)
