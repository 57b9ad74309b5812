"""Several callbacks as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from nyala.callbacks._backup_and_restore import BackupAndRestore
from nyala.callbacks._callback import Callback
from nyala.callbacks._history import History
from nyala.callbacks._progbar_logger import ProgbarLogger
from nyala.core import tree

_BACKUP = BackupAndRestore.__name__
_BATCH_HOOKS = {
    "train": ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end"),
    "test": ("on_test_batch_begin", "on_test_batch_end"),
    "predict": ("on_predict_batch_begin", "on_predict_batch_end"),
}


class CallbackList(Callback):
    """Calls the hooks of several callbacks, in order.

    Args:
        callbacks: a callback or any structure of callbacks.
        add_history: whether to add a `History` where there is none.
        add_progbar: whether to add a `ProgbarLogger` where there is none.
        model: the model, given to each.
        **params: the parameters of the run (`verbose`, `epochs`, `steps`), given to each.

    Raises:
        TypeError: something is no callback.

    Attributes:
        callbacks: the callbacks.
        history: the `History` among them, or `None`.

    >>> import nyala
    >>> callbacks = nyala.callbacks.CallbackList(add_history=True, epochs=1)
    >>> callbacks.on_train_begin()
    >>> callbacks.on_epoch_end(0, {"loss": 0.5})
    >>> callbacks.history.history
    {'loss': [0.5]}
    """

    def __init__(
        self,
        callbacks: Any = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Any = None,
        **params: Any,
    ):
        super().__init__()
        self.callbacks: list[Any] = tree.flatten(callbacks) if callbacks is not None else []
        for callback in self.callbacks:
            _check(callback)
        if add_history and self.history is None:
            self.callbacks.append(History())
        if add_progbar and not any(isinstance(c, ProgbarLogger) for c in self.callbacks):
            self.callbacks.append(ProgbarLogger())
        if model is not None:
            self.set_model(model)
        self.set_params(params)

    @property
    def history(self) -> History | None:
        """The `History` among the callbacks, or `None`."""
        return next((c for c in self.callbacks if isinstance(c, History)), None)

    def append(self, callback: Any) -> None:
        """Add a callback."""
        _check(callback)
        self.callbacks.append(callback)

    def set_params(self, params: dict) -> None:
        """Give the parameters of the run to each callback."""
        self.params = params
        if params:
            self._call("set_params", params)

    def set_model(self, model: Any) -> None:
        """Give the model to each callback."""
        super().set_model(model)
        if self.history is not None:
            model.history = self.history
        self._call("set_model", model)

    # -- what the loop of training asks -----------------------------------------------------------

    def wants_batches(self, mode: str) -> bool:
        """Whether any callback but the progress bar takes part in every batch.

        Args:
            mode: `"train"`, `"test"` or `"predict"`.
        """
        return any(_wants_batches(callback, mode) for callback in self.callbacks)

    def shows_progress(self) -> bool:
        """Whether a progress bar is drawn while steps run."""
        return any(c.shows_progress() for c in self.callbacks if hasattr(c, "shows_progress"))

    def batches_until_due(self, done: int) -> int | None:
        """Return after how many more batches of this epoch somebody must take part."""
        asked = (getattr(callback, "batches_until_due", None) for callback in self.callbacks)
        return min((n for ask in asked if ask and (n := ask(done)) is not None), default=None)

    def on_due_batch_end(self, batch: int, logs: Any = None) -> None:
        """Call `on_train_batch_end` of those that take part in some batches only."""
        for callback in self.callbacks:
            if hasattr(callback.on_train_batch_end, "only_when_due"):
                callback.on_train_batch_end(batch, logs)

    @property
    def backups(self) -> list[BackupAndRestore]:
        """The callbacks that save the whole run, and so take part after all others."""
        return [c for c in self.callbacks if isinstance(c, BackupAndRestore)]

    # -- state ------------------------------------------------------------------------------------

    def get_state(self) -> dict:
        """Return the states of all callbacks that have one, by class and number among these."""
        states = ((name, _ask(callback, "get_state")) for name, callback in self._named())
        return {name: state for name, state in states if state}

    def set_state(self, state: dict) -> None:
        """Take what `get_state` returned.

        Raises:
            ValueError: a state is that of a callback which is not here.
        """
        present = dict(self._named())
        # A run may go on without being saved again.
        state = {k: s for k, s in state.items() if k in present or not k.startswith(_BACKUP)}
        if any(name not in present for name in state):
            raise ValueError(
                "The saved states of callbacks do not fit the callbacks of this run: saved are "
                f"{', '.join(state)}; this run has {', '.join(present) or 'none'}. Pass the same "
                "callbacks in the same order."
            )
        for name, its_state in state.items():
            present[name].set_state(its_state)

    def get_arrays(self) -> dict[str, Any]:
        """Return the arrays of all callbacks, each name led by that of its callback."""
        return {
            f"{its_name}/{name}": array
            for its_name, callback in self._named()
            for name, array in _ask(callback, "get_arrays").items()
        }

    def set_arrays(self, arrays: dict[str, Any]) -> None:
        """Take what `get_arrays` returned."""
        for its_name, callback in self._named():
            start = f"{its_name}/"
            own = {k.removeprefix(start): v for k, v in arrays.items() if k.startswith(start)}
            if own:
                callback.set_arrays(own)

    def _named(self) -> Iterator[tuple[str, Any]]:
        """Yield the callbacks with the name of their class, numbered where there are several."""
        counts: Counter[str] = Counter()
        for callback in self.callbacks:
            name = type(callback).__name__
            counts[name] += 1
            yield f"{name}:{counts[name]}" if counts[name] > 1 else name, callback

    # -- the hooks --------------------------------------------------------------------------------

    def _call(self, hook: str, *arguments: Any) -> None:
        for callback in self.callbacks:
            getattr(callback, hook)(*arguments)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Call `on_epoch_begin` of every callback."""
        self._call("on_epoch_begin", epoch, as_numbers(logs))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Call `on_epoch_end` of every callback."""
        self._call("on_epoch_end", epoch, as_numbers(logs))

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Call `on_train_batch_begin` of every callback."""
        self._call("on_train_batch_begin", batch, as_numbers(logs))

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Call `on_train_batch_end` of every callback."""
        self._call("on_train_batch_end", batch, as_numbers(logs))

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Call `on_test_batch_begin` of every callback."""
        self._call("on_test_batch_begin", batch, as_numbers(logs))

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Call `on_test_batch_end` of every callback."""
        self._call("on_test_batch_end", batch, as_numbers(logs))

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Call `on_predict_batch_begin` of every callback."""
        self._call("on_predict_batch_begin", batch, as_numbers(logs))

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """Call `on_predict_batch_end` of every callback."""
        self._call("on_predict_batch_end", batch, as_numbers(logs))

    def on_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Do as `on_train_batch_begin`."""
        self.on_train_batch_begin(batch, logs)

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        """Do as `on_train_batch_end`."""
        self.on_train_batch_end(batch, logs)

    def on_train_begin(self, logs: Any = None) -> None:
        """Call `on_train_begin` of every callback."""
        self._call("on_train_begin", as_numbers(logs))

    def on_train_end(self, logs: Any = None) -> None:
        """Call `on_train_end` of every callback."""
        self._call("on_train_end", as_numbers(logs))

    def on_test_begin(self, logs: Any = None) -> None:
        """Call `on_test_begin` of every callback."""
        self._call("on_test_begin", as_numbers(logs))

    def on_test_end(self, logs: Any = None) -> None:
        """Call `on_test_end` of every callback."""
        self._call("on_test_end", as_numbers(logs))

    def on_predict_begin(self, logs: Any = None) -> None:
        """Call `on_predict_begin` of every callback."""
        self._call("on_predict_begin", as_numbers(logs))

    def on_predict_end(self, logs: Any = None) -> None:
        """Call `on_predict_end` of every callback."""
        self._call("on_predict_end", as_numbers(logs))


def as_numbers(logs: Any) -> Any:
    """Return logs with Python floats for scalars.

    A subclass of dict is left alone: it fetches its values when they are read.
    """
    if logs is None:
        return {}
    if type(logs) is not dict:
        return logs
    flat: dict[str, Any] = {}
    for name, value in logs.items():
        flat.update(as_numbers(value) if type(value) is dict else {name: _as_number(value)})
    return flat


def _as_number(value: Any) -> Any:
    return float(value) if getattr(value, "ndim", None) == 0 else value


def _check(callback: Any) -> None:
    if not isinstance(callback, type) and hasattr(callback, "set_model"):
        return
    hint = f" Make an object of it: {callback.__name__}()." if isinstance(callback, type) else ""
    raise TypeError(
        "callbacks takes objects of classes derived from nyala.callbacks.Callback; got "
        f"{callback!r}.{hint}"
    )


def _wants_batches(callback: Any, mode: str) -> bool:
    if isinstance(callback, CallbackList):
        return callback.wants_batches(mode)
    return any(_overrides(callback, hook) for hook in _BATCH_HOOKS[mode])


def _overrides(callback: Any, hook: str) -> bool:
    """Whether a hook is more than that of `Callback`, or of the progress bar."""
    method = getattr(callback, hook, None)
    function = getattr(method, "__func__", method)
    if hasattr(function, "only_when_due"):
        return False
    return function not in (None, getattr(Callback, hook), getattr(ProgbarLogger, hook))


def _ask(callback: Any, question: str) -> dict:
    """Return a callback's state; one that is not derived from `Callback` may have none."""
    answer = getattr(callback, question, None)
    return answer() if answer is not None else {}
