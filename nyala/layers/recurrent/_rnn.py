"""`RNN`: a cell applied to the steps of sequences."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import deserialize_keras_object, enrol, serialize_keras_object, tree
from nyala.eager import Variable
from nyala.layers.base import Layer
from nyala.layers.recurrent._arguments import (
    as_state_list,
    only_mask,
    refuse_time_major,
    separate_states,
)
from nyala.layers.recurrent._loop import Loop, run_cell
from nyala.layers.recurrent._stacked_cells import StackedRNNCells, check_cell, initial_state_of


@enrol("keras.layers")
class RNN(Layer):
    """Applies a cell to the steps of sequences, one after the other.

    Args:
        cell: a cell, or a list of cells that are stacked. A cell has `call(inputs, states)` (and
            `training` if it wants), which takes `(batch, features)` and a list of states and
            returns outputs and new states, and `state_size`, an integer or one for each state. It
            may have `output_size` and `get_initial_state(batch_size)`.
        return_sequences: whether the outputs of all steps are returned, or the last ones only.
        return_state: whether the last states are returned as well.
        go_backwards: whether to begin with the last step; outputs then come in that order.
        stateful: whether a batch begins with the states at which the one before ended. The batch
            size must be fixed.
        unroll: whether to write out the loop: more to compile, at times faster for few steps.
        zero_output_for_mask: whether outputs of masked steps are 0 instead of the previous ones.

    Call arguments:
        sequences: `(batch, time, features)`.
        initial_state: the states to begin with, in place of zeros.
        mask: booleans `(batch, time)`; masked steps are passed over.
        training: handed to the cell.

    Returns:
        Outputs `(batch, units)`, or `(batch, time, units)` with `return_sequences`; with
        `return_state` a tuple of outputs and states.

    >>> import nyala
    >>> class Sum(nyala.layers.Layer):
    ...     state_size = 3
    ...     def call(self, inputs, states):
    ...         total = states[0] + inputs
    ...         return total, [total]
    >>> nyala.layers.RNN(Sum())(nyala.ops.ones((1, 4, 3))).numpy()
    array([[4., 4., 4.]], dtype=float32)
    """

    def __init__(self, cell: Any, return_sequences: bool = False, return_state: bool = False,
                 go_backwards: bool = False, stateful: bool = False, unroll: bool = False,
                 zero_output_for_mask: bool = False, **kwargs: Any):  # fmt: skip
        refuse_time_major(type(self).__name__, kwargs)
        cell = StackedRNNCells(cell) if isinstance(cell, (list, tuple)) else cell
        check_cell(cell, f"{type(self).__name__}(cell=...)")
        super().__init__(**kwargs)
        self.cell = cell
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.unroll = unroll
        self.zero_output_for_mask = zero_output_for_mask
        self.supports_masking = True
        self.states = None
        sizes = cell.state_size
        self.single_state = isinstance(sizes, int)
        self.state_size = [sizes] if self.single_state else list(sizes)

    def __call__(self, sequences: Any = None, *args: Any, **kwargs: Any) -> Any:
        return super().__call__(separate_states(sequences, kwargs), *args, **kwargs)

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        """Build the cell, and make variables for the states where `stateful`."""
        if self.unroll and sequences_shape[1] is None:
            raise ValueError(
                f"{type(self).__name__} {self.name!r} (unroll=True) must know the number of steps; "
                "got "
                f"sequences of shape {tuple(sequences_shape)}. Give it in the Input's shape, or "
                "use unroll=False."
            )
        if isinstance(self.cell, Layer) and not self.cell.built:
            self.cell.build((sequences_shape[0], *sequences_shape[2:]))
            self.cell.built = True
        if self.stateful:
            self._make_states(sequences_shape)

    # -- states ----------------------------------------------------------------------------------

    def _make_states(self, sequences_shape: Any) -> None:
        if sequences_shape[0] is None:
            raise ValueError(
                f"{type(self).__name__} {self.name!r} (stateful=True) needs a fixed batch size; "
                f"got sequences of shape {tuple(sequences_shape)}. Use "
                f"Input(batch_shape=(batch_size, ...)), or batch_size= in Input."
            )
        states = tree.map_structure(
            lambda value: Variable(value, trainable=False, dtype=self.variable_dtype,
                                   name="rnn_state"),
            self.get_initial_state(sequences_shape[0]),
        )  # fmt: skip
        # Around tracking: states are neither weights nor part of a checkpoint, as in Keras.
        object.__setattr__(self, "states", states)

    def get_initial_state(self, batch_size: Any = None, inputs: Any = None) -> list:
        """Return the states with which a batch begins by default.

        Args:
            batch_size: how many sequences there are; the sequences themselves do too.
            inputs: Keras 2's name for the sequences.
        """
        sequences = batch_size if inputs is None else inputs
        if len(getattr(sequences, "shape", ())) > 1:
            batch_size = sequences.shape[0]
        dtype = getattr(self.cell, "compute_dtype", self.compute_dtype)
        states = initial_state_of(self.cell, batch_size, dtype)
        return list(states) if tree.is_nested(states) else [states]

    def reset_state(self) -> None:
        """Let the next batch begin with states of zeros (of use with `stateful`)."""
        for variable in tree.flatten(self.states or []):
            variable.assign(ops.zeros(variable.shape))

    def reset_states(self, states: Any = None) -> None:
        """Let the next batch begin with these states, or with zeros.

        Args:
            states: arrays, one for each state (Keras 2), or `None` for zeros.
        """
        if states is None:
            self.reset_state()
            return
        if self.states is None:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: reset_states(states) needs a built layer "
                "with stateful=True."
            )
        variables, values = tree.flatten(self.states), tree.flatten(as_state_list(states))
        self._check_number(values, variables)
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)

    def _check_number(self, given: list, expected: list) -> None:
        if len(given) != len(expected):
            raise ValueError(
                f"{type(self).__name__} {self.name!r} has {len(expected)} states of the shapes "
                f"{[tuple(x.shape) for x in expected]}; got {len(given)}."
            )

    def _first_states(self, sequences: Any, initial_state: Any) -> list:
        expected = self.get_initial_state(sequences.shape[0])
        if initial_state is None:
            values = tree.flatten(self.states) if self.stateful else tree.flatten(expected)
        else:
            values = tree.flatten(as_state_list(initial_state))
            self._check_number(values, tree.flatten(expected))
        dtype = getattr(self.cell, "compute_dtype", self.compute_dtype)
        values = [ops.cast(ops.convert_to_tensor(value), dtype) for value in values]
        return tree.pack_sequence_as(expected, values)

    def _check_batch_size(self, sequences: Any) -> None:
        fixed = tree.flatten(self.states)[0].shape[0]
        if sequences.shape[0] != fixed:
            raise ValueError(
                f"{type(self).__name__} {self.name!r} (stateful=True) was built for batches of "
                f"{fixed}; got sequences of shape {tuple(sequences.shape)}."
            )

    # -- calling ---------------------------------------------------------------------------------

    def call(self, sequences: Any, initial_state: Any = None, mask: Any = None,
             training: bool = False) -> Any:  # fmt: skip
        """Return the outputs, and the states with `return_state`."""
        if self.stateful:
            self._check_batch_size(sequences)
        if not sequences.dtype.is_floating:
            sequences = ops.cast(sequences, self.compute_dtype)
        states = self._first_states(sequences, initial_state)
        last_output, outputs, states = self.inner_loop(
            sequences, initial_state=states, mask=only_mask(mask), training=training
        )
        if self.stateful:
            pairs = zip(tree.flatten(self.states), tree.flatten(states), strict=True)
            for variable, value in pairs:
                variable.assign(value)
        output = ops.cast(outputs if self.return_sequences else last_output, self.compute_dtype)
        if not self.return_state:
            return output
        return (output, *(tree.map_structure(self._in_compute_dtype, state) for state in states))

    def _in_compute_dtype(self, x: Any) -> Any:
        return ops.cast(x, self.compute_dtype)

    def inner_loop(self, sequences: Any, initial_state: Any, mask: Any,
                   training: bool = False) -> tuple:  # fmt: skip
        """Go through the sequences; return the last outputs, all outputs and the last states."""
        loop = Loop(training, self.go_backwards, self.unroll, self.zero_output_for_mask)
        outputs, states = run_cell(self.cell, sequences, initial_state, mask, loop)
        return outputs[:, -1], outputs, states

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return the mask of the sequences with `return_sequences`; states have none."""
        output_mask = only_mask(mask) if self.return_sequences else None
        if self.return_state:
            return [output_mask, *(None for _ in self.state_size)]
        return output_mask

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "return_sequences": self.return_sequences,
            "return_state": self.return_state,
            "go_backwards": self.go_backwards,
            "stateful": self.stateful,
            "unroll": self.unroll,
            "zero_output_for_mask": self.zero_output_for_mask,
            "cell": serialize_keras_object(self.cell),
        }

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict | None = None) -> RNN:
        """Return a layer from `get_config()`."""
        config = dict(config)
        cell = deserialize_keras_object(config.pop("cell"), custom_objects=custom_objects)
        return cls(cell, **config)
