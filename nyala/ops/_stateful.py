"""How users' functions of tensors, which may assign variables, run inside JAX's control flow.

JAX's `while_loop`, `scan` and the like take pure functions of arrays. A user's function takes and
returns tensors and may assign variables (a dropout inside a loop assigns its seed). So a function
runs inside a state scope, and the variables that it assigns become further inputs and outputs.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import jax

from nyala.core import tree
from nyala.eager import (
    Arrays,
    StateScope,
    Symbolic,
    Tensor,
    Variable,
    is_taped,
    op,
    tapes_off,
    wrap,
    wrap_results,
)


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


def on_arrays(function: Callable) -> Callable:
    """Return a function of tensors as one of arrays."""

    @functools.wraps(function)
    def of_arrays(*args: Any, **kwargs: Any) -> Any:
        with tapes_off():
            return unwrap(function(*map(wrap_results, args), **wrap_results(kwargs)))

    return of_arrays


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
            result = on_arrays(function)(*args)
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
    with tapes_off():
        state = [variable._read()._value for variable in variables]
    state, result = run(Lift(variables).call, state)
    for variable, value in zip(variables, state, strict=True):
        variable.assign(wrap(value))
    return result


def calls_functions(operation: Callable) -> Callable:
    """Let an operation that calls users' functions run at once instead of being recorded.

    A recorded operation is compiled once for its static arguments. A function is such an argument,
    but what it reads (variables, other tensors) may change from call to call. Under a
    `GradientTape` it is recorded nevertheless, with the variables that it uses as inputs.
    """
    operation.records = False

    @functools.wraps(operation)
    def function(*args: Any, **kwargs: Any) -> Any:
        if is_taped() and not _has_symbolic(args, kwargs):
            return _record(operation, args, kwargs)
        return operation(*args, **kwargs)

    return function


def _has_symbolic(*structures: Any) -> bool:
    return any(isinstance(leaf, Symbolic) for leaf in tree.flatten(structures))


def _record(operation: Callable, args: tuple, kwargs: dict) -> Any:
    """Record a call as one node, its arrays and all variables that it uses being inputs."""
    bound = inspect.signature(operation).bind(*args, **kwargs)
    bound.apply_defaults()
    bound, kinds = bound.arguments, operation.signature.by_name
    # Whole numbers stay constants: a loop has a derivative only if its bounds are known.
    arrays = {n: x for n, x in bound.items() if kinds.get(n, 1) and not isinstance(x, int)}
    static = {n: x for n, x in bound.items() if n not in arrays}
    with tapes_off(), StateScope() as scope:
        jax.eval_shape(lambda: unwrap(operation(*args, **kwargs)))
    call = _Lifted(operation, static, scope.missing)
    result, values = _call_lifted(call, [v._read() for v in scope.missing], arrays)
    for index, variable in enumerate(scope.missing):
        if id(variable) in scope.written:
            variable.assign(values[index])
    return result


class _Lifted:
    """A call with everything but its arrays and the values of the variables that it uses."""

    def __init__(self, operation: Callable, static: dict, variables: list):
        self.operation, self.static, self.variables = operation, static, variables

    def __call__(self, values: list, arrays: dict) -> tuple[Any, list]:
        given = {**self.static, **arrays}
        args: list[Any] = []
        for parameter in inspect.signature(self.operation).parameters.values():
            value = given[parameter.name]
            args.extend(value if parameter.kind is parameter.VAR_POSITIONAL else [value])
        with tapes_off(), StateScope(zip(self.variables, values, strict=True)) as scope:
            result = self.operation.pure(*args)
            return result, [scope.value(variable) for variable in self.variables]


@op(name="call_functions")
def _call_lifted(call: Callable, values: Arrays, arrays: Arrays) -> Any:
    return call(values, arrays)
