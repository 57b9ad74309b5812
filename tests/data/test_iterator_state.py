"""Every checkpoint of every transform, restored, continues with exactly the elements left."""

from __future__ import annotations

import json
from functools import partial

import numpy as np
import pytest

import nyala
from nyala.data import Dataset, TensorSpec

ops, random = nyala.ops, nyala.random
AUTOTUNE = nyala.data.AUTOTUNE


def numbers(count):
    """A source without random access."""
    return Dataset.from_generator(
        lambda: iter(np.arange(count)), output_signature=TensorSpec((), "int32")
    )


def ragged():
    return Dataset.from_generator(
        lambda: (np.full(1 + n * 7 % 5, n) for n in range(12)),
        output_signature=TensorSpec((None,), "int32"),
    )


def in_python(x):
    return np.asarray(x) * 2  # refuses to be traced


def fails_on_even(x):
    if int(x) % 2 == 0:
        raise ValueError("even")
    return int(x)


def noisy(x):
    return ops.cast(x, "float32") + random.uniform(())


def noisy_in_python(x):
    return float(x) + np.asarray(random.uniform(()))


def parts(n):
    return Dataset.range(int(n) * 10, int(n) * 10 + 3).shuffle(3)


PIPELINES = {
    "slices": lambda: Dataset.from_tensor_slices((np.arange(7.0), np.arange(14).reshape(7, 2))),
    "strings": lambda: Dataset.from_tensor_slices(["a", "b", "c"]).batch(2),
    "dicts": lambda: Dataset.from_tensor_slices({"a": [1, 2, 3], "b": ([1, 2, 3], [4, 5, 6])}),
    "tensors": lambda: Dataset.from_tensors({"a": [1, 2]}),
    "range": lambda: Dataset.range(9, 0, -2),
    "generator": lambda: numbers(6),
    "generator_unsigned": lambda: Dataset.from_generator(lambda: iter([(1, 2.0), (3, 4.0)])),
    "random": lambda: Dataset.random(seed=3).take(5),
    "random_anew": lambda: Dataset.random(rerandomize_each_iteration=True).take(3).repeat(2),
    "zip": lambda: Dataset.zip(Dataset.range(5).shuffle(5), {"a": numbers(4)}),
    "batch": lambda: Dataset.range(10).batch(3),
    "batch_dropping": lambda: numbers(10).batch(3, drop_remainder=True),
    "batch_twice": lambda: Dataset.range(12).batch(2).batch(3),
    "shuffle_all": lambda: Dataset.range(12).shuffle(100),
    "shuffle_some": lambda: Dataset.range(30).shuffle(4, seed=5),
    "shuffle_stream": lambda: numbers(20).shuffle(4),
    "shuffle_small_stream": lambda: numbers(3).shuffle(8),
    "shuffle_ragged": lambda: ragged().shuffle(4).map(ops.sum),
    "shuffle_twice": lambda: numbers(10).shuffle(3).shuffle(4),
    "shuffle_same": lambda: Dataset.range(5).shuffle(5, reshuffle_each_iteration=False).repeat(2),
    "shuffle_batch": lambda: Dataset.range(11).shuffle(6).batch(3),
    "shuffle_batch_repeat": lambda: Dataset.range(7).shuffle(7).batch(3).repeat(3),
    "shuffle_repeat_batch": lambda: Dataset.range(7).shuffle(7).repeat(2).batch(4),
    "repeat": lambda: numbers(3).repeat(3),
    "repeat_forever": lambda: Dataset.range(3).shuffle(3).repeat().take(10),
    "map": lambda: Dataset.range(6).map(lambda x: x * x),
    "map_batch": lambda: Dataset.range(10).map(noisy).batch(4),
    "map_random": lambda: numbers(6).map(noisy),
    "map_in_python": lambda: numbers(6).map(in_python),
    "map_random_in_python": lambda: Dataset.range(6).map(noisy_in_python),
    "map_parallel": lambda: Dataset.range(20).map(noisy_in_python, num_parallel_calls=3),
    "map_parallel_batch": lambda: numbers(10).map(in_python, num_parallel_calls=2).batch(3),
    "map_parallel_compiled": lambda: Dataset.range(7).map(noisy, num_parallel_calls=AUTOTUNE),
    "map_shuffled": lambda: Dataset.range(9).map(noisy).shuffle(4).batch(2),
    "map_repeated": lambda: Dataset.range(3).map(noisy).repeat(2),
    "prefetch": lambda: Dataset.range(20).shuffle(20).batch(2).prefetch(3),
    "prefetch_stream": lambda: numbers(20).shuffle(3).prefetch(AUTOTUNE),
    "take": lambda: numbers(9).take(4),
    "skip": lambda: numbers(9).skip(4),
    "skip_batch": lambda: Dataset.range(9).shuffle(9).skip(4).batch(2),
    "filter": lambda: Dataset.range(12).filter(lambda x: x % 3 == 0),
    "filter_random": lambda: Dataset.range(12).filter(lambda x: random.uniform(()) < 0.5),
    "take_while": lambda: numbers(9).take_while(lambda x: x < 5),
    "concatenate": lambda: numbers(3).shuffle(3).concatenate(Dataset.range(5, 9).shuffle(4)),
    "concatenate_rows": lambda: Dataset.range(3).concatenate(Dataset.range(5, 9)).shuffle(4),
    "enumerate": lambda: numbers(4).enumerate(start=3),
    "cache": lambda: numbers(6).map(noisy).cache(),
    "cache_shuffle": lambda: Dataset.range(6).shuffle(3).cache().shuffle(6).repeat(2),
    "unbatch": lambda: Dataset.range(10).batch(4).unbatch(),
    "unbatch_shuffled": lambda: numbers(10).batch(3).shuffle(2).unbatch().batch(2),
    "rebatch": lambda: Dataset.range(20).batch(4).rebatch([1, 6, 2]),
    "padded_batch": lambda: ragged().padded_batch(5),
    "flat_map": lambda: Dataset.range(4).shuffle(4).flat_map(parts),
    "interleave": lambda: Dataset.range(5).interleave(parts, cycle_length=3, block_length=2),
    "interleave_parallel": lambda: numbers(5).interleave(
        parts, cycle_length=2, num_parallel_calls=2
    ),
    "window": lambda: numbers(9).window(3, shift=2).flat_map(lambda w: w.batch(3)),
    "window_stride": lambda: Dataset.range(12).window(3, shift=4, stride=2, drop_remainder=True),
    "window_gaps": lambda: numbers(12).window(2, shift=5).map(lambda w: w.reduce(0, ops.add)),
    "window_columns": lambda: Dataset.range(5).enumerate().window(2),
    "scan": lambda: numbers(6).scan(0, lambda s, x: (s + x, s * x)),
    "scan_random": lambda: Dataset.range(4).scan(0.0, lambda s, x: (s + random.uniform(()), s)),
    "shard": lambda: numbers(11).shard(3, 1),
    "shard_rows": lambda: Dataset.range(11).shard(3, 1).shuffle(4),
    "bucket": lambda: ragged().bucket_by_sequence_length(len, [2, 4], [2, 3, 2]),
    "group": lambda: numbers(11).group_by_window(
        lambda n: n % 3, lambda key, w: w.shuffle(3).batch(2), 3
    ),
    "ignore_errors": lambda: numbers(6).map(fails_on_even, num_parallel_calls=2).ignore_errors(),
    "resample": lambda: numbers(40).rejection_resample(lambda n: n % 5 // 4, [0.5, 0.5]),
    "unique": lambda: Dataset.range(12).map(lambda n: n % 5).unique(),
    "choose": lambda: Dataset.choose_from_datasets(
        [Dataset.range(9).shuffle(3), numbers(4)], Dataset.range(2).repeat(6)
    ),
    "sample": lambda: Dataset.sample_from_datasets([numbers(4), Dataset.range(10, 14)], [0.3, 0.7]),
    "long": lambda: (
        numbers(30)
        .shuffle(5)
        .map(noisy_in_python, num_parallel_calls=2)
        .batch(4)
        .prefetch(2)
        .unbatch()
        .repeat(2)
    ),
}


def plain_file(path, text):
    path.write_text(text)
    return str(path)


@pytest.fixture(scope="module")
def csv_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("csv")
    return [
        plain_file(folder / f"{i}.csv", "x,s\n" + "".join(f'{n},"a\n{n}"\n' for n in range(5)))
        for i in range(3)
    ]


@pytest.fixture(scope="module")
def record_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("records")
    for i, kind in enumerate(("GZIP", "GZIP")):
        with nyala.tf.io.TFRecordWriter(folder / f"{i}", kind) as writer:
            for n in range(7):
                writer.write(b"%02d" % (10 * i + n))
    return [str(folder / str(i)) for i in range(2)]


RECORDS = {
    "records": lambda files: nyala.data.TFRecordDataset(files, "GZIP"),
    "records_shuffled": lambda files: (
        nyala.data.TFRecordDataset(files, "GZIP").map(lambda x: x).shuffle(4).batch(3).repeat(2)
    ),
    "fixed_length": lambda files: nyala.data.FixedLengthRecordDataset(
        files, 6, compression_type="GZIP"
    ),
}
FILES = {
    "csv": lambda files: nyala.data.experimental.CsvDataset(files, [[0], [""]], header=True),
    "csv_shuffled": lambda files: nyala.data.experimental.make_csv_dataset(
        files, 2, num_epochs=2, shuffle_buffer_size=4
    ),
    "csv_shuffled_small": lambda files: nyala.data.experimental.make_csv_dataset(
        files, 4, num_epochs=1
    ),
    "lines_shuffled": lambda files: nyala.data.TextLineDataset(files).shuffle(5).batch(2),
}


def plain(element):
    """An element as lists, datasets inside it read."""
    if isinstance(element, dict):
        return {key: plain(item) for key, item in element.items()}
    if isinstance(element, tuple):
        return [plain(item) for item in element]
    if hasattr(element, "__iter__") and not isinstance(element, (str, np.ndarray)):
        return [plain(item) for item in element]
    return np.asarray(element).tolist()


def assert_all_checkpoints_restore(build, runs=2):
    """Save at every position, restore in an object built anew, compare the rest."""
    dataset = build()
    for _ in range(runs):
        iterator = dataset.as_numpy_iterator()
        states, elements = [json.dumps(iterator.get_state())], []
        for element in iterator:
            elements.append(plain(element))
            states.append(json.dumps(iterator.get_state()))
        for position, state in enumerate(states):
            restored = build().as_numpy_iterator()
            restored.set_state(json.loads(state))
            assert [plain(e) for e in restored] == elements[position:], f"from element {position}"


@pytest.mark.parametrize("name", PIPELINES)
def test_restored_iterators_continue(name):
    nyala.utils.set_random_seed(1)
    assert_all_checkpoints_restore(PIPELINES[name])


@pytest.mark.parametrize("name", FILES)
def test_restored_iterators_over_files_continue(name, csv_files, monkeypatch):
    from nyala.data.csv import _stage
    from nyala.data.sources import _text_lines

    # So that each file is cut into several chunks.
    small = partial(_stage.chunks, size=16)
    monkeypatch.setattr(_stage, "chunks", small)
    monkeypatch.setattr(_text_lines, "chunks", small)
    nyala.utils.set_random_seed(1)
    assert_all_checkpoints_restore(lambda: FILES[name](csv_files))


@pytest.mark.parametrize("name", RECORDS)
def test_restored_iterators_over_records_continue(name, record_files, monkeypatch):
    from nyala.data.records import _stage

    monkeypatch.setattr(_stage, "_READ_BYTES", 40)
    nyala.utils.set_random_seed(1)
    assert_all_checkpoints_restore(lambda: RECORDS[name](record_files))
