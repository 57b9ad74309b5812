"""The gradients of a loss: from a tape, or of a function without arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax

from nyala.eager import StateScope, Variable, wrap
from nyala.optimizers._arrays import read


def gradients_of(loss: Any, variables: Sequence[Variable], tape: Any = None) -> list[Any]:
    """Return the gradients of a loss with respect to `variables`.

    Args:
        loss: a function without arguments, or a tensor that `tape` recorded.
        variables: what to differentiate by.
        tape: a `GradientTape`, or `None` for a function.
    """
    if not callable(loss):
        if tape is None:
            raise ValueError(
                "minimize(loss, ...) with a tensor needs tape=..., the GradientTape that recorded "
                "it. Or pass a function without arguments that computes the loss."
            )
        return list(tape.gradient(loss, variables))
    if tape is not None:
        with tape:
            value = loss()
        return list(tape.gradient(value, variables))
    return _gradients_of_function(loss, variables)


def _gradients_of_function(loss: Any, variables: Sequence[Variable]) -> list[Any]:
    assigned: list[Variable] = []

    def value_of(values: list) -> tuple[Any, list]:
        with StateScope(zip(variables, values, strict=True)) as scope:
            value = read(loss())
            # What the loss assigned to, such as the statistics of a normalization.
            assigned[:] = scope.written.values()
            return value.sum(), [scope.value(variable) for variable in assigned]

    gradients, values = jax.grad(value_of, has_aux=True)([read(v) for v in variables])
    for variable, value in zip(assigned, values, strict=True):
        variable.assign(wrap(value))
    return [wrap(gradient) for gradient in gradients]
