"""Datasets as training data: what is arrays underneath is fed as arrays are."""

from __future__ import annotations

from typing import Any

from nyala.core import tree
from nyala.data._dataset import Dataset
from nyala.data._in_memory import InMemoryData
from nyala.data._stage import Pass, Stage
from nyala.data._streams import StreamData
from nyala.data._structures import unpack_x_y_sample_weight
from nyala.data.sources import Slices
from nyala.data.transforms import Batch, Prefetch, Shuffle

# Larger arrays stay on the host and are streamed: the device may have better use for its memory.
_MOST_BYTES = 4 << 30


class DatasetRows(InMemoryData):
    """The data of a dataset `from_tensor_slices(...)[.shuffle(...)].batch(...)`, as arrays.

    The same batches in the same order as iterating over it would give, without cutting them on the
    host.

    Args:
        dataset: the dataset.
        slices: its source.
        shuffle: its shuffle, or `None`.
        batch: its last stage.
        class_weight: a dict from class to weight.
    """

    def __init__(self, dataset: Dataset, slices: Slices, shuffle: Shuffle | None, batch: Batch,
                 class_weight: dict | None):  # fmt: skip
        super().__init__(*unpack_x_y_sample_weight(slices.arrays), batch_size=batch.batch_size,
                         class_weight=class_weight)  # fmt: skip
        self._dataset, self._order = dataset, shuffle
        if batch.drop_remainder:
            self.size -= self.size % batch.batch_size
            if not self.size:
                raise ValueError(
                    f"The dataset is empty: {slices.count} rows make no batch of "
                    f"{batch.batch_size} with drop_remainder=True."
                )

    def next_order(self) -> Any:
        """Return the order of the rows in the dataset's next iteration."""
        run = self._dataset._next_run()
        if self._order is None:
            return None
        return self._order.order(Pass((run,))).take(self.size).astype("int32")


def make_dataset_data(dataset: Dataset, class_weight: dict | None = None) -> Any:
    """Return a dataset of batches in the form that training takes."""
    found = _rows_underneath(dataset._stage)
    if found is None:
        return StreamData(dataset, class_weight=class_weight)
    return DatasetRows(dataset, *found, class_weight)  # type: ignore[call-arg]


def _rows_underneath(stage: Stage) -> tuple | None:
    """Return the slices, the shuffle (or `None`) and the batch that a pipeline consists of."""
    while isinstance(stage, Prefetch):
        stage = stage.source
    if not isinstance(stage, Batch):
        return None
    batch, stage = stage, stage.source
    shuffle = stage if isinstance(stage, Shuffle) else None
    if shuffle is not None:
        stage = shuffle.source
    if not isinstance(stage, Slices) or not _fits_device(stage):
        return None
    return stage, shuffle, batch


def _fits_device(slices: Slices) -> bool:
    arrays = [a for a in tree.flatten(slices.arrays) if a is not None]
    return slices.count > 0 and all(a.dtype != object for a in arrays) and (
        sum(a.nbytes for a in arrays) <= _MOST_BYTES
    )  # fmt: skip
