"""One update of all variables as one compiled call, and choices inside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import jax

from nyala.core import tree
from nyala.eager import StateScope, Tensor, Variable, flush_recorded, record_call, wrap
from nyala.optimizers._arrays import read, strong, write

if TYPE_CHECKING:
    from nyala.optimizers._optimizer import Optimizer


class _Unlisted(Exception):
    """Raised while an update is traced: it uses variables that were not given as inputs."""

    def __init__(self, variables: list[Variable]):
        self.variables = variables


class CompiledUpdates:
    """The compiled updates of one optimizer, one for each set of variables and settings.

    Everything that changes between steps (variables, gradients, the learning rate, the step count)
    is an input, so that a second update of the same variables compiles nothing.
    """

    def __init__(self) -> None:
        self._programs: dict[Any, tuple[list[Variable], Callable]] = {}
        self._calls: dict[Any, Any] = {}

    def __call__(
        self, optimizer: Optimizer, gradients: Sequence[Tensor], variables: list[Variable]
    ) -> None:
        """Update `variables` and the optimizer's own, as one recorded operation.

        What was recorded before (the forward and backward pass) runs with it, as one program.
        """
        rates = optimizer._rate_to_give()
        given = [*gradients, *(wrap(r) for r in tree.flatten(rates) if r is not None)]
        pattern = tree.map_structure(lambda r: r is not None, rates)
        key = (tuple(map(id, variables)), optimizer._settings(), str(pattern))
        state, update = self._programs.get(key) or self._add(key, optimizer, variables, pattern, ())
        while True:
            try:
                inputs = [v._live() for v in state] + given
                written = record_call(
                    self._calls, (key, len(state)), update, inputs, "apply_gradients"
                )
                break
            except _Unlisted as found:
                more = (*state, *found.variables)
                state, update = self._add(key, optimizer, variables, pattern, more)
        for i, tensor in written.items():
            state[i]._assign_live(tensor)
        flush_recorded()

    def _add(
        self, key: Any, optimizer: Optimizer, variables: list, pattern: Any, more: Sequence
    ) -> tuple:
        state = _unique([*optimizer._trainable_variables, *variables, *optimizer.variables, *more])
        self._programs[key] = (state, _as_pure(optimizer, variables, pattern, state))
        return self._programs[key]

    def clear(self) -> None:
        """Forget every compiled update."""
        self._programs.clear()
        self._calls.clear()

    def __reduce__(self):
        # Compiled programs belong to the variables of this process.
        return (CompiledUpdates, ())


def _as_pure(
    optimizer: Optimizer, variables: list[Variable], pattern: Any, state: list[Variable]
) -> Callable:
    """Return the update as a function from the values of `state` to those that it changes.

    `pattern` says, in the structure of the optimizer's rates, which of them are inputs.
    """

    def update(arrays: list) -> dict[int, jax.Array]:
        values, rest = arrays[: len(state)], arrays[len(state) :]
        gradients, rates = rest[: len(variables)], iter(rest[len(variables) :])
        rate = tree.map_structure(lambda given: next(rates) if given else None, pattern)
        with StateScope(zip(state, values, strict=True)) as scope, optimizer._with_rate(rate):
            optimizer._update([wrap(gradient) for gradient in gradients], variables)
        if scope.missing:
            raise _Unlisted(scope.missing)
        return {i: scope.value(v) for i, v in enumerate(state) if id(v) in scope.written}

    return update


def _live_array(variable: Variable) -> jax.Array:
    """Return the live value; one assigned as a Python number gets its dtype for good."""
    array = variable._live()._value
    if array.weak_type:
        array = strong(array)
        variable._set_array(array)
    return array


def _unique(variables: Sequence[Variable]) -> list[Variable]:
    return list({id(variable): variable for variable in variables}.values())


def choose(predicate: Any, state: Sequence[Variable], then: Callable, otherwise: Callable) -> None:
    """Run `then` or `otherwise`, which assign to variables, by a condition known on the device.

    Args:
        predicate: scalar boolean array.
        state: every variable that one of them may assign to.
        then: called without arguments where `predicate` holds.
        otherwise: called without arguments where it does not.

    Only the chosen one is executed (`lax.cond`), so that a step that merely accumulates gradients
    costs no update.
    """
    state = _unique(state)
    written: dict[int, Variable] = {}

    def pure(run: Callable) -> Callable:
        def values_after(values: list) -> list:
            with StateScope(zip(state, values, strict=True)) as scope:
                run()
            written.update(scope.written)
            return [scope.value(variable) for variable in state]

        return values_after

    after = jax.lax.cond(
        predicate, pure(then), pure(otherwise), [read(variable) for variable in state]
    )
    for variable, value in zip(state, after, strict=True):
        if id(variable) in written:
            write(variable, value)
