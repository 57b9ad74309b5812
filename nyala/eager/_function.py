"""`function`: a Python function compiled once for each kind of arguments (`tf.function`)."""

from __future__ import annotations

import contextlib
import copy
import functools
import inspect
import warnings
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from nyala.core import settings, tree, user_stacklevel
from nyala.eager import _graph
from nyala.eager._dispatch import to_tensor, wrap_results
from nyala.eager._program import Program
from nyala.eager._scope import local
from nyala.eager._tensor import Tensor
from nyala.eager._variable import Variable, variables_made

_MANY_TRACES = 10


def function(func: Callable | None = None, input_signature: Any = None, autograph: bool = True,
             jit_compile: Any = None, reduce_retracing: bool = False,
             experimental_implements: Any = None, experimental_autograph_options: Any = None,
             experimental_attributes: Any = None, experimental_relax_shapes: Any = None,
             experimental_compile: Any = None, experimental_follow_type_hints: Any = None,
             ) -> Any:  # fmt: skip
    """Compile a function of tensors; variables that it reads and assigns are carried along.

    Args:
        func: the function; without it, a decorator is returned.
        input_signature: structures of specs (with `shape` and `dtype`) that the arguments must fit.
        autograph: accepted for TensorFlow's sake: `if` and `while` on tensors are refused with the
            line, use `ops.cond` and `ops.while_loop`.
        jit_compile, reduce_retracing, experimental_*: accepted for TensorFlow's sake.

    It is compiled anew for other shapes and dtypes of tensors and for other values of Python
    arguments. Python's side effects take place while it is compiled only.

    >>> import nyala
    >>> v = nyala.Variable(1.0)
    >>> @nyala.function
    ... def add(x):
    ...     v.assign_add(x)
    ...     return v * 2
    >>> float(add(nyala.ops.convert_to_tensor(2.0))), float(v)
    (6.0, 3.0)
    """
    if func is None:
        return functools.partial(function, input_signature=input_signature, autograph=autograph,
                                 jit_compile=jit_compile)  # fmt: skip
    return CompiledFunction(func, input_signature)


