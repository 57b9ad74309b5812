"""Users' functions of elements: compiled over whole batches where that can be, else called singly.

A function of tensors is traced once. Where that works (it uses `nyala.ops` on what it gets) and two
traces agree (it draws nothing from Python's or NumPy's random numbers and counts nothing), it is
pure: it runs compiled, and over stacked elements by `jax.vmap`. Else it is called in Python.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

import nyala.ops  # noqa: F401 – tensors' operators, which users' functions compute with
from nyala.core import tree
from nyala.data._convert import narrowed
from nyala.data._elements import (
    arguments,
    as_element,
    count_rows,
    is_dataset,
    one_row,
    to_tensors,
)
from nyala.data._random_scope import ElementScope, write_back
from nyala.eager import Tensor, Variable, is_host_array, tapes_off, to_tensor, wrap


class NotCompilable(Exception):
    """The function cannot be run as compiled code."""


class ElementFunction:
    """A function of elements.

    Args:
        function: the user's; a tuple is given to it item by item.
        what: the transform that calls it, named in errors.
    """

    def __init__(self, function: Callable, what: str):
        if not callable(function):
            raise TypeError(f"{what} expects a function; got {function!r}.")
        self.function, self.what = function, what
        self.compiled: bool | None = None  # not known before the first element
        self._lock = threading.Lock()
        self._variables: list[Variable] = []
        self._result_structure: Any = None
        self._single: Any = None
        self._mapped: Any = None

    def decide(self, element: Any) -> bool:
        """Return whether the function runs compiled on elements like this one."""
        if self.compiled is None:
            with self._lock:
                if self.compiled is None:
                    self.compiled = self._try_to_trace(element)
        return self.compiled

    def one(self, element: Any, key: np.ndarray, index: int) -> Any:
        """Return what the function makes of one element.

        Args:
            element: a structure of NumPy arrays.
            key: four 32-bit integers that its random operations derive from.
            index: the element's number, for errors.
        """
        if self.decide(element):
            try:
                return self._run(self._single, element, key)
            except Exception:
                # Called in Python, the function says itself what is wrong with this element.
                pass
        return self.in_python(element, key, index)

    def in_python(self, element: Any, key: np.ndarray, index: int) -> Any:
        """Call the function as it is; an error names the element."""
        try:
            with on_host(), tapes_off(), ElementScope(key) as scope:
                args = arguments(to_tensors(element))
                result = as_element(self.function(*args), "the result")
            write_back(scope)
        except StopIteration as error:
            raise self.noted(RuntimeError(f"{self.what}: StopIteration"), index) from error
        except Exception as error:
            raise self.noted(error, index)  # noqa: B904 – the very same error
        return result

    def noted(self, error: Exception, index: int) -> Exception:
        """Return the error with a note that says where it arose."""
        error.add_note(f"Raised in the function of Dataset.{self.what}, on element {index}.")
        return error

    def over_rows(self, rows: Any, keys: np.ndarray, width: int) -> Any:
        """Return what the function makes of stacked elements, `None` where it does not compile.

        Args:
            rows: stacked elements.
            keys: one for each.
            width: fewer elements are filled up to this many, so that one program serves all.
        """
        count = count_rows(rows)
        if not count or not self.decide(one_row(rows, 0)):
            return None
        if count < width:
            fill = np.minimum(np.arange(width), count - 1)
            rows = tree.map_structure(lambda a: None if a is None else a[fill], rows)
            keys = keys[fill]
        try:
            result = self._run(self._mapped, rows, keys)
        except Exception:
            return None
        if count < width:
            result = tree.map_structure(lambda a: None if a is None else a[:count], result)
        return result

    def _run(self, program: Callable, element: Any, key: np.ndarray) -> Any:
        values = [v._live()._value for v in self._variables]
        with on_host():
            leaves = program(values, key, tree.flatten(element), _Structure(element))
        # NumPy on the host sees the results' memory as it is.
        return tree.pack_sequence_as(self._result_structure, [_host_array(x) for x in leaves])

    def _try_to_trace(self, element: Any) -> bool:
        if any(_stays_in_python(leaf) for leaf in tree.flatten(element)):
            return False
        try:
            first, second = self._trace(element), self._trace(element)
        except Exception:
            # Whatever it is: called in Python, the function works or says what is wrong.
            return False
        if not _same_program(first, second):
            return False
        self._single = jax.jit(self._pure, static_argnums=3)
        self._mapped = jax.jit(self._mapped_pure, static_argnums=3)
        return True

    def _trace(self, element: Any) -> Any:
        """Trace the function until the variables that it reads are all known."""
        leaves, structure = tree.flatten(element), _Structure(element)
        while True:
            known = len(self._variables)
            values = [v._live()._value for v in self._variables]
            traced = jax.make_jaxpr(lambda *args: self._pure(*args, structure))(  # type: ignore[call-arg]
                values, np.zeros(4, "uint32"), leaves
            )
            if len(self._variables) == known:
                return traced

    def _mapped_pure(self, values: list, keys: Any, leaves: list, structure: _Structure) -> list:
        return jax.vmap(lambda key, parts: self._pure(values, key, parts, structure))(keys, leaves)

    def _pure(self, values: list, key: Any, leaves: list, structure: _Structure) -> list:
        """The function on arrays."""
        given = list(zip(self._variables, values, strict=False))
        with tapes_off(), ElementScope(key, given) as scope:
            element = structure.filled([None if x is None else wrap(x) for x in leaves])
            result = _raw(self.function(*arguments(element)))
            if scope.written_state():
                raise NotCompilable("it assigns variables")
            self._variables.extend(scope.read_state())
        self._result_structure = tree.map_structure(lambda leaf: None, result)
        return tree.flatten(result)


class _Structure:
    """A structure as a constant of compiled code."""

    def __init__(self, element: Any):
        self.template = tree.map_structure(lambda leaf: None, element)
        self._key = repr(self.template)

    def filled(self, leaves: list) -> Any:
        """Return the structure with these leaves."""
        return tree.pack_sequence_as(self.template, leaves)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Structure) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)


def on_host() -> Any:
    """Return a scope in which jax computes on the processor, whatever the default device is."""
    if jax.default_backend() == "cpu":  # the scope would double the cost of an array
        return contextlib.nullcontext()
    return jax.default_device(jax.devices("cpu")[0])


def _host_array(value: Any) -> Any:
    return None if value is None else np.asarray(value)


def _stays_in_python(leaf: Any) -> bool:
    return is_dataset(leaf) or (isinstance(leaf, np.ndarray) and is_host_array(leaf))


def _raw(value: Any) -> Any:
    """Return what a traced function returned as a structure of arrays and tracers."""
    if isinstance(value, dict):
        items = {key: _raw(item) for key, item in value.items()}
        return items if type(value) is dict else type(value)(items)
    if isinstance(value, tuple):
        items = [_raw(item) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    if value is None or isinstance(value, jax.Array):
        return value
    if isinstance(value, np.ndarray) and not is_host_array(value):
        return narrowed(value)
    tensor = value if isinstance(value, Tensor) else to_tensor(value)
    if is_host_array(tensor._value):
        raise NotCompilable("it returns strings")
    return tensor._value


def _same_program(first: Any, second: Any) -> bool:
    return str(first) == str(second) and all(
        np.array_equal(np.asarray(a), np.asarray(b))
        for a, b in zip(first.consts, second.consts, strict=True)
    )
