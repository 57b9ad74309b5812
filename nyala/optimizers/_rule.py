"""Optimizers whose update is a pure function, and those whose function is a kernel's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import jax

from nyala import kernels
from nyala.eager import Variable
from nyala.optimizers._arrays import read, working_dtype, write
from nyala.optimizers._at_once import update_at_once
from nyala.optimizers._optimizer import Optimizer

Slots: TypeAlias = dict[str, jax.Array]
"""The state of one variable, by name."""


class Slot(NamedTuple):
    """State of one kind that an optimizer keeps for each variable.

    Attributes:
        name: how the rule and the variables' names call it.
        attribute: the optimizer's attribute that lists the variables of this kind, as in Keras.
        initializer: what it holds at first.
    """

    name: str
    attribute: str
    initializer: Any = "zeros"


class RuleOptimizer(Optimizer):
    """An optimizer whose update is a pure function and whose state is a list of slots.

    A subclass gives `_rule`, a function `(param, grad, slots, step, lr, **hyperparameters)` that
    returns the new param and the new slots; `step` counts from 1 and is a float like the others.
    It names its state in `_slot_groups` and its arguments in `_hyperparameters`.
    """

    _rule: Callable[..., tuple[jax.Array, Slots]]

    def _slot_groups(self) -> list[list[Slot]]:
        """Return the slots in the order of Keras' files.

        The slots of one group stand together for each variable; groups stand one after the other.
        """
        return []

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the slots of `variables`."""
        if self.built:
            return
        super().build(variables)
        for group in self._slot_groups():
            columns = self.add_optimizer_variables(
                variables, [slot.name for slot in group], [slot.initializer for slot in group]
            )
            for slot, column in zip(group, columns, strict=True):
                setattr(self, slot.attribute, column)

    def _slots_of(self, variable: Variable) -> dict[str, Variable]:
        index = self._get_variable_index(variable)
        slots = [slot for group in self._slot_groups() for slot in group]
        return {slot.name: getattr(self, slot.attribute)[index] for slot in slots}

    def _rule_arguments(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self._hyperparameters}

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Update one variable and its slots."""
        rule = type(self)._rule
        self._update_by(rule, self._rule_arguments(), gradient, variable, learning_rate)

    def _update_by(
        self,
        rule: Callable,
        arguments: dict[str, Any],
        gradient: Any,
        variable: Variable,
        rate: Any,
    ) -> None:
        dtype = working_dtype(variable)
        slots = {name: slot for name, slot in self._slots_of(variable).items() if slot is not None}
        new_value, new_slots = rule(
            read(variable).astype(dtype),
            read(gradient).astype(dtype),
            {name: read(slot).astype(dtype) for name, slot in slots.items()},
            (self._step_array() + 1).astype(dtype),
            read(rate).astype(dtype),
            **arguments,
        )
        for name, slot in slots.items():
            write(slot, new_slots[name])
        write(variable, new_value)


class KernelOptimizer(RuleOptimizer):
    """An optimizer whose rule is one of `kernels.UPDATE_RULES`: one call updates all variables.

    A subclass gives `_kernel`, a function `(step, lr, **hyperparameters)` that returns the name of
    the rule and its numbers. Where something stands in the way of the one call, `update_step`
    updates variable by variable, by the same rule.
    """

    _kernel: Callable[..., tuple[str, dict[str, Any]]]

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Update one variable and its slots."""
        rule = rule_of(type(self)._kernel)
        self._update_by(rule, self._rule_arguments(), gradient, variable, learning_rate)

    def _update_at_once(self, *arguments: Any) -> bool:
        # Not where somebody has put an update of their own in the rule's place.
        ours = KernelOptimizer
        return (
            getattr(self.update_step, "__func__", None) is ours.update_step
            and getattr(self._update_variables, "__func__", None) is ours._update_variables
            and update_at_once(self, *arguments)
        )


def rule_of(kernel: Callable[..., tuple[str, dict[str, Any]]]) -> Callable:
    """Return what `KernelOptimizer._kernel` stands for in the form of `RuleOptimizer._rule`."""

    def rule(
        param: jax.Array, grad: jax.Array, slots: Slots, step: jax.Array, lr: jax.Array,
        **arguments: Any,
    ) -> tuple[jax.Array, Slots]:  # fmt: skip
        name, numbers = kernel(step, lr, **arguments)
        return kernels.UPDATE_RULES[name].apply(param, grad, slots, **numbers)

    return rule
