"""The progress of `fit`, `evaluate` and `predict` on standard output."""

from __future__ import annotations

from typing import Any

from nyala.callbacks._callback import Callback
from nyala.callbacks._console import console
from nyala.callbacks._progbar import Progbar


class ProgbarLogger(Callback):
    """Shows a progress bar with the values of the loss and the metrics.

    `fit`, `evaluate` and `predict` add one by themselves unless `verbose=0`. It takes the
    verbosity, the number of epochs and the number of steps from the parameters of the run.

    >>> import nyala
    >>> logger = nyala.callbacks.ProgbarLogger()
    >>> logger.set_params({"verbose": 2, "epochs": 3, "steps": 10})
    >>> logger.on_epoch_begin(0)
    >>> logger.on_epoch_end(0, {"loss": 0.5})
    Epoch 1/3 - 10/10 - 0s - .../step - loss: 0.5000
    """

    def __init__(self) -> None:
        super().__init__()
        self.verbose = 1
        self.epochs = 1
        self.seen = 0
        self.progbar: Progbar | None = None
        self._in_fit = False

    @property
    def target(self) -> int | None:
        """The number of steps, where it is known."""
        return (self.params or {}).get("steps")

    def set_params(self, params: dict) -> None:
        """Take `"verbose"`, `"epochs"` and `"steps"`."""
        super().set_params(params)
        verbose = params.get("verbose", 1)
        self.verbose = 1 if verbose == "auto" else int(verbose)
        self.epochs = params.get("epochs") or 1

    def shows_progress(self) -> bool:
        """Whether a bar is drawn while steps run."""
        return self.verbose == 1 and console.is_live()

    def on_train_begin(self, logs: Any = None) -> None:
        """Keep silent about validation from now on."""
        self._in_fit = True

    def on_train_end(self, logs: Any = None) -> None:
        """Show evaluations again."""
        self._in_fit = False

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Begin a bar."""
        self._begin()
        title = f"Epoch {epoch + 1}/{self.epochs}"
        if self.verbose == 2 and self.epochs > 1:
            self.progbar.prefix = f"{title} - "
        elif self.verbose and self.epochs > 1:
            console.say(title)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Show the step and its values."""
        self._update(batch, logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Show the last values."""
        self._finalize(logs)

    def on_test_begin(self, logs: Any = None) -> None:
        """Begin a bar; in `fit`, where this is the validation, note that the steps are done."""
        if not self._in_fit:
            self._begin()
        elif self.progbar is not None:
            self.progbar.update(self._done(), finalize=False)

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Show the step and its values, unless this is the validation in `fit`."""
        if not self._in_fit:
            self._update(batch, logs)

    def on_test_end(self, logs: Any = None) -> None:
        """Show the last values, unless this is the validation in `fit`."""
        if not self._in_fit:
            self._finalize(logs)

    def on_predict_begin(self, logs: Any = None) -> None:
        """Begin a bar."""
        self._begin()

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """Show the step."""
        self._update(batch, None)

    def on_predict_end(self, logs: Any = None) -> None:
        """Show that all is done."""
        self._finalize(None)

    def _begin(self) -> None:
        self.seen = 0
        # The values are means over the epoch already, so none is averaged again.
        self.progbar = Progbar(self.target, verbose=self.verbose, stateless_metrics=())

    def _update(self, batch: int, logs: Any) -> None:
        if self.progbar is None:
            self._begin()
        self.seen = batch + 1
        # Reading a value waits for the device, so it is read only to be shown.
        values = list(logs.items()) if logs and self.progbar.is_due() else None
        self.progbar.update(self.seen, values, finalize=False)

    def _done(self) -> int:
        # Nobody tells the steps of a bar that is not drawn: then all of them were done.
        return self.seen or self.target or 0

    def _finalize(self, logs: Any) -> None:
        if self.progbar is None:
            return
        done = self._done()
        self.progbar.target = self.target or done or None
        self.progbar.update(done, list((logs or {}).items()), finalize=True)
        self.progbar = None
