"""What datasets of tables have in common: files by pattern, columns by name, batches of both."""

from __future__ import annotations

import glob as globbing
from typing import Any

from nyala.core import did_you_mean
from nyala.data._api_sources import paths_of
from nyala.data._dataset import Dataset

_AUTOTUNE = -1


def matching_files(patterns: Any, what: str) -> list[str]:
    """Return the files that fit one of some patterns, in order.

    Raises:
        FileNotFoundError: none does.
    """
    given = paths_of(patterns)
    # A path that holds characters of patterns means itself where there is such a file.
    found = sorted({p for pattern in given for p in globbing.glob(pattern) or _itself(pattern)})
    if not found:
        raise FileNotFoundError(f"{what}: no file fits {', '.join(map(repr, given))}.")
    return found


def _itself(path: str) -> list[str]:
    return globbing.glob(globbing.escape(path))


def chosen_columns(names: list[str], select: Any, what: str) -> list[int]:
    """Return the indices of columns that are chosen by name or index, in the table's order.

    Raises:
        ValueError: there is no such column, or one is chosen twice.
    """
    if select is None:
        return list(range(len(names)))
    indices = [names.index(c) if c in names else c for c in select]
    for index in indices:
        if isinstance(index, str) or not 0 <= index < len(names):
            raise ValueError(
                f"{what}: there is no column {index!r} among {names}."
                f"{did_you_mean(str(index), names)}"
            )
    if len(set(indices)) < len(indices):
        raise ValueError(f"{what}: select_columns names a column twice: {list(select)}.")
    return sorted(indices)


class Named:
    """Makes an element of columns: a dict by name, or a pair of a dict and the label.

    Args:
        names: of the columns.
        label: the name of the column that is the label, or `None`.
        what: named in errors.

    Raises:
        ValueError: there is no such column.
    """

    def __init__(self, names: list[str], label: str | None, what: str):
        if label is not None and label not in names:
            raise ValueError(
                f"{what}: label_name is {label!r}, but the columns are {names}."
                f"{did_you_mean(label, names)}"
            )
        self.names, self.label = names, label

    def __call__(self, columns: list) -> Any:
        features = dict(zip(self.names, columns, strict=True))
        if self.label is None:
            return features
        label = features.pop(self.label)
        return features, label


def batches_of_columns(dataset: Dataset, batch_size: int, num_epochs: int | None,
                       buffer_size: int | bool, seed: int | None,
                       prefetch: int | None) -> Dataset:  # fmt: skip
    """Return the rows shuffled, repeated, batched and made ahead."""
    if buffer_size:
        dataset = dataset.shuffle(buffer_size, seed)
    if num_epochs != 1:
        dataset = dataset.repeat(num_epochs)
    dataset = dataset.batch(batch_size, drop_remainder=num_epochs is None)
    return dataset.prefetch(_AUTOTUNE if prefetch is None else prefetch)
