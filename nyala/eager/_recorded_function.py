"""`RecordedFunction`: code on variables that is recorded as one operation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax

from nyala.eager._graph import local
from nyala.eager._recording import record_call
from nyala.eager._scope import StateScope
from nyala.eager._tensor import Tensor
from nyala.eager._variable import Variable


class _Unlisted(Exception):
    """Raised while the code is traced: it uses variables that were not given as inputs."""

    def __init__(self, variables: list[Variable]):
        self.variables = variables


class RecordedFunction:
    """Code that reads and assigns variables, as one operation of the record.

    A layer's call is a dozen operations, an optimizer's step a dozen for each variable. Written
    down one by one they cost more than they compute; as one they cost as much as any operation.

    Args:
        name: shown in profiles.
        taped: whether derivatives can be taken by the variables that the code reads.
    """

    def __init__(self, name: str, taped: bool = True):
        self.name = name
        self._read = read_variables if taped else _live_values
        self._programs: dict[Any, tuple[list[Variable], Callable]] = {}
        self._calls: dict[Any, Any] = {}

    def __call__(
        self, key: Any, code: Callable, inputs: Sequence, variables: Sequence[Variable] = ()
    ) -> Any:
        """Record `code(arrays)`, put what it assigned in place, and return what it returned.

        Args:
            key: stands for the code: equal keys are equal code.
            code: takes a list of arrays; reads and assigns variables as live code does, has no
                other effect and depends on nothing else. Returns a structure of arrays.
            inputs: Tensors and NumPy arrays, one for each array.
            variables: what it is known to use; other variables are found while it is traced.
        """
        state, pure = self._programs.get(key) or self._add(key, code, variables)
        while True:
            try:
                given = [*self._read(state), *inputs]
                result, written = record_call(
                    self._calls, (key, len(state)), pure, given, self.name
                )
                break
            except _Unlisted as found:
                state, pure = self._add(key, code, [*state, *found.variables])
        for i, tensor in written.items():
            state[i]._assign_live(tensor)
        return result

    def _add(self, key: Any, code: Callable, variables: Sequence[Variable]) -> tuple:
        state = list({id(v): v for v in variables}.values())
        self._programs[key] = (state, _as_pure(code, state))
        return self._programs[key]

    def __len__(self) -> int:
        return len(self._programs)

    def clear(self) -> None:
        """Forget every compiled program."""
        self._programs.clear()
        self._calls.clear()


def _as_pure(code: Callable, state: list[Variable]) -> Callable:
    """Return `code` as a function from all values to the result and the values it changes."""

    def pure(arrays: list) -> tuple[Any, dict[int, jax.Array]]:
        values, rest = arrays[: len(state)], arrays[len(state) :]
        with StateScope(zip(state, values, strict=True)) as scope:
            result = code(rest)
        if scope.missing:
            raise _Unlisted(scope.missing)
        return result, {i: scope.value(v) for i, v in enumerate(state) if id(v) in scope.written}

    return pure


def _live_values(variables: list[Variable]) -> list[Tensor]:
    return [v._live() for v in variables]


def read_variables(variables: list[Variable]) -> list[Tensor]:
    """Return the variables' values, as the open tapes see them."""
    values = _live_values(variables)
    for tape in local.tapes:
        values = tape.read_all(variables, values)
    return values
