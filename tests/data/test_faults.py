"""Wrong use and failing functions: what is said, where it surfaces, and that no thread stays."""

from __future__ import annotations

import gc
import time
import traceback

import numpy as np
import pytest

import nyala
from nyala.data import Dataset, TensorSpec

pytestmark = pytest.mark.usefixtures("threads_of_pipelines")


def fails_at_3(x):
    if int(x) == 3:
        raise ZeroDivisionError("a row without weight")
    return int(x)


PLACES = {
    "map": lambda d: d.map(fails_at_3),
    "map_batch": lambda d: d.map(fails_at_3).batch(1),
    "map_threads": lambda d: d.map(fails_at_3, num_parallel_calls=2),
    "prefetch": lambda d: d.map(fails_at_3).prefetch(2),
    "filter": lambda d: d.filter(lambda x: fails_at_3(x) < 9),
    "flat_map": lambda d: d.flat_map(lambda x: Dataset.range(fails_at_3(x) * 0 + 1)),
    "interleave": lambda d: d.interleave(
        lambda x: Dataset.range(fails_at_3(x) * 0 + 1), cycle_length=1, num_parallel_calls=1
    ),
    "scan": lambda d: d.scan(0, lambda s, x: (s, fails_at_3(x))),
}


@pytest.mark.parametrize("name", PLACES)
def test_errors_of_functions_surface_with_the_element_and_the_traceback(name):
    iterator = iter(PLACES[name](Dataset.range(6)))
    for _ in range(3):
        next(iterator)
    with pytest.raises(ZeroDivisionError, match="a row without weight") as caught:
        next(iterator)
    assert any("on element 3" in note for note in caught.value.__notes__)
    assert "fails_at_3" in "".join(traceback.format_tb(caught.value.__traceback__))


@pytest.mark.parametrize("name", ["map", "map_threads", "prefetch"])
def test_reading_can_go_on_after_an_error(name):
    iterator = PLACES[name](Dataset.range(6)).as_numpy_iterator()
    assert [int(next(iterator)) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ZeroDivisionError):
        next(iterator)
    assert [int(x) for x in iterator] == [4, 5]


def test_errors_of_generators_name_the_element():
    def broken():
        yield 1
        raise OSError("disk gone")

    iterator = iter(Dataset.from_generator(broken, output_types="int32").prefetch(1))
    next(iterator)
    with pytest.raises(OSError, match="disk gone") as caught:
        next(iterator)
    assert any("element 1" in note for note in caught.value.__notes__)


def test_stop_iteration_in_a_function_does_not_end_the_data():
    with pytest.raises(RuntimeError, match="StopIteration"):
        list(Dataset.range(3).map(lambda x: next(iter([])) if int(x) else int(x)))


@pytest.mark.parametrize(
    "make",
    [
        lambda d: d.prefetch(2),
        lambda d: d.map(lambda x: np.asarray(x), num_parallel_calls=3),
        lambda d: d.prefetch(2).shuffle(3).prefetch(2),
        lambda d: d.repeat().prefetch(2),
        lambda d: d.prefetch(1).cache(),
        lambda d: d.interleave(lambda x: Dataset.range(5), num_parallel_calls=2),
        lambda d: Dataset.zip(d.prefetch(1), d.prefetch(1)).flat_map(
            lambda a, b: Dataset.range(5).prefetch(1)
        ),
    ],
)
@pytest.mark.parametrize("how", ["drop", "close", "exhaust"])
def test_no_thread_outlives_its_iterator(make, how, threads_of_pipelines):
    iterator = iter(make(Dataset.range(30)).take(20))
    next(iterator)
    assert threads_of_pipelines()
    if how == "exhaust":
        for _ in iterator:
            pass
    elif how == "close":
        iterator.close()
    del iterator
    gc.collect()
    assert not threads_of_pipelines()


def test_prefetch_overlaps():
    started = []

    def slow():
        for n in range(4):
            started.append(n)
            yield n

    iterator = iter(Dataset.from_generator(slow, output_types="int32").prefetch(2))
    next(iterator)
    deadline = time.monotonic() + 10
    while len(started) < 3 and time.monotonic() < deadline:
        time.sleep(0.001)
    assert len(started) >= 3


