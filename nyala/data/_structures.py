"""The `(x, y, sample_weight)` convention: packing, unpacking, splitting, class weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala.core import tree


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """Return `(x, y, sample_weight)` from what a dataset yields; what is absent is `None`.

    >>> from nyala import utils
    >>> utils.unpack_x_y_sample_weight((1, 2))
    (1, 2, None)
    """
    if isinstance(data, list):
        data = tuple(data)
    if not isinstance(data, tuple):
        return data, None, None
    if 1 <= len(data) <= 3:
        return (*data, None, None)[:3]
    raise ValueError(
        f"A batch must be x, (x, y) or (x, y, sample_weight); got a tuple of {len(data)} elements."
    )


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """Return a tuple of `x`, `y` and `sample_weight` without what is absent."""
    if y is None:
        return x if not isinstance(x, (list, tuple)) else (x,)
    return (x, y) if sample_weight is None else (x, y, sample_weight)


def train_validation_split(arrays: Any, validation_split: float) -> tuple[Any, Any]:
    """Split arrays along their first axis; the last fraction is for validation.

    Raises:
        ValueError: the fraction is not in (0, 1), or a side would be empty.
    """
    if not 0.0 < validation_split < 1.0:
        raise ValueError(f"validation_split must lie between 0 and 1; got {validation_split}.")
    leaves = [a for a in tree.flatten(arrays) if a is not None]
    count = leaves[0].shape[0]
    split = int(np.floor(count * (1.0 - validation_split)))
    if split in (0, count):
        raise ValueError(
            f"Training data of {count} samples cannot be split with validation_split="
            f"{validation_split}: one of the sides would be empty."
        )

    def part(start, stop):
        return tree.map_structure(lambda a: None if a is None else a[start:stop], arrays)

    return part(0, split), part(split, count)


def weights_of_classes(y: Any, class_weight: dict) -> np.ndarray:
    """Return the weight of each sample from the weight of its class.

    Args:
        y: labels: integers `(n,)` or `(n, 1)`, or one-hot rows `(n, classes)`.
        class_weight: a dict from class index to weight.

    Raises:
        ValueError: `y` is not an array, or a class that occurs has no weight.
    """
    if tree.is_nested(y):
        raise ValueError("class_weight needs a model with one output; pass sample_weight instead.")
    labels = np.asarray(y)
    if labels.ndim > 1 and labels.shape[-1] != 1:
        labels = np.argmax(labels, axis=-1)
    labels = labels.reshape(labels.shape[0], -1)[:, 0] if labels.ndim > 1 else labels
    labels = np.round(labels).astype(np.int64)
    weights = {int(k): float(v) for k, v in class_weight.items()}
    present = np.unique(labels)
    missing = [int(c) for c in present if int(c) not in weights]
    if missing:
        raise ValueError(
            f"class_weight has no weight for the class(es) {missing}, which occur in the labels; "
            f"it has weights for {sorted(weights)}."
        )
    table = np.ones(int(present.max()) + 1 if present.size else 1, "float32")
    for index, weight in weights.items():
        if 0 <= index < len(table):
            table[index] = weight
    return table[labels]


def combined_weights(class_weights: np.ndarray | None, sample_weight: Any) -> Any:
    """Return the product of the weights by class and by sample, either of which may be absent."""
    if class_weights is None:
        return sample_weight
    if sample_weight is None:
        return class_weights
    own = np.asarray(sample_weight, "float32")
    shape = class_weights.shape + (1,) * (own.ndim - class_weights.ndim)
    return own * class_weights.reshape(shape)
