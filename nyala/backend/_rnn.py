"""`rnn`: a step function over the time axis, as custom recurrent layers of Keras 2 call it."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import tree


def rnn(step_function: Any, inputs: Any, initial_states: Any, go_backwards: bool = False,
        mask: Any = None, constants: Any = None, unroll: bool = False, input_length: Any = None,
        time_major: bool = False, zero_output_for_mask: bool = False,
        return_all_outputs: bool = True) -> tuple:  # fmt: skip
    """Call a function for each step of sequences, handing states on.

    Args:
        step_function: takes the inputs of one step, `(batch, ...)`, and a list of states; returns
            an output and a list of new states.
        inputs: array of shape `(batch, steps, ...)`, or a structure of such.
        initial_states: a list of the first states.
        go_backwards: whether the last step comes first.
        mask: truth values of shape `(batch, steps)`; where false, a step is skipped.
        constants: a list of arrays that are handed to every step behind the states.
        unroll: whether the loop is written out when it is compiled.
        input_length: accepted for Keras' sake.
        time_major: whether the first axis of inputs and outputs is that of the steps.
        zero_output_for_mask: whether a skipped step puts out zeros instead of the last output.
        return_all_outputs: whether the outputs of all steps are returned, or the last only.

    Returns:
        The last output, all outputs `(batch, steps, ...)`, and the last states.

    >>> import nyala
    >>> total = lambda x, states: (x + states[0], [x + states[0]])
    >>> last, _, _ = nyala.backend.rnn(total, nyala.ops.ones((1, 3, 2)), [nyala.ops.zeros((1, 2))])
    >>> last.numpy()
    array([[3., 3.]], dtype=float32)
    """
    turn = (lambda x: x) if time_major else (lambda x: ops.swapaxes(x, 0, 1))
    steps = tree.map_structure(lambda x: turn(ops.convert_to_tensor(x)), inputs)
    masks = None if mask is None else ops.cast(turn(ops.convert_to_tensor(mask)), "bool")
    states = [ops.convert_to_tensor(s) for s in initial_states]
    fixed = list(constants or [])
    first = tree.map_structure(lambda x: x[0], steps)
    blank = tree.map_structure(ops.zeros_like, step_function(first, states + fixed)[0])

    def step(carry: tuple, now: tuple) -> tuple:
        before, previous = carry
        x, valid = now if masks is not None else (now, None)
        output, after = step_function(x, list(before) + fixed)
        if valid is not None:
            after = [_where(valid, new, old) for new, old in zip(after, before, strict=True)]
            instead = blank if zero_output_for_mask else previous
            output = tree.map_structure(lambda new, old: _where(valid, new, old), output, instead)
        return (list(after), output), (output if return_all_outputs else None)

    elements = steps if masks is None else (steps, masks)
    (final, last), outputs = ops.scan(
        step, (states, blank), elements, reverse=go_backwards, unroll=bool(unroll) or 1
    )
    if not return_all_outputs:
        return (
            last,
            tree.map_structure(lambda x: ops.expand_dims(x, 0 if time_major else 1), last),
            final,
        )
    if (
        go_backwards
    ):  # a reversed scan keeps the places of the inputs; Keras gives the order of calls
        outputs = tree.map_structure(lambda x: ops.flip(x, 0), outputs)
    return last, tree.map_structure(turn, outputs), final


def _where(valid: Any, new: Any, old: Any) -> Any:
    for _ in range(len(new.shape) - 1):
        valid = ops.expand_dims(valid, -1)
    return ops.where(valid, new, old)
