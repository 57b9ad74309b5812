"""What `fit`, `evaluate` and `predict` begin with: data, callbacks, the number of steps."""

from __future__ import annotations

from typing import Any

from nyala.callbacks import CallbackList
from nyala.core import settings, tree
from nyala.data import (
    Dataset,
    InMemoryData,
    PyDataset,
    PyDatasetData,
    StreamData,
    is_stream,
    make_dataset_data,
)
from nyala.eager import make_default_seed


def make_data(x: Any, y: Any, sample_weight: Any, batch_size: int | None, *,
              class_weight: dict | None = None, shuffle: Any = False) -> Any:  # fmt: skip
    """Return the data in the form that feeds take.

    Raises:
        ValueError: targets or weights were given beside an iterable of batches.
    """
    if x is None:
        raise ValueError("There is no data: x is None.")
    if is_stream(x):
        if y is not None or sample_weight is not None:
            raise ValueError(
                "x yields batches, so y and sample_weight must be part of them: yield (x, y) or "
                "(x, y, sample_weight)."
            )
        if isinstance(x, Dataset):
            return make_dataset_data(x, class_weight)
        if isinstance(x, PyDataset):
            return PyDatasetData(x, class_weight, shuffle=bool(shuffle),
                                 seed=make_default_seed() if shuffle else 0)  # fmt: skip
        return StreamData(x, class_weight=class_weight)
    return InMemoryData(x, y, sample_weight, batch_size=batch_size, shuffle=shuffle,
                        class_weight=class_weight,
                        seed=make_default_seed() if shuffle else 0)  # fmt: skip


def as_callback_list(callbacks: Any, model: Any, verbose: Any, **params: Any) -> CallbackList:
    """Return a callback list; one that was made before is used as it is."""
    if isinstance(callbacks, CallbackList):
        return callbacks
    if verbose == "auto":
        verbose = 1
    return CallbackList(tree.flatten(callbacks) if callbacks is not None else None,
                        add_history=True, add_progbar=bool(verbose), verbose=int(verbose),
                        model=model, **params)  # fmt: skip


def capped(steps: int | None) -> int | None:
    """Return the number of steps under the cap of `config.set_max_steps_per_epoch`."""
    cap = settings.max_steps_per_epoch()
    return steps if cap is None else min(steps or cap, cap)


def check_ends(data: Any, steps: int | None, what: str, argument: str) -> None:
    """Raise `ValueError` for data without an end where nothing says when to stop."""
    if steps is None and data.endless:
        raise ValueError(
            f"{what} was given an infinite dataset: say how many batches it shall read by "
            f"{argument}, or make the dataset finite with take(count)."
        )
