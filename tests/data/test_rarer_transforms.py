"""Transforms that few use: groups, resampling, errors left out, snapshots; and older names."""

from __future__ import annotations

import logging

import numpy as np
import pytest

import nyala
from nyala.data import Dataset, experimental


def numbers(dataset):
    return [int(x) for x in dataset]


def test_windows_of_sizes_by_key():
    batches = Dataset.range(12).group_by_window(
        lambda n: n % 2, lambda key, w: w.batch(9), window_size_func=lambda key: 2 + 2 * key
    )
    assert [x.tolist() for x in batches.as_numpy_iterator()] == [
        [0, 2], [4, 6], [1, 3, 5, 7], [8, 10], [9, 11],
    ]  # fmt: skip


def test_windows_know_their_key():
    keyed = Dataset.range(4).group_by_window(
        lambda n: n % 2, lambda key, w: w.map(lambda n: n * 10 + key), 2
    )
    assert keyed.element_spec == nyala.data.TensorSpec((), "int32")
    assert numbers(keyed) == [0, 20, 11, 31]


def test_wrong_windows():
    dataset = Dataset.range(3)
    with pytest.raises(ValueError, match="window_size or window_size_func"):
        dataset.group_by_window(lambda n: n, lambda key, w: w)
    with pytest.raises(TypeError, match="reduce_func must return a Dataset") as caught:
        list(dataset.group_by_window(lambda n: n, lambda key, w: key, 1))
    assert "element 0" in caught.value.__notes__[0]


@pytest.mark.parametrize("initial", [None, [0.9, 0.1]])
def test_classes_come_in_the_wanted_shares(initial):
    labels = (np.random.default_rng(0).random(6000) < 0.1).astype("int32")
    dataset = Dataset.from_tensor_slices(labels).rejection_resample(
        lambda label: label, [0.5, 0.5], initial, seed=3
    )
    kept = np.array([int(x) for x, _ in dataset])
    assert 0.45 < kept.mean() < 0.55
    assert kept.sum() == labels.sum()  # of the rare class, all are kept
    assert [int(x) for x, _ in dataset] != kept.tolist()  # another pass, other choices


def test_wrong_shares():
    dataset = Dataset.range(3)
    with pytest.raises(ValueError, match="an entry for each class; they have 2 and 1"):
        dataset.rejection_resample(lambda n: n, [1, 1], [1])
    with pytest.raises(ValueError, match="not all zero"):
        dataset.rejection_resample(lambda n: n, [0, 0])
    with pytest.raises(ValueError, match=r"must lie in \[0, 2\).*got 2"):
        list(dataset.rejection_resample(lambda n: n, [1, 1]))


def test_errors_are_ignored_and_told(caplog):
    def inverse(n):
        return 6 // n.item()

    dataset = Dataset.range(4).map(inverse)
    with caplog.at_level(logging.WARNING, "nyala"):
        assert numbers(dataset.ignore_errors(log_warning=True)) == [6, 3, 2]
    assert "ZeroDivisionError" in caplog.text


def test_unique_elements_of_any_kind():
    dataset = Dataset.from_tensor_slices((["a", "b", "a"], np.array([[1, 2], [1, 2], [1, 2]])))
    assert len(list(dataset.unique())) == 2


def test_a_snapshot_is_whole_or_absent(tmp_path):
    dataset = Dataset.range(5).snapshot(tmp_path)
    assert numbers(dataset.take(2)) == [0, 1]
    assert not (tmp_path / "snapshot.nyala").exists()
    assert numbers(dataset) == list(range(5))
    assert numbers(Dataset.range(9).snapshot(tmp_path)) == list(range(5))


def test_older_names():
    assert numbers(experimental.Counter(3).take(2)) == [3, 4]
    assert len(list(experimental.RandomDataset(seed=1).take(2))) == 2
    with pytest.raises(ValueError, match="the list is empty"):
        experimental.from_list([])
    assert numbers(Dataset.range(3).apply(experimental.unique())) == [0, 1, 2]
    assert nyala.tf.data.experimental.AutoShardPolicy.OFF == -1
    assert type(Dataset.range(1).as_numpy_iterator()) is nyala.tf.data.NumpyIterator
