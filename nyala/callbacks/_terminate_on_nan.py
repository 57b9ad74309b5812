"""Stopping when the loss is lost."""

from __future__ import annotations

import math
from typing import Any

from nyala.callbacks._callback import Callback
from nyala.callbacks._console import console


class TerminateOnNaN(Callback):
    """Stops training when the loss is NaN or infinite, and says at which step that began.

    It looks at the loss after every step, so steps do not run fused.

    Args:
        raise_error: whether to raise an error, so that no callback's `on_train_end` runs (it might
            replace a good backup); else training ends as usual after the step.

    Raises:
        RuntimeError: (in `fit`) the loss is lost, and `raise_error` is set.

    >>> import nyala
    >>> class Model:
    ...     stop_training = False
    >>> terminate = nyala.callbacks.TerminateOnNaN()
    >>> terminate.set_model(Model())
    >>> terminate.on_epoch_begin(0)
    >>> terminate.on_train_batch_end(0, {"loss": 0.5})
    >>> terminate.on_train_batch_end(1, {"loss": float("nan")})
    Epoch 1, step 2: the loss became NaN; training stops.
    """

    def __init__(self, raise_error: bool = False):
        super().__init__()
        self.raise_error = raise_error
        self._epoch = 0
        self._looked_at = -1  # the last batch whose loss was a number

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Note the epoch."""
        self._epoch, self._looked_at = epoch, -1

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        """Look at the loss."""
        loss = (logs or {}).get("loss")
        if loss is None:
            return
        if math.isfinite(loss):
            self._looked_at = batch
            return
        what = "NaN" if math.isnan(loss) else "infinite"
        message = f"{self._place(batch)}: the loss became {what}; training stops."
        if self.raise_error:
            raise RuntimeError(message)
        console.say(message)
        self.model.stop_training = True

    def get_state(self) -> dict:
        """Return the epoch and the last batch whose loss was a number."""
        return {"epoch": self._epoch, "looked_at": self._looked_at}

    def set_state(self, state: dict) -> None:
        """Take what `get_state` returned."""
        self._epoch, self._looked_at = state["epoch"], state["looked_at"]

    def _place(self, batch: int) -> str:
        """Return the epoch and the step, counted from 1 as the progress bar does."""
        first, last = self._looked_at + 2, batch + 1
        steps = f"step {last}" if first >= last else f"one of the steps {first} to {last}"
        return f"Epoch {self._epoch + 1}, {steps}"
