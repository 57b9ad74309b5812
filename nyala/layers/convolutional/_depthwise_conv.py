"""Depthwise convolutions: every channel is convolved on its own."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import enrol
from nyala.layers.base import check_window_fits, set_weight_options, spatial_tuple, weight_options
from nyala.layers.convolutional._base import ConvolutionalLayer


class _DepthwiseConv(ConvolutionalLayer):
    """A depthwise convolution over `rank` spatial axes; see the public classes."""

    _strides_with_dilation = True

    def __init__(self, kernel_size: Any, strides: Any = 1, padding: Any = "valid",
                 depth_multiplier: int = 1, data_format: str | None = None,
                 dilation_rate: Any = 1, activation: Any = None, use_bias: bool = True,
                 depthwise_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros",
                 depthwise_regularizer: Any = None, bias_regularizer: Any = None,
                 activity_regularizer: Any = None, depthwise_constraint: Any = None,
                 bias_constraint: Any = None, **kwargs: Any):  # fmt: skip
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.depth_multiplier = spatial_tuple(depth_multiplier, 1, type(self).__name__,
                                              "depth_multiplier")[0]  # fmt: skip
        self._set_geometry(kernel_size, strides, padding, data_format, dilation_rate)
        set_weight_options(self, "depthwise", depthwise_initializer, depthwise_regularizer,
                           depthwise_constraint)  # fmt: skip
        self._set_output(activation, use_bias, bias_initializer, bias_regularizer, bias_constraint)

    def build(self, input_shape: Any) -> None:
        """Make the kernel `(*kernel_size, channels, depth_multiplier)` and the bias."""
        channels = self._channels_of(input_shape)
        check_window_fits(self, input_shape, self._window())
        self.kernel = self.add_weight(
            name="kernel", shape=(*self.kernel_size, channels, self.depth_multiplier),
            **weight_options(self, "depthwise"),
        )  # fmt: skip
        self._add_bias_weight(channels * self.depth_multiplier)

    @property
    def depthwise_kernel(self) -> Any:
        """The kernel, as Keras 2 called it."""
        return self.kernel

    def call(self, inputs: Any) -> Any:
        """Return `activation(depthwise_convolution(inputs, kernel) + bias)`."""
        check_window_fits(self, inputs.shape, self._window())
        return self._finish(
            ops.depthwise_conv(inputs, self.kernel, strides=self.strides, padding=self.padding,
                               data_format=self.data_format, dilation_rate=self.dilation_rate)
        )  # fmt: skip

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "depth_multiplier": self.depth_multiplier,
            **self._shared_config("depthwise"),
        }


@enrol("keras.layers")
class DepthwiseConv1D(_DepthwiseConv):
    """Convolution along time of every channel on its own.

    Args:
        kernel_size: the length of the window.
        strides: the distance between places of the window.
        padding: `"valid"` or `"same"`; any case.
        depth_multiplier: how many outputs each channel has.
        data_format: `"channels_last"` for inputs `(batch, steps, channels)`, or
            `"channels_first"`; `config.image_data_format()` by default.
        dilation_rate: the distance between taps of the window.
        activation: a function, a name such as `"relu"`, or `None`.
        use_bias: whether a bias of one number an output channel is added.
        depthwise_initializer, bias_initializer: first values of the weights.
        depthwise_regularizer, bias_regularizer: penalties on the weights.
        activity_regularizer: a penalty on the outputs.
        depthwise_constraint, bias_constraint: applied to the weights after each optimizer step.

    Output channels: `channels * depth_multiplier`, those of one input channel side by side.

    >>> import nyala
    >>> nyala.layers.DepthwiseConv1D(3, depth_multiplier=2)(nyala.ops.ones((4, 10, 5))).shape
    (4, 8, 10)
    """

    rank = 1


@enrol("keras.layers")
class DepthwiseConv2D(_DepthwiseConv):
    """Convolution of images, every channel on its own.

    Args:
        kernel_size: the height and width of the window, an integer or a pair.
        strides: the distance between places of the window, an integer or a pair.
        padding: `"valid"` or `"same"`; any case.
        depth_multiplier: how many outputs each channel has.
        data_format: `"channels_last"` for inputs `(batch, height, width, channels)`, or
            `"channels_first"`; `config.image_data_format()` by default.
        dilation_rate: the distance between taps of the window.
        activation: a function, a name such as `"relu"`, or `None`.
        use_bias: whether a bias of one number an output channel is added.
        depthwise_initializer, bias_initializer: first values of the weights.
        depthwise_regularizer, bias_regularizer: penalties on the weights.
        activity_regularizer: a penalty on the outputs.
        depthwise_constraint, bias_constraint: applied to the weights after each optimizer step.

    Output channels: `channels * depth_multiplier`, those of one input channel side by side.

    >>> import nyala
    >>> nyala.layers.DepthwiseConv2D(3, padding="same")(nyala.ops.ones((4, 8, 8, 5))).shape
    (4, 8, 8, 5)
    """

    rank = 2
