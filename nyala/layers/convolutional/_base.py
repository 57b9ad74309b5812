"""What all convolutional layers share: checked arguments, bias and activation."""

from __future__ import annotations

from typing import Any

from nyala import activations, ops, regularizers
from nyala.core import standardize_data_format
from nyala.layers.base import (
    InputSpec,
    Layer,
    channel_axis,
    set_weight_options,
    spatial_tuple,
    standardize_padding,
    weight_options,
    weight_options_config,
)


class ConvolutionalLayer(Layer):
    """Geometry, bias and activation of a convolution over `rank` spatial axes."""

    rank: int
    _causal = False
    _strides_with_dilation = False

    def _set_geometry(self, kernel_size: Any, strides: Any, padding: Any, data_format: str | None,
                      dilation_rate: Any) -> None:  # fmt: skip
        who = type(self).__name__
        self.kernel_size = spatial_tuple(kernel_size, self.rank, who, "kernel_size")
        self.strides = spatial_tuple(strides, self.rank, who, "strides")
        self.dilation_rate = spatial_tuple(dilation_rate, self.rank, who, "dilation_rate")
        self.padding = standardize_padding(padding, who, causal=self._causal)
        self.data_format = standardize_data_format(data_format)
        if (
            not self._strides_with_dilation
            and max(self.strides) > 1
            and max(self.dilation_rate) > 1
        ):
            raise ValueError(
                f"{who}: strides and dilation_rate cannot both be above 1; got strides="
                f"{self.strides} and dilation_rate={self.dilation_rate}. Set one of them to 1."
            )
        self.input_spec = InputSpec(min_ndim=self.rank + 2)

    def _set_output(self, activation: Any, use_bias: bool, bias_initializer: Any,
                    bias_regularizer: Any, bias_constraint: Any) -> None:  # fmt: skip
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        set_weight_options(self, "bias", bias_initializer, bias_regularizer, bias_constraint)
        self.bias = None

    def _channels_of(self, input_shape: Any) -> int:
        """Return the number of input channels, and expect as many from now on."""
        axis = channel_axis(self.data_format)
        channels = input_shape[axis]
        if channels is None:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: the axis of the channels must have a known "
                f"length, but the input shape is {tuple(input_shape)} (data_format="
                f"{self.data_format!r}). Give it in the Input's shape."
            )
        self.input_spec = InputSpec(min_ndim=self.rank + 2, axes={axis: channels})
        return channels

    def _add_bias_weight(self, channels: int) -> None:
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(channels,),
                                        **weight_options(self, "bias"))  # fmt: skip

    def _window(self) -> tuple[int, ...]:
        """The extent of the kernel, dilation included."""
        return tuple(
            (k - 1) * d + 1 for k, d in zip(self.kernel_size, self.dilation_rate, strict=True)
        )

    def _finish(self, outputs: Any) -> Any:
        if self.bias is not None:
            bias = self.bias
            if self.data_format == "channels_first":
                bias = ops.reshape(bias, (-1,) + (1,) * self.rank)
            outputs = ops.add(outputs, bias)
        return outputs if self.activation is None else self.activation(outputs)

    def _shared_config(self, *weights: str) -> dict[str, Any]:
        return {
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "data_format": self.data_format,
            "dilation_rate": self.dilation_rate,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            **weight_options_config(self, *weights, "bias"),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
        }


def check_filters(filters: Any, who: str) -> int:
    """Return the number of output channels, or raise an error that names the argument."""
    return spatial_tuple(filters, 1, who, "filters")[0]
