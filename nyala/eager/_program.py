"""`Program`: code on live variables, compiled as a pure function of their values."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import jax

from nyala.core import tree
from nyala.eager._dispatch import wrap_results
from nyala.eager._graph import tapes_off
from nyala.eager._scope import StateScope, current_scope, strong
from nyala.eager._tensor import Tensor
from nyala.eager._variable import Variable


class _MoreState(Exception):
    """The code touched variables that were not given: trace again with them."""


class Traces(threading.local):
    """Counts how often a program was traced (each trace is one compilation)."""

    count = 0


traces = Traces()


@contextlib.contextmanager
def count_traces() -> Iterator[Callable[[], int]]:
    """Count the compilations of programs inside the block (for tests).

    >>> import nyala
    >>> from nyala.eager import count_traces
    >>> with count_traces() as traced:
    ...     pass
    >>> traced()
    0
    """
    start = traces.count
    yield lambda: traces.count - start


class Program:
    """A function that reads and assigns variables, compiled once for each shape of its arguments.

    Args:
        function: called as `function(*args)` with raw jax arrays in `args`; reads and assigns
            variables as live code does; returns a structure of arrays or Tensors.
        variables: the variables that it is known to touch; others are found while tracing.
        donate: whether the variables' old buffers are given to the new values.
        static_argnums: positions of `args` that are constants of the compiled code.
        name: shown in profiles.
    """

    def __init__(self, function: Callable, variables: list[Variable] | None = None, *,
                 donate: bool = True, static_argnums: tuple[int, ...] = (),
                 name: str | None = None):  # fmt: skip
        self.function = function
        self.variables: list[Variable] = list(variables or ())
        self._known = {id(v) for v in self.variables}
        self.donate = donate
        self.written: set[int] = set()

        def pure(values, *args):
            return self._pure(values, *args)

        pure.__name__ = name or getattr(function, "__name__", "program")
        self._jitted = jax.jit(
            pure,
            donate_argnums=(0,) if donate else (),
            static_argnums=tuple(n + 1 for n in static_argnums),
        )

    def _pure(self, values: list, *args: Any) -> tuple[list, Any]:
        """The pure function: values of the variables in, new values and results out."""
        traces.count += 1
        with tapes_off(), StateScope(zip(self.variables, values, strict=True)) as scope:
            result = unwrap(self.function(*args))
            missing = [v for v in scope.missing if id(v) not in self._known]
            if missing:
                self.add_variables(missing)
                raise _MoreState
            self.written = set(scope.written)
            return [scope.value(v) for v in self.variables], result

    def add_variables(self, variables: list[Variable]) -> None:
        """Let further variables be inputs and outputs of the program."""
        for variable in variables:
            if id(variable) not in self._known:
                self._known.add(id(variable))
                self.variables.append(variable)

    def touches(self, variable: Variable) -> bool:
        """Whether the variable is an input and output of the program."""
        return id(variable) in self._known

    def find_variables(self, *args: Any) -> None:
        """Trace, without running, to find the variables that `function` touches or makes."""
        while True:
            values = [v._live()._value for v in self.variables]
            try:
                jax.eval_shape(self._jitted, values, *args)
                return
            except _MoreState:
                continue

    def __call__(self, *args: Any) -> Any:
        """Run on the variables' live values and put the new ones in place; return raw results."""
        while True:
            values = self.take_values()
            try:
                new_values, result = self._jitted(values, *args)
            except _MoreState:
                continue
            break
        self.put_values(new_values)
        return result

    def take_values(self) -> list:
        """Return the variables' arrays; a copy of those that somebody else holds."""
        values = [v._live()._value for v in self.variables]
        return [_owned(v, x) for v, x in zip(self.variables, values, strict=True)] if (
            self.donate
        ) else values  # fmt: skip

    def put_values(self, values: list) -> None:
        """Make these arrays the variables' values."""
        for variable, value in zip(self.variables, values, strict=True):
            variable._set_array(value)


def _owned(variable: Variable, value: Any) -> Any:
    """Return `value`, or a copy where the user still holds the variable's tensor.

    A donated buffer is gone for whoever else refers to it.
    """
    return jax.numpy.array(value, copy=True) if variable._is_shared() else value


def unwrap(structure: Any) -> Any:
    """Return `structure` with raw arrays in place of Tensors and Variables."""

    def raw(leaf):
        if isinstance(leaf, Variable):
            leaf = leaf._read()
        return leaf._value if isinstance(leaf, Tensor) else leaf

    return tree.map_structure(raw, structure) if tree.is_nested(structure) else raw(structure)


def repeat(count: Any, body: Callable[[Any], Any], keep_last: bool = False) -> Any:
    """Run `body(i)` for `i` below `count` as one compiled loop; its assignments take effect.

    Args:
        count: how often; a scalar array or tracer, so that one compilation serves any number.
        body: called while tracing. It must leave no value behind but in variables and in what it
            returns.
        keep_last: whether `body` returns a structure of arrays. It is then traced twice.

    Returns:
        What the last call returned, where that is kept.
    """
    scope = current_scope()
    variables = scope.variables

    def step(i, values):
        with StateScope(zip(variables, values, strict=True)) as inner:
            result = unwrap(body(i))
            if keep_last:
                result = jax.tree.map(lambda leaf: strong(jax.numpy.asarray(leaf)), result)
            return [inner.value(v) for v in variables], result if keep_last else None

    initial = [scope.value(v) for v in variables]
    # The loop carries the last result along, so its shapes must be known before the first round.
    shapes = jax.eval_shape(step, 0, initial)[1] if keep_last else None
    nothing = jax.tree.map(lambda s: jax.numpy.zeros(s.shape, s.dtype), shapes)
    final, result = jax.lax.fori_loop(
        0, count, lambda i, carried: step(i, carried[0]), (initial, nothing)
    )
    for variable, value in zip(variables, final, strict=True):
        scope.write(variable, wrap_results(value))
    return result
