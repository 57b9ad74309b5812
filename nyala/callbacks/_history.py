"""What every epoch measured."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala.callbacks._callback import Callback


class History(Callback):
    """Records the logs of every epoch; `fit` adds one by itself and returns it.

    Attributes:
        history: maps a name to the list of its values, one an epoch.
        epoch: the numbers of the epochs of the last `fit`.

    >>> import nyala
    >>> history = nyala.callbacks.History()
    >>> history.on_train_begin()
    >>> history.on_epoch_end(0, {"loss": 2.0})
    >>> history.on_epoch_end(1, {"loss": 1.0})
    >>> history.history, history.epoch
    ({'loss': [2.0, 1.0]}, [0, 1])
    """

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list] = {}
        self.epoch: list[int] = []

    def on_train_begin(self, logs: Any = None) -> None:
        """Begin a list of epochs; values of an earlier `fit` with this object stay."""
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Record the logs."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
        if self.model is not None:
            self.model.history = self

    def get_state(self) -> dict:
        """Return the epochs and their values."""
        history = {
            k: [np.asarray(v).tolist() for v in values] for k, values in self.history.items()
        }
        return {"epoch": list(self.epoch), "history": history}

    def set_state(self, state: dict) -> None:
        """Take what `get_state` returned."""
        self.epoch = list(state["epoch"])
        self.history = {name: list(values) for name, values in state["history"].items()}
