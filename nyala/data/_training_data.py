"""Datasets as training data: what is arrays underneath is fed as arrays are."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from nyala.core import tree
from nyala.data._dataset import Dataset
from nyala.data._in_memory import InMemoryData
from nyala.data._stage import INFINITE, Pass, Stage
from nyala.data._streams import StreamData
from nyala.data._structures import unpack_x_y_sample_weight
from nyala.data.sources import Slices
from nyala.data.transforms import Batch, Prefetch, Repeat, Shuffle

# Larger arrays stay on the host and are streamed: the device may have better use for its memory.
_MOST_BYTES = 4 << 30


class Recipe(NamedTuple):
    """A pipeline that only orders rows and cuts them into batches.

    Attributes:
        slices: its source.
        shuffle: its shuffle, or `None`.
        repeat: a repeat of the rows before they are cut, or `None`.
        batch: cuts them.
        again: a repeat of the batches, or `None`.
    """

    slices: Slices
    shuffle: Shuffle | None
    repeat: Repeat | None
    batch: Batch
    again: Repeat | None


class DatasetRows(InMemoryData):
    """The data of a dataset `from_tensor_slices(…)[.shuffle(…)][.repeat(…)].batch(…)`, as arrays.

    The same batches in the same order as iterating over it would give, without cutting them on the
    host.

    Args:
        dataset: the dataset.
        recipe: its stages.
        class_weight: a dict from class to weight.
    """

    def __init__(self, dataset: Dataset, recipe: Recipe, class_weight: dict | None):
        super().__init__(*unpack_x_y_sample_weight(recipe.slices.arrays),
                         batch_size=recipe.batch.batch_size, class_weight=class_weight)  # fmt: skip
        self._dataset, self._recipe = dataset, recipe
        if recipe.batch.drop_remainder and recipe.batch.length == 0:
            raise ValueError(
                f"The dataset is empty: {recipe.slices.count} rows make no batch of "
                f"{recipe.batch.batch_size} with drop_remainder=True."
            )

    @property
    def num_batches(self) -> int | None:
        """Batches in a pass, `None` for no end."""
        length = self._dataset._stage.length
        return None if length == INFINITE else length

    @property
    def endless(self) -> bool:
        """Whether the dataset has no end."""
        return self.num_batches is None

    def rounds(self) -> Iterator[tuple[np.ndarray | None, int]]:
        """Yield the orders of the rows of the dataset's next iteration."""
        self._began_with = self._present()
        recipe, where = self._recipe, Pass((self._dataset._next_run(),))
        if recipe.again is None:
            yield from self._cut(where)
            return
        count = recipe.again.count
        for number in itertools.count() if count is None else range(count):
            yield from self._cut(where.inner(number))

    def _present(self) -> Any:
        return self._dataset._get_memory()

    def _go_back(self, began_with: Any) -> None:
        self._dataset._set_memory(began_with)

    def _cut(self, where: Pass) -> Iterator[tuple[np.ndarray | None, int]]:
        """Yield orders for one pass over the rows, each of whole batches but for the last."""
        recipe = self._recipe
        if recipe.repeat is None:
            yield self._whole(self._order(where), self.size)
            return
        # Batches reach across the ends of passes over the rows. All orders are of one length, so
        # that one program serves them: what follows the rows that count is filled up.
        length = self.size + self.batch_size
        rest, count = np.empty(0, "int32"), recipe.repeat.count
        for number in itertools.count() if count is None else range(count):
            order = self._order(where.inner(number))
            rows = np.concatenate([rest, np.arange(self.size) if order is None else order])
            whole = len(rows) - len(rows) % self.batch_size
            rest = rows[whole:]
            if whole:
                yield np.resize(rows[:whole], length).astype("int32"), whole
        if len(rest) and not recipe.batch.drop_remainder:
            yield np.resize(rest, length).astype("int32"), len(rest)

    def _order(self, where: Pass) -> np.ndarray | None:
        shuffle = self._recipe.shuffle
        return None if shuffle is None else shuffle.order(where).take(self.size)

    def _whole(self, order: np.ndarray | None, size: int) -> tuple[np.ndarray | None, int]:
        if self._recipe.batch.drop_remainder:
            size -= size % self.batch_size
        return (None if order is None else order[:size].astype("int32")), size


def make_dataset_data(dataset: Dataset, class_weight: dict | None = None) -> Any:
    """Return a dataset of batches in the form that training takes."""
    recipe = _recipe_of(dataset._stage)
    if recipe is None:
        return StreamData(dataset, class_weight=class_weight)
    return DatasetRows(dataset, recipe, class_weight)


def _recipe_of(stage: Stage) -> Recipe | None:
    """Return the stages of a pipeline that only orders rows and cuts them into batches."""
    stage, again = _taken_off(stage, Repeat)
    stage, batch = _taken_off(stage, Batch)
    stage, repeat = _taken_off(stage, Repeat)
    stage, shuffle = _taken_off(stage, Shuffle)
    if batch is None or not isinstance(stage, Slices) or not _fits_device(stage):
        return None
    if any(r is not None and r.count == 0 for r in (repeat, again)):
        return None
    return Recipe(stage, shuffle, repeat, batch, again)


def _taken_off(stage: Stage, kind: type) -> tuple[Stage, Any]:
    """Return the stage before `stage`, and `stage`, if it is of this kind; else it, and `None`."""
    while isinstance(stage, Prefetch):
        stage = stage.source
    return (stage.source, stage) if isinstance(stage, kind) else (stage, None)  # type: ignore[attr-defined]


def _fits_device(slices: Slices) -> bool:
    arrays = [a for a in tree.flatten(slices.arrays) if a is not None]
    return slices.count > 0 and all(a.dtype != object for a in arrays) and (
        sum(a.nbytes for a in arrays) <= _MOST_BYTES
    )  # fmt: skip