WRONG = {
    "lengths": (
        lambda: Dataset.from_tensor_slices((np.ones(3), {"y": np.ones(4)})),
        ValueError, r"tensors\[0\] has 3 rows, tensors\[1\]\['y'\] has 4",
    ),
    "no_axis": (lambda: Dataset.from_tensor_slices(3), ValueError, "Use from_tensors"),
    "nothing": (lambda: Dataset.from_tensor_slices(()), ValueError, "at least one array"),
    "ragged_list": (lambda: Dataset.from_tensors([[1], [2, 3]]), TypeError, "use a tuple"),
    "object": (lambda: Dataset.from_tensors(object()), TypeError, "an object of type object"),
    "ragged_batch": (
        lambda: list(Dataset.from_generator(lambda: (np.ones(n) for n in (1, 2))).batch(2)),
        ValueError, "Use padded_batch",
    ),
    "signature_shape": (
        lambda: list(Dataset.from_generator(
            lambda: iter([[1.0], [1.0, 2.0]]), output_signature=TensorSpec((1,), "float32"))),
        TypeError, r"element 1 does not fit output_signature.*shape \(2,\)",
    ),
    "signature_dtype": (
        lambda: list(Dataset.from_generator(
            lambda: iter([1.5]), output_signature=TensorSpec((), "int32"))),
        TypeError, "float32 in the place of int32",
    ),
    "signature_structure": (
        lambda: list(Dataset.from_generator(
            lambda: iter([(1, 2)]), output_signature=TensorSpec((), "int32"))),
        TypeError, "a tuple in the place of a tensor",
    ),
    "generator_object": (
        lambda: Dataset.from_generator(iter([1])), TypeError, "function that returns an iterator"),
    "batch_size": (lambda: Dataset.range(3).batch(0), ValueError, "positive integer; got 0"),
    "buffer_size": (lambda: Dataset.range(3).shuffle(0), ValueError, "buffer_size"),
    "prefetch": (lambda: Dataset.range(3).prefetch(None), ValueError, "AUTOTUNE"),
    "calls": (lambda: Dataset.range(3).map(abs, num_parallel_calls=0), ValueError, "num_parallel"),
    "no_function": (lambda: Dataset.range(3).map(3), TypeError, "expects a function"),
    "shard": (lambda: Dataset.range(3).shard(2, 2), ValueError, "index must be below num_shards"),
    "concatenate": (
        lambda: Dataset.range(3).concatenate(Dataset.from_tensors("a")), TypeError, "same dtypes"),
    "concatenate_list": (lambda: Dataset.range(3).concatenate([1]), TypeError, "expects datasets"),
    "predicate": (
        lambda: list(Dataset.from_tensors([1, 2]).filter(lambda x: x > 0)),
        TypeError, "one truth value",
    ),
    "flat_map": (
        lambda: list(Dataset.range(2).flat_map(lambda x: x)), TypeError, "must return a Dataset"),
    "scan": (
        lambda: list(Dataset.range(2).scan(0, lambda s, x: s + x)), TypeError, "new_state, output"),
    "unbatch": (lambda: Dataset.range(2).unbatch(), ValueError, "first axis"),
    "windows": (
        lambda: list(Dataset.range(4).window(2).batch(2)), ValueError, "flat_map"),
    "apply": (lambda: Dataset.range(2).apply(lambda d: 3), TypeError, "must return a Dataset"),
    "padded_shapes": (
        lambda: Dataset.from_tensors([1]).padded_batch(2, padded_shapes=(2, 2)),
        ValueError, "as many axes",
    ),
    "buckets": (
        lambda: Dataset.range(3).bucket_by_sequence_length(int, [1], [1]),
        ValueError, "one entry more",
    ),
    "weights": (
        lambda: Dataset.sample_from_datasets([Dataset.range(3)], [0.0]),
        ValueError, "not all zero",
    ),
    "choice": (
        lambda: list(Dataset.choose_from_datasets([Dataset.range(3)], Dataset.range(2))),
        ValueError, "number of one of 1 datasets; got 1",
    ),
    "constructor": (lambda: Dataset([1, 2]), TypeError, "from_tensor_slices"),
    "compression": (
        lambda: nyala.data.TextLineDataset([], "gzip"), ValueError, "'GZIP' or 'ZLIB'; got 'gzip'"),
    "no_file": (lambda: nyala.data.TextLineDataset("nowhere"), FileNotFoundError, "nowhere"),
    "state": (
        lambda: iter(Dataset.range(3)).set_state(iter(Dataset.range(3).batch(2)).get_state()),
        ValueError, "saved by another pipeline",
    ),
    "length": (lambda: len(Dataset.range(3).repeat()), TypeError, "infinite"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong_use_is_explained(name):
    wrong, error, message = WRONG[name]
    with pytest.raises(error, match=message):
        wrong()


def test_an_empty_dataset_repeated_for_ever_ends():
    assert list(Dataset.range(0).repeat()) == []
    assert list(Dataset.range(3).filter(lambda x: x > 9).repeat()) == []
