"""`LSTMCell`: one step of a long short-term memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nyala import activations, ops
from nyala.core import enrol
from nyala.layers.recurrent._cell import RecurrentCell, gate_products
from nyala.layers.recurrent._operations import lstm_sequence


@enrol("keras.layers")
class LSTMCell(RecurrentCell):
    """One step of a long short-term memory.

    With gates i, f, o = recurrent_activation(x kernel + h recurrent_kernel + bias), in the order
    i, f, c, o along the weights' last axis: `c = f * c + i * activation(candidate)` and
    `h = o * activation(c)`.

    Args:
        units: the length of outputs and states, a positive integer.
        activation: the activation of candidate and output.
        recurrent_activation: the activation of the gates.
        use_bias: whether there is a bias.
        kernel_initializer, recurrent_initializer, bias_initializer: first values of the weights.
        unit_forget_bias: whether the forget gate's bias begins at 1.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties on the weights.
        kernel_constraint, recurrent_constraint, bias_constraint: applied to the weights after each
            optimizer step.
        dropout: the part of the inputs that is dropped in training.
        recurrent_dropout: the part of the output state that is dropped in training.
        seed: an integer, for reproducible dropout.

    Call arguments:
        inputs: `(batch, features)`.
        states: a list `[h, c]`, each `(batch, units)`.
        training: whether dropout acts.

    >>> import nyala
    >>> cell = nyala.layers.LSTMCell(3)
    >>> outputs, states = cell(nyala.ops.ones((2, 5)), cell.get_initial_state(2))
    >>> outputs.shape, len(states)
    ((2, 3), 2)

    Source: Hochreiter and Schmidhuber, "Long Short-Term Memory", Neural Computation 9 (1997); Gers
    et al., "Learning to Forget", Neural Computation 12 (2000).
    """

    _gates = 4

    def __init__(self, units: int, activation: Any = "tanh", recurrent_activation: Any = "sigmoid",
                 use_bias: bool = True, kernel_initializer: Any = "glorot_uniform",
                 recurrent_initializer: Any = "orthogonal", bias_initializer: Any = "zeros",
                 unit_forget_bias: bool = True, kernel_regularizer: Any = None,
                 recurrent_regularizer: Any = None, bias_regularizer: Any = None,
                 kernel_constraint: Any = None, recurrent_constraint: Any = None,
                 bias_constraint: Any = None, dropout: float = 0.0,
                 recurrent_dropout: float = 0.0, seed: int | None = None,
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
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias
        self.state_size = [self.units, self.units]

    def _first_bias(self) -> Any:
        if self.unit_forget_bias:
            return with_unit_forget_gate(self.bias_initializer, self.units)
        return self.bias_initializer

    def project(self, inputs: Any, training: Any) -> Any:
        """Return what inputs contribute to the gates."""
        projected = super().project(inputs, training)
        return projected if self.bias is None else ops.add(projected, self.bias)

    def advance(self, projected: Any, states: list, training: Any) -> tuple[Any, list]:
        """Return the outputs and the new states from projected inputs of one step."""
        h, c = states
        masks = self._state_masks(h, training)
        z = ops.add(projected, gate_products(h, masks, self.recurrent_kernel))
        return lstm_step(z, c, self.activation, self.recurrent_activation)

    def _has_usual_activations(self) -> bool:
        usual_gates = self.recurrent_activation is activations.sigmoid
        return usual_gates and super()._has_usual_activations()

    def _run_kernel(self, sequences: Any, states: list, **options: Any) -> tuple:
        return lstm_sequence(
            sequences, self.kernel, self.recurrent_kernel, self.bias, *states, **options
        )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal cell can be made."""
        return {
            **super().get_config(),
            "recurrent_activation": activations.serialize(self.recurrent_activation),
            "unit_forget_bias": self.unit_forget_bias,
        }


def lstm_step(
    z: Any, c: Any, activation: Callable, recurrent_activation: Callable, axis: int = -1
) -> tuple[Any, list]:
    """Return the outputs and the states `[h, c]` from all gates before activation, along `axis`."""
    i, f, candidate, o = ops.split(z, 4, axis=axis)
    c = ops.add(
        ops.multiply(recurrent_activation(f), c),
        ops.multiply(recurrent_activation(i), activation(candidate)),
    )
    h = ops.multiply(recurrent_activation(o), activation(c))
    return h, [h, c]


def with_unit_forget_gate(initializer: Callable, units: int) -> Callable:
    """Return an initializer of the gates' biases i, f, c, o that begins the forget gate's at 1."""

    def first_bias(shape: Any, dtype: Any = None) -> Any:
        parts = [
            initializer((units,), dtype=dtype),
            ops.ones((units,), dtype=dtype),
            initializer((2 * units,), dtype=dtype),
        ]
        return ops.concatenate(parts)

    return first_bias
