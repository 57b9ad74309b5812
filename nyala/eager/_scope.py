"""Where variables are read and written while a function is pure: the state scope.

Compiled code must not touch live objects. Inside a `StateScope`, reading a variable gives the value
that the scope holds and assigning changes the scope only; whoever opened it takes the new values.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import jax

from nyala.eager import _graph
from nyala.eager._tensor import Tensor, wrap

if TYPE_CHECKING:
    from nyala.eager._variable import Variable


def strong(value: Any) -> Any:
    """Return `value` with its dtype fixed: state keeps one dtype from step to step."""
    if getattr(value, "weak_type", False):
        return jax.lax.convert_element_type(value, value.dtype)
    return value


class _Local(threading.local):
    scope: StateScope | None = None
    autocast: Any = None
    depth: int = 0
    before_reads: Callable[[Variable], None] | None = None


local = _Local()


@contextlib.contextmanager
def before_reads(function: Callable[[Variable], None]) -> Iterator[None]:
    """Call a function before each time that this thread reads the live value of a variable.

    Training gives the values' memory to the next ones; whoever reads in another thread must not
    do so in the middle of a step.
    """
    outer, local.before_reads = local.before_reads, function
    try:
        yield
    finally:
        local.before_reads = outer


class StateScope:
    """A mapping from variables to values that stands in for the live objects.

    Args:
        values: pairs of a variable and the array (or tracer) that stands for it.

    Attributes:
        missing: variables that were read or assigned but not given, in order. Their live value was
            used for reading; whoever compiles the code should give them too.
    """

    def __init__(self, values: Any = ()):
        self._tensors: dict[int, Tensor] = {}
        self._variables: dict[int, Variable] = {}
        self._outer: StateScope | None = None
        self.missing: list[Variable] = []
        # Pairs of a layer and a loss that it added while it was called in this scope.
        self.losses: list[tuple[Any, Tensor]] = []
        self.written: dict[int, Variable] = {}
        for variable, value in values:
            self._variables[id(variable)] = variable
            self._tensors[id(variable)] = value if isinstance(value, Tensor) else wrap(value)

    def __enter__(self) -> StateScope:
        # Each scope may be another trace: what is pending in one must not be run in the next.
        self._outer, self._outer_graph = local.scope, _graph.local.graph
        if self._outer is not None:
            self._outer_graph.flush()
        local.scope, _graph.local.graph = self, _graph.Graph()
        return self

    def __exit__(self, *exc: object) -> None:
        local.scope, _graph.local.graph = self._outer, self._outer_graph

    def read(self, variable: Variable) -> Tensor:
        """Return the value that stands for `variable` here."""
        tensor = self._tensors.get(id(variable))
        if tensor is None:
            tensor = self._read_outside(variable)
            self._note_missing(variable)
            self._tensors[id(variable)] = tensor
        return tensor

    def _read_outside(self, variable: Variable) -> Tensor:
        return self._outer.read(variable) if self._outer is not None else variable._live()

    def _note_missing(self, variable: Variable) -> None:
        if id(variable) not in self._variables:
            self._variables[id(variable)] = variable
            self.missing.append(variable)

    def write(self, variable: Variable, value: Any) -> None:
        """Let `variable` have this value from here on."""
        self._note_missing(variable)
        self.written[id(variable)] = variable
        self._tensors[id(variable)] = value if isinstance(value, Tensor) else wrap(value)

    def value(self, variable: Variable) -> Any:
        """Return the array that `variable` has by now."""
        return strong(self._tensors[id(variable)]._value)

    @property
    def variables(self) -> list[Variable]:
        """The variables that were given, read or assigned so far, in order."""
        return list(self._variables.values())

    def get_current_value(self, variable: Variable) -> Tensor | None:
        """Return the value that stands for `variable`, or `None` where it was not given."""
        return self._tensors.get(id(variable))

    def add_update(self, update: tuple) -> None:
        """Record an assignment `(variable, value)`."""
        self.write(*update)


class StatelessScope(StateScope):
    """Keras' name for a scope in which variables are read from and written to a mapping.

    Args:
        state_mapping: pairs of a variable and the value that stands for it.
        collect_losses: accepted for Keras' sake.
        initialize_variables: accepted for Keras' sake.

    >>> import nyala
    >>> v = nyala.Variable(1.0)
    >>> with nyala.StatelessScope([(v, nyala.ops.convert_to_tensor(5.0))]) as scope:
    ...     _ = v.assign(v + 1.0)
    ...     print(float(scope.get_current_value(v)))
    6.0
    >>> float(v)
    1.0
    """

    def __init__(
        self, state_mapping: Any = None, collect_losses: bool = False,
        initialize_variables: bool = True,
    ):  # fmt: skip
        pairs = [(variable, Tensor(value)) for variable, value in state_mapping or ()]
        super().__init__(pairs)
        self.collect_losses = collect_losses
        self.initialize_variables = initialize_variables


def current_scope() -> StateScope | None:
    """Return the innermost open scope, or `None` in live code."""
    return local.scope


def current_autocast() -> Any:
    """Return the dtype in which float variables are read here, or `None` for their own."""
    return local.autocast


class AutocastScope:
    """Inside, float variables are read in `dtype` (mixed precision); `None` switches it off."""

    __slots__ = ("_dtype", "_outer")

    def __init__(self, dtype: Any):
        self._dtype = dtype

    def __enter__(self) -> None:
        self._outer = local.autocast
        local.autocast = self._dtype

    def __exit__(self, *exc: object) -> None:
        local.autocast = self._outer
