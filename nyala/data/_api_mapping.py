"""`Dataset`'s methods that call functions of elements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nyala.data import transforms
from nyala.data._elements import as_element, to_tensors
from nyala.data._functions import ElementFunction
from nyala.data._random_scope import ElementKeys


class Mapping:
    """Functions of elements.

    A function of tensors that `nyala.ops` can compute is traced once and runs compiled, over whole
    batches where a `batch` follows; any other is called as it is, element by element, in threads
    where `num_parallel_calls` says so. Random operations in it have numbers of their own for each
    element, whoever computes it when. What it raises comes out of the iterator, with a note that
    names the element.
    """

    def map(self, map_func: Callable, num_parallel_calls: int | None = None,
            deterministic: bool | None = None, synchronous: bool | None = None,
            use_unbounded_threadpool: bool = False, name: str | None = None) -> Any:  # fmt: skip
        """Return a dataset of what a function makes of every element.

        Args:
            map_func: called with an element (a tuple's items one by one); returns a structure of
                tensors, arrays, numbers or strings.
            num_parallel_calls: threads for a function that runs in Python; `AUTOTUNE` for one a
                processor. The order stays.
            deterministic, synchronous, use_unbounded_threadpool, name: accepted for TensorFlow's
                sake.

        >>> import nyala
        >>> dataset = nyala.data.Dataset.range(4).map(lambda x: x * 2).batch(4)
        >>> next(dataset.as_numpy_iterator())
        array([0, 2, 4, 6], dtype=int32)
        """
        return self._then(transforms.Map(self._stage, map_func, num_parallel_calls))

    def flat_map(self, map_func: Callable, name: str | None = None) -> Any:
        """Return a dataset of the elements of the datasets that a function makes, one by one.

        >>> import nyala
        >>> Dataset = nyala.data.Dataset
        >>> made = Dataset.range(1, 4).flat_map(lambda n: Dataset.from_tensors(n).repeat(int(n)))
        >>> [int(x) for x in made]
        [1, 2, 2, 3, 3, 3]
        """
        return self._then(transforms.FlatMap(self._stage, map_func))

    def interleave(self, map_func: Callable, cycle_length: int | None = None,
                   block_length: int | None = None, num_parallel_calls: int | None = None,
                   deterministic: bool | None = None, name: str | None = None) -> Any:  # fmt: skip
        """Return a dataset of the elements of the datasets that a function makes, in turn.

        Args:
            map_func: returns a dataset.
            cycle_length: datasets that are open at once; four if `None` or `AUTOTUNE`.
            block_length: elements that each yields in its turn; one if `None`.
            num_parallel_calls: whether (any number) the open datasets are read ahead, each in a
                thread.
            deterministic, name: accepted for TensorFlow's sake: the order never varies.

        >>> import nyala
        >>> Dataset = nyala.data.Dataset
        >>> made = Dataset.range(3).interleave(
        ...     lambda n: Dataset.from_tensors(n).repeat(2), cycle_length=2)
        >>> [int(x) for x in made]
        [0, 1, 0, 1, 2, 2]
        """
        return self._then(
            transforms.Interleave(self._stage, map_func, cycle_length, block_length,
                                  num_parallel_calls is not None)
        )  # fmt: skip

    def enumerate(self, start: int = 0, name: str | None = None) -> Any:
        """Return a dataset of pairs of a number and an element.

        >>> import nyala
        >>> pairs = nyala.data.Dataset.from_tensor_slices(["a", "b"]).enumerate(start=1)
        >>> list(pairs.as_numpy_iterator())
        [(np.int32(1), b'a'), (np.int32(2), b'b')]
        """
        return self._then(transforms.Enumerate(self._stage, start))

    def scan(self, initial_state: Any, scan_func: Callable, name: str | None = None) -> Any:
        """Return a dataset of what a function makes of each element and a state that it hands on.

        Args:
            initial_state: a structure of tensors.
            scan_func: called with the state and an element; returns the next state and an output.
            name: accepted for TensorFlow's sake.

        >>> import nyala
        >>> sums = nyala.data.Dataset.range(4).scan(0, lambda total, x: (total + x, total + x))
        >>> [int(x) for x in sums]
        [0, 1, 3, 6]
        """
        return self._then(transforms.Scan(self._stage, initial_state, scan_func))

    def reduce(self, initial_state: Any, reduce_func: Callable, name: str | None = None) -> Any:
        """Return what is left of a state when a function has seen every element.

        Args:
            initial_state: a structure of tensors.
            reduce_func: called with the state and an element; returns the next state.
            name: accepted for TensorFlow's sake.

        >>> import nyala
        >>> int(nyala.data.Dataset.range(5).reduce(0, lambda total, x: total + x))
        10
        """
        function = ElementFunction(reduce_func, "reduce")
        state = as_element(initial_state, "initial_state")
        iterator = self._batches_on_host()
        keys = ElementKeys(self._stage, iterator.where)
        try:
            for number, element in enumerate(iterator):
                state = function.one((state, element), keys.one(number), number)
        finally:
            iterator.close()
        return to_tensors(state)
