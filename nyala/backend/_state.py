"""Variables, random arrays, the learning phase and functions of graphs, as Keras 2 had them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from nyala import ops, random
from nyala.core import floatx, name_scope, reset_names
from nyala.eager import Variable, in_compiled_code
from nyala.layers.base import learning_phase as _phase_of_call
from nyala.ops._static_shapes import as_lengths
from nyala.symbolic import Function, KerasTensor

# -- variables -----------------------------------------------------------------------------------


def variable(
    value: Any, dtype: Any = None, name: str | None = None, constraint: Any = None
) -> Variable:
    """Return a variable.

    >>> import nyala
    >>> v = nyala.backend.variable([1.0, 2.0])
    >>> nyala.backend.get_value(nyala.backend.update_add(v, 1.0))
    array([2., 3.], dtype=float32)
    """
    return Variable(value, dtype=dtype or floatx(), name=name, constraint=constraint)


def _as_state(tensor: Any, name: str | None) -> Any:
    """Keras 2's `zeros` and its kin are variables; inside compiled code they are tensors."""
    return tensor if in_compiled_code() else Variable(tensor, name=name)


def zeros(shape: Any, dtype: Any = None, name: str | None = None) -> Any:
    """Return a variable of zeros; a tensor inside compiled code."""
    return _as_state(ops.zeros(as_lengths(shape), dtype or floatx()), name)


def ones(shape: Any, dtype: Any = None, name: str | None = None) -> Any:
    """Return a variable of ones; a tensor inside compiled code."""
    return _as_state(ops.ones(as_lengths(shape), dtype or floatx()), name)


def eye(size: int, dtype: Any = None, name: str | None = None) -> Any:
    """Return a variable that holds an identity matrix; a tensor inside compiled code."""
    return _as_state(ops.eye(size, dtype=dtype or floatx()), name)


def random_normal_variable(shape: Any, mean: float, scale: float, dtype: Any = None,
                           name: str | None = None, seed: Any = None) -> Any:  # fmt: skip
    """Return a variable with draws from a normal distribution."""
    return _as_state(random_normal(shape, mean, scale, dtype, seed), name)


def random_uniform_variable(shape: Any, low: float, high: float, dtype: Any = None,
                            name: str | None = None, seed: Any = None) -> Any:  # fmt: skip
    """Return a variable with draws from a uniform distribution."""
    return _as_state(random_uniform(shape, low, high, dtype, seed), name)


def get_value(x: Any) -> Any:
    """Return the value as a NumPy array; what is not a tensor is returned as it is."""
    return x.numpy() if hasattr(x, "numpy") else x


def eval(x: Any) -> Any:
    """Return the value as a NumPy array."""
    return get_value(x)


def set_value(x: Variable, value: Any) -> None:
    """Assign a value to a variable."""
    x.assign(np.asarray(value))


def batch_get_value(tensors: Any) -> list:
    """Return the values of several variables as NumPy arrays."""
    return [get_value(one) for one in tensors]


def batch_set_value(tuples: Any) -> None:
    """Assign to several variables, given pairs of a variable and a value."""
    for one, value in tuples:
        set_value(one, value)


def update(x: Variable, new_x: Any) -> Variable:
    """Assign a value to a variable, and return it."""
    return x.assign(new_x)


def update_add(x: Variable, increment: Any) -> Variable:
    """Add to a variable, and return it."""
    return x.assign_add(increment)


def update_sub(x: Variable, decrement: Any) -> Variable:
    """Subtract from a variable, and return it."""
    return x.assign_sub(decrement)


def moving_average_update(x: Variable, value: Any, momentum: Any) -> Variable:
    """Move a variable toward a value: `x momentum + value (1 - momentum)`."""
    return x.assign(ops.add(ops.multiply(x, momentum), ops.multiply(value, 1 - momentum)))


def manual_variable_initialization(value: bool) -> None:
    """Do nothing: variables have their values from the beginning."""


def reset_uids() -> None:
    """Begin automatic names anew."""
    reset_names()


# -- random arrays -------------------------------------------------------------------------------


def random_normal(shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None,
                  seed: Any = None) -> Any:  # fmt: skip
    """Return draws from a normal distribution."""
    return random.normal(as_lengths(shape), mean, stddev, dtype, seed)


def truncated_normal(shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None,
                     seed: Any = None) -> Any:  # fmt: skip
    """Return draws from a normal distribution cut off two standard deviations from the mean."""
    return random.truncated_normal(as_lengths(shape), mean, stddev, dtype, seed)


def random_uniform(shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None,
                   seed: Any = None) -> Any:  # fmt: skip
    """Return draws from `minval` up to, without, `maxval`."""
    return random.uniform(as_lengths(shape), minval, maxval, dtype, seed)


def random_bernoulli(shape: Any, p: float = 0.0, dtype: Any = None, seed: Any = None) -> Any:
    """Return ones with probability `p`, zeros otherwise."""
    drawn = ops.less(random.uniform(as_lengths(shape), seed=seed), p)
    return ops.cast(drawn, dtype or floatx())


random_binomial = random_bernoulli

# -- training or not -----------------------------------------------------------------------------

_phase: list[Any] = []


def learning_phase() -> Any:
    """Return 1 while a model trains and 0 otherwise; what was set, where it was set."""
    if _phase:
        return _phase[-1]
    return int(bool(_phase_of_call()))


