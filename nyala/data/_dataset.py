"""`Dataset`: a pipeline of data, read as often as one likes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nyala.data._api_mapping import Mapping
from nyala.data._api_selecting import Selecting
from nyala.data._api_shaping import Shaping
from nyala.data._api_sources import Sources
from nyala.data._elements import to_tensors
from nyala.data._iterator import BatchesOnHost, DatasetIterator, NumpyIterator
from nyala.data._options import Options
from nyala.data._stage import INFINITE, Stage, walk
from nyala.data.sources import save_elements
from nyala.eager import Tensor


class Dataset(Sources, Shaping, Selecting, Mapping):
    """A sequence of elements, each a structure of tensors, made when it is read.

    A dataset begins with a source (`from_tensor_slices`, `range`, `from_generator`, …) and goes
    through transforms, each of which returns a new dataset. `Model.fit`, `evaluate` and `predict`
    take datasets of batches. It follows TensorFlow's `tf.data.Dataset`, without TensorFlow; an
    iterator over it can be saved and goes on with exactly the elements that were left
    (`DatasetIterator.get_state`).

    Args:
        stage: the last stage of the pipeline. Use the constructors instead.

    >>> import nyala
    >>> dataset = nyala.data.Dataset.from_tensor_slices(([[1.0], [2.0], [3.0]], [0, 1, 0]))
    >>> for x, y in dataset.batch(2):
    ...     print(x.shape, y.numpy())
    (2, 1) [0 1]
    (1, 1) [0]
    """

    def __init__(self, stage: Stage):
        if not isinstance(stage, Stage):
            raise TypeError(
                "A Dataset is made by one of its constructors, such as "
                f"Dataset.from_tensor_slices(x) or Dataset.range(n); got Dataset({stage!r})."
            )
        self._stage = stage
        self._runs = 0
        self._options = Options()

    def _then(self, stage: Stage) -> Dataset:
        """Return the dataset that ends with `stage`."""
        dataset = Dataset(stage)
        dataset._options = self._options
        return dataset

    def _next_run(self) -> int:
        """Return how often the dataset was iterated over, and count this time."""
        self._runs += 1
        return self._runs - 1

    def _note_run(self, run: int) -> None:
        """Let the next iteration be another one than `run`, which is going on."""
        self._runs = max(self._runs, run + 1)

    def _get_memory(self) -> dict:
        """Return all that decides on the iterations to come, as plain data."""
        return {"runs": self._runs, "seeds": [stage.seed for stage in self._self_seeded()]}

    def _set_memory(self, memory: dict) -> None:
        """Let iterations go on from `_get_memory()` of a dataset that the same code built."""
        self._runs = memory["runs"]
        for stage, seed in zip(self._self_seeded(), memory["seeds"], strict=True):
            stage._drawn = seed

    def _self_seeded(self) -> list[Stage]:
        return [s for s in walk(self._stage) if s.random and s.own_seed is None]

    def __iter__(self) -> DatasetIterator:
        return DatasetIterator(self, self._next_run())

    def _batches_on_host(self) -> BatchesOnHost:
        """Return an iterator over NumPy arrays, for the training loop."""
        return BatchesOnHost(self, self._next_run())

    def as_numpy_iterator(self) -> NumpyIterator:
        """Return an iterator over the elements as NumPy arrays (scalars where there is no axis).

        >>> import nyala
        >>> list(nyala.data.Dataset.range(3).as_numpy_iterator())
        [np.int32(0), np.int32(1), np.int32(2)]
        """
        return NumpyIterator(self, self._next_run())

    def __bool__(self) -> bool:
        return True

    def __len__(self) -> int:
        length = self._stage.length
        if length < 0:
            kind = "infinite" if length == INFINITE else "unknown"
            raise TypeError(
                f"The length of the dataset is {kind}; cardinality() says so as a number."
            )
        return length

    def __repr__(self) -> str:
        return f"<Dataset {type(self._stage).__name__} element_spec={self.element_spec}>"

    @property
    def element_spec(self) -> Any:
        """The shape and dtype of the elements: a structure of `TensorSpec`."""
        return self._stage.spec

    def cardinality(self) -> Tensor:
        """Return the number of elements, `INFINITE_CARDINALITY` (-1) or `UNKNOWN_CARDINALITY` (-2).

        >>> import nyala
        >>> int(nyala.data.Dataset.range(10).batch(4).cardinality())
        3
        """
        return to_tensors(
            np.asarray(self._stage.length, "int64" if _wide(self._stage.length) else "int32")
        )

    def apply(self, transformation_func: Callable) -> Dataset:
        """Return what a function makes of the dataset.

        >>> import nyala
        >>> len(nyala.data.Dataset.range(10).apply(lambda d: d.take(3)))
        3
        """
        result = transformation_func(self)
        if not isinstance(result, Dataset):
            raise TypeError(f"apply: the function must return a Dataset; it returned {result!r}.")
        return result

    def get_single_element(self, name: str | None = None) -> Any:
        """Return the only element.

        Raises:
            ValueError: there is none, or more than one.

        >>> import nyala
        >>> nyala.data.Dataset.range(3).batch(3).get_single_element().numpy()
        array([0, 1, 2], dtype=int32)
        """
        iterator = iter(self)
        try:
            first = next(iterator, None)
            if first is None:
                raise ValueError("get_single_element: the dataset is empty.")
            if next(iterator, None) is not None:
                raise ValueError("get_single_element: the dataset has more than one element.")
        finally:
            iterator.close()
        return first

    def save(self, path: Any, compression: str | None = None, shard_func: Any = None,
             checkpoint_args: Any = None) -> None:  # fmt: skip
        """Write the elements into a folder, for `Dataset.load`; they appear when all are written.

        Args:
            path: the folder.
            compression: `None` or `"GZIP"`.
            shard_func, checkpoint_args: accepted for TensorFlow's sake: there is one file.

        >>> import nyala, tempfile
        >>> folder = tempfile.mkdtemp()
        >>> nyala.data.Dataset.range(3).batch(2).save(folder, compression="GZIP")
        >>> [len(x) for x in nyala.data.Dataset.load(folder)]
        [2, 1]
        """
        save_elements(self._stage, path, compression)

    def options(self) -> Options:
        """Return the options that were set with `with_options`."""
        return self._options

    def with_options(self, options: Options, name: str | None = None) -> Dataset:
        """Return the dataset with options (TensorFlow's; nyala's pipelines need none).

        >>> import nyala
        >>> options = nyala.data.Options()
        >>> options.deterministic = True
        >>> nyala.data.Dataset.range(3).with_options(options).options().deterministic
        True
        """
        dataset = self._then(self._stage)
        dataset._options = options
        return dataset


def _wide(length: int) -> bool:
    return length > np.iinfo("int32").max
