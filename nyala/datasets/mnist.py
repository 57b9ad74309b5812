"""MNIST: 70,000 handwritten digits of 28 × 28 pixels."""

from __future__ import annotations

import numpy as np

from nyala.datasets._arrays import load_arrays
from nyala.datasets._cache import cached_file

__all__ = ["load_data"]

_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
_ARRAYS = {
    "x_train": ((60000, 28, 28), "uint8"),
    "y_train": ((60000,), "uint8"),
    "x_test": ((10000, 28, 28), "uint8"),
    "y_test": ((10000,), "uint8"),
}


def load_data(
    path: str = "mnist.npz",
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return MNIST, fetched once (11 MB) and then read from the disk.

    A copy in Keras' cache (`~/.keras/datasets`) is used where there is one. Without a network,
    place the file by hand in nyala's cache (`~/.nyala/datasets`, or `$NYALA_HOME/datasets`) or in
    any folder that the environment variable `NYALA_DATASETS` names.

    Args:
        path: name of the file in these folders, or an absolute path.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: grey images, uint8 from 0 (paper) to 255 (ink) of
        shapes (60000, 28, 28) and (10000, 28, 28), and the digits they show, uint8 of shapes
        (60000,) and (10000,).

    Raises:
        FileNotFoundError: the file is nowhere and could not be fetched within a few seconds.
        ValueError: a file placed by hand does not hold these arrays.

    Example, not run here because it needs the file (`nyala.datasets.digits` needs none)::

        (x_train, y_train), (x_test, y_test) = nyala.datasets.mnist.load_data()
        x_train = x_train.astype("float32") / 255

    Source: Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to
    document recognition", Proceedings of the IEEE 86 (1998); CC BY-SA 3.0.
    """
    file = cached_file(path, url=_URL, file_hash=_SHA256)
    x_train, y_train, x_test, y_test = load_arrays(file, _ARRAYS)
    return (x_train, y_train), (x_test, y_test)
