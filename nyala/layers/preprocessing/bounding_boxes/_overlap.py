"""How much two boxes have in common."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp

from nyala import ops
from nyala.core import epsilon
from nyala.eager import Array, op
from nyala.layers.preprocessing.bounding_boxes._formats import convert_format


def compute_iou(boxes1: Any, boxes2: Any, bounding_box_format: str, use_masking: bool = False,
                mask_val: Any = -1, image_shape: tuple | None = None) -> Any:  # fmt: skip
    """Intersection over union of each box with each other.

    Args:
        boxes1: array of shape `(boxes1, 4)` or `(batch, boxes1, 4)`.
        boxes2: array of shape `(boxes2, 4)` or `(batch, boxes2, 4)`.
        bounding_box_format: of both; see `convert_format`.
        use_masking: whether pairs with a box whose coordinates are all negative (which is how
            padding is marked) get `mask_val`.
        mask_val: see there.
        image_shape: `(height, width, channels)`; needed for formats in parts of the image.

    Returns:
        A tensor of shape `(boxes1, boxes2)` or `(batch, boxes1, boxes2)`.

    Raises:
        ValueError: another number of axes, or a missing `image_shape`.

    >>> import nyala
    >>> a = nyala.ops.array([[0.0, 0.0, 2.0, 2.0]])
    >>> b = nyala.ops.array([[0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 1.0, 2.0]])
    >>> nyala.utils.bounding_boxes.compute_iou(a, b, "xyxy").numpy().round(3)
    array([[1. , 0.5]], dtype=float32)
    """
    boxes1, boxes2 = ops.convert_to_tensor(boxes1), ops.convert_to_tensor(boxes2)
    for name, boxes in (("boxes1", boxes1), ("boxes2", boxes2)):
        if len(boxes.shape) not in (2, 3):
            raise ValueError(
                f"compute_iou: {name} needs the shape (boxes, 4) or (batch, boxes, 4); got "
                f"{tuple(boxes.shape)}."
            )
    corners = [
        _as_corners(boxes, bounding_box_format, image_shape, "compute_iou")
        for boxes in (boxes1, boxes2)
    ]
    overlaps = _iou(*corners, epsilon())
    return _masked(overlaps, *corners, mask_val) if use_masking else overlaps


def _as_corners(boxes: Any, source: str, image_shape: tuple | None, who: str) -> Any:
    if source.startswith("rel_") and image_shape is None:
        raise ValueError(f"{who}: boxes in the format {source!r} need image_shape.")
    height, width = image_shape[:2] if image_shape is not None else (None, None)
    return convert_format(boxes, source, "xyxy", height=height, width=width)


def _area(boxes: Array) -> Array:
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])


@op(name="intersection_over_union")
def _iou(boxes1: Array, boxes2: Array, epsilon: float) -> Array:
    first, second = boxes1[..., :, None, :], boxes2[..., None, :, :]
    start = jnp.maximum(first[..., :2], second[..., :2])
    end = jnp.minimum(first[..., 2:], second[..., 2:])
    shared = jnp.prod(jnp.maximum(end - start, 0), axis=-1)
    return shared / (_area(first) + _area(second) - shared + epsilon)


@op(name="mask_overlaps")
def _masked(overlaps: Array, boxes1: Array, boxes2: Array, value: Array) -> Array:
    padding1, padding2 = (boxes.max(axis=-1) < 0 for boxes in (boxes1, boxes2))
    padding = padding1[..., :, None] | padding2[..., None, :]
    return jnp.where(padding, jnp.asarray(value, overlaps.dtype), overlaps)


def compute_ciou(boxes1: Any, boxes2: Any, bounding_box_format: str,
                 image_shape: tuple | None = None) -> Any:  # fmt: skip
    """Complete intersection over union of pairs of boxes.

    Beside the overlap it counts how far the centers are from each other and how the proportions
    differ, so that it tells boxes apart that do not touch.

    Args:
        boxes1: array of shape `(..., 4)`.
        boxes2: array of the same shape.
        bounding_box_format: of both; see `convert_format`.
        image_shape: `(height, width, channels)`; needed for formats in parts of the image.

    Returns:
        A tensor of shape `(...,)`, at most 1.

    >>> import nyala
    >>> a = nyala.ops.array([[0.0, 0.0, 2.0, 2.0]])
    >>> nyala.utils.bounding_boxes.compute_ciou(a, a + 4, "xyxy").numpy().round(3)
    array([-0.444], dtype=float32)

    Source: Zheng et al., "Enhancing Geometric Factors in Model Learning and Inference for Object
    Detection and Instance Segmentation", 2021.
    """
    corners = [
        _as_corners(boxes, bounding_box_format, image_shape, "compute_ciou")
        for boxes in (boxes1, boxes2)
    ]
    return _ciou(*corners, epsilon())


@op(name="complete_intersection_over_union")
def _ciou(boxes1: Array, boxes2: Array, epsilon: float) -> Array:
    size1, size2 = (boxes[..., 2:] - boxes[..., :2] for boxes in (boxes1, boxes2))
    # Flat boxes have proportions, too.
    height1, height2 = (size[..., 1] + epsilon for size in (size1, size2))
    start = jnp.maximum(boxes1[..., :2], boxes2[..., :2])
    end = jnp.minimum(boxes1[..., 2:], boxes2[..., 2:])
    shared = jnp.prod(jnp.maximum(end - start, 0), axis=-1)
    union = size1[..., 0] * height1 + size2[..., 0] * height2 - shared + epsilon
    overlap = shared / (union + epsilon)
    hull = jnp.maximum(boxes1[..., 2:], boxes2[..., 2:]) - jnp.minimum(
        boxes1[..., :2], boxes2[..., :2]
    )
    diagonal = jnp.sum(jnp.square(hull), axis=-1) + epsilon
    centers = [(boxes[..., :2] + boxes[..., 2:]) / 2 for boxes in (boxes1, boxes2)]
    distance = jnp.sum(jnp.square(centers[0] - centers[1]), axis=-1)
    angles = jnp.arctan(size2[..., 0] / height2) - jnp.arctan(size1[..., 0] / height1)
    proportions = 4 / math.pi**2 * jnp.square(angles)
    weight = proportions / (proportions - overlap + (1 + epsilon))
    return overlap - (distance / diagonal + proportions * weight)
