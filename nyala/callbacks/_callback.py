"""The hooks that training calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def only_when_due(hook: Callable) -> Callable:
    """Mark an `on_train_batch_end` that matters after some batches only.

    The callback says by `batches_until_due` after which; steps run fused in between.
    """
    hook.only_when_due = True  # type: ignore[attr-defined]
    return hook


class Callback:
    """Base class of what takes part in `fit`, `evaluate` and `predict`.

    Override the hooks that matter; the others do nothing. Steps run fused, many in one call of
    the device, as long as no callback overrides a hook of batches: override those only where
    every batch matters.

    `logs` maps names of the loss and the metrics to floats. Logs of a batch arrive from the device
    when a value is read, so a callback that does not read them costs no time.

    Attributes:
        params: a dict with `"verbose"`, `"epochs"` and `"steps"` (steps an epoch; `None` where it
            is not known).
        model: the model that is trained.

    >>> import nyala
    >>> class Count(nyala.callbacks.Callback):
    ...     epochs = 0
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         self.epochs += 1
    >>> count = Count()
    >>> callbacks = nyala.callbacks.CallbackList([count])
    >>> callbacks.on_epoch_end(0, {"loss": 1.0})
    >>> count.epochs
    1
    """

    # Defaults of the class serve subclasses whose __init__ does not call this one's.
    params: Any = None
    _model: Any = None

    def __init__(self) -> None:
        self.params = None
        self._model = None

    @property
    def model(self) -> Any:
        """The model that is trained."""
        return self._model

    def set_params(self, params: dict) -> None:
        """Take the parameters of the run."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Take the model."""
        self._model = model

    # -- state ------------------------------------------------------------------------------------

    def get_state(self) -> dict:
        """Return what an interrupted run needs to go on: a dict that JSON can hold."""
        return {}

    def set_state(self, state: dict) -> None:
        """Take what `get_state` returned; call it after `on_train_begin`, which begins anew."""

    def get_arrays(self) -> dict[str, Any]:
        """Return the part of the state that JSON cannot hold: NumPy arrays by name."""
        return {}

    def set_arrays(self, arrays: dict[str, Any]) -> None:
        """Take what `get_arrays` returned."""

    def batches_until_due(self, done: int) -> int | None:
        """Return after how many more batches of this epoch the callback must take part.

        Args:
            done: how many batches of the epoch have run.

        Returns:
            A number from 1 on, or `None` for never: by default.
        """
        return None

    # -- epochs and batches of training -----------------------------------------------------------

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Take part before epoch number `epoch`, counted from 0."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Take part after an epoch; results on validation data have names with `val_`."""

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Take part before batch number `batch` of the epoch, counted from 0."""
        self.on_batch_begin(batch, logs=logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Take part after a batch; `logs` holds the means over the epoch so far.

        With `compile(steps_per_execution=n)` it is called after every `n` batches, with the number
        of the last.
        """
        self.on_batch_end(batch, logs=logs)

    def on_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Older name of `on_train_batch_begin`, called by it."""

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        """Older name of `on_train_batch_end`, called by it."""

    # -- batches of evaluate and predict ----------------------------------------------------------

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Take part before a batch of `evaluate`, or of the validation in `fit`."""

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Take part after a batch of `evaluate`, or of the validation in `fit`."""

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Take part before a batch of `predict`."""

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """Take part after a batch of `predict`; `logs["outputs"]` is what the model returned."""

    # -- begin and end ----------------------------------------------------------------------------

    def on_train_begin(self, logs: Any = None) -> None:
        """Take part before the first epoch."""

    def on_train_end(self, logs: Any = None) -> None:
        """Take part after the last epoch; `logs` are those of that epoch."""

    def on_test_begin(self, logs: Any = None) -> None:
        """Take part before `evaluate`, or before the validation in `fit`."""

    def on_test_end(self, logs: Any = None) -> None:
        """Take part after `evaluate`, or after the validation in `fit`; `logs` are the results."""

    def on_predict_begin(self, logs: Any = None) -> None:
        """Take part before `predict`."""

    def on_predict_end(self, logs: Any = None) -> None:
        """Take part after `predict`."""
