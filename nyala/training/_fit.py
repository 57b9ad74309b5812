"""`fit`: epochs of training, with validation."""

from __future__ import annotations

from typing import Any

from nyala.callbacks import CallbackList
from nyala.core import settings
from nyala.data import (
    InMemoryData,
    as_arrays,
    is_stream,
    train_validation_split,
    unpack_x_y_sample_weight,
)
from nyala.saving.checkpoints import CheckpointStore
from nyala.training import _evaluate
from nyala.training._feeds import make_feed, warn_ran_out
from nyala.training._fit_state import FitState
from nyala.training._prepare import build_all, check_labels
from nyala.training._run import Listeners, run_pass
from nyala.training._setup import as_callback_list, capped, check_ends, make_data


def fit(model: Any, x: Any, y: Any, *, batch_size: int | None, epochs: int, verbose: Any,
        callbacks: Any, validation_split: float, validation_data: Any, shuffle: Any,
        class_weight: dict | None, sample_weight: Any, initial_epoch: int,
        steps_per_epoch: int | None, validation_steps: int | None,
        validation_batch_size: int | None, validation_freq: Any,
        resume_from: Any = None) -> Any:  # fmt: skip
    """Train `model`; see `Trainer.fit`."""
    steps_per_epoch = capped(steps_per_epoch)
    epochs = min(epochs, settings.max_epochs() or epochs)
    x, y, sample_weight, validation_data = _with_validation(
        x, y, sample_weight, validation_split, validation_data
    )
    data = make_data(x, y, sample_weight, batch_size, class_weight=class_weight, shuffle=shuffle)
    check_ends(data, steps_per_epoch, "fit()", "steps_per_epoch")
    y_pred = build_all(model, data.head(), "train")
    if isinstance(data, InMemoryData):
        check_labels(model, data, y_pred)
    feed = make_feed(data, model._programs_for("train"), model._fuses_steps())
    validation = None
    if validation_data is not None:
        validation = _validation_feed(model, validation_data, validation_batch_size or batch_size)
        check_ends(validation.data, validation_steps, "validation_data", "validation_steps")
    steps = steps_per_epoch or feed.steps
    callback_list = as_callback_list(callbacks, model, verbose, epochs=epochs, steps=steps)
    try:
        _Fit(model, feed, callback_list, steps_per_epoch, validation, validation_steps,
             validation_freq).run(initial_epoch, epochs, resume_from)  # fmt: skip
    finally:
        for backup in callback_list.backups:
            backup.release()
        feed.close()
        if validation is not None:
            validation.close()
    return callback_list.history


