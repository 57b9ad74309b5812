"""Keras 3's stateless steps: `train_step(self, state, data) -> (logs, state)`."""

from __future__ import annotations

import inspect
from typing import Any

from nyala.eager import unwrap


def takes_state(model: Any, method: str) -> bool:
    """Whether a step of the user's takes the state and returns the new one."""
    parameters = inspect.signature(getattr(model, method)).parameters.values()
    required = [
        p for p in parameters
        if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.default is p.empty
    ]  # fmt: skip
    return len(required) == 2


def run_with_state(model: Any, method: str, data: Any) -> Any:
    """Run a stateless step on jax's own arrays, and put the state that it returns in place."""
    groups = _state_variables(model, method)
    state = tuple([v._read()._value for v in group] for group in groups)
    logs, new_state = getattr(model, method)(state, unwrap(data))
    if len(new_state) != len(groups):
        raise ValueError(
            f"{type(model).__name__}.{method} must return (logs, state) with a state of "
            f"{len(groups)} lists, as it was given; got {len(new_state)}."
        )
    for group, values in zip(groups, new_state, strict=True):
        for variable, value in zip(group, values, strict=True):
            variable.assign(value)
    return logs


def _state_variables(model: Any, method: str) -> tuple[list, ...]:
    model_state = (model.trainable_variables, model.non_trainable_variables)
    if method == "train_step":
        return (*model_state, list(model.optimizer.variables), model.metrics_variables)
    if method == "test_step":
        return (*model_state, model.metrics_variables)
    return model_state
