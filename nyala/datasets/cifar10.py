"""CIFAR-10: 60,000 colour images of 32 × 32 pixels in ten classes."""

from __future__ import annotations

import numpy as np

from nyala.datasets._cache import cached_file
from nyala.datasets._cifar import read_cifar

__all__ = ["load_data"]

_URL = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
_SHA256 = "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"
_KERAS_NAMES = ("cifar-10-batches-py-target_archive", "cifar-10-batches-py.tar.gz")
_FOLDER = "cifar-10-batches-py/"
_TRAIN = [f"{_FOLDER}data_batch_{number}" for number in range(1, 6)]


def load_data() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return CIFAR-10, fetched once (170 MB) and then read from the disk.

    The classes are airplane, automobile, bird, cat, deer, dog, frog, horse, ship and truck, in this
    order. The file is looked for as `cifar-10-python.tar.gz` where `mnist.load_data` looks, and
    read where it lies: nothing is unpacked, and nothing in it is executed.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: images, uint8 of shapes (50000, 32, 32, 3) and
        (10000, 32, 32, 3) (with channels first where `config.image_data_format()` says so), and
        classes, uint8 of shapes (50000, 1) and (10000, 1).

    Raises:
        FileNotFoundError: the file is nowhere and could not be fetched.
        ValueError: a file placed by hand does not hold these arrays.

    Example, not run here because it needs the file::

        (x_train, y_train), (x_test, y_test) = nyala.datasets.cifar10.load_data()

    Source: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (2009).
    """
    file = cached_file(
        "cifar-10-python.tar.gz", url=_URL, file_hash=_SHA256, keras_names=_KERAS_NAMES
    )
    *train, (x_test, y_test) = read_cifar(file, [*_TRAIN, f"{_FOLDER}test_batch"], "labels")
    x_train = np.concatenate([images for images, _ in train])
    y_train = np.concatenate([labels for _, labels in train])
    return (x_train, _column(y_train)), (x_test, _column(y_test))


def _column(labels: object) -> np.ndarray:
    return np.asarray(labels, "uint8").reshape(-1, 1)
