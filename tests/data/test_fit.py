"""`fit`, `evaluate` and `predict` on datasets."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest

import nyala
from nyala.data import Dataset

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(50, 3)).astype("float32")
Y = (X @ np.array([[1.0], [2.0], [3.0]], "float32")).astype("float32")
W = RANDOM.uniform(size=50).astype("float32")


def make_model():
    nyala.utils.set_random_seed(0)
    model = nyala.Sequential([nyala.Input((3,)), nyala.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    return model


def streamed(dataset):
    """The same elements, not recognised as arrays."""
    return dataset.map(lambda *element: element)


SHAPES = {"rows": lambda d: d, "prefetched": lambda d: d.prefetch(2), "stream": streamed}


@pytest.mark.parametrize("shape", SHAPES)
def test_like_arrays(shape):
    data = SHAPES[shape](Dataset.from_tensor_slices((X, Y)).batch(16))
    expected, got = make_model(), make_model()
    one = expected.fit(X, Y, batch_size=16, epochs=2, shuffle=False, verbose=0).history
    two = got.fit(data, epochs=2, verbose=0).history
    for name, values in one.items():
        np.testing.assert_allclose(two[name], values, rtol=1e-5)
    np.testing.assert_allclose(
        got.evaluate(data, verbose=0), expected.evaluate(X, Y, batch_size=16, verbose=0), rtol=1e-5
    )
    np.testing.assert_allclose(
        got.predict(data, verbose=0), expected.predict(X, verbose=0), rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_shuffled_batches_are_those_of_iteration(shape):
    """However they are fed, the batches of epoch n are those of the n-th iteration."""

    def data():
        return (
            Dataset.from_tensor_slices((X, Y, W)).shuffle(20, seed=7).batch(8, drop_remainder=True)
        )

    reference = make_model()
    rows = data()
    for _ in range(3):
        for x, y, w in rows:
            reference.train_on_batch(x, y, sample_weight=w)
    model = make_model()
    model.fit(SHAPES[shape](data()), epochs=3, verbose=0)
    for a, b in zip(model.get_weights(), reference.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


class Batches(nyala.callbacks.Callback):
    """Counts the batches of each epoch."""

    def __init__(self):
        super().__init__()
        self.counts = []

    def on_epoch_begin(self, epoch, logs=None):
        self.counts.append(0)

    def on_train_batch_end(self, batch, logs=None):
        self.counts[-1] += 1


def test_steps_per_epoch_goes_on_where_the_last_epoch_stopped():
    read = []

    def batches():
        for n in range(10):
            read.append(n)
            yield X[:4], Y[:4]

    data = Dataset.from_generator(batches, output_types=("float32", "float32"))
    count = Batches()
    make_model().fit(data, epochs=3, steps_per_epoch=3, callbacks=[count], verbose=0)
    assert count.counts == [3, 3, 3]
    assert read == list(range(9))


@pytest.mark.parametrize("shape", SHAPES)
def test_validation(shape):
    data = SHAPES[shape](Dataset.from_tensor_slices((X, Y)).batch(16))
    model = make_model()
    history = model.fit(data, epochs=2, validation_data=data, validation_steps=2, verbose=0).history
    assert len(history["val_loss"]) == 2
    expected = model.evaluate(X[:32], Y[:32], batch_size=16, verbose=0, return_dict=True)
    assert history["val_loss"][-1] == pytest.approx(expected["loss"], rel=1e-5)


def test_infinite_datasets_need_steps():
    data = Dataset.from_tensor_slices((X, Y)).batch(16).repeat()
    model = make_model()
    with pytest.raises(ValueError, match="steps_per_epoch"):
        model.fit(data, verbose=0)
    with pytest.raises(ValueError, match="by steps"):
        model.evaluate(data, verbose=0)
    with pytest.raises(ValueError, match="by steps"):
        model.predict(data, verbose=0)
    finite = data.take(2)
    with pytest.raises(ValueError, match="validation_steps"):
        model.fit(finite, validation_data=data, verbose=0)
    count = Batches()
    model.fit(data, epochs=2, steps_per_epoch=5, callbacks=[count], verbose=0)
    assert count.counts == [5, 5]


def test_unknown_length():
    data = Dataset.from_tensor_slices((X, Y)).filter(lambda x, y: x[0] > 0).batch(4)
    count = Batches()
    make_model().fit(data, epochs=2, callbacks=[count], verbose=0)
    expected = -(-int((X[:, 0] > 0).sum()) // 4)
    assert count.counts == [expected, expected]


@pytest.mark.parametrize("shape", SHAPES)
def test_sample_and_class_weights(shape):
    labels = (Y > 0).astype("int32")
    model = nyala.Sequential([nyala.Input((3,)), nyala.layers.Dense(1, "sigmoid")])
    model.compile(nyala.optimizers.SGD(0.0), "binary_crossentropy")
    arrays = model.fit(X, labels, class_weight={0: 1.0, 1: 3.0}, sample_weight=W, verbose=0,
                       batch_size=50)  # fmt: skip
    data = SHAPES[shape](Dataset.from_tensor_slices((X, labels, W)).batch(50))
    history = model.fit(data, class_weight={0: 1.0, 1: 3.0}, verbose=0)
    assert history.history["loss"] == pytest.approx(arrays.history["loss"], rel=1e-5)


def test_dicts_of_inputs():
    a, b = nyala.Input((3,), name="a"), nyala.Input((3,), name="b")
    model = nyala.Model([a, b], nyala.layers.Dense(1)(nyala.layers.Add()([a, b])))
    model.compile("sgd", "mse")
    data = Dataset.from_tensor_slices(({"a": X, "b": X}, Y)).shuffle(50).batch(25)
    assert len(model.fit(data, epochs=2, verbose=0).history["loss"]) == 2


def test_y_beside_a_dataset_is_refused():
    with pytest.raises(ValueError, match="must be part of them"):
        make_model().fit(Dataset.from_tensor_slices((X, Y)).batch(4), Y, verbose=0)


def test_data_that_runs_out_is_read_again():
    data = Dataset.from_tensor_slices((X, Y)).batch(25)
    count = Batches()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make_model().fit(data, epochs=2, steps_per_epoch=3, callbacks=[count], verbose=0)
    assert count.counts == [3, 3]


def test_training_goes_on_from_a_saved_iterator():
    def data():
        return Dataset.from_tensor_slices((X, Y)).shuffle(50).batch(10)

    reference, state = make_model(), None
    iterator = iter(data())
    for step, (x, y) in enumerate(iterator):
        reference.train_on_batch(x, y)
        if step == 2:
            state, weights = json.dumps(iterator.get_state()), reference.get_weights()
    resumed = make_model()
    resumed.set_weights(weights)
    iterator = iter(data())
    iterator.set_state(json.loads(state))
    for x, y in iterator:
        resumed.train_on_batch(x, y)
    for a, b in zip(resumed.get_weights(), reference.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
