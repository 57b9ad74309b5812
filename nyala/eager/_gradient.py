"""Gradients of code on live variables, taken while a program is traced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax

from nyala.eager._program import unwrap
from nyala.eager._scope import StateScope, current_scope
from nyala.eager._tape import GradientTape
from nyala.eager._tensor import Tensor, wrap
from nyala.eager._variable import Variable


def value_and_gradients(
    function: Callable, variables: list[Variable]
) -> tuple[Tensor, Any, list[Tensor]]:
    """Call `function` and differentiate its first result with respect to variables.

    Args:
        function: takes nothing; returns `(scalar, others)`. It may read and assign any variable.
        variables: what to differentiate by.

    Returns:
        `(scalar, others, gradients)`. Assignments made by the function take effect.
    """
    if current_scope() is None:
        return _by_tape(function, variables)
    assigned: list[Variable] = []

    def pure(values):
        with StateScope(zip(variables, values, strict=True)) as scope:
            scalar, others = function()
            assigned[:] = scope.written.values()
            return unwrap(scalar), (unwrap(others), [scope.value(v) for v in assigned])

    values = [v._read()._value for v in variables]
    (scalar, (others, new_values)), gradients = jax.value_and_grad(pure, has_aux=True)(values)
    scope = current_scope()
    for variable, value in zip(assigned, new_values, strict=True):
        scope.write(variable, wrap(value))
    return wrap(scalar), others, [wrap(g) for g in gradients]


def _by_tape(function: Callable, variables: list[Variable]) -> tuple[Tensor, Any, list[Tensor]]:
    """The same in live code, where the function's Python sees values and not tracers."""
    with GradientTape() as tape:
        scalar, others = function()
    return scalar, others, tape.gradient(scalar, variables)
