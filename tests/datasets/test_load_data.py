"""What the datasets hold."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from nyala.datasets import digits, mnist


def test_digits_are_the_records_of_the_source():
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    images, labels = np.concatenate([x_train, x_test]), np.concatenate([y_train, y_test])
    assert images.shape == (1797, 8, 8)
    assert images.dtype == labels.dtype == np.uint8
    # The class counts are those that optdigits.names states for optdigits.tes.
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    # All values, as computed once from the copy of optdigits.tes that scikit-learn ships.
    assert hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest() == (
        "87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826"
    )


def test_the_accuracy_stated_for_digits_is_right():
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    train, test = (x.reshape(len(x), 64).astype("int64") for x in (x_train, x_test))
    distances = (train**2).sum(1) - 2 * test @ train.T
    accuracy = np.mean(y_train[distances.argmin(1)] == y_test)
    assert round(100 * float(accuracy), 1) == 95.6


def test_digits_can_be_written_to_without_changing_the_next_load():
    (first, _), _ = digits.load_data()
    first[:] = 0
    (second, _), _ = digits.load_data()
    assert second.max() == 16


def _fake_mnist(path):
    """Arrays of MNIST's shapes, which compress to almost nothing."""
    arrays = {name: np.zeros(shape, dtype) for name, (shape, dtype) in mnist._ARRAYS.items()}
    arrays["y_test"][0] = 7
    np.savez_compressed(path, **arrays)


def test_mnist_is_read_from_a_file_placed_by_hand(places, monkeypatch):
    _fake_mnist(places.by_hand / "mnist.npz")
    monkeypatch.setenv("NYALA_DATASETS", str(places.by_hand))
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    assert (x_train.shape, y_train.shape) == ((60000, 28, 28), (60000,))
    assert (x_test.shape, y_test[0]) == ((10000, 28, 28), 7)


def test_mnist_in_a_cache_is_compared_with_the_published_hash(places, origin, monkeypatch):
    _fake_mnist(places.cache / "mnist.npz")
    monkeypatch.setattr(mnist, "_URL", f"{origin.url}/mnist.npz")
    with pytest.raises(FileNotFoundError, match=f"its sha256 is not {mnist._SHA256}"):
        mnist.load_data()


def test_real_mnist(places, shared_dir, monkeypatch):
    if not (shared_dir / "data" / "mnist.npz").is_file():
        pytest.skip(f"no data/mnist.npz in {shared_dir}")
    monkeypatch.setenv("NYALA_DATASETS", str(shared_dir / "data"))
    (x_train, y_train), (_, y_test) = mnist.load_data()
    assert np.bincount(y_train).tolist() == [
        *(5923, 6742, 5958, 6131, 5842),
        *(5421, 5918, 6265, 5851, 5949),
    ]
    assert np.bincount(y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert round(float(x_train.mean()), 4) == 33.3184  # the mean that is published for MNIST
