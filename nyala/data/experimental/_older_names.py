"""Functions that are methods of `Dataset` by now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nyala.data._dataset import Dataset
from nyala.data._elements import as_element
from nyala.data._stage import INFINITE, UNKNOWN
from nyala.data.sources import Elements
from nyala.data.transforms import AssertLength

AUTOTUNE = -1
INFINITE_CARDINALITY, UNKNOWN_CARDINALITY = INFINITE, UNKNOWN

Counter = Dataset.counter
RandomDataset = Dataset.random
choose_from_datasets = Dataset.choose_from_datasets
sample_from_datasets = Dataset.sample_from_datasets
load = Dataset.load


def cardinality(dataset: Dataset) -> Any:
    """Return `dataset.cardinality()`.

    >>> import nyala
    >>> int(nyala.data.experimental.cardinality(nyala.data.Dataset.range(3)))
    3
    """
    return dataset.cardinality()


def assert_cardinality(expected_cardinality: int) -> Callable:
    """Return a function for `Dataset.apply` that states the number of elements.

    Reading fewer or more is an error.

    >>> import nyala
    >>> odd = nyala.data.Dataset.range(6).filter(lambda x: x % 2 == 1)
    >>> len(odd.apply(nyala.data.experimental.assert_cardinality(3)))
    3
    """
    return lambda dataset: dataset._then(AssertLength(dataset._stage, expected_cardinality))


def get_single_element(dataset: Dataset) -> Any:
    """Return `dataset.get_single_element()`.

    >>> import nyala
    >>> int(nyala.data.experimental.get_single_element(nyala.data.Dataset.range(7, 8)))
    7
    """
    return dataset.get_single_element()


def unbatch() -> Callable:
    """Return a function for `Dataset.apply` that calls `unbatch`.

    >>> import nyala
    >>> len(nyala.data.Dataset.range(4).batch(2, True).apply(nyala.data.experimental.unbatch()))
    4
    """
    return lambda dataset: dataset.unbatch()


def enumerate_dataset(start: int = 0) -> Callable:
    """Return a function for `Dataset.apply` that calls `enumerate`.

    >>> import nyala
    >>> pairs = nyala.data.Dataset.range(1).apply(nyala.data.experimental.enumerate_dataset(5))
    >>> [int(number) for number, _ in pairs]
    [5]
    """
    return lambda dataset: dataset.enumerate(start)


def shuffle_and_repeat(
    buffer_size: int, count: int | None = None, seed: int | None = None
) -> Callable:
    """Return a function for `Dataset.apply` that calls `shuffle` and `repeat`.

    >>> import nyala
    >>> twice = nyala.data.experimental.shuffle_and_repeat(3, 2)
    >>> len(nyala.data.Dataset.range(3).apply(twice))
    6
    """
    return lambda dataset: dataset.shuffle(buffer_size, seed).repeat(count)


def take_while(predicate: Callable) -> Callable:
    """Return a function for `Dataset.apply` that calls `take_while`.

    >>> import nyala
    >>> small = nyala.data.experimental.take_while(lambda x: x < 2)
    >>> [int(x) for x in nyala.data.Dataset.range(9).apply(small)]
    [0, 1]
    """
    return lambda dataset: dataset.take_while(predicate)


def scan(initial_state: Any, scan_func: Callable) -> Callable:
    """Return a function for `Dataset.apply` that calls `scan`.

    >>> import nyala
    >>> sums = nyala.data.experimental.scan(0, lambda total, x: (total + x, total + x))
    >>> [int(x) for x in nyala.data.Dataset.range(3).apply(sums)]
    [0, 1, 3]
    """
    return lambda dataset: dataset.scan(initial_state, scan_func)


def bucket_by_sequence_length(*args: Any, **kwargs: Any) -> Callable:
    """Return a function for `Dataset.apply` that calls `bucket_by_sequence_length`.

    >>> import nyala
    >>> ragged = nyala.data.Dataset.from_generator(lambda: ([n] * n for n in (1, 4)))
    >>> buckets = nyala.data.experimental.bucket_by_sequence_length(len, [3], [1, 1])
    >>> [tuple(batch.shape) for batch in ragged.apply(buckets)]
    [(1, 1), (1, 4)]
    """
    return lambda dataset: dataset.bucket_by_sequence_length(*args, **kwargs)


def from_list(elements: list, name: str | None = None) -> Dataset:
    """Return a dataset of the elements of a list, which are nested alike.

    >>> import nyala
    >>> dataset = nyala.data.experimental.from_list([{"a": [1]}, {"a": [2, 3]}])
    >>> [x["a"].tolist() for x in dataset.as_numpy_iterator()]
    [[1], [2, 3]]
    """
    if not elements:
        raise ValueError("from_list: the list is empty.")
    return Dataset(Elements([as_element(element) for element in elements]))


def get_structure(dataset_or_iterator: Any) -> Any:
    """Return the spec of the elements of a dataset or iterator.

    >>> import nyala
    >>> nyala.data.experimental.get_structure(nyala.data.Dataset.range(3))
    TensorSpec(shape=(), dtype=int32, name=None)
    """
    return dataset_or_iterator.element_spec


def save(dataset: Dataset, path: Any, compression: str | None = None, shard_func: Any = None,
         checkpoint_args: Any = None) -> None:  # fmt: skip
    """Call `dataset.save(path, compression)`.

    >>> import nyala, tempfile
    >>> folder = tempfile.mkdtemp()
    >>> nyala.data.experimental.save(nyala.data.Dataset.range(3), folder)
    >>> len(nyala.data.experimental.load(folder))
    3
    """
    dataset.save(path, compression)


def unique() -> Callable:
    """Return a function for `Dataset.apply` that calls `unique`.

    >>> import nyala
    >>> numbers = nyala.data.Dataset.from_tensor_slices([1, 1, 2])
    >>> [int(x) for x in numbers.apply(nyala.data.experimental.unique())]
    [1, 2]
    """
    return lambda dataset: dataset.unique()


def ignore_errors(log_warning: bool = False) -> Callable:
    """Return a function for `Dataset.apply` that calls `ignore_errors`.

    >>> import nyala
    >>> inverse = nyala.data.Dataset.range(2).map(lambda n: 1 / n.item())
    >>> [float(x) for x in inverse.apply(nyala.data.experimental.ignore_errors())]
    [1.0]
    """
    return lambda dataset: dataset.ignore_errors(log_warning)


def snapshot(path: Any, *args: Any, **kwargs: Any) -> Callable:
    """Return a function for `Dataset.apply` that calls `snapshot`.

    >>> import nyala, tempfile
    >>> kept = nyala.data.experimental.snapshot(tempfile.mkdtemp())
    >>> [int(x) for x in nyala.data.Dataset.range(2).apply(kept)]
    [0, 1]
    """
    return lambda dataset: dataset.snapshot(path)


def rejection_resample(class_func: Callable, target_dist: Any, initial_dist: Any = None,
                       seed: int | None = None) -> Callable:  # fmt: skip
    """Return a function for `Dataset.apply` that calls `rejection_resample`.

    >>> import nyala
    >>> odd = nyala.data.experimental.rejection_resample(lambda n: n % 2, [0, 1], [0.5, 0.5])
    >>> [int(x) for _, x in nyala.data.Dataset.range(5).apply(odd)]
    [1, 3]
    """
    return lambda dataset: dataset.rejection_resample(class_func, target_dist, initial_dist, seed)


def group_by_window(key_func: Callable, reduce_func: Callable, window_size: int | None = None,
                    window_size_func: Callable | None = None) -> Callable:  # fmt: skip
    """Return a function for `Dataset.apply` that calls `group_by_window`.

    >>> import nyala
    >>> pairs = nyala.data.experimental.group_by_window(
    ...     lambda n: n % 2, lambda key, window: window.batch(2), 2)
    >>> [x.tolist() for x in nyala.data.Dataset.range(4).apply(pairs).as_numpy_iterator()]
    [[0, 2], [1, 3]]
    """
    return lambda dataset: dataset.group_by_window(
        key_func, reduce_func, window_size, window_size_func
    )


def map_and_batch(map_func: Callable, batch_size: int, num_parallel_batches: int | None = None,
                  drop_remainder: bool = False,
                  num_parallel_calls: int | None = None) -> Callable:  # fmt: skip
    """Return a function for `Dataset.apply` that calls `map` and `batch`.

    >>> import nyala
    >>> doubled = nyala.data.experimental.map_and_batch(lambda x: x * 2, 3)
    >>> [x.tolist() for x in nyala.data.Dataset.range(3).apply(doubled).as_numpy_iterator()]
    [[0, 2, 4]]
    """
    return lambda dataset: dataset.map(map_func, num_parallel_calls or num_parallel_batches).batch(
        batch_size, drop_remainder
    )


def prefetch_to_device(device: Any, buffer_size: int | None = None) -> Callable:
    """Return a function for `Dataset.apply` that calls `prefetch`; training chooses the device.

    >>> import nyala
    >>> ahead = nyala.data.experimental.prefetch_to_device("/gpu:0")
    >>> [int(x) for x in nyala.data.Dataset.range(2).apply(ahead)]
    [0, 1]
    """
    return lambda dataset: dataset.prefetch(AUTOTUNE if buffer_size is None else buffer_size)


def copy_to_device(target_device: Any, source_device: Any = "/cpu:0") -> Callable:
    """Return a function for `Dataset.apply` that changes nothing: training chooses the device.

    >>> import nyala
    >>> there = nyala.data.experimental.copy_to_device("/gpu:0")
    >>> len(nyala.data.Dataset.range(2).apply(there))
    2
    """
    return lambda dataset: dataset


def parallel_interleave(map_func: Callable, cycle_length: int, block_length: int = 1,
                        sloppy: bool = False, buffer_output_elements: Any = None,
                        prefetch_input_elements: Any = None) -> Callable:  # fmt: skip
    """Return a function for `Dataset.apply` that calls `interleave`, in threads.

    >>> import nyala
    >>> twice = nyala.data.experimental.parallel_interleave(
    ...     lambda n: nyala.data.Dataset.from_tensors(n).repeat(2), 2)
    >>> [int(x) for x in nyala.data.Dataset.range(2).apply(twice)]
    [0, 1, 0, 1]
    """
    return lambda dataset: dataset.interleave(
        map_func, cycle_length, block_length, num_parallel_calls=cycle_length
    )
