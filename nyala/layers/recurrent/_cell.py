"""`RecurrentCell`: what the cells of SimpleRNN, LSTM and GRU have in common."""

from __future__ import annotations

from typing import Any

from nyala import activations, ops
from nyala.eager import SeedGenerator
from nyala.layers.base import (
    Layer,
    positive_integer,
    set_weight_options,
    weight_options,
    weight_options_config,
)
from nyala.layers.recurrent._cell_dropout import CellDropout

WEIGHTS = ("kernel", "recurrent", "bias")


class RecurrentCell(CellDropout, Layer):
    """One step of a recurrence `outputs, states = cell(inputs, states)` with dense gates.

    A step is cut in two: `project` has no state in it, so that a layer does it for all steps of a
    sequence at once, and `advance` is the rest. Subclasses implement both.

    Args:
        units: the length of outputs and states.
        activation: the activation of the outputs.
        use_bias: whether there is a bias.
        options: `<weight>_initializer`, `_regularizer` and `_constraint` for each of `kernel`,
            `recurrent` and `bias`.
        dropout, recurrent_dropout: the part of inputs and of states that is dropped in training.
        seed: an integer, for reproducible dropout.
    """

    _gates = 1
    # Whether the gates may be given a mask each, as `implementation=1` asks.
    _mask_for_each_gate = True

    def __init__(self, units: int, activation: Any, use_bias: bool, options: dict[str, Any],
                 dropout: float, recurrent_dropout: float, seed: int | None,
                 **kwargs: Any):  # fmt: skip
        implementation = kwargs.pop("implementation", 2)
        super().__init__(**kwargs)
        self.units = positive_integer(units, f"{type(self).__name__}(units=...)")
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        for weight in WEIGHTS:
            set_weight_options(self, weight, *(
                options[f"{weight}_{option}"]
                for option in ("initializer", "regularizer", "constraint")
            ))  # fmt: skip
        self.dropout = min(1.0, max(0.0, dropout))
        self.recurrent_dropout = min(1.0, max(0.0, recurrent_dropout))
        self.implementation = 1 if self.recurrent_dropout else implementation
        if self._mask_for_each_gate and self.implementation == 1:
            self.dropout_mask_count = self._gates
        self.seed = seed
        self.seed_generator = SeedGenerator(seed)
        self.state_size: Any = self.units
        self.output_size = self.units

    def build(self, input_shape: Any) -> None:
        """Make the weights for inputs `(batch, features)`."""
        width = self._gates * self.units
        for name, weight, shape in (
            ("kernel", "kernel", (input_shape[-1], width)),
            ("recurrent_kernel", "recurrent", (self.units, width)),
        ):
            options = weight_options(self, weight)
            setattr(self, name, self.add_weight(name=name, shape=shape, **options))
        self.bias = None
        if self.use_bias:
            options = {**weight_options(self, "bias"), "initializer": self._first_bias()}
            self.bias = self.add_weight(name="bias", shape=self._bias_shape(), **options)

    def _bias_shape(self) -> tuple[int, ...]:
        return (self._gates * self.units,)

    def _first_bias(self) -> Any:
        return self.bias_initializer

    def call(self, inputs: Any, states: Any, training: bool = False) -> tuple:
        """Return the outputs of a step and the new states."""
        nested = isinstance(states, (list, tuple))
        projected = self.project(inputs, training)
        outputs, new = self.advance(projected, list(states) if nested else [states], training)
        return outputs, new if nested else new[0]

    def project(self, inputs: Any, training: Any) -> Any:
        """Return what inputs contribute to the gates, `(..., gates * units)`.

        Args:
            inputs: of one step, `(batch, features)`, or of all, `(batch, time, features)`.
            training: whether inputs are dropped.
        """
        masks = None
        if training and self.dropout:
            whole = len(inputs.shape) == 3
            masks = self.get_dropout_mask(inputs[:, 0] if whole else inputs)
            if whole:
                masks = _for_each(masks, lambda mask: ops.expand_dims(mask, 1))
        return gate_products(inputs, masks, self.kernel)

    def advance(self, projected: Any, states: list, training: Any) -> tuple[Any, list]:
        """Return the outputs and the new states from projected inputs of one step."""
        raise TypeError(f"{type(self).__name__} must implement advance().")

    def _state_masks(self, state: Any, training: Any) -> Any:
        if training and self.recurrent_dropout:
            return self.get_recurrent_dropout_mask(state)
        return None

    def has_kernel(self, training: Any) -> bool:
        """Whether `nyala.kernels` has a whole-sequence recurrence for this configuration."""
        masked_gates = self.recurrent_dropout or (self.dropout and self.dropout_mask_count)
        return self._has_usual_activations() and not (training and masked_gates)

    def _has_usual_activations(self) -> bool:
        return self.activation is activations.tanh

    def run_kernel(self, sequences: Any, states: list, mask: Any, training: Any,
                   go_backwards: bool, zero_output_for_mask: bool) -> tuple[Any, list]:  # fmt: skip
        """Return all outputs and the last states, by a whole-sequence kernel."""
        if training and self.dropout:
            masks = self.get_dropout_mask(sequences[:, 0])
            sequences = ops.multiply(sequences, ops.expand_dims(masks, 1))
        return self._run_kernel(sequences, states, mask=mask, go_backwards=go_backwards,
                                zero_output_for_mask=zero_output_for_mask)  # fmt: skip

    def _run_kernel(self, sequences: Any, states: list, **options: Any) -> tuple:
        raise TypeError(f"{type(self).__name__} must implement _run_kernel().")

    def get_initial_state(self, batch_size: Any = None) -> list:
        """Return states of zeros for a batch."""
        sizes = self.state_size if isinstance(self.state_size, (list, tuple)) else [self.state_size]
        return [ops.zeros((batch_size, size), dtype=self.compute_dtype) for size in sizes]

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal cell can be made."""
        return {
            **super().get_config(),
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            **weight_options_config(self, *WEIGHTS),
            "dropout": self.dropout,
            "recurrent_dropout": self.recurrent_dropout,
            "seed": self.seed,
        }


def gate_products(x: Any, masks: Any, kernel: Any) -> Any:
    """Return `x @ kernel`, with x masked: by one mask, or by one for each gate of the kernel."""
    if isinstance(masks, list):
        kernels = ops.split(kernel, len(masks), axis=-1)
        products = [
            ops.matmul(ops.multiply(x, mask), part)
            for mask, part in zip(masks, kernels, strict=True)
        ]
        return ops.concatenate(products, axis=-1)
    return ops.matmul(x if masks is None else ops.multiply(x, masks), kernel)


def _for_each(masks: Any, function: Any) -> Any:
    return [function(mask) for mask in masks] if isinstance(masks, list) else function(masks)


def first_state(states: Any) -> Any:
    """Return the output state of a cell's states."""
    return states[0] if isinstance(states, (list, tuple)) else states
