"""What sources and transforms yield, against plain Python; their lengths and specs."""

from __future__ import annotations

import gzip
import itertools

import numpy as np
import pytest

import nyala
from nyala.data import INFINITE_CARDINALITY, UNKNOWN_CARDINALITY, Dataset, DatasetSpec, TensorSpec

ops = nyala.ops


def numbers(count):
    """A source without random access."""
    return Dataset.from_generator(
        lambda: iter(range(count)), output_signature=TensorSpec((), "int32")
    )


def values(dataset):
    return [np.asarray(x).tolist() for x in dataset.as_numpy_iterator()]


def spec_fits(dataset):
    """Every element fits the spec that the dataset states."""
    spec = nyala.tree.flatten(dataset.element_spec)
    for element in dataset:
        for one, leaf in zip(spec, nyala.tree.flatten(element), strict=True):
            if isinstance(one, DatasetSpec):
                assert leaf.element_spec == one.element_spec
            else:
                assert one.fits(leaf), (one, leaf)
    return True


MAKERS = {"rows": Dataset.range, "stream": numbers}
R = list(range(10))
CASES = {
    "batch": (lambda d: d.batch(4), [R[:4], R[4:8], R[8:]]),
    "batch_drop": (lambda d: d.batch(4, drop_remainder=True), [R[:4], R[4:8]]),
    "batch_exact": (lambda d: d.batch(5), [R[:5], R[5:]]),
    "take": (lambda d: d.take(3), R[:3]),
    "take_all": (lambda d: d.take(-1), R),
    "take_more": (lambda d: d.take(99), R),
    "skip": (lambda d: d.skip(7), R[7:]),
    "skip_all": (lambda d: d.skip(-1), []),
    "skip_more": (lambda d: d.skip(99).batch(2), []),
    "repeat": (lambda d: d.take(3).repeat(2), R[:3] * 2),
    "repeat_none": (lambda d: d.repeat(0), []),
    "repeat_forever": (lambda d: d.repeat().take(25), (R * 3)[:25]),
    "repeat_batch": (lambda d: d.take(3).repeat(2).batch(4), [[0, 1, 2, 0], [1, 2]]),
    "shard": (lambda d: d.shard(4, 1), R[1::4]),
    "shard_skip": (lambda d: d.skip(2).shard(3, 0).batch(2), [[2, 5], [8]]),
    "filter": (lambda d: d.filter(lambda x: x % 2 == 0), R[::2]),
    "filter_python": (lambda d: d.filter(lambda x: int(x) in (3, 5)), [3, 5]),
    "take_while": (lambda d: d.take_while(lambda x: x < 4), R[:4]),
    "map": (lambda d: d.map(lambda x: x * x), [x * x for x in R]),
    "map_batch": (
        lambda d: d.map(lambda x: x * x).batch(6), [[0, 1, 4, 9, 16, 25], [36, 49, 64, 81]]),
    "map_python": (lambda d: d.map(lambda x: np.asarray(x) + 1), [*R[1:], 10]),
    "map_threads": (
        lambda d: d.map(lambda x: np.asarray(x) + 1, num_parallel_calls=4).batch(5),
        [R[1:6], [*R[6:], 10]],
    ),
    "map_two": (lambda d: d.enumerate().map(lambda i, x: i + x), [2 * x for x in R]),
    "enumerate": (lambda d: d.enumerate(5).map(lambda i, x: i), [x + 5 for x in R]),
    "concatenate": (lambda d: d.concatenate(d.take(2)), R + R[:2]),
    "zip": (lambda d: Dataset.zip(d, d.skip(3)).map(lambda a, b: b - a), [3] * 7),
    "unbatch": (lambda d: d.batch(3).unbatch(), R),
    "rebatch": (lambda d: d.batch(3).rebatch(4), [R[:4], R[4:8], R[8:]]),
    "rebatch_turns": (
        lambda d: d.batch(10).rebatch([1, 2, 3]), [[0], [1, 2], [3, 4, 5], [6], [7, 8], [9]]),
    "rebatch_drop": (lambda d: d.batch(3).rebatch(4, drop_remainder=True), [R[:4], R[4:8]]),
    "prefetch": (lambda d: d.prefetch(2), R),
    "cache": (lambda d: d.cache(), R),
    "cache_batch": (lambda d: d.cache().skip(1).batch(9), [R[1:]]),
    "window": (
        lambda d: d.window(3, shift=2, stride=2, drop_remainder=True)
        .flat_map(lambda w: w.batch(3)),
        [[0, 2, 4], [2, 4, 6], [4, 6, 8]],
    ),
    "window_rest": (
        lambda d: d.window(4).flat_map(lambda w: w.batch(4)), [R[:4], R[4:8], R[8:]]),
    "window_gaps": (
        lambda d: d.window(2, shift=4).flat_map(lambda w: w.batch(2)), [[0, 1], [4, 5], [8, 9]]),
    "flat_map": (
        lambda d: d.take(4).flat_map(lambda n: Dataset.range(int(n))), [0, 0, 1, 0, 1, 2]),
    "interleave": (
        lambda d: d.skip(1).take(5).interleave(
            lambda x: Dataset.from_tensors(x).repeat(6), cycle_length=2, block_length=4),
        [1, 1, 1, 1, 2, 2, 2, 2, 1, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 3, 3, 4, 4, 5, 5, 5, 5, 5, 5],
    ),
    "scan": (
        lambda d: d.scan(0, lambda total, x: (total + x, total)),
        [sum(R[:i]) for i in range(10)],
    ),
    "shuffle_none": (lambda d: d.shuffle(1), R),
    "shuffle_sorted": (lambda d: Dataset.from_tensors(sorted(values(d.shuffle(4)))), [R]),
    "apply": (lambda d: d.apply(lambda e: e.take(2)), R[:2]),
}  # fmt: skip


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("name", CASES)
def test_elements(name, maker):
    transform, expected = CASES[name]
    dataset = transform(MAKERS[maker](10))
    assert values(dataset) == expected
    assert values(dataset) == expected  # again
    length = int(dataset.cardinality())
    assert length in (len(expected), UNKNOWN_CARDINALITY)
    if maker == "rows" and not any(
        w in name for w in ("filter", "while", "flat", "inter", "window")
    ):
        assert length == len(expected)
    if expected:
        assert spec_fits(dataset)


