"""Convolutions in one, two and three dimensions."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import enrol
from nyala.layers.base import (
    check_window_fits,
    set_weight_options,
    spatial_tuple,
    weight_options,
)
from nyala.layers.base._low_rank import AdaptedWeight, LowRankAdaptable
from nyala.layers.convolutional._base import ConvolutionalLayer, check_filters


class _Conv(LowRankAdaptable, ConvolutionalLayer):
    """A convolution over `rank` spatial axes; see the public classes."""

    kernel = AdaptedWeight()

    def __init__(self, filters: int, kernel_size: Any, strides: Any = 1, padding: Any = "valid",
                 data_format: str | None = None, dilation_rate: Any = 1, groups: int = 1,
                 activation: Any = None, use_bias: bool = True,
                 kernel_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros",
                 kernel_regularizer: Any = None, bias_regularizer: Any = None,
                 activity_regularizer: Any = None, kernel_constraint: Any = None,
                 bias_constraint: Any = None, lora_rank: int | None = None,
                 lora_alpha: float | None = None, **kwargs: Any):  # fmt: skip
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        who = type(self).__name__
        self.filters = check_filters(filters, who)
        self.groups = spatial_tuple(groups, 1, who, "groups")[0]
        if self.filters % self.groups:
            raise ValueError(
                f"{who}(filters={filters}, groups={groups}): the filters must divide into groups "
                f"of equal size, but {filters} is not a multiple of {groups}."
            )
        self._set_geometry(kernel_size, strides, padding, data_format, dilation_rate)
        set_weight_options(self, "kernel", kernel_initializer, kernel_regularizer,
                           kernel_constraint)  # fmt: skip
        self._set_output(activation, use_bias, bias_initializer, bias_regularizer, bias_constraint)
        self._set_low_rank(lora_rank, lora_alpha)

    def build(self, input_shape: Any) -> None:
        """Make the kernel `(*kernel_size, channels // groups, filters)` and the bias."""
        channels = self._channels_of(input_shape)
        if channels % self.groups:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: {channels} input channels do not divide "
                f"into groups={self.groups}; the input shape is {tuple(input_shape)} (data_format="
                f"{self.data_format!r})."
            )
        check_window_fits(self, input_shape, self._window())
        shape = (*self.kernel_size, channels // self.groups, self.filters)
        self.kernel = self.add_weight(name="kernel", shape=shape, **weight_options(self, "kernel"))
        self._add_bias_weight(self.filters)
        self.built = True
        if self.lora_rank:
            self.enable_lora(self.lora_rank, self.lora_alpha)

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        """Convolve `inputs` with `kernel`; override it to change the kernel first."""
        return ops.conv(inputs, kernel, strides=self.strides, padding=self.padding,
                        data_format=self.data_format, dilation_rate=self.dilation_rate)  # fmt: skip

    def call(self, inputs: Any) -> Any:
        """Return `activation(convolution(inputs, kernel) + bias)`."""
        check_window_fits(self, inputs.shape, self._window())
        return self._finish(self.convolution_op(inputs, self.kernel))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "groups": self.groups,
            **self._shared_config("kernel"),
            **self._low_rank_config(),
        }


@enrol("keras.layers", aliases=("Convolution1D",))
class Conv1D(_Conv):
    """Convolution along time: slides a window of learned weights over a sequence.

    Args:
        filters: the number of output channels.
        kernel_size: the length of the window.
        strides: the distance between places of the window.
        padding: `"valid"` (none), `"same"` (as many outputs as inputs at stride 1), or `"causal"`
            (zeros before the beginning, so that no output sees a later input); any case.
        data_format: `"channels_last"` for inputs `(batch, steps, channels)`, `"channels_first"` for
            `(batch, channels, steps)`; `config.image_data_format()` by default.
        dilation_rate: the distance between taps of the window; not with strides above 1.
        groups: the number of groups into which channels and filters fall.
        activation: a function, a name such as `"relu"`, or `None`.
        use_bias: whether a bias of one number a filter is added.
        kernel_initializer, bias_initializer: first values of the weights.
        kernel_regularizer, bias_regularizer: penalties on the weights.
        activity_regularizer: a penalty on the outputs.
        kernel_constraint, bias_constraint: applied to the weights after each optimizer step.
        lora_rank, lora_alpha: freeze the kernel and learn an update of this rank and scale.

    Output shape: `(batch, new_steps, filters)` in the format of the inputs.

    >>> import nyala
    >>> nyala.layers.Conv1D(32, 3, padding="causal")(nyala.ops.ones((4, 10, 128))).shape
    (4, 10, 32)
    """

    rank = 1
    _causal = True


@enrol("keras.layers", aliases=("Convolution2D",))
class Conv2D(_Conv):
    """Convolution of images: slides a window of learned weights over height and width.

    Args:
        filters: the number of output channels.
        kernel_size: the height and width of the window, an integer or a pair.
        strides: the distance between places of the window, an integer or a pair.
        padding: `"valid"` (none) or `"same"` (as many outputs as inputs at stride 1); any case.
        data_format: `"channels_last"` for inputs `(batch, height, width, channels)`,
            `"channels_first"` for `(batch, channels, height, width)`;
            `config.image_data_format()` by default.
        dilation_rate: the distance between taps of the window; not with strides above 1.
        groups: the number of groups into which channels and filters fall.
        activation: a function, a name such as `"relu"`, or `None`.
        use_bias: whether a bias of one number a filter is added.
        kernel_initializer, bias_initializer: first values of the weights.
        kernel_regularizer, bias_regularizer: penalties on the weights.
        activity_regularizer: a penalty on the outputs.
        kernel_constraint, bias_constraint: applied to the weights after each optimizer step.
        lora_rank, lora_alpha: freeze the kernel and learn an update of this rank and scale.

    Output shape: `(batch, new_height, new_width, filters)` in the format of the inputs. The kernel
    has the shape `(height, width, channels // groups, filters)`.

    >>> import nyala
    >>> nyala.layers.Conv2D(8, 3, strides=2, activation="relu")(nyala.ops.ones((4, 9, 9, 3))).shape
    (4, 4, 4, 8)
    """

    rank = 2


@enrol("keras.layers", aliases=("Convolution3D",))
class Conv3D(_Conv):
    """Convolution of volumes: slides a window of learned weights over three spatial axes.

    Args:
        filters: the number of output channels.
        kernel_size: the extent of the window, an integer or three.
        strides: the distance between places of the window, an integer or three.
        padding: `"valid"` (none) or `"same"` (as many outputs as inputs at stride 1); any case.
        data_format: `"channels_last"` for inputs `(batch, depth, height, width, channels)`,
            `"channels_first"` for `(batch, channels, depth, height, width)`;
            `config.image_data_format()` by default.
        dilation_rate: the distance between taps of the window; not with strides above 1.
        groups: the number of groups into which channels and filters fall.
        activation: a function, a name such as `"relu"`, or `None`.
        use_bias: whether a bias of one number a filter is added.
        kernel_initializer, bias_initializer: first values of the weights.
        kernel_regularizer, bias_regularizer: penalties on the weights.
        activity_regularizer: a penalty on the outputs.
        kernel_constraint, bias_constraint: applied to the weights after each optimizer step.
        lora_rank, lora_alpha: freeze the kernel and learn an update of this rank and scale.

    Output shape: as the inputs', with new spatial lengths and `filters` channels.

    >>> import nyala
    >>> nyala.layers.Conv3D(2, 2)(nyala.ops.ones((1, 4, 4, 4, 1))).shape
    (1, 3, 3, 3, 2)
    """

    rank = 3