class _Fit:
    """The epochs of one call of `fit`."""

    def __init__(self, model: Any, feed: Any, callbacks: CallbackList, steps: int | None,
                 validation: Any, validation_steps: int | None, validation_freq: Any):  # fmt: skip
        self.model, self.feed, self.callbacks = model, feed, callbacks
        self.steps = steps
        self.validation, self.validation_steps = validation, validation_steps
        self.validation_freq = validation_freq
        self.listeners = Listeners(callbacks, "train")
        self.state = FitState(model, feed, validation, callbacks)

    def run(self, initial_epoch: int, epochs: int, resume_from: Any) -> None:
        model, callbacks = self.model, self.callbacks
        model.stop_training = False
        callbacks.on_train_begin()
        first, done, logs = self._start(initial_epoch, resume_from)
        for epoch in range(first, epochs):
            if model.stop_training and not done:
                break
            logs, done = self._epoch(epoch, done, logs), 0
        if model.optimizer is not None and model.trainable_variables:
            model.optimizer.finalize_variable_values(model.trainable_variables)
        callbacks.on_train_end(logs)
        for backup in callbacks.backups:
            backup.end()

    def _start(self, initial_epoch: int, resume_from: Any) -> tuple[int, int, Any]:
        """Return the epoch to begin with, how many of its batches have run, and their logs."""
        backups, place = self.callbacks.backups, (initial_epoch, 0, {})
        found = ((backup.latest(), backup) for backup in backups)
        saved, source = next((pair for pair in found if pair[0] is not None), (None, None))
        if saved is None and resume_from is not None:
            saved = CheckpointStore(resume_from).latest()
        if saved is not None:
            place = self.state.restore(saved)
        if backups:
            self.state.look_around()
        for backup in backups:
            backup.begin(self.state, place, saved=backup is source)
        return place

    def _epoch(self, epoch: int, begun: int, logs: Any) -> dict:
        """Run an epoch; `begun` batches of it, with these logs, ran in another process."""
        model, callbacks = self.model, self.callbacks
        if not begun:
            model.reset_metrics()
            callbacks.on_epoch_begin(epoch)
            for backup in callbacks.backups:
                backup.begin_epoch(epoch)
        done, logs = self._train_pass(begun, logs)
        self.state.epochs_begun = True
        if not done:
            raise ValueError("The data yielded no batch in this epoch.")
        if self.steps is not None and done < self.steps and not model.stop_training:
            warn_ran_out(done, self.steps)
            model.stop_training = True
        epoch_logs = dict(logs)
        if callbacks.params.get("steps") is None:  # a source that does not say its length
            callbacks.params["steps"] = done
        self.feed.end_epoch()
        if self.validation is not None and self._validates_after(epoch):
            results = _evaluate.run_feed(
                model, self.validation, callbacks, limit=self.validation_steps
            )
            epoch_logs.update({f"val_{name}": value for name, value in results.items()})
        callbacks.on_epoch_end(epoch, epoch_logs)
        for backup in callbacks.backups:
            backup.after_epoch(epoch_logs)
        return epoch_logs

    def _train_pass(self, done: int, logs: Any) -> tuple[int, Any]:
        """Run the steps of an epoch; arrays begin anew where `steps_per_epoch` passes their end."""
        goes_on = self.steps is not None
        if not done:
            done, logs = self._run(self.steps, resume=goes_on and self.state.epochs_begun)
        elif not self.model.stop_training:
            left = self.steps - done if goes_on else None
            more, later = self._run(left, within=True, first=done)
            done, logs = done + more, later if more else logs
        while goes_on and done < self.steps and not self.model.stop_training:
            more, later = self._run(self.steps - done, resume=False, first=done)
            if not more:
                break
            done, logs = done + more, later
        return done, logs

    def _run(self, limit: int | None, **where: Any) -> tuple[int, Any]:
        return run_pass(self.model, self.feed, self.listeners, limit,
                        should_stop=lambda: self.model.stop_training, **where)  # fmt: skip

    def _validates_after(self, epoch: int) -> bool:
        if isinstance(self.validation_freq, int):
            return (epoch + 1) % self.validation_freq == 0
        return (epoch + 1) in self.validation_freq


def _with_validation(x: Any, y: Any, sample_weight: Any, split: float, data: Any) -> tuple:
    """Set a fraction of arrays apart for validation, where that is asked for."""
    if not split or data is not None:
        return x, y, sample_weight, data
    if x is None or is_stream(x):
        raise ValueError(
            "validation_split needs arrays to cut from; for an iterable of batches pass "
            "validation_data."
        )
    arrays = (as_arrays(x, "x"), as_arrays(y, "y"), as_arrays(sample_weight, "sample_weight"))
    InMemoryData(*arrays)  # lengths are checked before anything is cut
    (x, y, sample_weight), held_out = train_validation_split(arrays, split)
    return x, y, sample_weight, held_out


def _validation_feed(model: Any, validation_data: Any, batch_size: int | None) -> Any:
    return _evaluate.make_test_feed(model, *_unpacked(validation_data), batch_size)  # type: ignore[call-arg]


def _unpacked(validation_data: Any) -> tuple:
    if is_stream(validation_data):
        return validation_data, None, None
    return unpack_x_y_sample_weight(validation_data)