@pytest.mark.parametrize("count", [1, 5, 16, 100])
@pytest.mark.parametrize("size", [2, 5, 100])
def test_shuffle_by_index_is_the_shuffle_through_a_buffer(size, count):
    rows = values(Dataset.range(count).shuffle(size, seed=3))
    assert rows == values(numbers(count).shuffle(size, seed=3)) or size > count
    assert sorted(rows) == list(range(count))
    # What is handed out at a place was in the buffer by then.
    assert all(value < place + size for place, value in enumerate(rows))


def test_shuffle_crosses_blocks(monkeypatch):
    monkeypatch.setattr(nyala.data._index_shuffle, "BLOCK", 8)
    rows = values(Dataset.range(50).shuffle(5, seed=1))
    assert rows == values(numbers(50).shuffle(5, seed=1))
    assert sorted(rows) == list(range(50))


def test_shuffle_is_uniform():
    data = Dataset.range(4).shuffle(4, seed=0)
    orders = [tuple(values(data)) for _ in range(240)]
    counts = [orders.count(order) for order in itertools.permutations(range(4))]
    assert min(counts) >= 1
    assert max(counts) <= 26  # 10 are expected; chance exceeds 26 once in a million


def test_seeds_repeat_and_iterations_differ():
    data, same = Dataset.range(40).shuffle(40, seed=5), Dataset.range(40).shuffle(40, seed=5)
    first, second = values(data), values(data)
    assert first != second
    assert [first, second] == [values(same), values(same)]
    fixed = Dataset.range(40).shuffle(40, reshuffle_each_iteration=False)
    assert values(fixed) == values(fixed)


def test_a_split_of_a_fixed_shuffle_does_not_overlap():
    data = Dataset.range(20).shuffle(20, reshuffle_each_iteration=False)
    assert sorted(values(data.take(5)) + values(data.skip(5))) == list(range(20))


