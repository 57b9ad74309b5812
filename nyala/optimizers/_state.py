"""The variables that an optimizer owns: made, named, listed, saved and loaded."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from nyala import initializers
from nyala.core import name_scope
from nyala.eager import Variable


class _TrackingList(list):
    """A list of an optimizer's attribute: variables put into it become the optimizer's own."""

    def __init__(self, items: Iterable, owner: OptimizerState):
        super().__init__(items)
        self._owner = owner
        self._track(self)

    def _track(self, items: Iterable) -> None:
        for item in items:
            if isinstance(item, Variable):
                self._owner._track_variable(item)

    def append(self, item: Any) -> None:
        super().append(item)
        self._track([item])

    def extend(self, items: Iterable) -> None:
        items = list(items)
        super().extend(items)
        self._track(items)

    def __reduce__(self):
        # The owner lists its variables itself; a copy needs no second list of them.
        return (list, (list(self),))


class VariableList(list):
    """The variables of an optimizer; may be called, as Keras 2's method `variables()` was."""

    def __call__(self) -> VariableList:
        return self


class OptimizerState:
    """The part of an optimizer that owns variables, in the order and with the names of Keras.

    The order matters: files hold optimizer variables by position.
    """

    name: str

    def __init__(self) -> None:
        self._variables: list[Variable] = []
        self._tracked: set[int] = set()
        self._trainable_variables: list[Variable] = []
        self._trainable_variables_indices: dict[int, int] = {}

    # These list variables without owning them, or are the list of what is owned.
    _UNTRACKED = frozenset({"_variables", "_trainable_variables"})

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self._UNTRACKED:
            self._check_super_called()
            if isinstance(value, Variable):
                self._track_variable(value)
            elif type(value) is list:
                value = _TrackingList(value, self)
        super().__setattr__(name, value)

    def _check_super_called(self) -> None:
        if "_variables" not in self.__dict__:
            raise RuntimeError(
                f"{type(self).__name__}.__init__ must call super().__init__(...) before it sets "
                "attributes: what comes earlier would be missing from the saved state."
            )

    def _track_variable(self, variable: Variable) -> None:
        if id(variable) not in self._tracked:
            self._tracked.add(id(variable))
            self._variables.append(variable)

    def _untrack_variable(self, variable: Variable) -> None:
        self._variables[:] = [known for known in self._variables if known is not variable]
        self._tracked.discard(id(variable))

    # -- making ----------------------------------------------------------------------------------

    def add_variable(self, shape: Any, initializer: Any = "zeros", dtype: Any = None,
                     aggregation: str = "none", layout: Any = None,
                     name: str | None = None) -> Variable:  # fmt: skip
        """Return a new variable of the optimizer.

        Args:
            shape: tuple of integers.
            initializer: an initializer, or the name of one.
            dtype: a dtype's name; `config.floatx()` by default.
            aggregation: how replicas are combined; see `Variable`.
            layout: how it is spread over devices.
            name: the last part of its path; the first is the optimizer's name.
        """
        self._check_super_called()
        with name_scope(self.name, caller=self):
            variable = Variable(
                initializers.get(initializer), shape=shape, dtype=dtype, trainable=False,
                aggregation=aggregation, layout=layout, name=name,
            )  # fmt: skip
        self._track_variable(variable)
        return variable

    def add_variable_from_reference(
        self, reference_variable: Any = None, name: str | None = None, initializer: Any = "zeros",
        *, model_variable: Any = None, variable_name: str | None = None, shape: Any = None,
        initial_value: Any = None,
    ) -> Variable:  # fmt: skip
        """Return a new variable of the optimizer that belongs to a variable of the model.

        Args:
            reference_variable: the model's variable, which gives shape, dtype and layout.
            name: what it holds, such as `"momentum"`; its name is then `"dense_kernel_momentum"`.
            initializer: an initializer, or the name of one.
            model_variable: Keras 2's name of `reference_variable`.
            variable_name: Keras 2's name of `name`.
            shape: another shape than the model's variable has.
            initial_value: the first value, instead of an initializer.
        """
        reference = reference_variable if reference_variable is not None else model_variable
        stem = getattr(reference, "path", reference.name).replace("/", "_").replace(":", "_")
        variable = self.add_variable(
            shape=reference.shape if shape is None else shape,
            initializer=initializer,
            dtype=reference.dtype,
            name=f"{stem}_{name or variable_name or 'var'}",
            layout=getattr(reference, "_layout", None),
        )
        if initial_value is not None:
            variable.assign(initial_value)
        return variable

    def add_optimizer_variables(
        self, trainable_variables: Sequence[Variable], name: Any, initializer: Any = "zeros"
    ) -> Any:
        """Return new variables of the optimizer, one for each variable of the model.

        Args:
            trainable_variables: variables of the model.
            name: what the new ones hold, such as `"momentum"`; or a list of such names.
            initializer: an initializer for all names, or a list with one for each.

        Returns:
            A list with a variable for each of the model's, or `None` where that one is overwritten
            with its gradient and needs no state; for a list of names, a tuple of such lists.
        """
        names = [name] if isinstance(name, str) else list(name)
        many = isinstance(initializer, (list, tuple))
        initial = list(initializer) if many else [initializer] * len(names)
        if len(names) != len(initial):
            raise ValueError(
                f"{type(self).__name__}.add_optimizer_variables expects one initializer for all "
                f"names or one for each; got {len(names)} names and {len(initial)} initializers."
            )
        columns: tuple[list, ...] = tuple([] for _ in names)
        for variable in trainable_variables:
            unneeded = getattr(variable, "overwrite_with_gradient", False)
            for column, one_name, one_initial in zip(columns, names, initial, strict=True):
                column.append(
                    None
                    if unneeded
                    else self.add_variable_from_reference(variable, one_name, one_initial)
                )
        return columns[0] if isinstance(name, str) else columns

    # -- listing ---------------------------------------------------------------------------------

    @property
    def variables(self) -> list[Variable]:
        """The optimizer's own variables: the step, the learning rate, then the slots."""
        return VariableList(self._variables)

    @property
    def weights(self) -> list[Variable]:
        """The optimizer's own variables (Keras 2's name)."""
        return self.variables

    def _var_key(self, variable: Variable) -> int:
        return id(variable)

    def _get_variable_index(self, variable: Variable) -> int:
        return self._trainable_variables_indices[self._var_key(variable)]

    @property
    def _index_dict(self) -> dict[int, int]:
        """Keras 2's name, which subclasses written for it use."""
        return self._trainable_variables_indices

    def _index_variables(self, variables: Sequence[Variable]) -> None:
        self._trainable_variables = list(variables)
        self._trainable_variables_indices = {
            self._var_key(variable): i for i, variable in enumerate(variables)
        }

    # -- saving ----------------------------------------------------------------------------------

    def get_weights(self) -> list[np.ndarray]:
        """Return the values of `variables` as NumPy arrays."""
        return [variable.numpy() for variable in self.variables]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set the values of `variables`.

        Args:
            weights: arrays in the order of `variables`, which exist once the optimizer is built.
        """
        variables = self.variables
        if len(weights) != len(variables):
            raise ValueError(
                f"{self.name}.set_weights expects {len(variables)} arrays, one for each of "
                f"optimizer.variables; got {len(weights)}. Before it is built, an optimizer has "
                "only its step and its learning rate: call optimizer.build(model."
                "trainable_variables) first."
            )
        for variable, weight in zip(variables, weights, strict=True):
            variable.assign(weight)

    def save_own_variables(self, store: Any) -> None:
        """Put the values into `store`, a mapping from names to arrays."""
        for i, variable in enumerate(self.variables):
            store[str(i)] = np.asarray(variable.value)  # no copy: models are large

    def load_own_variables(self, store: Any) -> None:
        """Take the values from `store`; a store of another optimizer is skipped with a warning."""
        variables = self.variables
        if len(store.keys()) != len(variables):
            warnings.warn(
                f"The saved state of optimizer {self.name!r} was not loaded: it has "
                f"{len(store.keys())} variables, this optimizer has {len(variables)}. Build the "
                "optimizer for the same variables, with the same arguments, before loading.",
                stacklevel=2,
            )
            return
        for i, variable in enumerate(variables):
            variable.assign(store[str(i)])

    # -- copying ---------------------------------------------------------------------------------

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)
        # Variables are known by identity, and the copies are other objects.
        self._tracked = set(map(id, self._variables))
        self._index_variables(self._trainable_variables)
