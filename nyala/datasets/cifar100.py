"""CIFAR-100: 60,000 colour images of 32 × 32 pixels in a hundred classes."""

from __future__ import annotations

import numpy as np

from nyala.core import did_you_mean
from nyala.datasets._cache import cached_file
from nyala.datasets._cifar import read_cifar

__all__ = ["load_data"]

_URL = "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz"
_SHA256 = "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7"
_KERAS_NAMES = ("cifar-100-python-target_archive",)
_MEMBERS = ("cifar-100-python/train", "cifar-100-python/test")


def load_data(
    label_mode: str = "fine",
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return CIFAR-100, fetched once (169 MB) and then read from the disk.

    The file is looked for as `cifar-100-python.tar.gz` where `mnist.load_data` looks, and read
    where it lies: nothing is unpacked, and nothing in it is executed.

    Args:
        label_mode: `"fine"` for the hundred classes, `"coarse"` for the twenty groups that they
            form.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: images, uint8 of shapes (50000, 32, 32, 3) and
        (10000, 32, 32, 3) (with channels first where `config.image_data_format()` says so), and
        classes, int64 of shapes (50000, 1) and (10000, 1).

    Raises:
        FileNotFoundError: the file is nowhere and could not be fetched.
        ValueError: a file placed by hand does not hold these arrays; an unknown `label_mode`.

    Example, not run here because it needs the file::

        (x_train, y_train), (x_test, y_test) = nyala.datasets.cifar100.load_data("coarse")

    Source: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (2009).
    """
    if label_mode not in ("fine", "coarse"):
        hint = did_you_mean(str(label_mode), ("fine", "coarse"))
        raise ValueError(f"label_mode expects 'fine' or 'coarse'; got {label_mode!r}.{hint}")
    file = cached_file(
        "cifar-100-python.tar.gz", url=_URL, file_hash=_SHA256, keras_names=_KERAS_NAMES
    )
    train, test = (
        (images, np.asarray(labels, "int64").reshape(-1, 1))
        for images, labels in read_cifar(file, _MEMBERS, f"{label_mode}_labels")
    )
    return train, test