class CompiledFunction:
    """A function made by `nyala.function`.

    Args:
        func: the Python function.
        input_signature: specs that the arguments must fit, or `None`.
    """

    def __init__(self, func: Callable, input_signature: Any = None):
        self.python_function = func
        self.input_signature = input_signature
        self._programs: dict[Any, _Trace] = {}
        self._made_variables = False
        self._signature = inspect.signature(func)
        functools.update_wrapper(self, func)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        # One compiled function for each object: its programs carry the object's variables.
        name = f"_compiled_{self.python_function.__name__}_{id(self)}"
        bound = instance.__dict__.get(name)
        if bound is None:
            bound = CompiledFunction(
                self.python_function.__get__(instance, owner), self.input_signature
            )
            object.__setattr__(instance, name, bound)
        return bound

    def experimental_get_tracing_count(self) -> int:
        """Return how often the function was compiled."""
        return len(self._programs)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the compiled function; compile it first for a new kind of arguments."""
        if local.scope is not None or _graph.local.tapes or settings.functions_run_eagerly():
            # Already part of compiled or recorded code, or being debugged.
            return self.python_function(*args, **kwargs)
        if kwargs:
            args, kwargs = self._canonical(args, kwargs)
        if self.input_signature is not None:
            args = self._fitted(args)
        leaves = tree.flatten([args, kwargs])
        values = [_dynamic(leaf) for leaf in leaves]
        key = (
            _structure_key([args, kwargs]),
            tuple(
                _static(leaf) if v is None else (v.shape, v.dtype, getattr(v, "weak_type", False))
                for v, leaf in zip(values, leaves, strict=True)
            ),
        )
        trace = self._programs.get(key)
        arrays = [v for v in values if v is not None]
        if trace is not None:
            return trace(arrays)
        trace = _Trace(self, (args, kwargs), leaves, values)
        result = trace(arrays)
        # Kept only now: what failed to compile is no program.
        self._programs[key] = trace
        self._warn_of_many()
        return result

    def _canonical(self, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        """Return the arguments by position where they can be: `f(x, y=1)` is `f(x, 1)`."""
        bound = self._signature.bind(*args, **kwargs)
        return bound.args, bound.kwargs

    def __deepcopy__(self, memo: dict) -> CompiledFunction:
        return CompiledFunction(copy.deepcopy(self.python_function, memo), self.input_signature)

    def _fitted(self, args: tuple) -> tuple:
        flat = tree.flatten(self.input_signature)
        given = tree.flatten(list(args))
        if len(flat) != len(given):
            raise TypeError(
                f"{self.__name__}() has an input_signature of {len(flat)} tensors; got "
                f"{len(given)}."
            )
        fitted = []
        for spec, value in zip(flat, given, strict=True):
            tensor = to_tensor(value)
            shape = getattr(spec, "shape", None)
            fits = shape is None or (
                len(shape) == len(tensor.shape)
                and all(a in (None, b) for a, b in zip(shape, tensor.shape, strict=True))
            )
            if not fits or tensor.dtype != spec.dtype:
                raise TypeError(
                    f"{self.__name__}() expects a tensor of shape {tuple(shape or ())} and dtype "
                    f"{spec.dtype} by its input_signature; got shape {tuple(tensor.shape)} and "
                    "dtype "
                    f"{tensor.dtype}."
                )
            fitted.append(tensor)
        return tuple(tree.pack_sequence_as(list(args), fitted))

    def _warn_of_many(self) -> None:
        if len(self._programs) == _MANY_TRACES:
            warnings.warn(
                f"{self.__name__}() was compiled {_MANY_TRACES} times: pass tensors instead of "
                "Python "
                "numbers that change, and keep shapes equal.",
                stacklevel=user_stacklevel(),
            )

    def get_concrete_function(self, *args: Any, **kwargs: Any) -> Any:
        """Return the function itself (TensorFlow's spelling)."""
        return self


class _Trace:
    """The function compiled for one kind of arguments."""

    def __init__(self, owner: CompiledFunction, arguments: tuple, leaves: list, values: list):
        self.owner = owner
        dynamic = [v is not None for v in values]
        # Not the arrays of the first call: the program would keep them.
        leaves = [None if d else leaf for d, leaf in zip(dynamic, leaves, strict=True)]
        structure = tree.map_structure(lambda leaf: None, list(arguments))

        def run(arrays):
            arrays = iter(arrays)
            filled = [
                wrap_results(next(arrays)) if d else leaf
                for d, leaf in zip(dynamic, leaves, strict=True)
            ]
            args, kwargs = tree.pack_sequence_as(structure, filled)
            made = variables_made()
            result = owner.python_function(*args, **kwargs)
            if variables_made() != made:
                if owner._made_variables or self.made:
                    raise ValueError(
                        f"{owner.__name__}() made a variable again when it was compiled anew. Make "
                        "variables outside, or only on the first call."
                    )
                self.made = True
            return result

        self.made = False
        self.program = Program(
            run, mentioned_variables(owner.python_function),
            name=getattr(owner, "__name__", "function"),
        )  # fmt: skip

    def __call__(self, arrays: list) -> Any:
        result = self.program(arrays)
        if self.made:
            self.owner._made_variables = True
        return tree.map_structure(
            lambda x: wrap_results(x) if isinstance(x, (jax.Array, np.ndarray)) else x, result
        )


def mentioned_variables(function: Callable) -> list[Variable]:
    """Return the variables of what a function's code names: variables, models, optimizers, lists.

    A function that turns out to use others is traced again with them; knowing these beforehand
    lets most be traced once, and print once.
    """
    found: dict[int, Variable] = {}
    for value in _mentioned(function):
        members = value if isinstance(value, (list, tuple)) else [value]
        for member in members:
            found.update((id(v), v) for v in _variables_of(member) if isinstance(v, Variable))
    return list(found.values())


def _variables_of(value: Any) -> Any:
    if isinstance(value, Variable):
        return [value]
    # An object's own code may fail here, which is none of the function's business yet.
    with contextlib.suppress(Exception):
        variables = None if inspect.ismodule(value) else getattr(value, "variables", None)
        if isinstance(variables, (list, tuple)):
            return variables
    return ()


def _mentioned(function: Callable) -> list:
    """Return the values that the names in a function's code stand for, as far as they have one."""
    owner = getattr(function, "__self__", None)
    function = inspect.unwrap(getattr(function, "__func__", function))
    if not inspect.isfunction(function):
        return []
    names = function.__code__.co_names
    values = [function.__globals__[name] for name in names if name in function.__globals__]
    for cell in function.__closure__ or ():
        try:
            values.append(cell.cell_contents)
        except ValueError:  # not assigned yet
            continue
    if owner is not None:
        values.append(owner)
        values += [vars(owner)[name] for name in names if name in getattr(owner, "__dict__", ())]
    return values


def _dynamic(leaf: Any) -> Any:
    """Return the array behind an argument that is an input of the compiled code, or `None`."""
    if isinstance(leaf, Tensor):
        return leaf._value
    if isinstance(leaf, (np.ndarray, np.generic)):
        return to_tensor(leaf)._value
    return leaf if isinstance(leaf, jax.Array) else None


def _static(leaf: Any) -> Any:
    if isinstance(leaf, Variable):
        return ("variable", id(leaf))
    try:
        hash(leaf)
    except TypeError:
        return ("object", id(leaf))
    return (type(leaf), leaf)


def _structure_key(structure: Any) -> Any:
    if isinstance(structure, dict):
        return (
            "dict",
            tuple((k, _structure_key(structure[k])) for k in sorted(structure, key=str)),
        )
    if isinstance(structure, (list, tuple)):
        return (type(structure).__name__, tuple(_structure_key(item) for item in structure))
    return None
