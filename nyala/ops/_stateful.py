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


def call(function: Callable, variables: Sequence, state: Sequence, *args: Any) -> tuple:
    """Call a function of tensors with arrays, `variables` having the values in `state`.

    Returns:
        The values of `variables` afterwards, and the arrays that the function returned.
    """
    with StateScope(zip(variables, state, strict=True)) as scope:
        result = unwrap(function(*map(wrap_results, args)))
        return [scope.value(variable) for variable in variables], result


def thread_variables(run: Callable[[Sequence, list], tuple[Any, Any]]) -> Any:
    """Run something that calls users' functions, and assign the variables that they assign.

    Args:
        run: called with variables and their values; returns their values afterwards, and a result.

    Most functions assign nothing, so `run` is first tried without variables. Only if some were
    assigned, which the scope around it notes and undoes, is it run again with those.
    """
    with StateScope() as scope:
        _, result = run((), [])
    variables = tuple(scope.written.values())
    if not variables:
        return result
    state, result = run(variables, [variable._read()._value for variable in variables])
    for variable, value in zip(variables, state, strict=True):
        variable.assign(wrap(value))
    return result
