"""Saving the model while it is trained."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from nyala.callbacks._callback import only_when_due
from nyala.callbacks._console import console
from nyala.callbacks._countdown import Countdown, check_save_freq
from nyala.callbacks._monitor import MonitorCallback
from nyala.saving import save_model, save_weights


class ModelCheckpoint(MonitorCallback):
    """Saves the model, or its weights, after epochs or every so many batches.

    Args:
        filepath: where to; `{epoch}`, `{batch}` and names of the logs stand for their values, as in
            `"m-{epoch:02d}-{val_loss:.2f}.keras"`. The ending says the format, as in `Model.save`;
            without one the model becomes a directory.
        monitor: name of the value in the logs, for `save_best_only`.
        verbose: 1 prints a line whenever something is saved, 0 is silent.
        save_best_only: whether only a model is saved that beats all before it.
        save_weights_only: whether `save_weights` is used instead of `save`.
        mode: `"min"` if less is better, `"max"` if more is, `"auto"` to tell by the metric.
        save_freq: `"epoch"`, or a number of batches.
        initial_value_threshold: a value to beat before anything is saved.
        max_to_keep: how many of the files made are kept, the newest; all by default.
        **kwargs: `period` (epochs between two files) and `options` of Keras 2.

    Each file appears whole or not at all.

    Raises:
        ValueError: a `save_freq` that is none of these, or an unknown argument.

    >>> import nyala, numpy as np, os, tempfile
    >>> model = nyala.Sequential([nyala.Input((2,)), nyala.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     saves = nyala.callbacks.ModelCheckpoint(os.path.join(folder, "m_{epoch}.keras"))
    ...     _ = model.fit(np.ones((4, 2)), np.ones((4, 1)), epochs=2, verbose=0, callbacks=[saves])
    ...     sorted(os.listdir(folder))
    ['m_1.keras', 'm_2.keras']
    """

    def __init__(
        self,
        filepath: Any,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: Any = "epoch",
        initial_value_threshold: float | None = None,
        max_to_keep: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(monitor, mode, baseline=initial_value_threshold)
        self.filepath = os.fspath(filepath)
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.save_freq = save_freq
        self.max_to_keep = max_to_keep
        self.period = kwargs.pop("period", 1)
        kwargs.pop("options", None)
        if kwargs:
            raise ValueError(f"ModelCheckpoint does not take the argument {sorted(kwargs)[0]!r}.")
        check_save_freq(save_freq, "ModelCheckpoint")
        self._epoch = 0
        self._epochs = 0
        self._countdown = None if save_freq == "epoch" else Countdown(save_freq)
        self._made: list[str] = []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Note the epoch, for the file's name."""
        self._epoch = epoch
        if self._countdown is not None:
            self._countdown.begin_epoch()

    def batches_until_due(self, done: int) -> int | None:
        """Return after how many more batches something is saved."""
        return None if self._countdown is None else self._countdown.batches_left(done)

    @only_when_due
    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Save when `save_freq` batches have gone by."""
        if self._countdown is not None and self._countdown.advance(batch + 1):
            self._save(self._epoch, batch, logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Save, unless batches are counted."""
        if self.save_freq != "epoch":
            return
        self._epochs += 1
        if self._epochs >= self.period:
            self._epochs = 0
            self._save(epoch, None, logs)

    # -- saving ----------------------------------------------------------------------------------

    def _save(self, epoch: int, batch: int | None, logs: Any) -> None:
        logs = dict(logs or {})
        if self.save_best_only and not self._is_best(epoch, logs):
            return
        path = self._path(epoch, batch, logs)
        if self.verbose:
            console.say(f"Epoch {epoch + 1}: saving to {path}")
        if self.save_weights_only:
            save_weights(self.model, path)
        else:
            save_model(self.model, path)
        self._made = [made for made in self._made if made != path] + [path]
        self._drop_oldest()

    def _is_best(self, epoch: int, logs: dict) -> bool:
        value = self.get_monitor_value(logs)
        if value is None:
            return False
        if not self._is_improvement(value, self.best):
            if self.verbose:
                console.say(f"Epoch {epoch + 1}: {self.monitor} stays at {self.best:.5g}")
            return False
        self.best = float(value)
        return True

    def _path(self, epoch: int, batch: int | None, logs: dict) -> str:
        values = {"epoch": epoch + 1, **logs}
        if batch is not None:
            values.setdefault("batch", batch + 1)
        try:
            return self.filepath.format(**values)
        except (KeyError, IndexError) as error:
            raise KeyError(
                f"ModelCheckpoint: the filepath {self.filepath!r} names {error}, which the logs do "
                f"not hold. They hold: {', '.join(values)}."
            ) from error

    def _drop_oldest(self) -> None:
        if self.max_to_keep is None:
            return
        while len(self._made) > self.max_to_keep:
            _remove(Path(self._made.pop(0)))

    # -- state -----------------------------------------------------------------------------------

    def get_state(self) -> dict:
        """Return the best value and which way it gets better, the counters and the files made."""
        return {
            "best": self.best,
            "more_is_better": self._more_is_better,
            "epoch": self._epoch,
            "epochs": self._epochs,
            "batches": self._countdown and self._countdown.get_state(),
            "made": list(self._made),
        }

    def set_state(self, state: dict) -> None:
        """Take what `get_state` returned."""
        self.best, self._more_is_better = state["best"], state["more_is_better"]
        self._epoch, self._epochs = state["epoch"], state["epochs"]
        self._made = list(state["made"])
        if self._countdown is not None and state["batches"] is not None:
            self._countdown.set_state(state["batches"])


def _remove(path: Path) -> None:
    weights = path.with_name(path.name + ".weights.h5")
    for candidate in (path, weights):
        if candidate.is_dir():
            shutil.rmtree(candidate, ignore_errors=True)
        else:
            candidate.unlink(missing_ok=True)
