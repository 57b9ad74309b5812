"""`ConvLSTMCell`: one step of a long short-term memory whose gates are convolutions."""

from __future__ import annotations

import math
from typing import Any

from nyala import activations, ops
from nyala.core import standardize_data_format
from nyala.eager import SeedGenerator
from nyala.layers.base import (
    Layer,
    channel_axis,
    positive_integer,
    set_weight_options,
    spatial_axes,
    spatial_tuple,
    standardize_padding,
    weight_options,
    weight_options_config,
)
from nyala.layers.recurrent._cell import WEIGHTS
from nyala.layers.recurrent._cell_dropout import CellDropout
from nyala.layers.recurrent._lstm_cell import lstm_step, with_unit_forget_gate


class ConvLSTMCell(CellDropout, Layer):
    """One step of a convolutional LSTM: the equations of `LSTMCell` with convolutions.

    Args:
        rank: the number of spatial axes.
        filters: the channels of outputs and states.
        kernel_size, strides, padding, data_format, dilation_rate: of the convolution of the inputs;
            that of the state has strides 1 and padding `"same"`.
        activation, recurrent_activation: of candidate and output, and of the gates.
        use_bias: whether there is a bias.
        options: `<weight>_initializer`, `_regularizer` and `_constraint` for each of `kernel`,
            `recurrent` and `bias`.
        unit_forget_bias: whether the forget gate's bias begins at 1.
        dropout, recurrent_dropout: the part of inputs and of the state that is dropped in training.
        seed: an integer, for reproducible dropout.
    """

    dropout_mask_count = 4

    def __init__(self, rank: int, filters: int, kernel_size: Any, strides: Any, padding: str,
                 data_format: str | None, dilation_rate: Any, activation: Any,
                 recurrent_activation: Any, use_bias: bool, options: dict[str, Any],
                 unit_forget_bias: bool, dropout: float, recurrent_dropout: float,
                 seed: int | None, **kwargs: Any):  # fmt: skip
        super().__init__(**kwargs)
        who = f"ConvLSTM{rank}D"
        self.rank = rank
        self.filters = positive_integer(filters, f"{who}(filters=...)")
        self.kernel_size = spatial_tuple(kernel_size, rank, who, "kernel_size")
        self.strides = spatial_tuple(strides, rank, who, "strides")
        self.padding = standardize_padding(padding, who)
        self.data_format = standardize_data_format(data_format)
        self.dilation_rate = spatial_tuple(dilation_rate, rank, who, "dilation_rate")
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                f"{who}: strides and dilation_rate cannot both be above 1; got strides="
                f"{self.strides} and dilation_rate={self.dilation_rate}."
            )
        self.activation = activations.get(activation)
        self.recurrent_activation = activations.get(recurrent_activation)
        self.use_bias, self.unit_forget_bias = use_bias, unit_forget_bias
        for weight in WEIGHTS:
            set_weight_options(self, weight, *(
                options[f"{weight}_{option}"]
                for option in ("initializer", "regularizer", "constraint")
            ))  # fmt: skip
        self.dropout = min(1.0, max(0.0, dropout))
        self.recurrent_dropout = min(1.0, max(0.0, recurrent_dropout))
        self.seed = seed
        self.seed_generator = SeedGenerator(seed)
        # The states' lengths follow from the inputs' shape; see get_initial_state.
        self.state_size = [filters, filters]

    def build(self, inputs_shape: Any) -> None:
        """Make the weights for inputs `(batch, *spatial, channels)` or channels first."""
        self._check_shape(inputs_shape)
        channels = inputs_shape[channel_axis(self.data_format)]
        self.state_shape = self._output_shape(inputs_shape)
        for name, weight, depth in (
            ("kernel", "kernel", channels),
            ("recurrent_kernel", "recurrent", self.filters),
        ):
            shape = (*self.kernel_size, depth, 4 * self.filters)
            setattr(self, name, self.add_weight(name=name, shape=shape,
                                                **weight_options(self, weight)))  # fmt: skip
        self.bias = None
        if self.use_bias:
            options = weight_options(self, "bias")
            if self.unit_forget_bias:
                options["initializer"] = with_unit_forget_gate(self.bias_initializer, self.filters)
            self.bias = self.add_weight(name="bias", shape=(4 * self.filters,), **options)

    def _check_shape(self, inputs_shape: Any) -> None:
        if None in inputs_shape[1:]:
            raise ValueError(
                f"ConvLSTM{self.rank}D: the spatial lengths and the channels of the inputs must be "
                f"known, because the states' shape follows from them; a step has the shape "
                f"{tuple(inputs_shape)}."
            )

    def _output_shape(self, inputs_shape: Any) -> tuple[int, ...]:
        """Return the shape of outputs and states without the batch axis."""
        shape = list(inputs_shape)
        shape[channel_axis(self.data_format)] = self.filters
        for i, axis in enumerate(spatial_axes(self.data_format, self.rank)):
            reach = self.dilation_rate[i] * (self.kernel_size[i] - 1)
            length = shape[axis] - (reach if self.padding == "valid" else 0)
            shape[axis] = math.ceil(length / self.strides[i])
            if shape[axis] <= 0:
                raise ValueError(
                    f"ConvLSTM{self.rank}D: a window of {self.kernel_size} does not fit into "
                    "inputs "
                    f"of shape {tuple(inputs_shape)}. Use padding='same' or a smaller kernel_size."
                )
        return tuple(shape[1:])

    def call(self, inputs: Any, states: Any, training: bool = False) -> tuple:
        """Return the outputs of a step and the new states."""
        return self.advance(self.project(inputs, training), list(states), training)

    def project(self, inputs: Any, training: Any) -> Any:
        """Return what inputs contribute to the gates.

        Args:
            inputs: of one step, or of all with a time axis after the batch axis.
            training: whether inputs are dropped.
        """
        whole = len(inputs.shape) == self.rank + 3
        masks = None
        if training and self.dropout:
            masks = self.get_dropout_mask(inputs[:, 0] if whole else inputs)
            masks = [ops.expand_dims(mask, 1) for mask in masks] if whole else masks
        parts = [inputs] if masks is None else [ops.multiply(inputs, mask) for mask in masks]
        kernels = [self.kernel] if masks is None else ops.split(self.kernel, 4, axis=-1)
        return ops.concatenate(
            [self._input_conv(part, k, whole) for part, k in zip(parts, kernels, strict=True)],
            axis=self._gate_axis() + whole * (self._gate_axis() > 0),
        )

    def _gate_axis(self) -> int:
        return channel_axis(self.data_format)

    def _input_conv(self, x: Any, kernel: Any, whole: bool) -> Any:
        """Convolve the steps of a sequence as one batch, or one step."""
        shape = tuple(x.shape)
        flat = ops.reshape(x, (shape[0] * shape[1], *shape[2:])) if whole else x
        z = ops.conv(flat, kernel, strides=self.strides, padding=self.padding,
                     data_format=self.data_format, dilation_rate=self.dilation_rate)  # fmt: skip
        return ops.reshape(z, (*shape[:2], *z.shape[1:])) if whole else z

    def advance(self, projected: Any, states: list, training: Any) -> tuple[Any, list]:
        """Return the outputs and the new states from projected inputs of one step."""
        h, c = states
        axis = self._gate_axis()
        masks = None
        if training and self.recurrent_dropout:
            masks = self.get_recurrent_dropout_mask(h)
        parts = [h] if masks is None else [ops.multiply(h, mask) for mask in masks]
        kernel = self.recurrent_kernel
        kernels = [kernel] if masks is None else ops.split(kernel, 4, axis=-1)
        recurrent = [
            ops.conv(part, k, padding="same", data_format=self.data_format)
            for part, k in zip(parts, kernels, strict=True)
        ]
        z = ops.add(projected, ops.concatenate(recurrent, axis=axis))
        if self.bias is not None:
            bias = self.bias
            if axis == 1:
                bias = ops.reshape(bias, (-1,) + (1,) * self.rank)
            z = ops.add(z, bias)
        return lstm_step(z, c, self.activation, self.recurrent_activation, axis=axis)

    def has_kernel(self, training: Any) -> bool:
        """Return false: there is no whole-sequence kernel."""
        return False

    def get_initial_state(self, batch_size: Any = None) -> list:
        """Return states of zeros for a batch."""
        shape = (batch_size, *self.state_shape)
        return [ops.zeros(shape, dtype=self.compute_dtype) for _ in range(2)]

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the layers with this cell."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "data_format": self.data_format,
            "dilation_rate": self.dilation_rate,
            "activation": activations.serialize(self.activation),
            "recurrent_activation": activations.serialize(self.recurrent_activation),
            "use_bias": self.use_bias,
            **weight_options_config(self, *WEIGHTS),
            "unit_forget_bias": self.unit_forget_bias,
            "dropout": self.dropout,
            "recurrent_dropout": self.recurrent_dropout,
            "seed": self.seed,
        }
