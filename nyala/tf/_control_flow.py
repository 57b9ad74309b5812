"""Branches, loops and functions of elements."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from nyala import ops
from nyala.core import tree
from nyala.eager import Tensor, in_compiled_code, is_tracer


def cond(pred: Any, true_fn: Any = None, false_fn: Any = None, name: str | None = None) -> Any:
    """Call one of two functions (see `nyala.ops.cond`).

    >>> import nyala
    >>> int(nyala.tf.cond(nyala.tf.constant(True), lambda: 1, lambda: 2))
    1
    """
    return ops.cond(pred, true_fn, false_fn)


def case(pred_fn_pairs: Any, default: Any = None, exclusive: bool = False, strict: bool = False,
         name: str = "case") -> Any:  # fmt: skip
    """Call the function beside the first true condition, or else `default`.

    Args:
        pred_fn_pairs: pairs of a boolean scalar and a function without arguments.
        default: called where none is true; the last function by default.
        exclusive: whether more than one true condition is an error, where values are known.
        strict: accepted for TensorFlow's sake.
        name: accepted for TensorFlow's sake.
    """
    pairs = list(pred_fn_pairs.items() if hasattr(pred_fn_pairs, "items") else pred_fn_pairs)
    if exclusive and not in_compiled_code() and sum(bool(pred) for pred, _ in pairs) > 1:
        raise ValueError("tf.case: more than one condition is true, with exclusive=True.")
    otherwise = default or pairs.pop()[1]
    for pred, function in reversed(pairs):
        otherwise = _branch(pred, function, otherwise)
    return otherwise()


def _branch(pred: Any, function: Callable, otherwise: Callable) -> Callable:
    return lambda: ops.cond(pred, function, otherwise)


def switch_case(branch_index: Any, branch_fns: Any, default: Any = None,
                name: str = "switch_case") -> Any:  # fmt: skip
    """Call one of several functions by its number; out of range the default, or the last one."""
    pairs = branch_fns.items() if hasattr(branch_fns, "items") else enumerate(branch_fns)
    functions = [
        pair if callable(pair) else pair[1] for _, pair in sorted(pairs, key=lambda p: p[0])
    ]
    otherwise = default or functions[-1]
    index = ops.convert_to_tensor(branch_index)
    inside = ops.logical_and(index >= 0, index < len(functions))
    return ops.switch(ops.where(inside, index, len(functions)), [*functions, otherwise])


def while_loop(cond: Any, body: Any, loop_vars: Any, shape_invariants: Any = None,
               parallel_iterations: int = 10, back_prop: bool = True, swap_memory: bool = False,
               maximum_iterations: int | None = None, name: str | None = None) -> Any:  # fmt: skip
    """Call `body` on the loop variables as long as `cond` is true of them.

    Args:
        cond: takes the loop variables, returns a boolean scalar.
        body: takes the loop variables, returns the next ones in the same shapes and dtypes.
        loop_vars: a list or tuple of tensors or of structures.
        shape_invariants: must be `None` or agree with the variables: shapes do not change.
        parallel_iterations, back_prop, swap_memory, name: accepted for TensorFlow's sake.
        maximum_iterations: at most so many calls.

    >>> import nyala
    >>> [i] = nyala.tf.while_loop(lambda i: i < 10, lambda i: [i + 3], [nyala.tf.constant(0)])
    >>> int(i)
    12
    """
    if not isinstance(loop_vars, (list, tuple)):
        return ops.while_loop(cond, body, loop_vars, maximum_iterations)
    kind = list if isinstance(loop_vars, list) else tuple

    def step(*values: Any) -> tuple:
        result = body(*values)
        return tuple(result) if isinstance(result, (list, tuple)) else (result,)

    start = tuple(tree.map_structure(ops.convert_to_tensor, one) for one in loop_vars)
    return kind(ops.while_loop(cond, step, start, maximum_iterations))


def map_fn(fn: Any, elems: Any, dtype: Any = None, parallel_iterations: Any = None,
           back_prop: bool = True, swap_memory: bool = False, infer_shape: bool = True,
           name: str | None = None, fn_output_signature: Any = None) -> Any:  # fmt: skip
    """Call a function on each element along the first axis and stack the results.

    Strings, and functions that leave tensors (NumPy, Python), are served as well: those are called
    one after another.
    """
    leaves = tree.flatten(elems)
    tensors = [ops.convert_to_tensor(leaf) for leaf in leaves]
    if in_compiled_code() or all(t.dtype != "string" for t in tensors):
        try:
            return ops.map(fn, tree.pack_sequence_as(elems, tensors))
        except jax.errors.JAXTypeError:
            if in_compiled_code():
                raise
    rows = [
        fn(tree.pack_sequence_as(elems, [t[i] for t in tensors])) for i in range(len(tensors[0]))
    ]
    return tree.map_structure(lambda *parts: ops.stack(list(parts)), *rows)


def vectorized_map(
    fn: Any, elems: Any, fallback_to_while_loop: bool = True, warn: bool = True
) -> Any:
    """Call a function on all elements along the first axis at once."""
    return ops.vectorized_map(fn, elems)


def scan(fn: Any, elems: Any, initializer: Any = None, parallel_iterations: int = 10,
         back_prop: bool = True, swap_memory: bool = False, infer_shape: bool = True,
         reverse: bool = False, name: str | None = None) -> Any:  # fmt: skip
    """Call a function of the value so far and the next element; stack the values.

    >>> import nyala
    >>> nyala.tf.scan(lambda a, x: a + x, nyala.tf.constant([1, 2, 3])).numpy()
    array([1, 3, 6], dtype=int32)
    """
    elems = tree.map_structure(ops.convert_to_tensor, elems)
    if initializer is not None:
        start = tree.map_structure(ops.convert_to_tensor, initializer)
        return ops.scan(lambda a, x: _twice(fn(a, x)), start, elems, reverse=reverse)[1]
    at = -1 if reverse else 0
    start = tree.map_structure(lambda x: x[at], elems)
    rest = tree.map_structure(lambda x: x[:-1] if reverse else x[1:], elems)
    _, values = ops.scan(lambda a, x: _twice(fn(a, x)), start, rest, reverse=reverse)

    def joined(first: Any, others: Any) -> Any:
        first = ops.expand_dims(first, 0)
        return ops.concatenate([others, first] if reverse else [first, others], axis=0)

    return tree.map_structure(joined, start, values)


def _twice(value: Any) -> tuple:
    return value, value


def foldl(
    fn: Any,
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """Return the last value of `scan`."""
    return tree.map_structure(lambda x: x[-1], scan(fn, elems, initializer))


def foldr(
    fn: Any,
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """Return the last value of `scan` from the end."""
    return tree.map_structure(lambda x: x[0], scan(fn, elems, initializer, reverse=True))


def py_function(
    func: Any = None, inp: Any = None, Tout: Any = None, name: str | None = None
) -> Any:
    """Call a Python function of tensors, outside compiled code.

    Raises:
        TypeError: inside compiled code, where the shapes of its results would be unknown.
    """
    return _called(func, inp, Tout, "py_function", ops.convert_to_tensor)


def numpy_function(func: Any = None, inp: Any = None, Tout: Any = None, stateful: bool = True,
                   name: str | None = None) -> Any:  # fmt: skip
    """Call a Python function of NumPy arrays, outside compiled code.

    Raises:
        TypeError: inside compiled code, where the shapes of its results would be unknown.
    """
    return _called(func, inp, Tout, "numpy_function", np.asarray)


def _called(func: Any, inp: Any, Tout: Any, who: str, convert: Callable) -> Any:
    if any(isinstance(x, Tensor) and is_tracer(x._value) for x in inp):
        raise TypeError(
            f"tf.{who}: this code is being compiled, where a Python function's results are not "
            "known. Call it in the input pipeline, or compile with run_eagerly=True."
        )
    result = func(*[convert(x) for x in inp])
    if isinstance(Tout, (list, tuple)):
        return [ops.convert_to_tensor(r, t) for r, t in zip(result, Tout, strict=True)]
    return ops.convert_to_tensor(result) if Tout is None else ops.convert_to_tensor(result, Tout)


def print(*inputs: Any, output_stream: Any = None, summarize: int = 3, sep: str = " ",
          end: str = "\n", name: str | None = None) -> None:  # fmt: skip
    """Print tensors, out of compiled code too, each time it runs; to `sys.stderr` by default."""
    leaves = [x._value if isinstance(x, Tensor) else x for x in inputs]

    def write(*values: Any) -> None:
        arrays = iter(values)
        shown = [_shown(next(arrays) if is_array else x, summarize) for x, is_array in marked]
        (output_stream or sys.stderr).write(sep.join(shown) + end)

    marked = [(x, isinstance(x, jax.Array)) for x in leaves]
    if any(is_tracer(x) for x in leaves):
        jax.debug.callback(write, *[x for x in leaves if isinstance(x, jax.Array)])
    else:
        write(*[x for x in leaves if isinstance(x, jax.Array)])


def _shown(value: Any, summarize: int) -> str:
    if not hasattr(value, "dtype"):
        return str(value)
    array = np.asarray(value)
    if summarize is None or summarize < 0:
        return np.array2string(array, threshold=array.size + 1)
    return np.array2string(array, threshold=2 * summarize, edgeitems=summarize)


__all__ = [
    "case", "cond", "foldl", "foldr", "map_fn", "numpy_function", "print", "py_function", "scan",
    "switch_case", "vectorized_map", "while_loop",
]  # fmt: skip
