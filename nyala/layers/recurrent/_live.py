"""Loops called outside compiled code: compiled once and kept, instead of anew at each call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nyala.core import tree
from nyala.eager import Program, current_scope, is_taped, is_tracer, unwrap, wrap_results

_ATTRIBUTE = "_live_programs"


class Programs:
    """The compiled programs of an object's loops; copies of the object begin without any."""

    def __init__(self) -> None:
        self._by_key: dict[Any, Program] = {}

    def get(self, key: Any, function: Callable) -> Program:
        """Return the program of `function`, made when `key` is new."""
        if key not in self._by_key:
            self._by_key[key] = Program(
                lambda *arrays: function(*wrap_results(arrays)), donate=False
            )
        return self._by_key[key]

    def __deepcopy__(self, memo: dict) -> Programs:
        return Programs()

    def __reduce__(self) -> tuple:
        return (Programs, ())


def run_live(owner: Any, key: Any, function: Callable, *arguments: Any) -> Any:
    """Call a function of tensors that depends on nothing but its arguments, `owner` and `key`.

    JAX compiles a loop whenever it meets a new function, and a layer's call makes one each time. So
    outside compiled code, the function is compiled as a whole, and kept on `owner`.
    """
    if not hasattr(owner, "__dict__") or not _is_live(arguments):
        return function(*arguments)
    if _ATTRIBUTE not in owner.__dict__:
        object.__setattr__(owner, _ATTRIBUTE, Programs())
    program = owner.__dict__[_ATTRIBUTE].get(key, function)
    return wrap_results(program(*unwrap(list(arguments))))


def _is_live(arguments: tuple) -> bool:
    if current_scope() is not None or is_taped():
        return False
    return not any(is_tracer(leaf) for leaf in tree.flatten(unwrap(list(arguments))))
