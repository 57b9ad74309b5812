"""Convolutional LSTM layers over sequences of signals, images and volumes."""

from __future__ import annotations

from typing import Any

from nyala.core import enrol
from nyala.layers.base import InputSpec
from nyala.layers.recurrent._conv_lstm_cell import ConvLSTMCell
from nyala.layers.recurrent._layer_of_cell import COMMON, LayerOfCell, shows_cell


@shows_cell("filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate",
            "recurrent_activation", "unit_forget_bias", *COMMON)  # fmt: skip
class ConvLSTM(LayerOfCell):
    """An LSTM whose gates are convolutions over `_rank` axes."""

    _rank = 1

    def __init__(self, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid",
                 data_format: str | None = None, dilation_rate: Any = 1, activation: Any = "tanh",
                 recurrent_activation: Any = "sigmoid", use_bias: bool = True,
                 kernel_initializer: Any = "glorot_uniform",
                 recurrent_initializer: Any = "orthogonal", bias_initializer: Any = "zeros",
                 unit_forget_bias: bool = True, kernel_regularizer: Any = None,
                 recurrent_regularizer: Any = None, bias_regularizer: Any = None,
                 activity_regularizer: Any = None, kernel_constraint: Any = None,
                 recurrent_constraint: Any = None, bias_constraint: Any = None,
                 dropout: float = 0.0, recurrent_dropout: float = 0.0, seed: int | None = None,
                 return_sequences: bool = False, return_state: bool = False,
                 go_backwards: bool = False, stateful: bool = False, **kwargs: Any):  # fmt: skip
        options = {
            "kernel_initializer": kernel_initializer,
            "kernel_regularizer": kernel_regularizer,
            "kernel_constraint": kernel_constraint,
            "recurrent_initializer": recurrent_initializer,
            "recurrent_regularizer": recurrent_regularizer,
            "recurrent_constraint": recurrent_constraint,
            "bias_initializer": bias_initializer,
            "bias_regularizer": bias_regularizer,
            "bias_constraint": bias_constraint,
        }
        cell = ConvLSTMCell(
            self._rank, filters, kernel_size, strides, padding, data_format, dilation_rate,
            activation, recurrent_activation, use_bias, options, unit_forget_bias, dropout,
            recurrent_dropout, seed, name="conv_lstm_cell", dtype=kwargs.get("dtype"),
            trainable=kwargs.get("trainable", True),
        )  # fmt: skip
        super().__init__(
            cell, return_sequences=return_sequences, return_state=return_state,
            go_backwards=go_backwards, stateful=stateful,
            activity_regularizer=activity_regularizer, **kwargs,
        )  # fmt: skip
        self.input_spec = InputSpec(ndim=self._rank + 3)


@enrol("keras.layers")
class ConvLSTM1D(ConvLSTM):
    """A long short-term memory over sequences of signals whose gates are convolutions.

    Args:
        filters: the channels of outputs and states, a positive integer.
        kernel_size: the lengths of the window, an integer.
        strides: steps of the window over the inputs.
        padding: of the inputs, `"valid"` or `"same"`; that of the state is `"same"`.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.
        dilation_rate: distances between the window's elements over the inputs.
        activation, recurrent_activation: of candidate and output, and of the gates.
        use_bias: whether there is a bias.
        kernel_initializer, recurrent_initializer, bias_initializer: first values of the weights.
        unit_forget_bias: whether the forget gate's bias begins at 1.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties on the weights.
        activity_regularizer: a penalty on the outputs.
        kernel_constraint, recurrent_constraint, bias_constraint: applied to the weights after each
            optimizer step.
        dropout, recurrent_dropout: the part of inputs and of the state that is dropped in training.
        seed: an integer, for reproducible dropout.
        return_sequences: whether the outputs of all steps are returned, or the last ones only.
        return_state: whether the last states are returned as well.
        go_backwards: whether to begin with the last step; outputs then come in that order.
        stateful: whether a batch begins with the states at which the one before ended.

    Input shape: `(batch, time, length, channels)`, or
    `(batch, time, channels, length)` with channels first. Output shape: the same with
    `filters` channels and the lengths after the convolution; without the time axis unless
    `return_sequences`.

    >>> import nyala
    >>> nyala.layers.ConvLSTM1D(2, 3)(nyala.ops.ones((1, 4, 6, 3))).shape
    (1, 4, 2)

    Source: Shi et al., "Convolutional LSTM Network", arXiv:1506.04214.
    """

    _rank = 1


