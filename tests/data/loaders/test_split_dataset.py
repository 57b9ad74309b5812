"""`split_dataset` beside real Keras: sizes, order, structures, batches, errors."""

from __future__ import annotations

import pathlib

import numpy as np
import pytest

from nyala.data import Dataset
from nyala.utils import split_dataset
from tests.data.loaders.golden.make_series_and_sounds import SPLITS
from tests.data.loaders.places import assert_every_place_can_be_saved

GOLDEN = np.load(pathlib.Path(__file__).parent / "golden" / "series_and_sounds.npz")


def numbers(dataset):
    return np.hstack(list(dataset.as_numpy_iterator())).tolist()


@pytest.mark.parametrize("name", SPLITS)
def test_halves_are_those_of_keras(name):
    for data in (np.arange(20), Dataset.range(20), Dataset.range(20).batch(6)):
        halves = split_dataset(data, **SPLITS[name])
        for side, half in zip(("left", "right"), halves, strict=True):
            assert numbers(half) == GOLDEN[f"split/{name}/{side}"].tolist()


@pytest.mark.parametrize("kind", [list, tuple])
def test_several_arrays_are_one_example_each(kind):
    x, y = np.arange(12.0).reshape(6, 2), np.arange(6)
    left, right = split_dataset(kind([x, y]), right_size=2)
    assert [spec.shape for spec in left.element_spec] == [(2,), ()]
    assert [int(y) for _, y in left] == [0, 1, 2, 3]
    np.testing.assert_array_equal([x for x, _ in right.as_numpy_iterator()], x[4:])


def test_structures_and_batches_are_kept():
    data = Dataset.from_tensor_slices({"x": np.arange(10), "s": [str(i) for i in range(10)]})
    left, right = split_dataset(data.batch(4).prefetch(1), left_size=5)
    assert [e["s"].astype(str).tolist() for e in left.as_numpy_iterator()] == [list("0123"), ["4"]]
    assert [e["x"].tolist() for e in right.as_numpy_iterator()] == [[5, 6, 7, 8], [9]]
    assert (len(left), len(right)) == (2, 2)


def test_a_random_dataset_is_read_once():
    left, right = split_dataset(Dataset.range(50).shuffle(50), left_size=0.5)
    assert sorted(numbers(left) + numbers(right)) == list(range(50))
    assert numbers(left) == numbers(left)


def test_what_can_be_asked_for_by_its_index_such_as_torchs_datasets():
    class Squares:
        def __len__(self):
            return 6

        def __getitem__(self, index):
            return np.float32(index), index * index

    left, right = split_dataset(Squares(), left_size=4, preferred_backend="torch")
    assert [int(y) for _, y in left] == [0, 1, 4, 9]
    assert [int(y) for _, y in right] == [16, 25]


def test_every_place_can_be_saved():
    for side in (0, 1):
        assert_every_place_can_be_saved(
            lambda side=side: split_dataset(Dataset.range(11).batch(2), left_size=0.5)[side]
        )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "needs left_size or right_size"),
        ({"left_size": 0}, "left_size must be from 1 to 9"),
        ({"left_size": 10}, "left_size must be from 1 to 9"),
        ({"right_size": -1}, "right_size must be from 1 to 9"),
        ({"right_size": 1.0}, "right_size as a fraction"),
        ({"left_size": -0.5}, "left_size as a fraction"),
        ({"left_size": 0.6, "right_size": 0.6}, "is more than 1"),
        ({"left_size": 6, "right_size": 6}, r"6 \+ 6 examples; there are 10"),
        ({"left_size": 0.01}, "left dataset would be empty"),
        ({"left_size": 0.99}, "right dataset would be empty"),
    ],
)
def test_wrong_sizes(options, message):
    with pytest.raises(ValueError, match=message):
        split_dataset(np.arange(10), **options)


@pytest.mark.parametrize("size", ["half", True, None])
def test_sizes_of_other_kinds(size):
    with pytest.raises(TypeError if size is not None else ValueError, match="left_size"):
        split_dataset(np.arange(10), left_size=size)


def test_wrong_datasets():
    with pytest.raises(TypeError, match=r"expects a Dataset.*got a int"):
        split_dataset(3, left_size=0.5)
    with pytest.raises(ValueError, match="equal length"):
        split_dataset([np.arange(3), np.arange(4)], left_size=0.5)
    for empty in (np.zeros((0, 2)), Dataset.range(0), [], ()):
        with pytest.raises(ValueError, match="is empty"):
            split_dataset(empty, left_size=0.5)
    with pytest.raises(ValueError, match="has no end"):
        split_dataset(Dataset.range(3).repeat(), left_size=0.5)
    ragged = Dataset.from_generator(lambda: (np.zeros(n) for n in range(1, 4)))
    with pytest.raises(ValueError, match="examples of one shape"):
        split_dataset(ragged, left_size=0.5)
