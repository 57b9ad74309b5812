"""Boxes that are clipped, shifted or turned."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp

from nyala import ops
from nyala.eager import Array, op


def clip_to_image_size(bounding_boxes: dict, height: Any = None, width: Any = None,
                       bounding_box_format: str = "xyxy") -> dict:  # fmt: skip
    """Cut boxes off at the edges of the image; what is left without area gets the label -1.

    Args:
        bounding_boxes: a dict with `"boxes"` of shape `(..., boxes, 4)` and, if there are any,
            `"labels"` of shape `(..., boxes)`.
        height: of the image in pixels; needed for `"xyxy"`.
        width: of the image, likewise.
        bounding_box_format: `"xyxy"` or `"rel_xyxy"`.

    Returns:
        A dict like the one given.

    >>> import nyala
    >>> boxes = {"boxes": [[-4.0, 2.0, 6.0, 40.0]], "labels": [7]}
    >>> clipped = nyala.utils.bounding_boxes.clip_to_image_size(boxes, height=20, width=30)
    >>> clipped["boxes"].numpy(), clipped["labels"].numpy()
    (array([[ 0.,  2.,  6., 20.]], dtype=float32), array([7], dtype=int32))
    """
    if bounding_box_format not in ("xyxy", "rel_xyxy"):
        raise ValueError(
            "clip_to_image_size expects boxes in the format 'xyxy' or 'rel_xyxy'; got "
            f"{bounding_box_format!r}. Use convert_format first."
        )
    if bounding_box_format == "rel_xyxy":
        height = width = 1.0
    elif height is None or width is None:
        raise ValueError(
            f"clip_to_image_size needs the image's height and width; got height={height} and "
            f"width={width}."
        )
    boxes = clipped(ops.convert_to_tensor(bounding_boxes["boxes"]), height, width)
    result = {**bounding_boxes, "boxes": boxes}
    if bounding_boxes.get("labels") is not None:
        labels = ops.convert_to_tensor(bounding_boxes["labels"])
        size = boxes[..., 2:] - boxes[..., :2]
        result["labels"] = ops.where(size[..., 0] * size[..., 1] > 0, labels, -1)
    return result


@op(name="clip_boxes")
def clipped(boxes: Array, height: Array, width: Array) -> Array:
    """Return boxes (left, top, right, bottom) cut off at the edges of the image."""
    return jnp.clip(boxes, 0, _along_coordinates(width, height, boxes.dtype))


@op(name="shift_boxes")
def shifted(boxes: Array, top: Array, left: Array) -> Array:
    """Return boxes (left, top, right, bottom) moved down and to the right."""
    return boxes + _along_coordinates(left, top, boxes.dtype)


def _along_coordinates(x: Array, y: Array, dtype: Any) -> Array:
    """Return (x, y, x, y) along the last axis; numbers of each image have such an axis already."""
    parts = [jnp.atleast_1d(jnp.asarray(part, dtype)) for part in (x, y)]
    return jnp.concatenate([*parts, *parts], axis=-1)


def crop(boxes: Any, top: Any, left: Any, height: Any, width: Any,
         bounding_box_format: str = "xyxy") -> Any:  # fmt: skip
    """Return boxes as they lie in a part cut out of the image.

    Args:
        boxes: array of shape `(..., 4)`.
        top: where the part begins, in pixels.
        left: likewise.
        height: of the part.
        width: of the part.
        bounding_box_format: must be `"xyxy"`.

    Returns:
        A tensor of the shape of `boxes`, cut off at the edges of the part.

    >>> import nyala
    >>> boxes = nyala.ops.array([[10.0, 20.0, 30.0, 60.0]])
    >>> nyala.utils.bounding_boxes.crop(boxes, 25, 5, 50, 20).numpy()
    array([[ 5.,  0., 20., 35.]], dtype=float32)
    """
    return clipped(pad(boxes, -top, -left, bounding_box_format=bounding_box_format), height, width)


def pad(boxes: Any, top: Any, left: Any, height: Any = None, width: Any = None,
        bounding_box_format: str = "xyxy") -> Any:  # fmt: skip
    """Return boxes as they lie in an image with a border around it.

    Args:
        boxes: array of shape `(..., 4)`.
        top: how high the border is above the image, in pixels.
        left: how wide it is at the left.
        height: not needed, as the borders below and at the right move no box.
        width: likewise.
        bounding_box_format: must be `"xyxy"`.

    Returns:
        A tensor of the shape of `boxes`.

    >>> import nyala
    >>> boxes = nyala.ops.array([[10.0, 20.0, 30.0, 60.0]])
    >>> nyala.utils.bounding_boxes.pad(boxes, top=1, left=2).numpy()
    array([[12., 21., 32., 61.]], dtype=float32)
    """
    _only_corners(bounding_box_format)
    return shifted(boxes, top, left)


def affine_transform(boxes: Any, angle: Any, translate_x: Any, translate_y: Any, scale: Any,
                     shear_x: Any, shear_y: Any, height: Any, width: Any, center_x: Any = None,
                     center_y: Any = None, bounding_box_format: str = "xyxy") -> Any:  # fmt: skip
    """Return the boxes around boxes that are turned, moved, scaled and sheared with their images.

    Args:
        boxes: array of shape `(batch, boxes, 4)`.
        angle: by which each image is turned, in degrees, of shape `(batch,)`; so are all others.
        translate_x: by which part of its width it is moved.
        translate_y: by which part of its height.
        scale: a factor of the distance at which each pixel is looked up, so that above 1 things
            become smaller.
        shear_x: the angle by which columns lean, in degrees.
        shear_y: the angle by which rows lean.
        height: of the images in pixels.
        width: likewise.
        center_x: what stays where it is, as a part of the width; the middle by default.
        center_y: likewise.
        bounding_box_format: must be `"xyxy"`.

    Returns:
        A tensor of the shape of `boxes`.

    >>> import nyala
    >>> zero, one = nyala.ops.zeros((1,)), nyala.ops.ones((1,))
    >>> boxes = nyala.ops.array([[[0.0, 0.0, 2.0, 4.0]]])
    >>> turned = nyala.utils.bounding_boxes.affine_transform(
    ...     boxes, 90 * one, zero, zero, one, zero, zero, height=11, width=11)
    >>> turned.numpy().round(3) + 0.0
    array([[[ 0.,  8.,  4., 10.]]], dtype=float32)
    """
    _only_corners(bounding_box_format)
    matrix = _affine_matrix(
        angle, translate_x, translate_y, scale, shear_x, shear_y, height, width,
        0.5 if center_x is None else center_x, 0.5 if center_y is None else center_y,
    )  # fmt: skip
    return around_moved_corners(boxes, matrix)


@op(name="affine_matrix_of_boxes")
def _affine_matrix(angle: Array, translate_x: Array, translate_y: Array, scale: Array,
                   shear_x: Array, shear_y: Array, height: Array, width: Array, center_x: Array,
                   center_y: Array) -> Array:  # fmt: skip
    """Return the matrices `(batch, 3, 3)` that bring points of images to their new places."""
    turn, lean_x, lean_y = (jnp.asarray(-a) * (math.pi / 180) for a in (angle, shear_x, shear_y))
    middle_x, middle_y = center_x * (width - 1), center_y * (height - 1)
    from_x, from_y = (
        middle_x - translate_x * (width - 1),
        middle_y - translate_y * (height - 1),
    )
    # The product of a rotation and a shear, by its four entries (as in torchvision).
    a = jnp.cos(turn - lean_y) / jnp.cos(lean_y)
    b = a * jnp.tan(lean_x) + jnp.sin(turn)
    c = -jnp.sin(turn - lean_y) / jnp.cos(lean_y)
    d = jnp.cos(turn) - c * jnp.tan(lean_x)
    xx, xy, yx, yy = d * scale, -b * scale, -c * scale, a * scale
    rows = (
        (xx, xy, middle_x - xx * from_x - xy * from_y),
        (yx, yy, middle_y - yx * from_x - yy * from_y),
        (jnp.zeros_like(xx), jnp.zeros_like(xx), jnp.ones_like(xx)),
    )
    return jnp.stack([jnp.stack(row, axis=-1) for row in rows], axis=-2)


@op(name="around_moved_corners")
def around_moved_corners(boxes: Array, matrix: Array) -> Array:
    """Return the upright boxes around boxes whose corners a matrix moves.

    Args:
        boxes: (left, top, right, bottom), of shape `(batch, boxes, 4)`.
        matrix: of shape `(batch, 3, 3)`, affine or projective.
    """
    boxes = jnp.asarray(boxes, jnp.promote_types(matrix.dtype, "float32"))
    x = boxes[..., jnp.array([0, 2, 2, 0])]
    y = boxes[..., jnp.array([1, 1, 3, 3])]
    points = jnp.stack([x, y, jnp.ones_like(x)], axis=-1)
    moved = jnp.einsum("bnpi,bji->bnpj", points, matrix, precision="highest")
    moved = moved[..., :2] / moved[..., 2:]
    return jnp.concatenate([moved.min(axis=2), moved.max(axis=2)], axis=-1)


def _only_corners(bounding_box_format: str) -> None:
    if bounding_box_format != "xyxy":
        raise ValueError(
            f"expected boxes in the format 'xyxy'; got {bounding_box_format!r}. Use convert_format "
            "first."
        )