@enrol("keras.layers")
class ConvLSTM2D(ConvLSTM):
    """A long short-term memory over sequences of images whose gates are convolutions.

    Args:
        filters: the channels of outputs and states, a positive integer.
        kernel_size: the lengths of the window, an integer or one per axis.
        strides: steps of the window over the inputs.
        padding: of the inputs, `"valid"` or `"same"`; that of the state is `"same"`.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.
        dilation_rate: distances between the window's elements over the inputs.
        activation, recurrent_activation: of candidate and output, and of the gates.
        use_bias: whether there is a bias.
        kernel_initializer, recurrent_initializer, bias_initializer: first values of the weights.
        unit_forget_bias: whether the forget gate's bias begins at 1.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties on the weights.
        activity_regularizer: a penalty on the outputs.
        kernel_constraint, recurrent_constraint, bias_constraint: applied to the weights after each
            optimizer step.
        dropout, recurrent_dropout: the part of inputs and of the state that is dropped in training.
        seed: an integer, for reproducible dropout.
        return_sequences: whether the outputs of all steps are returned, or the last ones only.
        return_state: whether the last states are returned as well.
        go_backwards: whether to begin with the last step; outputs then come in that order.
        stateful: whether a batch begins with the states at which the one before ended.

    Input shape: `(batch, time, height, width, channels)`, or
    `(batch, time, channels, height, width)` with channels first. Output shape: the same with
    `filters` channels and the lengths after the convolution; without the time axis unless
    `return_sequences`.

    >>> import nyala
    >>> nyala.layers.ConvLSTM2D(2, 3)(nyala.ops.ones((1, 4, 6, 6, 3))).shape
    (1, 4, 4, 2)

    Source: Shi et al., "Convolutional LSTM Network", arXiv:1506.04214.
    """

    _rank = 2


@enrol("keras.layers")
class ConvLSTM3D(ConvLSTM):
    """A long short-term memory over sequences of volumes whose gates are convolutions.

    Args:
        filters: the channels of outputs and states, a positive integer.
        kernel_size: the lengths of the window, an integer or one per axis.
        strides: steps of the window over the inputs.
        padding: of the inputs, `"valid"` or `"same"`; that of the state is `"same"`.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.
        dilation_rate: distances between the window's elements over the inputs.
        activation, recurrent_activation: of candidate and output, and of the gates.
        use_bias: whether there is a bias.
        kernel_initializer, recurrent_initializer, bias_initializer: first values of the weights.
        unit_forget_bias: whether the forget gate's bias begins at 1.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties on the weights.
        activity_regularizer: a penalty on the outputs.
        kernel_constraint, recurrent_constraint, bias_constraint: applied to the weights after each
            optimizer step.
        dropout, recurrent_dropout: the part of inputs and of the state that is dropped in training.
        seed: an integer, for reproducible dropout.
        return_sequences: whether the outputs of all steps are returned, or the last ones only.
        return_state: whether the last states are returned as well.
        go_backwards: whether to begin with the last step; outputs then come in that order.
        stateful: whether a batch begins with the states at which the one before ended.

    Input shape: `(batch, time, depth, height, width, channels)`, or
    `(batch, time, channels, depth, height, width)` with channels first. Output shape: the same with
    `filters` channels and the lengths after the convolution; without the time axis unless
    `return_sequences`.

    >>> import nyala
    >>> nyala.layers.ConvLSTM3D(2, 3)(nyala.ops.ones((1, 4, 6, 6, 6, 3))).shape
    (1, 4, 4, 4, 2)

    Source: Shi et al., "Convolutional LSTM Network", arXiv:1506.04214.
    """

    _rank = 3
