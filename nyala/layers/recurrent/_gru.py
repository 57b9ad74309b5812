"""`GRU`: gated recurrent unit over sequences."""

from __future__ import annotations

from typing import Any

from nyala.core import enrol
from nyala.layers.base import InputSpec
from nyala.layers.recurrent._gru_cell import GRUCell
from nyala.layers.recurrent._layer_of_cell import (
    COMMON,
    LayerOfCell,
    cell_options,
    check_use_cudnn,
    shows_cell,
)


@enrol("keras.layers")
@shows_cell("units", *COMMON, "recurrent_activation", "reset_after")
class GRU(LayerOfCell):
    """Gated recurrent unit over the steps of sequences (see `GRUCell` for the equations).

    Args:
        units: the length of outputs and state, a positive integer.
        activation: the activation of the candidate.
        recurrent_activation: the activation of the gates.
        use_bias: whether there is a bias.
        kernel_initializer, recurrent_initializer, bias_initializer: first values of the weights.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties on the weights.
        activity_regularizer: a penalty on the outputs.
        kernel_constraint, recurrent_constraint, bias_constraint: applied to the weights after each
            optimizer step.
        dropout: the part of the inputs that is dropped in training, the same at all steps.
        recurrent_dropout: the part of the state that is dropped in training, the same at all steps.
        seed: an integer, for reproducible dropout.
        return_sequences: whether the outputs of all steps are returned, or the last ones only.
        return_state: whether the last state is returned as well.
        go_backwards: whether to begin with the last step; outputs then come in that order.
        stateful: whether a batch begins with the state at which the one before ended.
        unroll: whether to write out the loop over time.
        reset_after: whether the reset gate acts after the recurrent product (as cuDNN does) or
            before it.
        use_cudnn: accepted for Keras' sake: the fastest way of the platform is taken.

    Call arguments:
        sequences: `(batch, time, features)`.
        initial_state: the state to begin with, in place of zeros.
        mask: booleans `(batch, time)`; masked steps are passed over.
        training: whether dropout acts.

    Returns:
        Outputs `(batch, units)`, or `(batch, time, units)` with `return_sequences`; with
        `return_state` a tuple of outputs and the state.

    >>> import nyala
    >>> layer = nyala.layers.GRU(4, return_sequences=True)
    >>> layer(nyala.ops.ones((2, 6, 3))).shape
    (2, 6, 4)

    Source: Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder for Statistical
    Machine Translation", arXiv:1406.1078.
    """

    def __init__(self, units: int, activation: Any = "tanh", recurrent_activation: Any = "sigmoid",
                 use_bias: bool = True, kernel_initializer: Any = "glorot_uniform",
                 recurrent_initializer: Any = "orthogonal", bias_initializer: Any = "zeros",
                 kernel_regularizer: Any = None, recurrent_regularizer: Any = None,
                 bias_regularizer: Any = None, activity_regularizer: Any = None,
                 kernel_constraint: Any = None, recurrent_constraint: Any = None,
                 bias_constraint: Any = None, dropout: float = 0.0, recurrent_dropout: float = 0.0,
                 seed: int | None = None, return_sequences: bool = False,
                 return_state: bool = False, go_backwards: bool = False, stateful: bool = False,
                 unroll: bool = False, reset_after: bool = True, use_cudnn: Any = "auto",
                 **kwargs: Any):  # fmt: skip
        cell = GRUCell(
            units, activation=activation, recurrent_activation=recurrent_activation,
            use_bias=use_bias, kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer, bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer, recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint, recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint, dropout=dropout, recurrent_dropout=recurrent_dropout,
            reset_after=reset_after,
            seed=seed, **cell_options(kwargs, "gru_cell"),
        )  # fmt: skip
        super().__init__(
            cell, return_sequences=return_sequences, return_state=return_state,
            go_backwards=go_backwards, stateful=stateful, unroll=unroll,
            activity_regularizer=activity_regularizer, **kwargs,
        )  # fmt: skip
        self.input_spec = InputSpec(ndim=3)
        self.use_cudnn = check_use_cudnn(use_cudnn, "GRU")
