"""A callback made of functions."""

from __future__ import annotations

from collections.abc import Callable

from nyala.callbacks._callback import Callback
from nyala.core import did_you_mean


class LambdaCallback(Callback):
    """Calls given functions as hooks.

    Args:
        on_epoch_begin: called with the epoch and logs.
        on_epoch_end: called with the epoch and logs.
        on_train_begin: called with logs.
        on_train_end: called with logs.
        on_train_batch_begin: called with the batch and logs.
        on_train_batch_end: called with the batch and logs.
        **kwargs: functions for other hooks, by the names of the methods of `Callback`.

    Raises:
        TypeError: `Callback` has no method of that name.

    >>> import nyala
    >>> show = nyala.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs))
    >>> show.on_epoch_end(0, {"loss": 0.5})
    0 {'loss': 0.5}
    """

    def __init__(
        self,
        on_epoch_begin: Callable | None = None,
        on_epoch_end: Callable | None = None,
        on_train_begin: Callable | None = None,
        on_train_end: Callable | None = None,
        on_train_batch_begin: Callable | None = None,
        on_train_batch_end: Callable | None = None,
        **kwargs: Callable | None,
    ):
        super().__init__()
        hooks = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
            **kwargs,
        }
        for name, function in hooks.items():
            if not callable(getattr(Callback, name, None)):
                names = [n for n in vars(Callback) if not n.startswith("_")]
                raise TypeError(
                    f"LambdaCallback got {name!r}, which is no hook of Callback."
                    f"{did_you_mean(name, names)}"
                )
            if function is not None:
                setattr(self, name, function)