def test_the_global_seed_repeats_everything():
    def run():
        nyala.utils.set_random_seed(3)
        data = Dataset.range(30).shuffle(30).map(lambda x: nyala.random.uniform(()))
        return values(data)

    assert run() == run()


def test_random_operations_do_not_depend_on_how_elements_are_made():
    def noisy(x):
        return ops.cast(x, "float32") + nyala.random.uniform((2,))

    def in_python(x):
        return np.asarray(x) + np.asarray(nyala.random.uniform((2,)))

    runs = []
    for make in (
        lambda d: d.map(noisy),
        lambda d: d.map(noisy).batch(4).unbatch(),
        lambda d: d.map(in_python),
        lambda d: d.map(in_python, num_parallel_calls=3),
    ):
        nyala.utils.set_random_seed(1)
        runs.append(np.array(values(make(Dataset.range(10)))))
    for other in runs[1:]:
        np.testing.assert_allclose(runs[0], other, rtol=1e-6)
    assert len(np.unique(runs[0] % 1)) == 20  # every draw is another


def test_seeded_layers_draw_anew_for_each_element_and_pass():
    generator = nyala.random.SeedGenerator(4)
    data = Dataset.range(5).map(lambda x: nyala.random.uniform((), seed=generator))
    first, second = values(data), values(data)
    assert len(set(first + second)) == 10
    assert generator.state.numpy().tolist() == [4, 0]


def test_functions_that_draw_from_numpy_are_not_frozen():
    noise = np.random.default_rng(0)
    data = Dataset.range(5).map(lambda x: x + noise.random())
    assert len({x % 1 for x in values(data)}) == 5


def test_variables_in_functions_are_live():
    scale, count = nyala.Variable(1.0), nyala.Variable(0)
    data = Dataset.range(3).map(lambda x: ops.cast(x, "float32") * scale)
    assert values(data) == [0.0, 1.0, 2.0]
    scale.assign(10.0)
    assert values(data) == [0.0, 10.0, 20.0]

    def counted(x):
        count.assign_add(1)
        return x + count

    assert values(Dataset.range(3).map(counted)) == [1, 3, 5]
    assert int(count) == 3


def test_compiled_functions_are_traced_a_few_times_not_per_element():
    calls = []

    def double(x):
        calls.append(x)
        return x * 2

    assert values(Dataset.range(100).map(double).batch(10))[-1][-1] == 198
    assert len(calls) < 6


def test_structures():
    data = Dataset.from_tensor_slices({"a": [1.5, 2.5], "b": (["x", "y"], [[1, 2], [3, 4]])})
    assert data.element_spec == {
        "a": TensorSpec((), "float32"),
        "b": (TensorSpec((), "string"), TensorSpec((2,), "int32")),
    }
    element = next(iter(data.map(lambda e: {"c": e["b"][1] + 1, "d": e["b"][0]})))
    assert element["c"].numpy().tolist() == [2, 3]
    assert isinstance(element["d"], nyala.Tensor)
    assert element["d"].dtype == "string"


def test_strings_stay_on_the_host():
    data = Dataset.from_tensor_slices(["a", "bc"]).map(lambda s: (s, len(str(s.numpy()))))
    assert next(iter(data.batch(2)))[0].numpy().tolist() == [b"a", b"bc"]


def test_pandas_columns():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"n": [1, 2], "s": ["a", "b"]})
    data = Dataset.from_tensor_slices((dict(frame), frame.pop("n")))
    assert list(data.as_numpy_iterator()) == [({"n": 1, "s": b"a"}, 1), ({"n": 2, "s": b"b"}, 2)]


def test_memory_maps_stay_in_their_file(tmp_path):
    stored = np.memmap(tmp_path / "x", "float64", "w+", shape=(6, 2))
    stored[:] = np.arange(12).reshape(6, 2)
    data = Dataset.from_tensor_slices(stored)
    assert data._stage.arrays is stored
    assert data.batch(4).element_spec == TensorSpec((None, 2), "float32")
    assert values(data.batch(4)) == [stored[:4].tolist(), stored[4:].tolist()]


def test_batches_do_not_change_with_the_array():
    x = np.zeros((4, 2), "float32")
    batch = next(iter(Dataset.from_tensor_slices(x).batch(4)))
    x[:] = 1
    assert not batch.numpy().any()


