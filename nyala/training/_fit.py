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
from nyala.training import _evaluate
from nyala.training._feeds import make_feed, warn_ran_out
from nyala.training._prepare import build_all, check_labels
from nyala.training._run import Listeners, run_pass
from nyala.training._setup import as_callback_list, capped, check_ends, make_data


def fit(model: Any, x: Any, y: Any, *, batch_size: int | None, epochs: int, verbose: Any,
        callbacks: Any, validation_split: float, validation_data: Any, shuffle: Any,
        class_weight: dict | None, sample_weight: Any, initial_epoch: int,
        steps_per_epoch: int | None, validation_steps: int | None,
        validation_batch_size: int | None, validation_freq: Any) -> Any:  # fmt: skip
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
             validation_freq).run(initial_epoch, epochs)  # fmt: skip
    finally:
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

    def run(self, initial_epoch: int, epochs: int) -> None:
        model, callbacks = self.model, self.callbacks
        model.stop_training = False
        callbacks.on_train_begin()
        logs: dict = {}
        for epoch in range(initial_epoch, epochs):
            logs = self._epoch(epoch, first=epoch == initial_epoch)
            if model.stop_training:
                break
        if model.optimizer is not None and model.trainable_variables:
            model.optimizer.finalize_variable_values(model.trainable_variables)
        callbacks.on_train_end(logs)

    def _epoch(self, epoch: int, first: bool) -> dict:
        model, callbacks = self.model, self.callbacks
        model.reset_metrics()
        callbacks.on_epoch_begin(epoch)
        done, logs = self._train_pass(first)
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
        return epoch_logs

    def _train_pass(self, first: bool) -> tuple[int, Any]:
        """Run the steps of an epoch; arrays begin anew where `steps_per_epoch` passes their end."""
        goes_on = self.steps is not None
        done, logs = self._run(self.steps, resume=goes_on and not first)
        while goes_on and done < self.steps and not self.model.stop_training:
            more, later = self._run(self.steps - done, resume=False, first=done)
            if not more:
                break
            done, logs = done + more, later
        return done, logs

    def _run(self, limit: int | None, resume: bool, first: int = 0) -> tuple[int, Any]:
        return run_pass(self.model, self.feed, self.listeners, limit, resume=resume, first=first,
                        should_stop=lambda: self.model.stop_training)  # fmt: skip

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
