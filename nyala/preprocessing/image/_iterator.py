"""`Iterator`: batches by number, and without end, of images that are changed at random."""

from __future__ import annotations

import threading
from collections.abc import Iterator as Iterating
from typing import Any

import numpy as np

from nyala.utils import PyDataset, save_img


class Iterator(PyDataset):
    """A base class of what `ImageDataGenerator.flow…` return.

    It is both: a `PyDataset` for `fit`, which asks for batches by number, and an iterator without
    end for loops. Random numbers are NumPy's global ones; with a seed each batch sets them anew.

    Args:
        n: the number of images.
        batch_size: images of a batch.
        shuffle: whether they come in random order, another one in each epoch.
        seed: of the order and the changes; the global random numbers go on if `None`.
        **kwargs: those of `PyDataset`.

    A subclass defines `_get_batches_of_transformed_samples(index_array)`, which returns a batch.

    >>> import nyala, numpy as np
    >>> class Numbers(nyala.preprocessing.image.Iterator):
    ...     def _get_batches_of_transformed_samples(self, index_array):
    ...         return index_array
    >>> next(Numbers(5, 3, shuffle=False, seed=None))
    array([0, 1, 2])
    """

    white_list_formats = ("png", "jpg", "jpeg", "bmp", "ppm", "tif", "tiff")

    def __init__(self, n: int, batch_size: int, shuffle: bool, seed: int | None, **kwargs: Any):
        super().__init__(**kwargs)
        self.n, self.batch_size, self.shuffle, self.seed = n, batch_size, shuffle, seed
        self.batch_index = self.total_batches_seen = 0
        self.index_array: np.ndarray | None = None
        self._start()

    def _start(self) -> None:
        self.lock = threading.Lock()
        self.index_generator = self._flow_index()

    def __getstate__(self) -> dict:
        # A worker process makes batches by number alone.
        return {k: v for k, v in vars(self).items() if k not in ("lock", "index_generator")}

    def __setstate__(self, state: dict) -> None:
        vars(self).update(state)
        self._start()

    def __len__(self) -> int:
        return -(-self.n // self.batch_size)

    def __getitem__(self, idx: int) -> Any:
        if idx >= len(self):
            raise ValueError(f"There is no batch {idx}: there are {len(self)}.")
        with self.lock:
            self._reseed()
            self.total_batches_seen += 1
            if self.index_array is None:
                self._set_index_array()
            start = self.batch_size * idx
            chosen = self.index_array[start : start + self.batch_size]  # type: ignore[index]
        return self._get_batches_of_transformed_samples(chosen)

    def __iter__(self) -> Iterator:
        return self

    def __next__(self) -> Any:
        with self.lock:
            chosen = next(self.index_generator)
        return self._get_batches_of_transformed_samples(chosen)

    def next(self) -> Any:
        """Return the next batch: an older spelling."""
        return next(self)

    def on_epoch_end(self) -> None:
        """Order the images anew."""
        self._set_index_array()

    def reset(self) -> None:
        """Let the next batch of the loop be the first of an epoch."""
        self.batch_index = 0

    def _set_index_array(self) -> None:
        self.index_array = np.random.permutation(self.n) if self.shuffle else np.arange(self.n)

    def _reseed(self) -> None:
        if self.seed is not None:
            np.random.seed(self.seed + self.total_batches_seen)

    def _flow_index(self) -> Iterating[np.ndarray]:
        self.reset()
        while True:
            self._reseed()
            if self.batch_index == 0:
                self._set_index_array()
            start = self.batch_index * self.batch_size % self.n if self.n else 0
            self.batch_index = self.batch_index + 1 if start + self.batch_size < self.n else 0
            self.total_batches_seen += 1
            yield self.index_array[start : start + self.batch_size]  # type: ignore[index]

    def _get_batches_of_transformed_samples(self, index_array: np.ndarray) -> Any:
        raise TypeError(
            f"{type(self).__name__} must define _get_batches_of_transformed_samples(index_array)."
        )


def save_batch(iterator: Any, batch: np.ndarray, index_array: np.ndarray, names: float) -> None:
    """Write the images of a batch into the folder that the user named to look at them.

    Args:
        iterator: has `save_to_dir`, `save_prefix`, `save_format` and `data_format`.
        batch: the images.
        index_array: their numbers.
        names: how many random numbers tell apart what became of one image.
    """
    for image, number in zip(batch, index_array, strict=True):
        name = f"{iterator.save_prefix}_{number}_{np.random.randint(names)}.{iterator.save_format}"
        save_img(f"{iterator.save_to_dir}/{name}", image, iterator.data_format)


def check_subset(subset: Any) -> None:
    """Raise a `ValueError` where it is neither `None` nor one of the two names."""
    if subset not in ("training", "validation", None):
        raise ValueError(f"subset expects 'training', 'validation' or None; got {subset!r}.")
