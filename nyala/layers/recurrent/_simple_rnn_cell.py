"""`SimpleRNNCell`: one step of a fully connected recurrence."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import enrol
from nyala.layers.recurrent._cell import RecurrentCell, gate_products
from nyala.layers.recurrent._operations import simple_rnn_sequence


@enrol("keras.layers")
class SimpleRNNCell(RecurrentCell):
    """One step of an Elman network: `h = activation(x kernel + h recurrent_kernel + bias)`.

    Args:
        units: the length of outputs and state, a positive integer.
        activation: a function or its name.
        use_bias: whether there is a bias.
        kernel_initializer, recurrent_initializer, bias_initializer: first values of the weights.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties on the weights.
        kernel_constraint, recurrent_constraint, bias_constraint: applied to the weights after each
            optimizer step.
        dropout: the part of the inputs that is dropped in training.
        recurrent_dropout: the part of the state that is dropped in training.
        seed: an integer, for reproducible dropout.

    Call arguments:
        inputs: `(batch, features)`.
        states: a list of one state `(batch, units)`.
        training: whether dropout acts.

    >>> import nyala
    >>> cell = nyala.layers.SimpleRNNCell(3)
    >>> outputs, states = cell(nyala.ops.ones((2, 5)), cell.get_initial_state(2))
    >>> outputs.shape, len(states)
    ((2, 3), 1)

    Source: Elman, "Finding Structure in Time", Cognitive Science 14 (1990).
    """

    _mask_for_each_gate = False

    def __init__(self, units: int, activation: Any = "tanh", use_bias: bool = True,
                 kernel_initializer: Any = "glorot_uniform",
                 recurrent_initializer: Any = "orthogonal", bias_initializer: Any = "zeros",
                 kernel_regularizer: Any = None, recurrent_regularizer: Any = None,
                 bias_regularizer: Any = None, kernel_constraint: Any = None,
                 recurrent_constraint: Any = None, bias_constraint: Any = None,
                 dropout: float = 0.0, recurrent_dropout: float = 0.0, seed: int | None = None,
                 **kwargs: Any):  # fmt: skip
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
        super().__init__(units, activation, use_bias, options, dropout, recurrent_dropout, seed,
                         **kwargs)  # fmt: skip

    def project(self, inputs: Any, training: Any) -> Any:
        """Return what inputs contribute."""
        projected = super().project(inputs, training)
        return projected if self.bias is None else ops.add(projected, self.bias)

    def advance(self, projected: Any, states: list, training: Any) -> tuple[Any, list]:
        """Return the outputs and the new states from projected inputs of one step."""
        (h,) = states
        masks = self._state_masks(h, training)
        new = self.activation(ops.add(projected, gate_products(h, masks, self.recurrent_kernel)))
        return new, [new]

    def _run_kernel(self, sequences: Any, states: list, **options: Any) -> tuple:
        return simple_rnn_sequence(
            sequences, self.kernel, self.recurrent_kernel, self.bias, *states, **options
        )
