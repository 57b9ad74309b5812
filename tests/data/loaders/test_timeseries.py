"""`timeseries_dataset_from_array` beside real Keras: windows, targets, batches, places, errors."""

from __future__ import annotations

import pathlib

import numpy as np
import pytest

import nyala
from nyala.utils import timeseries_dataset_from_array
from tests.data.loaders.golden.make_series_and_sounds import SERIES, padded
from tests.data.loaders.places import assert_every_place_can_be_saved

GOLDEN = np.load(pathlib.Path(__file__).parent / "golden" / "series_and_sounds.npz")
DATA, TARGETS = np.arange(46.0).reshape(23, 2), np.arange(100, 123)


@pytest.mark.parametrize("name", SERIES)
def test_windows_are_those_of_keras(name):
    dataset = timeseries_dataset_from_array(DATA, TARGETS, **SERIES[name])
    found = list(dataset.as_numpy_iterator())
    np.testing.assert_array_equal(padded([x for x, _ in found]), GOLDEN[f"series/{name}/x"])
    y = padded([np.atleast_1d(y) for _, y in found])
    np.testing.assert_array_equal(y, GOLDEN[f"series/{name}/y"])
    alone = timeseries_dataset_from_array(DATA, None, **SERIES[name])
    for x, (same, _) in zip(alone.as_numpy_iterator(), found, strict=True):
        np.testing.assert_array_equal(x, same)


@pytest.mark.parametrize("batch_size", [None, 3])
def test_shuffled_windows_keep_their_targets(batch_size):
    dataset = timeseries_dataset_from_array(
        np.arange(30), np.arange(30) * 2, 4, batch_size=batch_size, shuffle=True, seed=3
    )
    orders = []
    for _ in range(2):
        x, y = zip(*dataset.as_numpy_iterator(), strict=True)
        x, y = np.concatenate([np.atleast_2d(w) for w in x]), np.hstack(y)
        np.testing.assert_array_equal(x, x[:, :1] + np.arange(4))
        np.testing.assert_array_equal(y, 2 * x[:, 0])
        orders.append(x[:, 0].tolist())
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(27))
    assert orders[0] != orders[1]
    again = timeseries_dataset_from_array(
        np.arange(30), None, 4, batch_size=None, shuffle=True, seed=3
    )
    assert [x[0] for x in again.as_numpy_iterator()] == orders[0]


def test_what_a_series_can_be(tmp_path):
    data = np.memmap(tmp_path / "series", "float64", "w+", shape=(20, 3))
    data[:] = np.arange(60).reshape(20, 3)
    tensor = nyala.ops.convert_to_tensor(np.asarray(data), "float32")
    for series in (data, tensor, data.tolist()):
        dataset = timeseries_dataset_from_array(series, None, 5, batch_size=4)
        spec = dataset.element_spec
        assert (spec.shape, spec.dtype) == ((None, 5, 3), "float32")
        assert len(dataset) == 4
        np.testing.assert_array_equal(next(dataset.as_numpy_iterator())[1], data[1:6])


def test_targets_may_be_fewer_than_windows():
    dataset = timeseries_dataset_from_array(np.arange(20), np.arange(7), 3, batch_size=None)
    assert [int(y) for _, y in dataset] == list(range(7))
    dataset = timeseries_dataset_from_array(
        np.arange(20), np.arange(15), 3, start_index=10, batch_size=None
    )
    assert [int(y) for _, y in dataset] == [10, 11, 12, 13, 14]


@pytest.mark.parametrize(
    "options",
    [{"batch_size": 4}, {"batch_size": 4, "shuffle": True}, {"batch_size": None, "shuffle": True}],
)
def test_every_place_can_be_saved(options):
    nyala.utils.set_random_seed(1)
    assert_every_place_can_be_saved(
        lambda: timeseries_dataset_from_array(DATA, TARGETS, 3, sequence_stride=2, **options)
    )


def test_a_model_trains_on_it():
    dataset = timeseries_dataset_from_array(DATA[:-4] / 46, DATA[4:, 0] / 46, 4, batch_size=8)
    model = nyala.Sequential([nyala.Input((4, 2)), nyala.layers.Flatten(), nyala.layers.Dense(1)])
    model.compile("sgd", "mse")
    assert np.isfinite(model.fit(dataset, epochs=1, verbose=0).history["loss"]).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"start_index": -1}, "start_index must be an integer from 0 to 22"),
        ({"start_index": 23}, "start_index must be"),
        ({"end_index": 24}, "end_index must be an integer from 1 to 23"),
        ({"end_index": -1}, "end_index must be"),
        ({"start_index": 9, "end_index": 9}, "end_index must be an integer from 10"),
        ({"sampling_rate": 0}, "sampling_rate must be an integer from 1 to 22"),
        ({"sampling_rate": 23}, "sampling_rate must be"),
        ({"sequence_stride": 0}, "sequence_stride must be"),
        ({"sequence_stride": 23}, "sequence_stride must be"),
        ({"sequence_length": 0}, "sequence_length must be a positive integer"),
        ({"sequence_length": 24}, "There is no window of 24 steps"),
        ({"sampling_rate": 12}, "There is no window of 3 steps, every 12"),
        ({"batch_size": 0}, "batch_size"),
        ({"format": "tff"}, "Did you mean 'tf'"),
    ],
)
def test_wrong_use(options, message):
    with pytest.raises(ValueError, match=message):
        timeseries_dataset_from_array(DATA, TARGETS, **{"sequence_length": 3, **options})


def test_data_without_an_axis_of_time():
    with pytest.raises(ValueError, match="data expects an array with an axis of time"):
        timeseries_dataset_from_array(3.0, None, 2)


def test_keras_2_names():
    assert nyala.preprocessing.timeseries_dataset_from_array is timeseries_dataset_from_array
