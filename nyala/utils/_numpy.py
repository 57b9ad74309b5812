"""Small conversions of arrays and tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala import ops
from nyala.eager import Tensor


def to_categorical(x: Any, num_classes: int | None = None) -> Any:
    """Return one-hot rows for integer labels.

    Args:
        x: integers in `[0, num_classes)`, of any shape; a last axis of length 1 is dropped.
        num_classes: the number of classes; the largest label plus one by default (not for tensors,
            whose values need not be known).

    Returns:
        float64 array with a last axis of classes; for a tensor, a tensor of `config.floatx()`.

    Raises:
        ValueError: a label outside the classes (a tensor's give rows of zeros).

    >>> import nyala
    >>> nyala.utils.to_categorical([0, 2], 3)
    array([[1., 0., 0.],
           [0., 0., 1.]])
    """
    if isinstance(x, Tensor):
        return _one_hot_tensor(x, num_classes)
    labels = np.asarray(x, dtype="int64")
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    count = int(labels.max()) + 1 if not num_classes and labels.size else int(num_classes or 0)
    if labels.size and (labels.min() < 0 or labels.max() >= count):
        outside = labels[(labels < 0) | (labels >= count)].ravel()[0]
        raise ValueError(f"to_categorical: the label {outside} is not in [0, {count}).")
    return np.eye(count)[labels]


def _one_hot_tensor(labels: Tensor, num_classes: int | None) -> Tensor:
    if not num_classes:
        raise ValueError("to_categorical of a tensor needs num_classes.")
    if len(labels.shape) > 1 and labels.shape[-1] == 1:
        labels = ops.squeeze(labels, -1)
    return ops.one_hot(labels, num_classes)


def normalize(x: Any, axis: int = -1, order: int = 2) -> Any:
    """Return an array or a tensor divided by its norms along an axis; zeros stay zeros.

    Args:
        x: array or tensor.
        axis: along which norms are taken.
        order: of the norm.

    >>> import nyala
    >>> nyala.utils.normalize([[3.0, 4.0]])
    array([[0.6, 0.8]])
    """
    if isinstance(x, Tensor):
        return ops.normalize(x, axis=axis, order=order)
    array = np.asarray(x)
    norms = np.atleast_1d(np.linalg.norm(array, order, axis))
    norms[norms == 0] = 1
    return array / np.expand_dims(norms, axis)
