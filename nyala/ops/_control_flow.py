"""Branches: which of several functions is called depends on a value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from nyala.core import tree
from nyala.eager import Array, Arrays, Symbolic, is_tracer, op, to_tensor
from nyala.ops._selection import where
from nyala.ops._stateful import calls_functions, thread_variables


def cond(pred: Any, true_fn: Callable, false_fn: Callable) -> Any:
    """Call one of two functions.

    Args:
        pred: a boolean scalar.
        true_fn: called without arguments where `pred` is true.
        false_fn: called without arguments where it is false. In compiled code both must return
            tensors of the same structure, shapes and dtypes.

    Returns:
        What the function returned. With a symbolic `pred` both functions run and their results
        are chosen from.

    >>> import nyala
    >>> x = nyala.ops.array(3.0)
    >>> float(nyala.ops.cond(x > 0, lambda: nyala.ops.sqrt(x), lambda: x))
    1.7320507764816284
    """
    if isinstance(pred, Symbolic):
        return tree.map_structure(lambda a, b: where(pred, a, b), true_fn(), false_fn())
    pred = to_tensor(pred)
    if is_tracer(pred._value):
        return _cond(pred, true_fn, false_fn)
    return true_fn() if bool(pred) else false_fn()


@calls_functions
@op(name="cond")
def _cond(pred: Array, true_fn: Callable, false_fn: Callable) -> Any:
    def run(call: Callable, state: list) -> tuple:
        return jax.lax.cond(
            jnp.reshape(pred, ()),
            lambda values: call(true_fn, values),
            lambda values: call(false_fn, values),
            state,
        )

    return thread_variables(run)


def switch(index: Any, branches: Sequence[Callable], *operands: Any) -> Any:
    """Call one of several functions.

    Args:
        index: an integer scalar; below 0 the first function is called, beyond the end the last.
        branches: the functions, which take the operands. In compiled code all must return tensors
            of the same structure, shapes and dtypes.
        *operands: arrays or structures of arrays.

    Returns:
        What the function returned.

    >>> import nyala
    >>> double, square = lambda x: 2 * x, lambda x: x * x
    >>> nyala.ops.switch(1, [double, square], nyala.ops.array([3.0, 4.0])).numpy()
    array([ 9., 16.], dtype=float32)
    """
    symbolic = any(isinstance(leaf, Symbolic) for leaf in tree.flatten([index, operands]))
    if symbolic or is_tracer(to_tensor(index)._value):
        return _switch(index, tuple(branches), *operands)
    return branches[min(max(int(index), 0), len(branches) - 1)](*operands)


@calls_functions
@op(name="switch")
def _switch(index: Array, branches: Any, *operands: Arrays) -> Any:
    def run(call: Callable, state: list) -> tuple:
        def lifted(branch: Callable) -> Callable:
            return lambda values, *args: call(branch, values, *args)

        return jax.lax.switch(index, [lifted(branch) for branch in branches], state, *operands)

    return thread_variables(run)
