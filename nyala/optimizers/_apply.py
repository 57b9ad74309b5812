"""One update of all variables as one compiled call, and choices inside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import jax

from nyala import kernels
from nyala.core import tree
from nyala.eager import (
    RecordedFunction,
    StateScope,
    Tensor,
    Variable,
    flush_recorded,
    wrap,
)
from nyala.optimizers._arrays import read, write

if TYPE_CHECKING:
    from nyala.optimizers._optimizer import Optimizer


class CompiledUpdates:
    """The compiled updates of one optimizer, one for each set of variables and settings.

    Everything that changes between steps (variables, gradients, the learning rate, the step count)
    is an input, so that a second update of the same variables compiles nothing.
    """

    def __init__(self) -> None:
        self._recorded = RecordedFunction("apply_gradients", taped=False)

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
        state = (*optimizer._trainable_variables, *variables, *optimizer.variables)
        self._recorded(key, _update_of(optimizer, variables, pattern), given, state)
        flush_recorded()

    def clear(self) -> None:
        """Forget every compiled update."""
        self._recorded.clear()

    def __reduce__(self):
        # Compiled programs belong to the variables of this process.
        return (CompiledUpdates, ())


def _update_of(optimizer: Optimizer, variables: list[Variable], pattern: Any) -> Callable:
    """Return the update as code on an array for each gradient, then one for each given rate.

    `pattern` says, in the structure of the optimizer's rates, which of them are inputs.
    """

    def update(arrays: list) -> tuple:
        gradients, rates = arrays[: len(variables)], iter(arrays[len(variables) :])
        rate = tree.map_structure(lambda given: next(rates) if given else None, pattern)
        with optimizer._with_rate(rate), kernels.inputs_kept():
            optimizer._update([wrap(gradient) for gradient in gradients], variables)
        return ()

    return update


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
