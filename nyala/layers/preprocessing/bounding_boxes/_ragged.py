"""Boxes as users give them: arrays, or lists with as many boxes as each image has."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala import ops
from nyala.core import tree

NO_LABEL = -1


def dense(bounding_boxes: Any, who: str) -> dict[str, Any]:
    """Return boxes and labels as tensors; images with fewer boxes than others get empty ones.

    Args:
        bounding_boxes: a dict with `"boxes"`, of shape `(boxes, 4)` or `(batch, boxes, 4)` or a
            list of lists of boxes for each image, and `"labels"` with one for each box.
        who: the layer, named in errors.

    Returns:
        A dict with `"boxes"` as float32 and `"labels"`; empty boxes are zero and have the label
        `NO_LABEL`. What else was in the dict stays.
    """
    if not isinstance(bounding_boxes, dict) or not {"boxes", "labels"} <= set(bounding_boxes):
        keys = sorted(bounding_boxes) if isinstance(bounding_boxes, dict) else bounding_boxes
        raise ValueError(
            f"{who} expects bounding_boxes as a dict with 'boxes' and 'labels'; got {keys}."
        )
    boxes, labels = bounding_boxes["boxes"], bounding_boxes["labels"]
    if isinstance(boxes, (list, tuple)):
        boxes, labels = _padded(boxes, labels, who)
    boxes, labels = ops.cast(boxes, "float32"), ops.convert_to_tensor(labels)
    rank = len(boxes.shape)
    if rank not in (2, 3) or boxes.shape[-1] != 4 or len(labels.shape) not in (rank - 1, rank):
        raise ValueError(
            f"{who} expects boxes of shape (boxes, 4) or (batch, boxes, 4) with one label for "
            f"each; got boxes of shape {tuple(boxes.shape)} and labels of shape "
            f"{tuple(labels.shape)}."
        )
    return {**bounding_boxes, "boxes": boxes, "labels": labels}


def _padded(boxes: Any, labels: Any, who: str) -> tuple[Any, Any]:
    """Return nested lists as arrays, all images with as many boxes as the one with most."""
    if _depth(boxes) < 3:
        return np.asarray(_plain(boxes), "float32").reshape(-1, 4), np.asarray(_plain(labels))
    counts = [len(of_image) for of_image in boxes]
    if [len(of_image) for of_image in labels] != counts:
        raise ValueError(
            f"{who}: bounding_boxes need one label for each box; got {counts} boxes and "
            f"{[len(of_image) for of_image in labels]} labels."
        )
    most = max(counts, default=0)
    dense_boxes = np.zeros((len(counts), most, 4), "float32")
    dense_labels = np.full((len(counts), most), NO_LABEL, "int32")
    for i, count in enumerate(counts):
        if count:
            dense_boxes[i, :count] = _plain(boxes[i])
            dense_labels[i, :count] = _plain(labels[i])
    return dense_boxes, dense_labels


def _depth(value: Any) -> int:
    """Return how many axes a nested list has; lists may be empty, arrays may be inside."""
    if hasattr(value, "shape"):
        return len(value.shape)
    if not isinstance(value, (list, tuple)):
        return 0
    return 1 + max((_depth(item) for item in value), default=0)


def _plain(values: Any) -> Any:
    """Return nested lists with NumPy's values in them."""
    return tree.map_structure(
        lambda leaf: np.asarray(leaf).tolist() if hasattr(leaf, "shape") else leaf, values
    )
