"""A learning rate that depends on the epoch."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from nyala.callbacks._callback import Callback
from nyala.callbacks._console import console
from nyala.callbacks._rates import (
    described,
    learning_rate_of,
    log_learning_rates,
    single_optimizers,
)


class LearningRateScheduler(Callback):
    """Sets the learning rate at the beginning of every epoch, and logs it at the end.

    Args:
        schedule: a function of the epoch (an integer from 0) and the present learning rate (a
            float), or of the epoch alone, that returns the new learning rate.
        verbose: 1 prints every learning rate, 0 is silent.

    Raises:
        ValueError: (in `fit`) the function returned something else than a number, or the optimizer
            has no learning rate.

    >>> import nyala
    >>> class Model:
    ...     optimizer = nyala.optimizers.SGD(0.5)
    >>> halve = nyala.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    >>> halve.set_model(Model())
    >>> halve.on_epoch_begin(0)
    >>> float(halve.model.optimizer.learning_rate)
    0.25
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0):
        super().__init__()
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Set the learning rate."""
        for optimizer in single_optimizers(self.model):
            rate = self._next_rate(epoch, learning_rate_of(optimizer))
            optimizer.learning_rate = rate
            if self.verbose:
                what = described(optimizer, self.model)
                console.say(f"Epoch {epoch + 1}: LearningRateScheduler sets the {what} to {rate}.")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Add the learning rate to the logs."""
        if logs is not None:
            log_learning_rates(self.model, logs)

    def _next_rate(self, epoch: int, rate: float) -> float:
        takes_rate = _takes_two(self.schedule)
        returned = self.schedule(epoch, rate) if takes_rate else self.schedule(epoch)
        array = np.asarray(returned)
        if array.size != 1 or not np.issubdtype(array.dtype, np.number):
            raise ValueError(
                "LearningRateScheduler(schedule=...) expects a function that returns the learning "
                f"rate as a float; for epoch {epoch} it returned {returned!r}."
            )
        return float(array.item())


def _takes_two(function: Callable) -> bool:
    """Whether a function can be called with two positional arguments."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # a builtin that does not tell
        return True
    try:
        signature.bind(0, 0.0)
    except TypeError:
        return False
    return True
