"""Small conversions of NumPy arrays."""

from __future__ import annotations

from typing import Any

import numpy as np


def to_categorical(x: Any, num_classes: int | None = None) -> np.ndarray:
    """Return one-hot rows for integer labels.

    Args:
        x: integers in `[0, num_classes)`, of any shape; a last axis of length 1 is dropped.
        num_classes: the number of classes; the largest label plus one by default.

    Raises:
        ValueError: a label outside the classes.

    >>> import nyala
    >>> nyala.utils.to_categorical([0, 2], 3)
    array([[1., 0., 0.],
           [0., 0., 1.]])
    """
    labels = np.asarray(x, dtype="int64")
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    count = int(labels.max()) + 1 if num_classes is None and labels.size else int(num_classes or 0)
    if labels.size and (labels.min() < 0 or labels.max() >= count):
        outside = labels[(labels < 0) | (labels >= count)].ravel()[0]
        raise ValueError(f"to_categorical: the label {outside} is not in [0, {count}).")
    return np.eye(count)[labels]


def normalize(x: Any, axis: int = -1, order: int = 2) -> np.ndarray:
    """Return the array divided by its norms along an axis; zeros stay zeros.

    Args:
        x: array.
        axis: along which norms are taken.
        order: of the norm.

    >>> import nyala
    >>> nyala.utils.normalize([[3.0, 4.0]])
    array([[0.6, 0.8]])
    """
    array = np.asarray(x)
    norms = np.atleast_1d(np.linalg.norm(array, order, axis))
    norms[norms == 0] = 1
    return array / np.expand_dims(norms, axis)
