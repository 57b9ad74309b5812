"""How users' functions of tensors, which may assign variables, run inside JAX's control flow.

JAX's `while_loop`, `scan` and the like take pure functions of arrays. A user's function takes and
returns tensors and may assign variables (a dropout inside a loop assigns its seed). So a function
runs inside a state scope, and the variables that it assigns become further inputs and outputs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nyala.core import tree
from nyala.eager import StateScope, Symbolic, Tensor, Variable, wrap, wrap_results


def unwrap(value: Any) -> Any:
    """Return the arrays of a structure of tensors."""
    if tree.is_nested(value):
        return tree.map_structure(unwrap, value)
    if isinstance(value, Tensor):
        return value._value
    if isinstance(value, Variable):
        return value.value._value
    if isinstance(value, Symbolic):
        raise ValueError(
            f"a function called by this operation returned the symbolic tensor {value!r}; it must "
            "use its own arguments, not symbolic tensors from outside."
        )
    return value


def calls_functions(operation: Callable) -> Callable:
    """Mark an operation that calls users' functions: it runs at once and is never recorded.

    A recorded operation is compiled once for its static arguments. A function is such an argument,
    but what it reads (variables, other tensors) may change from call to call.
    """
    operation.records = False
    return operation


class Lift:
    """Calls users' functions of tensors with arrays, the values of variables among them.

    Args:
        variables: those whose values are inputs and outputs.

    Attributes:
        assigned: all variables that the functions assigned, by identity.
    """

    def __init__(self, variables: Sequence[Variable] = ()):
        self.variables = variables
        self.assigned: dict[int, Variable] = {}

    def call(self, function: Callable, state: list, *args: Any) -> tuple[list, Any]:
        """Call `function`, the variables having the values in `state`.

        Returns:
            The values of the variables afterwards, and the arrays that the function returned.
        """
        with StateScope(zip(self.variables, state, strict=True)) as scope:
            result = unwrap(function(*map(wrap_results, args)))
            self.assigned.update(scope.written)
            return [scope.value(variable) for variable in self.variables], result


def thread_variables(run: Callable[[Callable, list], tuple[list, Any]]) -> Any:
    """Run something that calls users' functions, and assign the variables that they assign.

    Args:
        run: called with `Lift.call` and the values of the variables; returns their values
            afterwards, and a result.

    Most functions assign nothing, so `run` is first tried without variables. Only if some were
    assigned, which their scopes note and undo, is it run again with those.
    """
    trial = Lift()
    _, result = run(trial.call, [])
    variables = tuple(trial.assigned.values())
    if not variables:
        return result
    state = [variable._read()._value for variable in variables]
    state, result = run(Lift(variables).call, state)
    for variable, value in zip(variables, state, strict=True):
        variable.assign(wrap(value))
    return result
