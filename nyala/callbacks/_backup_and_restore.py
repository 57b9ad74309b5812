"""Saving a whole run of `fit`, and going on with it after an interruption."""

from __future__ import annotations

import os
from typing import Any, Protocol

from nyala.callbacks._callback import Callback
from nyala.callbacks._countdown import Countdown, check_save_freq
from nyala.saving.checkpoints import BackgroundWriter, CheckpointStore, Generation


class Run(Protocol):
    """A run of `fit`, which knows all that the rest of it depends on."""

    def capture(self, epoch: int, batch: int, logs: Any) -> tuple[dict, dict]:
        """Return the state before this batch of this epoch: plain data, and arrays by name."""


class BackupAndRestore(Callback):
    """Saves everything that `fit` depends on, so that a run that was killed goes on where it was.

    Run the same script again, with the same `backup_dir`: `fit` goes on after the last checkpoint
    and ends with the same weights, history and logs, bit by bit, as if nothing had happened. A
    checkpoint holds the weights, the optimizer's state, metrics in progress, all random states, the
    place in the data, and the state of callbacks (`Callback.get_state`). It appears whole or not at
    all, is written in the background, and is checked when it is read: one that is damaged is passed
    over for the one before. `docs/checkpoints.md` says what cannot be kept.

    Args:
        backup_dir: the folder of the checkpoints, for this run alone.
        save_freq: `"epoch"`, or a number of batches.
        double_checkpoint: whether one more checkpoint is kept: three, not two.
        delete_checkpoint: whether the checkpoints are removed when `fit` has ended.
        save_before_preemption: accepted for Keras 2's sake: a process may be killed at any time.

    Raises:
        ValueError: no folder, or a `save_freq` that is none of these.

    >>> import nyala, numpy as np, tempfile
    >>> folder = tempfile.mkdtemp()
    >>> def train(epochs):
    ...     nyala.utils.set_random_seed(0)
    ...     model = nyala.Sequential([nyala.layers.Dense(1)])
    ...     model.compile("adam", "mse")
    ...     backup = nyala.callbacks.BackupAndRestore(folder, delete_checkpoint=False)
    ...     x = np.arange(8.0, dtype="float32").reshape(8, 1)
    ...     return model.fit(x, x, epochs=epochs, verbose=0, callbacks=[backup]).history["loss"]
    >>> first = train(epochs=2)
    >>> both = train(epochs=3)
    >>> len(both), both[:2] == first
    (3, True)
    """

    def __init__(self, backup_dir: Any, save_freq: Any = "epoch", double_checkpoint: bool = False,
                 delete_checkpoint: bool = True, save_before_preemption: bool = False):  # fmt: skip
        super().__init__()
        if not backup_dir:
            raise ValueError("BackupAndRestore(backup_dir=...) expects the path of a folder.")
        check_save_freq(save_freq, "BackupAndRestore")
        self.backup_dir = os.fspath(backup_dir)
        self.save_freq = save_freq
        self.double_checkpoint = double_checkpoint
        self.delete_checkpoint = delete_checkpoint
        self.save_before_preemption = save_before_preemption
        self._store = CheckpointStore(self.backup_dir, keep=3 if double_checkpoint else 2)
        self._writer = BackgroundWriter()
        self._countdown = None if save_freq == "epoch" else Countdown(save_freq)
        self._run: Run | None = None
        self._epoch = 0

    # -- what `fit` calls, each after all callbacks took part ------------------------------------

    def latest(self) -> Generation | None:
        """Return the newest checkpoint that is whole, or `None`."""
        self._writer.wait()
        return self._store.latest()

    def begin(self, run: Run, place: tuple[int, int, Any], saved: bool) -> None:
        """Take the run, and save it as it is unless it comes out of this folder.

        Args:
            run: the run.
            place: the epoch, how many of its batches have run, and their logs.
            saved: whether the run was restored from this folder.
        """
        self._run, self._epoch = run, place[0]
        if not saved:
            # Now, not soon: what other callbacks write from here on must find it when it is undone.
            self._store.save(*run.capture(*place))

    def begin_epoch(self, epoch: int) -> None:
        """Note the epoch."""
        self._epoch = epoch
        if self._countdown is not None:
            self._countdown.begin_epoch()

    def batches_until_due(self, done: int) -> int | None:
        """Return after how many more batches a checkpoint is made."""
        return None if self._countdown is None else self._countdown.batches_left(done)

    def after_batches(self, done: int, logs: Any) -> None:
        """Save when `save_freq` batches have gone by; `done` of this epoch have run."""
        if self._countdown is not None and self._countdown.advance(done):
            self._save(self._epoch, done, logs)

    def after_epoch(self, logs: Any) -> None:
        """Save, unless batches are counted."""
        if self._countdown is None:
            self._save(self._epoch + 1, 0, logs)

    def _save(self, epoch: int, batch: int, logs: Any) -> None:
        state, arrays = self._run.capture(epoch, batch, logs)
        self._writer.submit(lambda: self._store.save(state, arrays))

    def end(self) -> None:
        """Wait for the last checkpoint; remove all, where that is asked for."""
        self._writer.wait()
        if self.delete_checkpoint:
            self._store.clear()

    def release(self) -> None:
        """Let go of the run, however it ended."""
        self._run = None

    # -- state -----------------------------------------------------------------------------------

    def get_state(self) -> dict:
        """Return how many batches were counted."""
        return {"batches": self._countdown.get_state()} if self._countdown is not None else {}

    def set_state(self, state: dict) -> None:
        """Take what `get_state` returned."""
        if self._countdown is not None:
            self._countdown.set_state(state["batches"])
