"""A learning rate that falls when nothing improves."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from nyala.callbacks._console import console
from nyala.callbacks._monitor import MonitorCallback
from nyala.callbacks._rates import (
    described,
    learning_rate_of,
    log_learning_rates,
    single_optimizers,
)


class ReduceLROnPlateau(MonitorCallback):
    """Multiplies the learning rate by a factor when a value has not improved for some epochs.

    Args:
        monitor: name of the value in the logs of an epoch.
        factor: what the learning rate is multiplied by; less than 1.
        patience: how many epochs in a row may pass without an improvement.
        verbose: 1 prints when the learning rate changes, 0 is silent.
        mode: `"min"` if less is better, `"max"` if more is, `"auto"` to tell by the metric.
        min_delta: how much better a value must be to count as an improvement (`epsilon` is Keras
            2's name for it).
        cooldown: how many epochs after a change are not counted.
        min_lr: the learning rate never falls below this.

    Raises:
        ValueError: `factor` is 1 or more.

    >>> import nyala
    >>> class Model:
    ...     optimizer = nyala.optimizers.SGD(1.0)
    >>> reduce = nyala.callbacks.ReduceLROnPlateau("loss", factor=0.5, patience=1)
    >>> reduce.set_model(Model())
    >>> reduce.on_train_begin()
    >>> for epoch, loss in enumerate([3.0, 2.0, 2.0]):
    ...     reduce.on_epoch_end(epoch, {"loss": loss})
    >>> float(reduce.model.optimizer.learning_rate)
    0.5
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        **kwargs: Any,
    ):
        super().__init__(monitor, mode, min_delta=kwargs.pop("epsilon", min_delta))
        if factor >= 1.0:
            raise ValueError(
                "ReduceLROnPlateau(factor=...) expects a number below 1, by which the learning "
                f"rate is multiplied; got {factor}."
            )
        if kwargs:
            warnings.warn(
                f"ReduceLROnPlateau does not know, and ignores, the arguments {sorted(kwargs)}.",
                stacklevel=2,
            )
        self.factor = factor
        self.min_lr = min_lr
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self.cooldown_counter = 0
        self.wait = 0

    def on_train_begin(self, logs: Any = None) -> None:
        """Forget what an earlier `fit` measured."""
        self.best = None
        self.cooldown_counter = 0
        self.wait = 0

    def in_cooldown(self) -> bool:
        """Whether the last change is too recent for epochs to count."""
        return self.cooldown_counter > 0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Add the learning rate to the logs; lower it where patience has run out."""
        logs = {} if logs is None else logs
        log_learning_rates(self.model, logs)
        value = self.get_monitor_value(logs)
        if value is None:
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self._is_improvement(value, self.best):
            self.best = float(value)
            self.wait = 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience and self._reduce(epoch):
                self.cooldown_counter = self.cooldown
                self.wait = 0

    def _reduce(self, epoch: int) -> bool:
        """Lower every learning rate that is above the least; return whether there was one."""
        reduced = False
        for optimizer in single_optimizers(self.model):
            rate = learning_rate_of(optimizer)
            if rate <= np.float32(self.min_lr):  # the optimizer holds a float32
                continue
            optimizer.learning_rate = max(rate * self.factor, self.min_lr)
            reduced = True
            if self.verbose:
                console.say(
                    f"Epoch {epoch + 1}: {self.monitor} is on a plateau; ReduceLROnPlateau lowers "
                    f"the {described(optimizer, self.model)} from {rate:.4g} to "
                    f"{learning_rate_of(optimizer):.4g}."
                )
        return reduced

    def get_state(self) -> dict:
        """Return the counters and the best value."""
        return {"best": self.best, "wait": self.wait, "cooldown_counter": self.cooldown_counter}

    def set_state(self, state: dict) -> None:
        """Take what `get_state` returned."""
        self.best = state["best"]
        self.wait = state["wait"]
        self.cooldown_counter = state["cooldown_counter"]
