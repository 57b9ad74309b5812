"""Transposed convolutions: from the shape of a convolution's output to that of its input."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import enrol
from nyala.layers.base import set_weight_options, spatial_tuple, weight_options
from nyala.layers.convolutional._base import ConvolutionalLayer, check_filters


class _ConvTranspose(ConvolutionalLayer):
    """A transposed convolution over `rank` spatial axes; see the public classes."""

    def __init__(self, filters: int, kernel_size: Any, strides: Any = 1, padding: Any = "valid",
                 output_padding: Any = None, data_format: str | None = None,
                 dilation_rate: Any = 1, activation: Any = None, use_bias: bool = True,
                 kernel_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros",
                 kernel_regularizer: Any = None, bias_regularizer: Any = None,
                 activity_regularizer: Any = None, kernel_constraint: Any = None,
                 bias_constraint: Any = None, **kwargs: Any):  # fmt: skip
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.filters = check_filters(filters, type(self).__name__)
        self._set_geometry(kernel_size, strides, padding, data_format, dilation_rate)
        self.output_padding = self._checked_output_padding(output_padding)
        set_weight_options(self, "kernel", kernel_initializer, kernel_regularizer,
                           kernel_constraint)  # fmt: skip
        self._set_output(activation, use_bias, bias_initializer, bias_regularizer, bias_constraint)

    def _checked_output_padding(self, value: Any) -> tuple[int, ...] | None:
        if value is None:
            return None
        who = type(self).__name__
        padding = spatial_tuple(value, self.rank, who, "output_padding", minimum=0)
        if any(p >= s for p, s in zip(padding, self.strides, strict=True)):
            raise ValueError(
                f"{who}: output_padding must be below strides along every axis; got output_padding="
                f"{padding} and strides={self.strides}."
            )
        return padding

    def build(self, input_shape: Any) -> None:
        """Make the kernel `(*kernel_size, filters, channels)` and the bias."""
        shape = (*self.kernel_size, self.filters, self._channels_of(input_shape))
        self.kernel = self.add_weight(name="kernel", shape=shape, **weight_options(self, "kernel"))
        self._add_bias_weight(self.filters)

    def call(self, inputs: Any) -> Any:
        """Return `activation(transposed_convolution(inputs, kernel) + bias)`."""
        return self._finish(
            ops.conv_transpose(inputs, self.kernel, strides=self.strides, padding=self.padding,
                               output_padding=self.output_padding, data_format=self.data_format,
                               dilation_rate=self.dilation_rate)
        )  # fmt: skip

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "output_padding": self.output_padding,
            **self._shared_config("kernel"),
        }


@enrol("keras.layers", aliases=("Convolution1DTranspose",))
class Conv1DTranspose(_ConvTranspose):
    """Transposed convolution along time, which lengthens a sequence by its stride.

    Args:
        filters: the number of output channels.
        kernel_size: the length of the window.
        strides: by how much the sequence grows.
        padding: `"valid"` or `"same"` (output length = input length × stride); any case.
        output_padding: steps added to the output's end, below `strides`; `None` for the length that
            `padding` implies.
        data_format: `"channels_last"` for inputs `(batch, steps, channels)`, or
            `"channels_first"`; `config.image_data_format()` by default.
        dilation_rate: the distance between taps of the window; not with strides above 1.
        activation: a function, a name such as `"relu"`, or `None`.
        use_bias: whether a bias of one number a filter is added.
        kernel_initializer, bias_initializer: first values of the weights.
        kernel_regularizer, bias_regularizer: penalties on the weights.
        activity_regularizer: a penalty on the outputs.
        kernel_constraint, bias_constraint: applied to the weights after each optimizer step.

    >>> import nyala
    >>> layer = nyala.layers.Conv1DTranspose(8, 3, strides=2, padding="same")
    >>> layer(nyala.ops.ones((4, 5, 2))).shape
    (4, 10, 8)
    """

    rank = 1


@enrol("keras.layers", aliases=("Convolution2DTranspose",))
class Conv2DTranspose(_ConvTranspose):
    """Transposed convolution of images, which enlarges them by its strides.

    Args:
        filters: the number of output channels.
        kernel_size: the height and width of the window, an integer or a pair.
        strides: by how much height and width grow, an integer or a pair.
        padding: `"valid"` or `"same"` (output length = input length × stride); any case.
        output_padding: rows and columns added to the output's end, below `strides`; `None` for the
            size that `padding` implies.
        data_format: `"channels_last"` for inputs `(batch, height, width, channels)`, or
            `"channels_first"`; `config.image_data_format()` by default.
        dilation_rate: the distance between taps of the window; not with strides above 1.
        activation: a function, a name such as `"relu"`, or `None`.
        use_bias: whether a bias of one number a filter is added.
        kernel_initializer, bias_initializer: first values of the weights.
        kernel_regularizer, bias_regularizer: penalties on the weights.
        activity_regularizer: a penalty on the outputs.
        kernel_constraint, bias_constraint: applied to the weights after each optimizer step.

    The kernel has the shape `(height, width, filters, channels)`.

    >>> import nyala
    >>> layer = nyala.layers.Conv2DTranspose(4, 3, strides=2, padding="same")
    >>> layer(nyala.ops.ones((1, 7, 7, 8))).shape
    (1, 14, 14, 4)
    """

    rank = 2


@enrol("keras.layers", aliases=("Convolution3DTranspose",))
class Conv3DTranspose(_ConvTranspose):
    """Transposed convolution of volumes, which enlarges them by its strides.

    Args:
        filters: the number of output channels.
        kernel_size: the extent of the window, an integer or three.
        strides: by how much each spatial axis grows, an integer or three.
        padding: `"valid"` or `"same"` (output length = input length × stride); any case.
        data_format: `"channels_last"` for inputs `(batch, depth, height, width, channels)`, or
            `"channels_first"`; `config.image_data_format()` by default.
        output_padding: added to the output's end, below `strides`; `None` for the size that
            `padding` implies.
        dilation_rate: the distance between taps of the window; not with strides above 1.
        activation: a function, a name such as `"relu"`, or `None`.
        use_bias: whether a bias of one number a filter is added.
        kernel_initializer, bias_initializer: first values of the weights.
        kernel_regularizer, bias_regularizer: penalties on the weights.
        activity_regularizer: a penalty on the outputs.
        kernel_constraint, bias_constraint: applied to the weights after each optimizer step.

    >>> import nyala
    >>> nyala.layers.Conv3DTranspose(2, 2, strides=2)(nyala.ops.ones((1, 2, 2, 2, 3))).shape
    (1, 4, 4, 4, 2)
    """

    rank = 3

    # Keras orders data_format before output_padding here, and here only.
    def __init__(self, filters: int, kernel_size: Any, strides: Any = 1, padding: Any = "valid",
                 data_format: str | None = None, output_padding: Any = None, *args: Any,
                 **kwargs: Any):  # fmt: skip
        super().__init__(filters, kernel_size, strides, padding, output_padding, data_format,
                         *args, **kwargs)  # fmt: skip
