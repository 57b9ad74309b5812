"""Layers that change shapes: values, unknown lengths, wrong use."""

from __future__ import annotations

import numpy as np
import pytest

import nyala
from nyala import layers


def counted(*shape):
    return np.arange(np.prod(shape), dtype="float32").reshape(shape)


def test_flatten_does_not_depend_on_the_format():
    x = counted(2, 3, 4, 5)
    last = layers.Flatten()(x).numpy()
    first = layers.Flatten(data_format="channels_first")(x.transpose(0, 3, 1, 2)).numpy()
    np.testing.assert_array_equal(first, last)


def test_flatten_of_an_empty_batch():
    assert layers.Flatten()(np.zeros((0, 3, 4), "float32")).shape == (0, 12)


def test_reshape_with_unknown_lengths():
    reshape = layers.Reshape((5, -1, 7))
    assert reshape(nyala.KerasTensor((None, None, 3))).shape == (None, 5, None, 7)
    assert reshape(nyala.KerasTensor((None, 70))).shape == (None, 5, 2, 7)
    assert layers.Reshape((3,))(nyala.KerasTensor((None, 3), dtype="int32")).dtype == "int32"


@pytest.mark.parametrize("target", [(-1, -1), (2, -3), (2.5,), ("a",)])
def test_reshape_names_wrong_targets(target):
    with pytest.raises(ValueError, match=r"Reshape\(target_shape=...\) expects positive integers"):
        layers.Reshape(target)


@pytest.mark.parametrize("target", [(5,), (4, -1), (2, 3, 2)])
def test_reshape_names_both_shapes(target):
    layer = layers.Reshape(target, name="r")
    with pytest.raises(ValueError, match=r"'r': a sample of shape \(2, 3\) has 6 elements.*target"):
        layer(counted(4, 2, 3))


def test_permute_wrong_use():
    for dims in ((0, 1), (1, 1), (2, 3)):
        with pytest.raises(ValueError, match=r"Permute\(dims=...\) expects each of 1, ..., n once"):
            layers.Permute(dims)
    with pytest.raises(ValueError, match=r"ndim=3 \(found ndim=2\)"):
        layers.Permute((2, 1))(counted(2, 3))


def test_repeat_vector():
    np.testing.assert_array_equal(layers.RepeatVector(2)(counted(1, 2)), [[[0, 1], [0, 1]]])
    with pytest.raises(TypeError, match=r"RepeatVector\(n=...\) expects an integer; got '2'"):
        layers.RepeatVector("2")


def test_zero_padding():
    x = np.ones((1, 2, 2, 1), "float32")
    y = layers.ZeroPadding2D(((1, 0), (0, 2)))(x).numpy()[0, :, :, 0]
    np.testing.assert_array_equal(y, [[0, 0, 0, 0], [1, 1, 0, 0], [1, 1, 0, 0]])


@pytest.mark.parametrize("cls", [layers.ZeroPadding2D, layers.Cropping2D])
@pytest.mark.parametrize("value", [-1, (1,), (1, 2, 3), ((1, 2), (3,)), "1", None, ((1, -1), 1)])
def test_wrong_pairs(cls, value):
    with pytest.raises(ValueError, match=rf"{cls.__name__}\((padding|cropping)=...\) expects"):
        cls(value)


def test_cropping_leaves_something():
    with pytest.raises(ValueError, match=r"'c': cropping=\(2, 1\) leaves nothing of axis 1 .*3, 2"):
        layers.Cropping1D((2, 1), name="c")(counted(1, 3, 2))
    np.testing.assert_array_equal(layers.Cropping1D((1, 0))(counted(1, 3, 1)), [[[1], [2]]])


def test_up_sampling():
    np.testing.assert_array_equal(
        layers.UpSampling2D((1, 2))(counted(1, 1, 2, 1)).numpy().ravel(), [0, 0, 1, 1]
    )
    smooth = layers.UpSampling2D((1, 2), interpolation="BILINEAR")
    np.testing.assert_allclose(smooth(counted(1, 1, 2, 1)).numpy().ravel(), [0, 0.25, 0.75, 1])
    with pytest.raises(ValueError, match=r"UpSampling2D\(interpolation=...\).*Did you mean 'bicub"):
        layers.UpSampling2D(interpolation="bicubik")
    with pytest.raises(ValueError, match=r"UpSampling3D\(size=...\) expects"):
        layers.UpSampling3D((2, 2))
