"""Convolutional layers: what they refuse, and why; what the contract suite does not see."""

from __future__ import annotations

import numpy as np
import pytest

import nyala
from nyala import layers, ops

ALL = {
    "Conv1D": (layers.Conv1D, {"filters": 2}, 1),
    "Conv2D": (layers.Conv2D, {"filters": 2}, 2),
    "Conv3D": (layers.Conv3D, {"filters": 2}, 3),
    "Conv1DTranspose": (layers.Conv1DTranspose, {"filters": 2}, 1),
    "Conv2DTranspose": (layers.Conv2DTranspose, {"filters": 2}, 2),
    "Conv3DTranspose": (layers.Conv3DTranspose, {"filters": 2}, 3),
    "DepthwiseConv1D": (layers.DepthwiseConv1D, {}, 1),
    "DepthwiseConv2D": (layers.DepthwiseConv2D, {}, 2),
    "SeparableConv1D": (layers.SeparableConv1D, {"filters": 2}, 1),
    "SeparableConv2D": (layers.SeparableConv2D, {"filters": 2}, 2),
}
each = pytest.mark.parametrize(("cls", "kwargs", "rank"), ALL.values(), ids=ALL)


def ones(*shape):
    return np.ones(shape, "float32")


@each
def test_integers_stand_for_all_axes(cls, kwargs, rank):
    layer = cls(kernel_size=3, strides=2, padding="SAME", **kwargs)
    assert layer.kernel_size == (3,) * rank
    assert layer.strides == (2,) * rank
    assert layer.padding == "same"


@each
def test_other_channels_are_refused_by_name(cls, kwargs, rank):
    layer = cls(kernel_size=1, name="stem", **kwargs)
    layer(ones(1, *(2,) * rank, 3))
    with pytest.raises(ValueError, match=r"'stem'.*axis -1 .* length 3 \(found 4\).* shape \(1, "):
        layer(ones(1, *(2,) * rank, 4))


@each
def test_wrong_rank_is_refused(cls, kwargs, rank):
    with pytest.raises(ValueError, match=rf"min_ndim={rank + 2} \(found ndim={rank + 1}\)"):
        cls(kernel_size=1, **kwargs)(ones(*(2,) * (rank + 1)))


@each
def test_channels_must_be_known(cls, kwargs, rank):
    with pytest.raises(ValueError, match=r"channels must have a known length.*data_format"):
        cls(kernel_size=1, **kwargs)(nyala.KerasTensor((None,) * (rank + 2)))


@each
def test_wrong_geometry_is_refused(cls, kwargs, rank):
    for argument in ("kernel_size", "strides", "dilation_rate"):
        for value in (0, -1, (1,) * (rank + 1), "3", 1.5, None):
            with pytest.raises(
                ValueError, match=rf"{cls.__name__}\({argument}=...\) expects a pos"
            ):
                cls(**{"kernel_size": 2, **kwargs, argument: value})
    with pytest.raises(ValueError, match=r"padding=...\) expects one of .*; got 'sane'. Did you"):
        cls(kernel_size=2, padding="sane", **kwargs)
    with pytest.raises(ValueError, match="data_format"):
        cls(kernel_size=2, data_format="channels_middle", **kwargs)


@pytest.mark.parametrize("name", ["Conv1D", "Conv2D", "Conv2DTranspose"])
def test_strides_and_dilation_exclude_each_other(name):
    cls, kwargs, _ = ALL[name]
    with pytest.raises(ValueError, match="strides and dilation_rate cannot both be above 1"):
        cls(kernel_size=2, strides=2, dilation_rate=2, **kwargs)


def test_causal_padding_needs_time():
    with pytest.raises(ValueError, match="one spatial axis"):
        layers.Conv2D(2, 3, padding="causal")


def test_causal_outputs_do_not_see_later_inputs():
    layer = layers.Conv1D(2, 3, padding="causal", dilation_rate=2)
    x = np.random.default_rng(0).normal(size=(1, 8, 2)).astype("float32")
    y = layer(x).numpy()
    changed = x.copy()
    changed[:, 5:] += 1
    np.testing.assert_array_equal(layer(changed).numpy()[:, :5], y[:, :5])


def test_groups_divide_filters_and_channels():
    with pytest.raises(ValueError, match=r"filters=4, groups=3.*4 is not a multiple of 3"):
        layers.Conv2D(4, 3, groups=3)
    with pytest.raises(ValueError, match=r"3 input channels do not divide into groups=2"):
        layers.Conv2D(4, 3, groups=2)(ones(1, 5, 5, 3))


@pytest.mark.parametrize("name", ["Conv2D", "DepthwiseConv2D", "SeparableConv2D"])
def test_a_window_larger_than_the_input_is_refused(name):
    cls, kwargs, _ = ALL[name]
    layer = cls(kernel_size=3, dilation_rate=2, **kwargs)
    with pytest.raises(ValueError, match=r"a window of \(5, 5\) does not fit .*\(1, 4, 6, 2\)"):
        layer(ones(1, 4, 6, 2))
    assert not layer.built
    layer(ones(1, 6, 6, 2))
    with pytest.raises(ValueError, match="does not fit"):
        layer(ones(1, 4, 6, 2))


def test_output_padding_stays_below_strides():
    with pytest.raises(ValueError, match=r"output_padding=\(2, 2\) and strides=\(2, 2\)"):
        layers.Conv2DTranspose(2, 3, strides=2, output_padding=2)


def test_conv_3d_transpose_orders_its_arguments_as_keras_does():
    layer = layers.Conv3DTranspose(2, 3, 2, "same", "channels_first", 1)
    assert layer.data_format == "channels_first"
    assert layer.output_padding == (1, 1, 1)


def test_convolution_op_can_be_overridden():
    class Standardized(layers.Conv2D):
        def convolution_op(self, inputs, kernel):
            mean = ops.mean(kernel, axis=(0, 1, 2), keepdims=True)
            return super().convolution_op(inputs, kernel - mean)

    layer = Standardized(2, 2)
    np.testing.assert_allclose(layer(ones(1, 4, 4, 3)).numpy(), 0, atol=1e-5)


def test_aliases_are_the_classes():
    assert layers.Convolution2D is layers.Conv2D
    assert layers.SeparableConvolution1D is layers.SeparableConv1D
    assert layers.Convolution3DTranspose is layers.Conv3DTranspose


def test_default_data_format_is_the_configured_one():
    nyala.config.set_image_data_format("channels_first")
    try:
        layer = layers.Conv2D(5, 3)
    finally:
        nyala.config.set_image_data_format("channels_last")
    assert layer(ones(1, 2, 4, 4)).shape == (1, 5, 2, 2)
