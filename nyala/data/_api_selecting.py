"""`Dataset`'s methods that choose and order elements without changing them."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from nyala.data import transforms
from nyala.data._api_sources import stage_of


class Selecting:
    """Order, repetition and selection."""

    def shuffle(self, buffer_size: int, seed: int | None = None,
                reshuffle_each_iteration: bool | None = True,
                name: str | None = None) -> Any:  # fmt: skip
        """Return a dataset of the same elements in random order.

        Args:
            buffer_size: elements among which the next one is chosen; as many as the dataset has,
                for a uniform order.
            seed: of the order; drawn from the global seed (`utils.set_random_seed`) if `None`.
            reshuffle_each_iteration: whether each iteration has an order of its own. Say `False`
                before splitting with `take` and `skip`.
            name: accepted for TensorFlow's sake.

        Where the elements can be had by index (`from_tensor_slices`, `range`, `cache()` in memory
        and what maps, enumerates, zips or cuts those), indices are shuffled: a buffer of any size
        costs 8 bytes a slot.

        >>> import nyala
        >>> sorted(int(x) for x in nyala.data.Dataset.range(4).shuffle(4))
        [0, 1, 2, 3]
        """
        reshuffle = reshuffle_each_iteration is not False
        return self._then(transforms.Shuffle(self._stage, buffer_size, seed, reshuffle))

    def repeat(self, count: int | None = None, name: str | None = None) -> Any:
        """Return a dataset that goes through this one several times.

        Args:
            count: how often; `None` or -1 for ever.
            name: accepted for TensorFlow's sake.

        >>> import nyala
        >>> [int(x) for x in nyala.data.Dataset.range(2).repeat(2)]
        [0, 1, 0, 1]
        """
        return self._then(transforms.Repeat(self._stage, count))

    def take(self, count: int, name: str | None = None) -> Any:
        """Return a dataset of the first `count` elements (all for -1).

        >>> import nyala
        >>> [int(x) for x in nyala.data.Dataset.range(9).take(2)]
        [0, 1]
        """
        return self._then(transforms.Take(self._stage, int(count)))

    def skip(self, count: int, name: str | None = None) -> Any:
        """Return a dataset without the first `count` elements (without any for -1).

        >>> import nyala
        >>> [int(x) for x in nyala.data.Dataset.range(9).skip(7)]
        [7, 8]
        """
        return self._then(transforms.Skip(self._stage, int(count)))

    def shard(self, num_shards: int, index: int, name: str | None = None) -> Any:
        """Return a dataset of every `num_shards`-th element, beginning with element `index`.

        >>> import nyala
        >>> [int(x) for x in nyala.data.Dataset.range(7).shard(3, 1)]
        [1, 4]
        """
        return self._then(transforms.Shard(self._stage, num_shards, index))

    def filter(self, predicate: Callable, name: str | None = None) -> Any:
        """Return a dataset of the elements for which a function holds.

        Args:
            predicate: called with an element (a tuple's items one by one); returns a truth value.
            name: accepted for TensorFlow's sake.

        >>> import nyala
        >>> [int(x) for x in nyala.data.Dataset.range(6).filter(lambda x: x % 2 == 1)]
        [1, 3, 5]
        """
        return self._then(transforms.Filter(self._stage, predicate))

    def take_while(self, predicate: Callable, name: str | None = None) -> Any:
        """Return a dataset of the elements before the first for which a function does not hold.

        >>> import nyala
        >>> [int(x) for x in nyala.data.Dataset.range(6).take_while(lambda x: x < 2)]
        [0, 1]
        """
        return self._then(transforms.TakeWhile(self._stage, predicate))

    def concatenate(self, dataset: Any, name: str | None = None) -> Any:
        """Return a dataset of this one's elements, then another's.

        Raises:
            TypeError: the elements differ in structure or dtype.

        >>> import nyala
        >>> first, second = nyala.data.Dataset.range(2), nyala.data.Dataset.range(5, 7)
        >>> [int(x) for x in first.concatenate(second)]
        [0, 1, 5, 6]
        """
        return self._then(transforms.Concatenate(self._stage, stage_of(dataset, "concatenate")))

    def cache(self, filename: Any = "", name: str | None = None) -> Any:
        """Return a dataset that keeps its elements when they are read for the first time.

        Args:
            filename: the file to keep them in; memory if empty. It appears when the last element
                was read, whole or not at all; one that exists is read in place of this dataset.
            name: accepted for TensorFlow's sake.

        >>> import nyala
        >>> calls = []
        >>> dataset = nyala.data.Dataset.range(3).map(lambda x: calls.append(x.item()) or x).cache()
        >>> len(list(dataset)) + len(list(dataset)), len(calls)
        (6, 3)
        """
        return self._then(transforms.Cache(self._stage, filename))

    def prefetch(self, buffer_size: int, name: str | None = None) -> Any:
        """Return a dataset whose elements are made ahead, in a thread, while others are used.

        Args:
            buffer_size: how many elements ahead; `AUTOTUNE` to leave it open.
            name: accepted for TensorFlow's sake.

        The thread ends with the iterator.

        >>> import nyala
        >>> [int(x) for x in nyala.data.Dataset.range(3).prefetch(nyala.data.AUTOTUNE)]
        [0, 1, 2]
        """
        return self._then(transforms.Prefetch(self._stage, buffer_size))

    def snapshot(self, path: Any, compression: str | None = "AUTO", reader_func: Any = None,
                 shard_func: Any = None, name: str | None = None) -> Any:  # fmt: skip
        """Return a dataset that keeps its elements in a folder when they are read the first time.

        Args:
            path: the folder; what is in it already is read in place of this dataset, by other
                programs too.
            compression, reader_func, shard_func, name: accepted for TensorFlow's sake: there is one
                file.

        >>> import nyala, tempfile
        >>> folder = tempfile.mkdtemp()
        >>> first = [int(x) for x in nyala.data.Dataset.range(3).snapshot(folder)]
        >>> [int(x) for x in nyala.data.Dataset.range(99).snapshot(folder)] == first
        True
        """
        return self.cache(os.path.join(os.fspath(path), "snapshot.nyala"))

    def unique(self, name: str | None = None) -> Any:
        """Return a dataset of the same elements, each once.

        >>> import nyala
        >>> [int(x) for x in nyala.data.Dataset.from_tensor_slices([1, 3, 1, 2, 3]).unique()]
        [1, 3, 2]
        """
        return self._then(transforms.Unique(self._stage))

    def ignore_errors(self, log_warning: bool = False, name: str | None = None) -> Any:
        """Return a dataset without the elements that cannot be made.

        Args:
            log_warning: whether a warning (of the logger `nyala`) says what is left out.
            name: accepted for TensorFlow's sake.

        >>> import nyala
        >>> inverse = nyala.data.Dataset.range(3).map(lambda n: 4 / n.item())
        >>> [float(x) for x in inverse.ignore_errors()]
        [4.0, 2.0]
        """
        return self._then(transforms.IgnoreErrors(self._stage, bool(log_warning)))

    def rejection_resample(self, class_func: Callable, target_dist: Any, initial_dist: Any = None,
                           seed: int | None = None, name: str | None = None) -> Any:  # fmt: skip
        """Return a dataset of pairs of a class and an element, whose classes have given shares.

        Elements of classes that are too frequent are left out at random.

        Args:
            class_func: returns the class of an element, an integer.
            target_dist: the wanted share of each class.
            initial_dist: the share that each class has; estimated on the way if `None`.
            seed: of the choices.
            name: accepted for TensorFlow's sake.

        >>> import nyala
        >>> numbers = nyala.data.Dataset.range(1000)
        >>> even = numbers.rejection_resample(lambda n: n % 2, [1.0, 0.0], [0.5, 0.5])
        >>> {int(label) for label, _ in even}
        {0}
        """
        return self._then(
            transforms.RejectionResample(self._stage, class_func, target_dist, initial_dist, seed)
        )
