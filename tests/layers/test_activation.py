"""Activation layers: spellings of Keras 2, and wrong use."""

from __future__ import annotations

import numpy as np
import pytest

from nyala import layers


def test_leaky_relu_takes_alpha_of_keras_2():
    assert layers.LeakyReLU(alpha=0.2).negative_slope == 0.2


@pytest.mark.parametrize(
    "make",
    [
        lambda: layers.LeakyReLU(-0.1),
        lambda: layers.LeakyReLU(None),
        lambda: layers.ReLU(max_value=-1.0),
        lambda: layers.ReLU(negative_slope=None),
        lambda: layers.ReLU(threshold="low"),
    ],
)
def test_negative_numbers(make):
    with pytest.raises(ValueError, match="a number of 0 or more; got"):
        make()


def test_prelu_names_unknown_lengths_and_wrong_axes():
    with pytest.raises(ValueError, match="shared_axes"):
        layers.PReLU().build((None, None, 3))
    with pytest.raises(ValueError, match="batch axis 0"):
        layers.PReLU(shared_axes=[0])
    layer = layers.PReLU(shared_axes=[1])
    layer.build((None, None, 3))
    assert tuple(layer.alpha.shape) == (1, 3)


def test_masked_softmax_of_nothing_is_zero():
    y = layers.Softmax()(np.ones((1, 3), "float32"), mask=np.zeros((1, 3), bool))
    np.testing.assert_array_equal(y, np.zeros((1, 3)))


def test_softmax_refuses_a_mask_that_would_widen_the_inputs():
    with pytest.raises(ValueError, match=r"shape \(2, 3\) for inputs of shape \(1, 3\)"):
        layers.Softmax()(np.ones((1, 3), "float32"), mask=np.ones((2, 3), bool))


def test_masks_pass_through():
    embedded = layers.Embedding(3, 4, mask_zero=True)(np.array([[0, 1]]))
    for layer in (layers.Activation("relu"), layers.PReLU(), layers.ELU()):
        np.testing.assert_array_equal(layer(embedded)._keras_mask, [[False, True]])
