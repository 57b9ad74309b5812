"""Stopping when nothing improves any more."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala.callbacks._console import console
from nyala.callbacks._monitor import MonitorCallback


class EarlyStopping(MonitorCallback):
    """Stops training when a value has not improved for some epochs.

    Args:
        monitor: name of the value in the logs of an epoch.
        min_delta: how much better a value must be to count as an improvement.
        patience: how many epochs in a row may pass without an improvement.
        verbose: 1 prints when training is stopped and weights are restored, 0 is silent.
        mode: `"min"` if less is better, `"max"` if more is, `"auto"` to tell by the metric.
        baseline: a value to beat: patience begins anew only when it is beaten too.
        restore_best_weights: whether the model gets back, at the end of training, the weights of
            its best epoch (of those monitored, whether or not it beat `baseline`).
        start_from_epoch: how many epochs pass before the value is watched.

    Attributes:
        best: the best value so far.
        best_epoch: the epoch that had it, counted from 0.
        stopped_epoch: the epoch after which training was stopped; 0 if it was not.

    >>> import nyala
    >>> class Model:
    ...     stop_training = False
    >>> stopping = nyala.callbacks.EarlyStopping("loss", patience=2)
    >>> stopping.set_model(Model())
    >>> stopping.on_train_begin()
    >>> for epoch, loss in enumerate([3.0, 1.0, 2.0, 2.0]):
    ...     stopping.on_epoch_end(epoch, {"loss": loss})
    >>> stopping.model.stop_training, stopping.best_epoch
    (True, 1)
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ):
        super().__init__(monitor, mode, min_delta=min_delta)
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self._begin()

    def _begin(self) -> None:
        self.wait = 0
        self.stopped_epoch = 0
        self.best = None
        self.best_epoch = 0
        self.best_weights: list[np.ndarray] | None = None

    def on_train_begin(self, logs: Any = None) -> None:
        """Forget what an earlier `fit` measured."""
        self._begin()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Compare with the best epoch; stop where patience has run out."""
        value = self.get_monitor_value(logs)
        if value is None or epoch < self.start_from_epoch:
            return
        self.wait += 1
        if self._is_improvement(value, self.best):
            self._keep(epoch, float(value))
            if self.baseline is None or self._is_improvement(value, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def _keep(self, epoch: int, value: float) -> None:
        self.best, self.best_epoch = value, epoch
        if self.restore_best_weights:
            self.best_weights = self.model.get_weights()

    def on_train_end(self, logs: Any = None) -> None:
        """Restore the best weights, where that is asked for."""
        if self.verbose and self.stopped_epoch > 0:
            console.say(
                f"Epoch {self.stopped_epoch + 1}: training stops early; {self.monitor} was best "
                f"({self.best:.4g}) in epoch {self.best_epoch + 1}."
            )
        if self.best_weights is not None:
            if self.verbose:
                console.say(f"The weights of epoch {self.best_epoch + 1} are restored.")
            self.model.set_weights(self.best_weights)

    def get_state(self) -> dict:
        """Return the counters and the best value."""
        return {
            "wait": self.wait,
            "stopped_epoch": self.stopped_epoch,
            "best": self.best,
            "best_epoch": self.best_epoch,
        }

    def set_state(self, state: dict) -> None:
        """Take what `get_state` returned."""
        self.wait = state["wait"]
        self.stopped_epoch = state["stopped_epoch"]
        self.best = state["best"]
        self.best_epoch = state["best_epoch"]

    def get_arrays(self) -> dict[str, Any]:
        """Return the best weights, by their number."""
        return {str(number): array for number, array in enumerate(self.best_weights or ())}

    def set_arrays(self, arrays: dict[str, Any]) -> None:
        """Take what `get_arrays` returned."""
        self.best_weights = [arrays[str(number)] for number in range(len(arrays))] or None
