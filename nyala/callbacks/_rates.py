"""Reading and logging the learning rate of whatever optimizer a model has."""

from __future__ import annotations

from typing import Any

import numpy as np


def single_optimizers(model: Any) -> list[Any]:
    """Return the model's optimizer, or the ones that it is made of."""
    return list(getattr(model.optimizer, "optimizers", None) or [model.optimizer])


def has_several(model: Any) -> bool:
    """Whether the model's optimizer is made of several."""
    return bool(getattr(model.optimizer, "optimizers", None))


def learning_rate_of(optimizer: Any) -> float:
    """Return an optimizer's learning rate.

    Raises:
        ValueError: it has none.
    """
    if not hasattr(optimizer, "learning_rate"):
        raise ValueError(
            f"A callback changes the learning rate, but the optimizer {optimizer!r} has no "
            "attribute 'learning_rate'."
        )
    return float(np.asarray(optimizer.learning_rate))


def log_learning_rates(model: Any, logs: dict) -> None:
    """Add the learning rate to the logs, or that of each optimizer under its name."""
    for optimizer in single_optimizers(model):
        name = f"learning_rate_{optimizer.name}" if has_several(model) else "learning_rate"
        logs[name] = learning_rate_of(optimizer)


def described(optimizer: Any, model: Any) -> str:
    """Return how a message names the learning rate of one of the optimizers."""
    return f"learning rate of {optimizer.name}" if has_several(model) else "learning rate"