def set_learning_phase(value: Any) -> None:
    """Let `learning_phase` and `in_train_phase` say that this is training (1) or not (0).

    Layers are told by their argument: `model(x, training=True)`.
    """
    if value not in (0, 1):
        raise ValueError(f"set_learning_phase expects 0 or 1; got {value!r}.")
    _phase[:] = [int(value)]


@contextlib.contextmanager
def learning_phase_scope(value: Any) -> Iterator[None]:
    """Let `learning_phase` be a value inside the block."""
    _phase.append(value)
    try:
        yield
    finally:
        _phase.pop()


def in_train_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """Return `x` while a model trains and `alt` otherwise; functions are called."""
    chosen = x if (learning_phase() if training is None else training) else alt
    return chosen() if callable(chosen) else chosen


def in_test_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """Return `alt` while a model trains and `x` otherwise; functions are called."""
    return in_train_phase(alt, x, training)


def switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    """Return one of two tensors (element by element for an array of truth values) or calls."""
    if callable(then_expression) and not len(getattr(condition, "shape", ())):
        return ops.cond(condition, then_expression, else_expression)
    one, other = (e() if callable(e) else e for e in (then_expression, else_expression))
    condition = ops.cast(condition, "bool")
    missing = len(one.shape) - len(condition.shape) if hasattr(one, "shape") else 0
    for _ in range(max(missing, 0)):
        condition = ops.expand_dims(condition, -1)
    return ops.where(condition, one, other)


# -- graphs --------------------------------------------------------------------------------------


def placeholder(shape: Any = None, ndim: int | None = None, dtype: Any = None, sparse: bool = False,
                name: str | None = None, ragged: bool = False) -> KerasTensor:  # fmt: skip
    """Return a symbolic tensor."""
    shape = (None,) * (ndim or 0) if shape is None else tuple(shape)
    return KerasTensor(shape, dtype=dtype or floatx(), name=name)


def function(inputs: Any, outputs: Any, updates: Any = None, name: str | None = None,
             **kwargs: Any) -> Any:  # fmt: skip
    """Return a function from arrays to NumPy arrays, cut out of a model's graph.

    Args:
        inputs: a list of symbolic tensors; what else stands there (`learning_phase()`) is given a
            place, and its value is not used.
        outputs: a symbolic tensor or a list of them.
        updates: must be empty: assign in a layer's `call` instead.
        name: accepted for Keras' sake.

    >>> import nyala
    >>> x = nyala.Input((2,))
    >>> half = nyala.backend.function([x], [x / 2])
    >>> half([[[2.0, 4.0]]])[0]
    array([[1., 2.]], dtype=float32)
    """
    if updates:
        raise ValueError("keras.backend.function: assign in a layer's call; updates must be empty.")
    many = isinstance(outputs, (list, tuple))
    given = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
    places = [i for i, one in enumerate(given) if isinstance(one, KerasTensor)]
    graph = Function([given[i] for i in places], list(outputs) if many else [outputs])

    def call(values: Any) -> Any:
        values = values if isinstance(values, (list, tuple)) else [values]
        results = [x.numpy() for x in graph([ops.convert_to_tensor(values[i]) for i in places])]
        return results if many else results[0]

    return call


def gradients(loss: Any, variables: Any) -> Any:
    """Raise an error that names `GradientTape`, as Keras 2 does in eager code."""
    raise RuntimeError(
        "keras.backend.gradients works on TensorFlow 1's graphs. Compute the loss under "
        "nyala.GradientTape() and call tape.gradient(loss, variables)."
    )


def print_tensor(x: Any, message: str = "", summarize: int = 3) -> Any:
    """Print a tensor's value behind a message, now; return the tensor."""
    print(message, np.asarray(x))
    return x


def map_fn(fn: Any, elems: Any, name: str | None = None, dtype: Any = None) -> Any:
    """Call a function on each element along the first axis and stack the results."""
    return ops.map(fn, ops.convert_to_tensor(elems))


def foldl(fn: Any, elems: Any, initializer: Any = None, name: str | None = None) -> Any:
    """Return a function of the value so far and the next element, called along the first axis."""
    elems = ops.convert_to_tensor(elems)
    start, rest = (elems[0], elems[1:]) if initializer is None else (initializer, elems)
    return ops.scan(lambda a, x: (fn(a, x), None), ops.convert_to_tensor(start), rest)[0]


def foldr(fn: Any, elems: Any, initializer: Any = None, name: str | None = None) -> Any:
    """Return what `foldl` does, from the end."""
    return foldl(fn, ops.flip(ops.convert_to_tensor(elems), 0), initializer)


__all__ = [
    "batch_get_value", "batch_set_value", "eval", "eye", "foldl", "foldr", "function", "get_value",
    "gradients", "in_test_phase", "in_train_phase", "learning_phase", "learning_phase_scope",
    "manual_variable_initialization", "map_fn", "moving_average_update", "name_scope", "ones",
    "placeholder", "print_tensor", "random_bernoulli", "random_binomial", "random_normal",
    "random_normal_variable", "random_uniform", "random_uniform_variable", "reset_uids",
    "set_learning_phase", "set_value", "switch", "truncated_normal", "update", "update_add",
    "update_sub", "variable", "zeros",
]  # fmt: skip
