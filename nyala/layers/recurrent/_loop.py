"""A cell run over the steps of a sequence: by a kernel where there is one, else in a loop."""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

from nyala import kernels, ops
from nyala.core import tree
from nyala.layers.base import Layer
from nyala.layers.recurrent._cell import RecurrentCell, first_state
from nyala.layers.recurrent._cell_dropout import CellDropout
from nyala.layers.recurrent._live import run_live


class Loop(NamedTuple):
    """How a sequence is gone through."""

    training: Any
    go_backwards: bool = False
    unroll: bool = False
    zero_output_for_mask: bool = False


def run_cell(cell: Any, sequences: Any, states: list, mask: Any, loop: Loop) -> tuple[Any, list]:
    """Return the outputs `(batch, time, ...)` in order of processing, and the last states.

    Args:
        cell: anything with `call(inputs, states)` and `state_size`.
        sequences: `(batch, time, ...)`.
        states: a list of the states at the beginning.
        mask: booleans `(batch, time)`; where false, states and output stay as they were. Or `None`.
        loop: how to go through the sequence.
    """
    if type(cell) in RUNNERS:
        return RUNNERS[type(cell)](cell, sequences, states, mask, loop)
    if is_built_in(cell) and not loop.unroll and cell.has_kernel(loop.training):
        with _dropout_of(cell, sequences, states, loop.training):
            return cell.run_kernel(sequences, states, mask, loop.training, loop.go_backwards,
                                   loop.zero_output_for_mask)  # fmt: skip
    return run_live(
        cell, loop, lambda x, s, m: _run_loop(cell, x, s, m, loop), sequences, states, mask
    )


def _run_loop(cell: Any, sequences: Any, states: list, mask: Any, loop: Loop) -> tuple[Any, list]:
    with _dropout_of(cell, sequences, states, loop.training):
        step = _step_of(cell, loop.training)
        if is_built_in(cell):
            # What is free of state is done for all steps at once.
            sequences = cell.project(sequences, loop.training)
            step = functools.partial(cell.advance, training=loop.training)
        return run_steps(step, cell, sequences, states, mask, loop)


# Cells that are run over a sequence in a way of their own, by class.
RUNNERS: dict[type, Callable] = {}


def is_built_in(cell: Any) -> bool:
    """Whether the cell's steps are the house's own, and may be taken apart."""
    own_module = type(cell).__module__.startswith("nyala.layers.recurrent.")
    return own_module and hasattr(cell, "advance") and cell.activity_regularizer is None


def _dropout_of(cell: Any, sequences: Any, states: list, training: Any) -> Any:
    if not isinstance(cell, CellDropout):
        return contextlib.nullcontext()
    return cell.one_mask_for_all_steps(sequences[:, 0], first_state(states), training)


def _step_of(cell: Any, training: Any) -> Callable:
    call = cell if callable(cell) else cell.call
    options = {}
    if isinstance(cell, Layer):
        takes_training = type(cell)._call_signature().has_training
    else:
        takes_training = "training" in inspect.signature(cell.call).parameters
    if takes_training:
        options["training"] = training

    def step(inputs: Any, states: list) -> tuple:
        return call(inputs, states, **options)

    return step


def run_steps(
    step: Callable, cell: Any, sequences: Any, states: list, mask: Any, loop: Loop
) -> tuple[Any, list]:
    """Go through a sequence with a function of the inputs of one step and the states."""
    keep = None if mask is None else _time_first_mask(mask)
    steps = _swap(sequences)
    held = None
    if keep is not None:
        held = _output_before(cell, sequences, states)

    def turn(carry: tuple, now: tuple) -> tuple:
        states, held = carry
        x, keep = now
        output, new = step(x, states)
        new = _like(states, new, cell)
        if keep is None:
            return (new, held), output
        new = tree.map_structure(lambda n, s: _where(keep, n, s), new, states)
        output = ops.cast(output, held.dtype)
        kept = ops.zeros_like(output) if loop.zero_output_for_mask else held
        output = _where(keep, output, kept)
        return (new, output), output

    run = _unrolled if loop.unroll else _scanned
    (states, _), outputs = run(turn, (states, held), (steps, keep), loop.go_backwards)
    return tree.map_structure(_swap, outputs), states


def _scanned(turn: Callable, carry: tuple, xs: tuple, backwards: bool) -> tuple:
    def in_loop(carry: tuple, now: tuple) -> tuple:
        with kernels.inside_loop():
            return turn(carry, now)

    carry, outputs = ops.scan(in_loop, carry, xs, reverse=backwards)
    return carry, ops.flip(outputs, axis=0) if backwards else outputs


def _unrolled(turn: Callable, carry: tuple, xs: tuple, backwards: bool) -> tuple:
    steps, keep = xs
    order = range(steps.shape[0])
    outputs = []
    for t in reversed(order) if backwards else order:
        carry, output = turn(carry, (steps[t], None if keep is None else keep[t]))
        outputs.append(output)
    return carry, ops.stack(outputs)


def _swap(x: Any) -> Any:
    return ops.swapaxes(x, 0, 1)


def _time_first_mask(mask: Any) -> Any:
    mask = ops.cast(mask, "bool")
    if len(mask.shape) > 2:
        mask = ops.any(mask, axis=tuple(range(2, len(mask.shape))))
    return _swap(mask)


def _where(keep: Any, value: Any, other: Any) -> Any:
    return ops.where(ops.reshape(keep, (-1,) + (1,) * (len(value.shape) - 1)), value, other)


def _like(states: list, new: Any, cell: Any) -> list:
    """Return new states nested as the old ones and of their dtypes."""
    old, leaves = tree.flatten(states), tree.flatten(new)
    if len(old) != len(leaves):
        raise ValueError(
            f"The cell {type(cell).__name__} was given {len(old)} states, as its state_size says, "
            f"but returned {len(leaves)}. call(inputs, states) must return (outputs, new_states)."
        )
    for before, after in zip(old, leaves, strict=True):
        if tuple(before.shape) != tuple(after.shape):
            raise ValueError(
                f"The cell {type(cell).__name__} was given a state of shape {tuple(before.shape)} "
                "but "
                f"returned one of shape {tuple(after.shape)}. States must keep their shape; check "
                "state_size and get_initial_state()."
            )
    leaves = [ops.cast(after, before.dtype) for before, after in zip(old, leaves, strict=True)]
    return tree.pack_sequence_as(states, leaves)


def _output_before(cell: Any, sequences: Any, states: list) -> Any:
    """Return what is the output while no step was present yet: the output state, or zeros."""
    state = first_state(states[-1] if tree.is_nested(states[0]) else states)
    size = output_size_of(cell)
    if size is None or state.shape[-1] == size:
        return state
    return ops.zeros((sequences.shape[0], size), dtype=state.dtype)


def output_size_of(cell: Any) -> int | None:
    """Return the length of a cell's outputs, or `None` where it does not say so."""
    size = getattr(cell, "output_size", None)
    if size is None and isinstance(cell, RecurrentCell):
        return cell.units
    return size if isinstance(size, int) else None