def test_generators():
    def pairs():
        yield 1, [2.0, 3.0]
        yield 4, [5.0, 6.0]

    data = Dataset.from_generator(pairs, output_types=("int32", "float32"))
    assert [(int(a), b.numpy().tolist()) for a, b in data] == [(1, [2.0, 3.0]), (4, [5.0, 6.0])]
    free = Dataset.from_generator(pairs)
    assert free.element_spec == (TensorSpec((), "int32"), TensorSpec((None,), "float32"))
    assert len(list(free)) == 2
    counted = Dataset.from_generator(lambda n: iter(range(int(n))), args=(3,))
    assert values(counted) == [0, 1, 2]


def test_random_and_counter():
    data = Dataset.random(seed=1).batch(2000).take(1)
    draws = next(data.as_numpy_iterator())
    assert draws.dtype == np.uint32
    assert abs(draws.mean() / 2**32 - 0.5) < 0.03
    assert int(Dataset.random().cardinality()) == INFINITE_CARDINALITY
    assert values(Dataset.counter(3, -2).take(3)) == [3, 1, -1]


def test_range_that_does_not_fit():
    with pytest.raises(ValueError, match="does not fit into int32"):
        Dataset.range(2**40)


def test_choices():
    parts = [Dataset.from_tensors(n).repeat(2) for n in range(3)]
    chosen = Dataset.choose_from_datasets(parts, Dataset.from_tensor_slices([2, 0, 0, 0, 1]))
    assert values(chosen) == [2, 0, 0]
    over = Dataset.choose_from_datasets(
        parts, Dataset.from_tensor_slices([2, 0, 0, 0, 1]), stop_on_empty_dataset=False
    )
    assert values(over) == [2, 0, 0, 1]
    mixed = Dataset.sample_from_datasets(
        [Dataset.from_tensors(n).repeat() for n in range(2)], [0.2, 0.8], seed=0
    )
    assert abs(np.mean(values(mixed.take(2000))) - 0.8) < 0.04


def test_padded_batch():
    ragged = Dataset.from_generator(lambda: ((np.ones(n), "a" * n) for n in (1, 3, 2)))
    batch = next(iter(ragged.padded_batch(3)))
    assert batch[0].numpy().tolist() == [[1, 0, 0], [1, 1, 1], [1, 1, 0]]
    fixed = ragged.map(lambda x, s: x).padded_batch(2, padded_shapes=(4,), padding_values=-1.0)
    assert values(fixed)[0] == [[1, -1, -1, -1], [1, 1, 1, -1]]
    with pytest.raises(ValueError, match="does not fit"):
        list(ragged.map(lambda x, s: x).padded_batch(3, padded_shapes=(2,)))
    strings = Dataset.from_generator(lambda: (["a"] * n for n in (1, 2))).padded_batch(2)
    assert values(strings) == [[[b"a", b""], [b"a", b"a"]]]


def test_buckets():
    lengths = [1, 5, 2, 6, 1, 9, 2]
    ragged = Dataset.from_generator(
        lambda: (np.full(n, n) for n in lengths), output_signature=TensorSpec((None,), "int32")
    )
    shapes = [b.shape for b in ragged.bucket_by_sequence_length(len, [3, 7], [2, 2, 1])]
    assert shapes == [(2, 2), (2, 6), (1, 9), (2, 2)]
    to_boundary = ragged.take(5).bucket_by_sequence_length(
        len, [3, 7], [2, 2, 1], pad_to_bucket_boundary=True
    )
    assert [b.shape for b in to_boundary] == [(2, 2), (2, 6), (1, 2)]
    dropped = ragged.take(5).bucket_by_sequence_length(len, [3, 7], [2, 2, 1], drop_remainder=True)
    assert len(list(dropped)) == 2


def test_windows_of_pairs_are_pairs_of_windows():
    windows = Dataset.range(4).enumerate().window(2)
    first, second = next(iter(windows))
    assert (values(first), values(second)) == ([0, 1], [0, 1])
    zipped = windows.flat_map(lambda a, b: Dataset.zip(a, b).batch(2))
    assert [x.numpy().tolist() for x, _ in zipped] == [[0, 1], [2, 3]]


