"""`GRUCell`: one step of a gated recurrent unit."""

from __future__ import annotations

from typing import Any

from nyala import activations, ops
from nyala.core import enrol
from nyala.layers.recurrent._cell import RecurrentCell, gate_products
from nyala.layers.recurrent._operations import gru_sequence


@enrol("keras.layers")
class GRUCell(RecurrentCell):
    """One step of a gated recurrent unit.

    With gates z, r = recurrent_activation(x kernel + h recurrent_kernel + bias), in the order
    z, r, candidate along the weights' last axis: `h = z * h + (1 - z) * activation(candidate)`,
    where the reset gate r scales the state's part in the candidate.

    Args:
        units: the length of outputs and state, a positive integer.
        activation: the activation of the candidate.
        recurrent_activation: the activation of the gates.
        use_bias: whether there is a bias.
        kernel_initializer, recurrent_initializer, bias_initializer: first values of the weights.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties on the weights.
        kernel_constraint, recurrent_constraint, bias_constraint: applied to the weights after each
            optimizer step.
        dropout: the part of the inputs that is dropped in training.
        recurrent_dropout: the part of the state that is dropped in training.
        reset_after: whether the reset gate acts after the recurrent product (as cuDNN does; the
            bias is then `(2, 3 * units)`) or before it.
        seed: an integer, for reproducible dropout.

    Call arguments:
        inputs: `(batch, features)`.
        states: a list of one state `(batch, units)`.
        training: whether dropout acts.

    >>> import nyala
    >>> cell = nyala.layers.GRUCell(3)
    >>> outputs, states = cell(nyala.ops.ones((2, 5)), cell.get_initial_state(2))
    >>> outputs.shape, len(states)
    ((2, 3), 1)

    Source: Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder for Statistical
    Machine Translation", arXiv:1406.1078.
    """

    _gates = 3

    def __init__(self, units: int, activation: Any = "tanh", recurrent_activation: Any = "sigmoid",
                 use_bias: bool = True, kernel_initializer: Any = "glorot_uniform",
                 recurrent_initializer: Any = "orthogonal", bias_initializer: Any = "zeros",
                 kernel_regularizer: Any = None, recurrent_regularizer: Any = None,
                 bias_regularizer: Any = None, kernel_constraint: Any = None,
                 recurrent_constraint: Any = None, bias_constraint: Any = None,
                 dropout: float = 0.0, recurrent_dropout: float = 0.0, reset_after: bool = True,
                 seed: int | None = None, **kwargs: Any):  # fmt: skip
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
        self.reset_after = reset_after

    def _bias_shape(self) -> tuple[int, ...]:
        # One bias for the inputs' product and one for the state's, which the reset gate scales.
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)

    def project(self, inputs: Any, training: Any) -> Any:
        """Return what inputs contribute to the gates."""
        projected = super().project(inputs, training)
        if self.bias is None:
            return projected
        return ops.add(projected, self.bias[0] if self.reset_after else self.bias)

    def advance(self, projected: Any, states: list, training: Any) -> tuple[Any, list]:
        """Return the outputs and the new states from projected inputs of one step."""
        (h,) = states
        masks = self._state_masks(h, training)
        advance = self._reset_after if self.reset_after else self._reset_before
        z, candidate = advance(projected, h, masks)
        new = ops.add(ops.multiply(z, h), ops.multiply(ops.subtract(1, z), candidate))
        return new, [new]

    def _reset_after(self, projected: Any, h: Any, masks: Any) -> tuple:
        recurrent = gate_products(h, masks, self.recurrent_kernel)
        if self.bias is not None:
            recurrent = ops.add(recurrent, self.bias[1])
        x_z, x_r, x_h = ops.split(projected, 3, axis=-1)
        h_z, h_r, h_h = ops.split(recurrent, 3, axis=-1)
        z = self.recurrent_activation(ops.add(x_z, h_z))
        r = self.recurrent_activation(ops.add(x_r, h_r))
        return z, self.activation(ops.add(x_h, ops.multiply(r, h_h)))

    def _reset_before(self, projected: Any, h: Any, masks: Any) -> tuple:
        gates, own = ops.split(self.recurrent_kernel, [2 * self.units], axis=-1)
        x_zr, x_h = ops.split(projected, [2 * self.units], axis=-1)
        several = isinstance(masks, list)
        h_zr = gate_products(h, masks[:2] if several else masks, gates)
        z, r = ops.split(self.recurrent_activation(ops.add(x_zr, h_zr)), 2, axis=-1)
        h_h = gate_products(ops.multiply(r, h), masks[2] if several else masks, own)
        return z, self.activation(ops.add(x_h, h_h))

    def _has_usual_activations(self) -> bool:
        usual_gates = self.recurrent_activation is activations.sigmoid
        return usual_gates and super()._has_usual_activations()

    def _run_kernel(self, sequences: Any, states: list, **options: Any) -> tuple:
        return gru_sequence(sequences, self.kernel, self.recurrent_kernel, self.bias, *states,
                            reset_after=self.reset_after, **options)  # fmt: skip

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal cell can be made."""
        return {
            **super().get_config(),
            "recurrent_activation": activations.serialize(self.recurrent_activation),
            "reset_after": self.reset_after,
        }
