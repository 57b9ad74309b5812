"""Digits: 1,797 handwritten digits of 8 × 8 pixels that come with nyala, for trials offline."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nyala.datasets._arrays import load_arrays

__all__ = ["load_data"]

_FILE = Path(__file__).parent / "_data" / "digits.npz"
_ARRAYS = {"images": ((1797, 8, 8), "uint8"), "labels": ((1797,), "uint8")}
_TRAIN = 1437  # four fifths


def load_data() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return small handwritten digits, without a network: they are part of the package.

    The first 1,437 images are the training set, the last 360 the test set, in the order of the
    source. Each digit makes up about a tenth of either. To compare with: the nearest training
    image by squared distance of the pixels gets 95.6 % of the test set right.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: images, uint8 from 0 (paper) to 16 (ink) of
        shapes (1437, 8, 8) and (360, 8, 8), and the digits they show, uint8 of shapes (1437,)
        and (360,).

    >>> import nyala
    >>> (x_train, y_train), (x_test, y_test) = nyala.datasets.digits.load_data()
    >>> x_train.shape, x_test.shape, int(x_train.max())
    ((1437, 8, 8), (360, 8, 8), 16)
    >>> y_train[:5].tolist()
    [0, 1, 2, 3, 4]

    Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine
    Learning Repository (1998), https://doi.org/10.24432/C50P49, the file `optdigits.tes`;
    CC BY 4.0, see the file NOTICE.
    """
    images, labels = load_arrays(_FILE, _ARRAYS)
    return (images[:_TRAIN], labels[:_TRAIN]), (images[_TRAIN:], labels[_TRAIN:])
