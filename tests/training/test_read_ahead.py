"""Streams in `fit`: read ahead in a thread, stacked, exact, and leaving nothing behind."""

from __future__ import annotations

import itertools
import json
import threading
import traceback

import numpy as np
import pytest

import nyala
from nyala.data import Dataset, StreamData, make_dataset_data
from nyala.eager import count_traces
from nyala.training._feeds import make_feed

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(50, 3)).astype("float32")
Y = (X @ np.array([[1.0], [2.0], [3.0]], "float32")).astype("float32")


pytestmark = pytest.mark.usefixtures("threads_of_pipelines")


def make_model(**options):
    nyala.utils.set_random_seed(0)
    model = nyala.Sequential([nyala.Input((3,)), nyala.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"], **options)
    return model


def rows():
    return Dataset.from_tensor_slices((X, Y))


def streamed():
    """A pipeline that is not recognised as arrays."""
    return rows().map(lambda x, y: (x, y))


def batches(size=16):
    return ((X[i : i + size], Y[i : i + size]) for i in range(0, len(X), size))


class PyBatches(nyala.utils.PyDataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return X[index * 16 : index * 16 + 16], Y[index * 16 : index * 16 + 16]


class Recorder(nyala.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.seen = []

    def on_train_batch_begin(self, batch, logs=None):
        self.seen.append(("begin", batch))

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append(("end", batch, logs["loss"]))


STREAMS = {
    "dataset": lambda: streamed().batch(16),
    "generator": lambda: batches(),
    "py_dataset": PyBatches,
    "list_of_batches": lambda: Dataset.from_generator(batches, output_types=("float32", "float32")),
}


@pytest.mark.parametrize("kind", STREAMS)
def test_results_are_those_of_arrays_to_the_last_bit(kind):
    expected, got = make_model(), make_model()
    one = expected.fit(X, Y, batch_size=16, shuffle=False, verbose=0).history
    two = got.fit(STREAMS[kind](), shuffle=False, verbose=0).history
    assert one == two
    for a, b in zip(expected.get_weights(), got.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_batches_are_announced_as_for_arrays():
    expected, got = Recorder(), Recorder()
    make_model().fit(X, Y, batch_size=16, shuffle=False, verbose=0, callbacks=[expected])
    make_model().fit(streamed().batch(16), verbose=0, callbacks=[got])
    assert got.seen == expected.seen
    assert [entry[:2] for entry in got.seen[:3]] == [("begin", 0), ("end", 0), ("begin", 1)]


def test_steps_compile_once():
    model = make_model()
    with count_traces() as traced:
        model.fit(streamed().batch(16), epochs=3, verbose=0)
        first = traced()
        model.fit(streamed().batch(16), epochs=2, verbose=0)
    assert first <= 4  # the loop, the last smaller batch; each may find variables on the way
    assert traced() == first


def test_batches_of_changing_shape():
    x = [np.ones((n, 3), "float32") * n for n in (4, 4, 2, 4, 5, 4)]
    expected, got = make_model(), make_model()
    for part in x:
        expected.train_on_batch(part, part[:, :1])
    got.fit(((part, part[:, :1]) for part in x), verbose=0)
    for a, b in zip(expected.get_weights(), got.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)


def test_a_source_may_use_its_array_again():
    x, y = np.empty((16, 3), "float32"), np.empty((16, 1), "float32")

    def reusing():
        for i in range(0, 48, 16):
            x[:], y[:] = X[i : i + 16], Y[i : i + 16]
            yield x, y

    expected, got = make_model(), make_model()
    expected.fit(X[:48], Y[:48], batch_size=16, shuffle=False, verbose=0)
    got.fit(reusing(), verbose=0)
    np.testing.assert_array_equal(expected.get_weights()[0], got.get_weights()[0])


def test_errors_come_out_of_fit_with_the_users_traceback():
    def failing():
        yield from itertools.islice(batches(), 2)
        raise ZeroDivisionError("no weight")

    recorder = Recorder()
    with pytest.raises(ZeroDivisionError, match="no weight") as caught:
        make_model().fit(failing(), verbose=0, callbacks=[recorder])
    assert "raise ZeroDivisionError" in "".join(traceback.format_exception(caught.value))
    assert [entry[1] for entry in recorder.seen if entry[0] == "end"] == [0, 1]


def test_no_more_is_read_than_the_steps_take():
    read = []

    def counted():
        for n in itertools.count():
            read.append(n)
            yield X[:4], Y[:4]

    source, model = counted(), make_model()
    model.fit(source, epochs=2, steps_per_epoch=3, verbose=0)
    assert read == list(range(6))
    model.fit(source, steps_per_epoch=2, verbose=0)
    assert read == list(range(8))


def test_reading_overlaps_with_steps():
    """A step that waits until a later batch was asked for can only end when that is read ahead."""
    asked, first_done = [], threading.Event()

    class Waits(nyala.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 0:
                assert first_done.wait(30), "nothing was read while the step ran"

    def source():
        for n in range(4):
            asked.append(n)
            if n == 2:
                first_done.set()
            yield X[:4], Y[:4]

    make_model().fit(source(), verbose=0, callbacks=[Waits()])
    assert asked == [0, 1, 2, 3]


def test_a_source_that_waits_for_the_step_goes_on():
    stepped = threading.Semaphore(1)

    class Steps(nyala.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            stepped.release()

    def source():
        for _ in range(4):
            assert stepped.acquire(timeout=30), "the step did not come"
            yield X[:4], Y[:4]

    make_model().fit(source(), verbose=0, callbacks=[Steps()])


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize("begins", [0, 7])
def test_a_source_that_looks_at_the_model_is_read_in_step(wrap, begins):
    """As when it is read by hand: every batch is made with what all batches before have taught."""

    def source(model):
        for n in range(12):
            targets = Y[:8]
            if n >= begins:
                targets = (model.predict(X[:8], verbose=0) + model(X[:8]).numpy()) / 2 + 1.0
            yield X[:8], targets

    reference, model = make_model(), make_model()
    for x, y in source(reference):
        reference.train_on_batch(x, y)
    data = source(model)
    if wrap:
        data = Dataset.from_generator(lambda: source(model), output_types=("float32", "float32"))
    model.fit(data, verbose=0)
    for a, b in zip(model.get_weights(), reference.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)


def test_a_source_that_looks_at_the_model_can_be_left():
    model = make_model()

    def source():
        while True:
            yield X[:8], model.predict(X[:8], verbose=0)

    model.fit(source(), steps_per_epoch=3, epochs=2, verbose=0)

    class Stops(nyala.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 1

    model.fit(source(), steps_per_epoch=30, verbose=0, callbacks=[Stops()])


def test_stopping_early_ends_the_thread():
    class Stops(nyala.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 1

    recorder = Recorder()
    data = streamed().repeat().batch(16)
    make_model().fit(data, steps_per_epoch=10, verbose=0, callbacks=[Stops(), recorder])
    assert len(recorder.seen) == 4


def test_uncompiled_steps_read_in_their_own_thread():
    where = []

    def source():
        for batch in batches():
            where.append(threading.current_thread())
            yield batch

    make_model(run_eagerly=True).fit(source(), verbose=0)
    assert set(where) == {threading.main_thread()}


SAVED = {
    "shuffled": lambda: make_dataset_data(streamed().shuffle(50, seed=3).batch(4)),
    "repeated": lambda: make_dataset_data(streamed().shuffle(20).batch(4).repeat(3)),
    "generator": lambda: StreamData(batches(4)),
    "iterable": lambda: StreamData(list(batches(4)).__iter__()),
    "py_dataset": lambda: nyala.data.PyDatasetData(PyBatches(), shuffle=True, seed=5),
    "py_dataset_threads": lambda: nyala.data.PyDatasetData(
        PyBatches(workers=2), shuffle=True, seed=5
    ),
}


@pytest.mark.parametrize("kind", SAVED)
def test_a_saved_feed_goes_on_behind_the_batch_of_the_last_step(kind):
    """Whatever was read ahead, the place is that of the steps."""
    nyala.utils.set_random_seed(2)
    model = make_model()
    model.fit(X, Y, epochs=1, verbose=0)

    def feed(data):
        data.head()
        return make_feed(data, model._programs_for("test"), True)

    def losses(feed, count=None):
        found = []
        while count is None or len(found) < count:
            model.reset_metrics()
            done, logs = feed.run(1)
            if not done:
                break
            found.append(dict(logs)["loss"])
        return found

    nyala.utils.set_random_seed(4)
    whole = feed(SAVED[kind]())
    whole.begin_epoch(False, None)
    expected = losses(whole)
    whole.close()
    for position in range(len(expected) + 1):
        nyala.utils.set_random_seed(4)
        first = feed(SAVED[kind]())
        first.begin_epoch(False, None)
        assert losses(first, position) == expected[:position]
        state = json.loads(json.dumps(first.get_state()))
        first.close()
        nyala.utils.set_random_seed(4)
        second = feed(SAVED[kind]())
        second.set_state(state)
        second.begin_epoch(True, None)
        assert losses(second) == expected[position:], f"from batch {position}"
        second.close()


ROWS = {
    "repeat": lambda: rows().shuffle(50, seed=7).batch(8).repeat(3),
    "repeat_dropping": lambda: rows().batch(8, drop_remainder=True).repeat(2),
    "across": lambda: rows().shuffle(20, seed=7).repeat(3).batch(16),
    "across_dropping": lambda: rows().repeat(2).batch(16, drop_remainder=True),
    "both": lambda: rows().shuffle(50, seed=1).repeat(2).batch(16).repeat(2).prefetch(2),
}


@pytest.mark.parametrize("kind", ROWS)
def test_repeated_rows_are_fed_as_iteration_yields_them(kind):
    reference, model = make_model(), make_model()
    data = ROWS[kind]()
    for _ in range(2):
        for x, y in data:
            reference.train_on_batch(x, y)
    assert type(make_dataset_data(data)) is not StreamData
    model.fit(ROWS[kind](), epochs=2, verbose=0)
    for a, b in zip(model.get_weights(), reference.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("cut", [lambda d: d.repeat().batch(16), lambda d: d.batch(16).repeat()])
def test_endless_rows_go_on_from_epoch_to_epoch(cut):
    reference, model = make_model(), make_model()
    for x, y in cut(rows().shuffle(50, seed=7)).take(12):
        reference.train_on_batch(x, y)
    data = cut(rows().shuffle(50, seed=7))
    model.fit(data, epochs=3, steps_per_epoch=4, verbose=0)
    for a, b in zip(model.get_weights(), reference.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    assert model.evaluate(data, steps=9, verbose=0)
    assert len(model.predict(data.map(lambda x, y: x), steps=9, verbose=0)) > 110


def test_strings_are_looked_up_in_the_thread():
    words = np.array(["a", "b", "c", "b"] * 8, object)
    target = np.array([1.0, 2.0, 3.0, 2.0] * 8, "float32")
    entry = nyala.Input((1,), dtype="string")
    lookup = nyala.layers.StringLookup(vocabulary=["a", "b", "c"], num_oov_indices=0)
    where, call = set(), lookup.call
    lookup.call = lambda *a, **k: where.add(threading.current_thread().name) or call(*a, **k)
    hidden = nyala.layers.Embedding(3, 1)(lookup(entry))
    model = nyala.Model(entry, nyala.layers.Flatten()(hidden))
    model.compile("sgd", "mse")
    where.clear()
    model.fit(words[:, None], target[:, None], batch_size=4, epochs=2, verbose=0)
    assert where == {"nyala-read-ahead"}
