"""`split_dataset`: two datasets of one."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from nyala.core import tree
from nyala.data import sources, transforms
from nyala.data._dataset import Dataset
from nyala.data._elements import as_element, pick_rows, stack
from nyala.data._stage import INFINITE, Stage

_AHEAD = 2


def split_dataset(dataset: Any, left_size: Any = None, right_size: Any = None,
                  shuffle: bool = False, seed: int | None = None,
                  preferred_backend: str | None = None) -> tuple[Dataset, Dataset]:  # fmt: skip
    """Return the first and the last examples of a dataset as two datasets.

    All examples are brought into memory.

    Args:
        dataset: a `Dataset` (of batches or of single examples), an array, a list or tuple of
            arrays of one length, or PyTorch's `Dataset`.
        left_size: of the first dataset: a number of examples, or a fraction; what `right_size`
            leaves if `None`.
        right_size: of the second dataset, as `left_size`.
        shuffle: whether the examples are put into random order before.
        seed: of the order: Python's `random`, so that it is the same as Keras'.
        preferred_backend: accepted for Keras' sake: both results are `Dataset`s.

    Returns:
        `(left, right)`. Batches have the size of the given dataset's batches.

    Raises:
        TypeError: `dataset` or a size is of another kind.
        ValueError: no size is given, sizes that are out of range or too large together, an empty
            dataset, or arrays of different lengths.

    >>> import nyala, numpy as np
    >>> left, right = nyala.utils.split_dataset(np.arange(10), left_size=0.7)
    >>> list(right.as_numpy_iterator())
    [np.int32(7), np.int32(8), np.int32(9)]
    """
    if left_size is None and right_size is None:
        raise ValueError("split_dataset needs left_size or right_size; both are None.")
    rows, batch_size = _examples(dataset)
    total = next((len(leaf) for leaf in tree.flatten(rows) if leaf is not None), 0)
    if not total:
        raise ValueError("split_dataset: the dataset is empty.")
    left_count, right_count = _sizes(left_size, right_size, total)
    order = list(range(total))
    if shuffle:
        random.Random(seed).shuffle(order)
    parts = np.asarray(order[:left_count]), np.asarray(order[total - right_count :])
    left, right = (_made(pick_rows(rows, part), batch_size) for part in parts)
    return left, right


def _examples(dataset: Any) -> tuple[Any, int | None]:
    """Return examples as structures of arrays, and the size of the batches they came in."""
    if isinstance(dataset, Dataset):
        if dataset._stage.length == INFINITE:
            raise ValueError("split_dataset: the dataset has no end; cut it with take(n) first.")
        size = _batch_size(dataset._stage)
        examples = dataset if size is None else dataset.unbatch()
        return _stacked(list(examples.as_numpy_iterator())), size
    if isinstance(dataset, (list, tuple)) or hasattr(dataset, "shape"):
        arrays = as_element(tuple(dataset) if isinstance(dataset, list) else dataset, "dataset")
        if not tree.flatten(arrays):
            raise ValueError("split_dataset: the dataset is empty: there is no array in it.")
        return sources.Slices(arrays).arrays, None  # which says where lengths differ
    if hasattr(dataset, "__getitem__") and hasattr(dataset, "__len__"):  # PyTorch's
        return _stacked([as_element(dataset[i]) for i in range(len(dataset))]), None
    raise TypeError(
        "split_dataset expects a Dataset, an array, or a list or tuple of arrays; got a "
        f"{type(dataset).__name__}."
    )


def _stacked(examples: list) -> Any:
    if not examples:
        return ()
    try:
        return as_element(stack(examples))
    except ValueError as error:
        raise ValueError(f"split_dataset needs examples of one shape. {error}") from None


def _batch_size(stage: Stage) -> int | None:
    while isinstance(stage, transforms.Prefetch):
        stage = stage.source
    if isinstance(stage, (transforms.Batch, transforms.PaddedBatch)):
        return stage.batch_size
    return None


def _sizes(left: Any, right: Any, total: int) -> tuple[int, int]:
    left_count = _count("left_size", left, total)
    right_count = _count("right_size", right, total)
    if isinstance(left, float) and isinstance(right, float) and left + right > 1:
        raise ValueError(
            f"left_size and right_size are fractions of the whole: {left} + {right} is more than 1."
        )
    if left_count is None:
        left_count = total - right_count  # type: ignore[operator]
    if right_count is None:
        right_count = total - left_count
    if left_count + right_count > total:
        raise ValueError(
            f"left_size and right_size ask for {left_count} + {right_count} examples; there are "
            f"{total}."
        )
    for side, count in (("left", left_count), ("right", right_count)):
        if not count:
            raise ValueError(
                f"The {side} dataset would be empty: left_size={left}, right_size={right} of "
                f"{total} examples."
            )
    return left_count, right_count


def _count(what: str, size: Any, total: int) -> int | None:
    if size is None:
        return None
    if isinstance(size, bool) or not isinstance(size, (int, float, np.integer)):
        raise TypeError(f"{what} expects an integer, a fraction or None; got {size!r}.")
    if isinstance(size, float):
        if not 0 < size < 1:
            raise ValueError(f"{what} as a fraction must lie between 0 and 1; got {size}.")
        return round(size * total)
    if not 0 < size < total:
        raise ValueError(f"{what} must be from 1 to {total - 1} for {total} examples; got {size}.")
    return int(size)


def _made(rows: Any, batch_size: int | None) -> Dataset:
    stage: Stage = sources.Slices(rows)
    if batch_size is not None:
        stage = transforms.Batch(stage, batch_size, drop_remainder=False)
    return Dataset(transforms.Prefetch(stage, _AHEAD))
