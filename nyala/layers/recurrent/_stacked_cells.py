"""`StackedRNNCells`: cells on top of each other as one cell."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import deserialize_keras_object, enrol, serialize_keras_object, tree
from nyala.layers.base import Layer
from nyala.layers.recurrent._loop import RUNNERS, Loop, output_size_of, run_cell


@enrol("keras.layers")
class StackedRNNCells(Layer):
    """Several cells as one: each takes the outputs of the one before.

    Args:
        cells: a list of cells.

    Call arguments:
        inputs: `(batch, features)`.
        states: a list with the states of each cell.
        training: whether dropout acts.

    >>> import nyala
    >>> cell = nyala.layers.StackedRNNCells([nyala.layers.LSTMCell(4), nyala.layers.GRUCell(3)])
    >>> nyala.layers.RNN(cell)(nyala.ops.ones((2, 6, 5))).shape
    (2, 3)
    """

    def __init__(self, cells: Any, **kwargs: Any):
        super().__init__(**kwargs)
        if not isinstance(cells, (list, tuple)) or not cells:
            raise ValueError(f"StackedRNNCells(cells=...) expects a list of cells; got {cells!r}.")
        for cell in cells:
            check_cell(cell, "StackedRNNCells(cells=...)")
        self.cells = list(cells)

    @property
    def state_size(self) -> list:
        """The lengths of the states of each cell."""
        return [cell.state_size for cell in self.cells]

    @property
    def output_size(self) -> int:
        """The length of the last cell's outputs."""
        return _length_of_outputs(self.cells[-1])

    def build(self, input_shape: Any) -> None:
        """Build the cells, each for the outputs of the one before."""
        for cell in self.cells:
            if isinstance(cell, Layer) and not cell.built:
                cell.build(input_shape)
                cell.built = True
            input_shape = (input_shape[0], _length_of_outputs(cell))

    def call(self, inputs: Any, states: Any, training: bool = False, **kwargs: Any) -> tuple:
        """Return the last cell's outputs and the new states of all."""
        new_states = []
        for cell, own in zip(self.cells, states, strict=True):
            options = dict(kwargs)
            if isinstance(cell, Layer) and type(cell)._call_signature().has_training:
                options["training"] = training
            nested = tree.is_nested(own)
            call = cell if callable(cell) else cell.call
            inputs, new = call(inputs, list(own) if nested else [own], **options)
            new = list(new) if tree.is_nested(new) else [new]
            new_states.append(new if nested else new[0])
        return inputs, new_states

    def get_initial_state(self, batch_size: Any = None) -> list:
        """Return the states of each cell for a batch."""
        return [initial_state_of(cell, batch_size, self.compute_dtype) for cell in self.cells]

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal cell can be made."""
        return {
            **super().get_config(),
            "cells": [serialize_keras_object(cell) for cell in self.cells],
        }

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict | None = None) -> StackedRNNCells:
        """Return a cell from `get_config()`."""
        config = dict(config)
        cells = [
            deserialize_keras_object(cell, custom_objects=custom_objects)
            for cell in config.pop("cells")
        ]
        return cls(cells, **config)


def check_cell(cell: Any, who: str) -> None:
    """Raise unless `cell` has what a cell needs."""
    for name in ("call", "state_size"):
        if name not in dir(cell):
            raise ValueError(
                f"{who} expects a cell with a method call(inputs, states) and an attribute "
                f"state_size (the length of each state); got {cell!r}, which has no {name!r}."
            )


def initial_state_of(cell: Any, batch_size: Any, dtype: Any) -> Any:
    """Return a cell's states for a batch: what it says itself, else zeros."""
    if hasattr(cell, "get_initial_state"):
        return cell.get_initial_state(batch_size=batch_size)
    sizes = cell.state_size
    if isinstance(sizes, int):
        return ops.zeros((batch_size, sizes), dtype=dtype)
    return [ops.zeros((batch_size, size), dtype=dtype) for size in sizes]


def _length_of_outputs(cell: Any) -> int:
    size = output_size_of(cell)
    if size is not None:
        return size
    sizes = cell.state_size
    return sizes[0] if isinstance(sizes, (list, tuple)) else sizes


def _run_one_after_the_other(
    stack: StackedRNNCells, sequences: Any, states: list, mask: Any, loop: Loop
) -> tuple[Any, list]:
    """Run each cell over the whole sequence before the next.

    A cell sees of those below only their outputs at the same step, so that this is the same, and
    each cell can be run in its fastest way.
    """
    new_states = []
    last = len(stack.cells) - 1
    for i, (cell, own) in enumerate(zip(stack.cells, states, strict=True)):
        nested = tree.is_nested(own)
        options = loop._replace(zero_output_for_mask=loop.zero_output_for_mask and i == last)
        begin = list(own) if nested else [own]
        sequences, new = run_cell(cell, sequences, begin, mask, options)
        new_states.append(new if nested else new[0])
        if loop.go_backwards:
            # From here on the steps are in order of processing.
            loop = loop._replace(go_backwards=False)
            mask = None if mask is None else ops.flip(mask, axis=1)
    return sequences, new_states


RUNNERS[StackedRNNCells] = _run_one_after_the_other
