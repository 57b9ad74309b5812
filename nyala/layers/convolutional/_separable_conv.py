"""Separable convolutions: each channel on its own, then a mixture of channels at each place."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import enrol
from nyala.layers.base import check_window_fits, set_weight_options, spatial_tuple, weight_options
from nyala.layers.convolutional._base import ConvolutionalLayer, check_filters


class _SeparableConv(ConvolutionalLayer):
    """A separable convolution over `rank` spatial axes; see the public classes."""

    _strides_with_dilation = True

    def __init__(self, filters: int, kernel_size: Any, strides: Any = 1, padding: Any = "valid",
                 data_format: str | None = None, dilation_rate: Any = 1,
                 depth_multiplier: int = 1, activation: Any = None, use_bias: bool = True,
                 depthwise_initializer: Any = "glorot_uniform",
                 pointwise_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros",
                 depthwise_regularizer: Any = None, pointwise_regularizer: Any = None,
                 bias_regularizer: Any = None, activity_regularizer: Any = None,
                 depthwise_constraint: Any = None, pointwise_constraint: Any = None,
                 bias_constraint: Any = None, **kwargs: Any):  # fmt: skip
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        who = type(self).__name__
        self.filters = check_filters(filters, who)
        self.depth_multiplier = spatial_tuple(depth_multiplier, 1, who, "depth_multiplier")[0]
        self._set_geometry(kernel_size, strides, padding, data_format, dilation_rate)
        set_weight_options(self, "depthwise", depthwise_initializer, depthwise_regularizer,
                           depthwise_constraint)  # fmt: skip
        set_weight_options(self, "pointwise", pointwise_initializer, pointwise_regularizer,
                           pointwise_constraint)  # fmt: skip
        self._set_output(activation, use_bias, bias_initializer, bias_regularizer, bias_constraint)

    def build(self, input_shape: Any) -> None:
        """Make the depthwise kernel, the pointwise kernel and the bias."""
        channels = self._channels_of(input_shape)
        check_window_fits(self, input_shape, self._window())
        self.depthwise_kernel = self.add_weight(
            name="depthwise_kernel", shape=(*self.kernel_size, channels, self.depth_multiplier),
            **weight_options(self, "depthwise"),
        )  # fmt: skip
        self.pointwise_kernel = self.add_weight(
            name="pointwise_kernel",
            shape=(*(1,) * self.rank, channels * self.depth_multiplier, self.filters),
            **weight_options(self, "pointwise"),
        )
        self._add_bias_weight(self.filters)

    def call(self, inputs: Any) -> Any:
        """Return `activation(pointwise(depthwise(inputs)) + bias)`."""
        check_window_fits(self, inputs.shape, self._window())
        return self._finish(
            ops.separable_conv(inputs, self.depthwise_kernel, self.pointwise_kernel,
                               strides=self.strides, padding=self.padding,
                               data_format=self.data_format, dilation_rate=self.dilation_rate)
        )  # fmt: skip

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "depth_multiplier": self.depth_multiplier,
            **self._shared_config("depthwise", "pointwise"),
        }


@enrol("keras.layers", aliases=("SeparableConvolution1D",))
class SeparableConv1D(_SeparableConv):
    """Convolution along time in two cheap steps: each channel on its own, then across channels.

    Args:
        filters: the number of output channels.
        kernel_size: the length of the window.
        strides: the distance between places of the window.
        padding: `"valid"` or `"same"`; any case.
        data_format: `"channels_last"` for inputs `(batch, steps, channels)`, or
            `"channels_first"`; `config.image_data_format()` by default.
        dilation_rate: the distance between taps of the window.
        depth_multiplier: how many outputs each channel has after the first step.
        activation: a function, a name such as `"relu"`, or `None`.
        use_bias: whether a bias of one number a filter is added.
        depthwise_initializer, pointwise_initializer, bias_initializer: first values of the weights.
        depthwise_regularizer, pointwise_regularizer, bias_regularizer: penalties on the weights.
        activity_regularizer: a penalty on the outputs.
        depthwise_constraint, pointwise_constraint, bias_constraint: applied to the weights after
            each optimizer step.

    >>> import nyala
    >>> nyala.layers.SeparableConv1D(6, 3)(nyala.ops.ones((4, 10, 5))).shape
    (4, 8, 6)
    """

    rank = 1


@enrol("keras.layers", aliases=("SeparableConvolution2D",))
class SeparableConv2D(_SeparableConv):
    """Convolution of images in two cheap steps: each channel on its own, then across channels.

    Args:
        filters: the number of output channels.
        kernel_size: the height and width of the window, an integer or a pair.
        strides: the distance between places of the window, an integer or a pair.
        padding: `"valid"` or `"same"`; any case.
        data_format: `"channels_last"` for inputs `(batch, height, width, channels)`, or
            `"channels_first"`; `config.image_data_format()` by default.
        dilation_rate: the distance between taps of the window.
        depth_multiplier: how many outputs each channel has after the first step.
        activation: a function, a name such as `"relu"`, or `None`.
        use_bias: whether a bias of one number a filter is added.
        depthwise_initializer, pointwise_initializer, bias_initializer: first values of the weights.
        depthwise_regularizer, pointwise_regularizer, bias_regularizer: penalties on the weights.
        activity_regularizer: a penalty on the outputs.
        depthwise_constraint, pointwise_constraint, bias_constraint: applied to the weights after
            each optimizer step.

    Source: Chollet, "Xception: Deep Learning with Depthwise Separable Convolutions",
    arXiv:1610.02357.

    >>> import nyala
    >>> nyala.layers.SeparableConv2D(6, 3, padding="same")(nyala.ops.ones((4, 8, 8, 5))).shape
    (4, 8, 8, 6)
    """

    rank = 2
