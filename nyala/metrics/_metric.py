"""`Metric`: a value that is gathered over batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import jax.numpy as jnp

from nyala import initializers
from nyala.core import (
    DType,
    auto_name,
    builtin_key,
    enrol,
    floatx,
    get_policy,
    name_scope,
    numpy_dtype,
)
from nyala.eager import StatelessScope, Tensor, Variable, wrap


@enrol("keras.metrics")
class Metric:
    """Base of all metrics: variables, how a batch changes them, and what they amount to.

    A subclass makes its variables in `__init__` with `add_weight`, changes them in
    `update_state(...)` and returns a value (or a dict of values) from `result()`. All variables
    and metrics that are its attributes, also those in lists and dicts, are found by themselves.

    Args:
        dtype: a dtype or policy of the result; `config.floatx()` by default.
        name: shown in logs; automatic by default. (Keras 2's order, name first, works too.)

    >>> import nyala
    >>> class Largest(nyala.metrics.Metric):
    ...     def __init__(self, name="largest", **kwargs):
    ...         super().__init__(name=name, **kwargs)
    ...         self.value = self.add_weight(name="value", initializer="zeros")
    ...     def update_state(self, y_true, y_pred, sample_weight=None):
    ...         self.value.assign(nyala.ops.maximum(self.value, nyala.ops.max(y_pred)))
    ...     def result(self):
    ...         return self.value
    >>> metric = Largest()
    >>> metric.update_state(None, [1.0, 3.0])
    >>> metric.update_state(None, [2.0])
    >>> float(metric.result())
    3.0
    """

    # "up" or "down": which way the metric gets better, where that is known.
    _direction: str | None = None

    def __init__(self, dtype: Any = None, name: str | None = None):
        dtype, name = _told_apart(dtype, name)
        self.name = name or auto_name(type(self).__name__)
        self._dtype = get_policy(dtype or floatx()).compute_dtype
        self._variables: list[Variable] = []

    @property
    def dtype(self) -> DType:
        """The dtype of the result."""
        return self._dtype

    # -- state -------------------------------------------------------------------------------------

    def add_variable(
        self,
        shape: Any,
        initializer: Any,
        dtype: Any = None,
        aggregation: str = "sum",
        name: str | None = None,
    ) -> Variable:
        """Make a variable of the metric.

        Args:
            shape: tuple of integers.
            initializer: an initializer or its name.
            dtype: `config.floatx()` by default.
            aggregation: how replicas are combined.
            name: automatic by default.
        """
        if "_variables" not in vars(self):
            raise RuntimeError(
                f"{type(self).__name__}.__init__ makes a variable before it calls "
                "super().__init__(): call that first."
            )
        with name_scope(self.name.replace("/", ">"), caller=self):
            variable = Variable(
                initializers.get(initializer or "zeros"),
                shape=shape,
                dtype=dtype,
                trainable=False,
                autocast=False,
                aggregation=aggregation,
                synchronization="on_read",
                name=name,
            )
        self._variables.append(variable)
        return variable

    def add_weight(
        self,
        shape: Any = (),
        initializer: Any = None,
        dtype: Any = None,
        name: str | None = None,
        aggregation: str = "sum",
        synchronization: Any = None,
    ) -> Variable:
        """Make a variable of the metric; zeros by default.

        Keras 2's order (`name`, `shape`) is recognized by the string in front.
        """
        if isinstance(shape, str):
            is_shape = isinstance(initializer, (tuple, list))
            name, shape = shape, initializer if is_shape else ()
            initializer = None if is_shape else initializer
        return self.add_variable(shape, initializer, dtype, aggregation, name)

    def _add_zeros(self, name: str, shape: Any = (), dtype: Any = None) -> Variable:
        return self.add_variable(shape, initializers.Zeros(), dtype=dtype, name=name)

    @property
    def variables(self) -> list[Variable]:
        """The metric's variables, then those of the metrics inside it."""
        members = list(_members(vars(self).values()))
        own = [member for member in members if isinstance(member, Variable)]
        inner = [member for member in members if isinstance(member, Metric)]
        for metric in dict.fromkeys(inner):
            own.extend(metric.variables)
        return list(dict.fromkeys(own))

    def reset_state(self) -> None:
        """Set every variable to 0."""
        if type(self).reset_states is not Metric.reset_states:
            self.reset_states()
        else:
            self._zero()

    def reset_states(self) -> None:
        """Set every variable to 0 (Keras 2's spelling of `reset_state`)."""
        if type(self).reset_state is not Metric.reset_state:
            self.reset_state()
        else:
            self._zero()

    def _zero(self) -> None:
        for variable in self.variables:
            variable.assign(wrap(jnp.zeros(tuple(variable.shape), numpy_dtype(variable.dtype))))

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Take in a batch; subclasses define it."""
        raise NotImplementedError(
            f"{type(self).__name__} is a Metric without update_state(self, y_true, y_pred, "
            "sample_weight=None): define it and assign to the metric's variables in it."
        )

    def result(self) -> Any:
        """Return the value over all batches so far; subclasses define it."""
        raise NotImplementedError(
            f"{type(self).__name__} is a Metric without result(self): define it and return a "
            "scalar, a tensor or a dict of them."
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Take in a batch and return the value over all batches so far."""
        self.update_state(*args, **kwargs)
        return self.result()

    def merge_state(self, metrics: Iterable[Metric]) -> None:
        """Add the state of metrics of the same kind, gathered elsewhere, to this one.

        Args:
            metrics: metrics whose variables have the shapes of this one's.

        Raises:
            ValueError: one of them has other variables.
        """
        for metric in metrics:
            if [v.shape for v in metric.variables] != [v.shape for v in self.variables]:
                raise ValueError(
                    f"{self!r} cannot take in the state of {metric!r}: their variables differ."
                )
            for mine, other in zip(self.variables, metric.variables, strict=True):
                mine.assign_add(other.value)

    # -- the same as pure functions ----------------------------------------------------------------

    def stateless_update_state(
        self, metric_variables: Any, *args: Any, **kwargs: Any
    ) -> list[Tensor]:
        """Return the variables' values after a batch, given those before it; nothing changes.

        Args:
            metric_variables: one value for each of `variables`.
            *args: as for `update_state`.
            **kwargs: as for `update_state`.
        """
        with self._standing_in(metric_variables) as scope:
            self.update_state(*args, **kwargs)
            return [scope.read(v) for v in self.variables]

    def stateless_result(self, metric_variables: Any) -> Any:
        """Return `result()` for the given values of the variables."""
        with self._standing_in(metric_variables):
            result = self.result()
            return result.value if isinstance(result, Variable) else result

    def stateless_reset_state(self) -> list[Tensor]:
        """Return the variables' values after `reset_state()`; nothing changes."""
        with StatelessScope() as scope:
            self.reset_state()
            return [scope.read(v) for v in self.variables]

    def _standing_in(self, values: Any) -> StatelessScope:
        variables = self.variables
        if len(values) != len(variables):
            raise ValueError(
                f"{self!r} has {len(variables)} variables; got {len(values)} values for them. "
                "Pass one for each of metric.variables, in their order."
            )
        return StatelessScope(zip(variables, values, strict=True))

    # -- config ------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {"name": self.name, "dtype": str(self.dtype)}

    @classmethod
    def from_config(cls, config: dict) -> Metric:
        """Return a metric from `get_config()`."""
        return cls(**config)

    def __repr__(self) -> str:
        module = "nyala.metrics" if builtin_key(type(self)) else type(self).__module__
        return f"<{module}.{type(self).__name__} name={self.name}>"


def _told_apart(dtype: Any, name: Any) -> tuple[Any, Any]:
    """Return dtype and name in this order, whichever of them was written first."""
    if isinstance(dtype, str) and not _is_dtype(dtype):
        if name is None or _is_dtype(name):
            return name, dtype
    return dtype, name


def _is_dtype(value: Any) -> bool:
    try:
        get_policy(value)
    except (TypeError, ValueError):
        return False
    return True


def _members(values: Iterable) -> Iterator[Any]:
    for value in values:
        if isinstance(value, (list, tuple)):
            yield from _members(value)
        elif isinstance(value, dict):
            yield from _members(value.values())
        elif isinstance(value, (Variable, Metric)):
            yield value