def test_reduce_and_single_elements():
    assert int(Dataset.range(5).reduce(np.int64(0), lambda n, _: n + 1)) == 5
    total, largest = Dataset.range(5).reduce((0, -1), lambda s, x: (s[0] + x, ops.maximum(s[1], x)))
    assert (int(total), int(largest)) == (10, 4)
    with pytest.raises(ValueError, match="more than one"):
        Dataset.range(2).get_single_element()
    with pytest.raises(ValueError, match="empty"):
        Dataset.range(0).get_single_element()


def test_cache_in_a_file_appears_whole(tmp_path):
    calls = []
    source = Dataset.from_generator(lambda: (calls.append(n) or (n, f"s{n}") for n in range(4)))
    path = tmp_path / "cache"
    data = source.cache(path)
    iterator = iter(data)
    next(iterator)
    assert not path.exists()
    assert len(list(data)) == 4
    assert path.exists()
    assert [p.name for p in tmp_path.iterdir()] == ["cache"]
    made = len(calls)
    again = source.cache(path)
    assert list(again.as_numpy_iterator()) == [(n, b"s%d" % n) for n in range(4)]
    assert len(calls) == made


def test_an_unfinished_cache_file_is_removed(tmp_path):
    data = numbers(4).cache(tmp_path / "cache")
    next(iter(data))
    del data
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_cache_file_is_refused(tmp_path):
    path = tmp_path / "cache"
    assert len(list(numbers(4).cache(path))) == 4
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ValueError, match="damaged"):
        list(numbers(4).cache(path))


def test_save_and_load(tmp_path):
    data = Dataset.from_tensor_slices({"x": np.ones((3, 2), "float16"), "s": ["a", "b", "c"]})
    data.save(tmp_path / "d", compression="GZIP")
    loaded = Dataset.load(tmp_path / "d")
    assert loaded.element_spec == data.element_spec
    assert len(loaded) == 3
    for a, b in zip(data.as_numpy_iterator(), loaded.as_numpy_iterator(), strict=True):
        assert a["s"] == b["s"]
        assert (a["x"] == b["x"]).all()
    with pytest.raises(FileNotFoundError, match="no dataset was saved"):
        Dataset.load(tmp_path)


def test_text_lines(tmp_path):
    (tmp_path / "a.txt").write_bytes("één\r\ntwo".encode())
    with gzip.open(tmp_path / "b.gz", "wb") as file:
        file.write(b"three\nfour\n")
    assert values(nyala.data.TextLineDataset(tmp_path / "a.txt")) == ["één".encode(), b"two"]
    zipped = nyala.data.TextLineDataset([str(tmp_path / "b.gz")] * 2, compression_type="GZIP")
    assert values(zipped.skip(1).batch(2)) == [[b"four", b"three"], [b"four"]]
    (tmp_path / "bad.txt").write_bytes(b"fine\n\xff\n")
    with pytest.raises(ValueError, match=r"bad.txt, line 2"):
        list(nyala.data.TextLineDataset(tmp_path / "bad.txt"))


def test_list_files(tmp_path):
    for name in "cab":
        (tmp_path / name).touch()
    found = Dataset.list_files(str(tmp_path / "*"), seed=1)
    assert sorted(values(found)) == [bytes(tmp_path / n) for n in "abc"]
    with pytest.raises(FileNotFoundError, match="no file fits"):
        Dataset.list_files(str(tmp_path / "*.png"))


def test_options_and_experimental():
    experimental = nyala.data.experimental
    first, second = nyala.data.Options(), nyala.data.Options()
    second.deterministic = False
    first.threading.private_threadpool_size = 2
    merged = first.merge(second)
    assert (merged.deterministic, merged.threading.private_threadpool_size) == (False, 2)
    wrong = numbers(3).apply(experimental.assert_cardinality(4))
    with pytest.raises(ValueError, match="has only 3"):
        list(wrong)
    with pytest.raises(ValueError, match="at least 3"):
        list(numbers(3).apply(experimental.assert_cardinality(2)))
