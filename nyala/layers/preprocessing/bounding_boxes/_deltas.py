"""Boxes as differences from anchors: what object detectors learn."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import epsilon
from nyala.layers.preprocessing.bounding_boxes._formats import convert_format

_CENTERED = ("center_xywh", "center_yxhw")


def encode_box_to_deltas(anchors: Any, boxes: Any, anchor_format: str, box_format: str,
                         encoding_format: str = "center_yxhw", variance: Any = None,
                         image_shape: tuple | None = None) -> Any:  # fmt: skip
    """Return how boxes differ from anchors.

    That is the distance of the centers in sizes of the anchor, and the logarithm of the sizes'
    ratios.

    Args:
        anchors: array of shape `(anchors, 4)`.
        boxes: array of shape `(anchors, 4)` or `(batch, anchors, 4)`.
        anchor_format: see `convert_format`.
        box_format: see `convert_format`.
        encoding_format: the order of the result: `"center_yxhw"` or `"center_xywh"`.
        variance: four numbers by which the result is divided.
        image_shape: `(height, width, channels)`; needed for formats in parts of the image.

    Returns:
        A tensor of the shape of `boxes`.

    >>> import nyala
    >>> anchors = nyala.ops.array([[0.0, 0.0, 10.0, 20.0]])
    >>> nyala.utils.bounding_boxes.encode_box_to_deltas(
    ...     anchors, anchors + 5, "xyxy", "xyxy").numpy()
    array([[0.25, 0.5 , 0.  , 0.  ]], dtype=float32)

    Source: Ren et al., "Faster R-CNN", 2015, equation 2.
    """
    variance = _checked(encoding_format, "encoding_format", variance)
    size = _size_of(image_shape)
    anchors = convert_format(anchors, anchor_format, encoding_format, **size)
    boxes = convert_format(boxes, box_format, encoding_format, **size)
    unit = ops.maximum(anchors[..., 2:], epsilon())
    shift = (boxes[..., :2] - anchors[..., :2]) / unit
    growth = ops.log(ops.maximum(boxes[..., 2:], epsilon()) / unit)
    deltas = ops.concatenate([shift, growth], axis=-1)
    return deltas if variance is None else deltas / variance


def decode_deltas_to_boxes(anchors: Any, boxes_delta: Any, anchor_format: str, box_format: str,
                           encoded_format: str = "center_yxhw", variance: Any = None,
                           image_shape: tuple | None = None) -> Any:  # fmt: skip
    """Return the boxes that differ from anchors as `encode_box_to_deltas` says.

    Args:
        anchors: array of shape `(anchors, 4)`; or a dict of such, one for each level.
        boxes_delta: array of shape `(..., anchors, 4)`; or a dict with the same keys.
        anchor_format: see `convert_format`.
        box_format: that of the result.
        encoded_format: the order of `boxes_delta`: `"center_yxhw"` or `"center_xywh"`.
        variance: four numbers by which `boxes_delta` was divided.
        image_shape: `(height, width, channels)`; needed for formats in parts of the image.

    Returns:
        A tensor of the shape of `boxes_delta`, or a dict of such.

    >>> import nyala
    >>> anchors = nyala.ops.array([[0.0, 0.0, 10.0, 20.0]])
    >>> deltas = nyala.ops.array([[0.25, 0.5, 0.0, 0.0]])
    >>> nyala.utils.bounding_boxes.decode_deltas_to_boxes(anchors, deltas, "xyxy", "xyxy").numpy()
    array([[ 5.,  5., 15., 25.]], dtype=float32)
    """
    if isinstance(anchors, dict) and isinstance(boxes_delta, dict):
        return {
            level: decode_deltas_to_boxes(anchors[level], boxes_delta[level], anchor_format,
                                          box_format, encoded_format, variance, image_shape)
            for level in anchors
        }  # fmt: skip
    variance = _checked(encoded_format, "encoded_format", variance)
    size = _size_of(image_shape)
    anchors = convert_format(anchors, anchor_format, encoded_format, **size)
    deltas = ops.convert_to_tensor(boxes_delta)
    deltas = deltas if variance is None else deltas * variance
    unit = anchors[..., 2:]
    center, sides = deltas[..., :2] * unit + anchors[..., :2], ops.exp(deltas[..., 2:]) * unit
    boxes = ops.concatenate([center, sides], axis=-1)
    return convert_format(boxes, encoded_format, box_format, **size)


def _checked(encoding: str, name: str, variance: Any) -> Any:
    if encoding not in _CENTERED:
        raise ValueError(f"{name} expects 'center_yxhw' or 'center_xywh'; got {encoding!r}.")
    if variance is None:
        return None
    variance = ops.convert_to_tensor(variance, "float32")
    if variance.shape[-1] != 4:
        raise ValueError(f"variance expects four numbers; got the shape {tuple(variance.shape)}.")
    return variance


def _size_of(image_shape: tuple | None) -> dict[str, Any]:
    if image_shape is None:
        return {}
    return {"height": image_shape[0], "width": image_shape[1]}
