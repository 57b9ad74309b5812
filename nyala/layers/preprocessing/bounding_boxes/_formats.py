"""The ways to write a box down, and from each to each other.

Every format is known by how it is read as corners and how corners are written in it; that is all
that a new one needs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nyala import ops
from nyala.core import did_you_mean

# Which of left, top, right, bottom stands first, second, third, fourth.
_CORNERS = {"xyxy": (0, 1, 2, 3), "yxyx": (1, 0, 3, 2)}


def _from_corners(boxes: Any, order: tuple) -> Any:
    return ops.take(boxes, list(order), axis=-1)


def _from_sides(boxes: Any) -> Any:
    """(left, top, width, height) to corners."""
    start, size = boxes[..., :2], boxes[..., 2:]
    return ops.concatenate([start, start + size], axis=-1)


def _to_sides(boxes: Any) -> Any:
    start, end = boxes[..., :2], boxes[..., 2:]
    return ops.concatenate([start, end - start], axis=-1)


def _from_center(boxes: Any) -> Any:
    """(center x, center y, width, height) to corners."""
    center, half = boxes[..., :2], boxes[..., 2:] / 2.0
    return ops.concatenate([center - half, center + half], axis=-1)


def _to_center(boxes: Any) -> Any:
    start, size = boxes[..., :2], boxes[..., 2:] - boxes[..., :2]
    return ops.concatenate([start + size / 2.0, size], axis=-1)


def _transposed(boxes: Any) -> Any:
    """Swap x and y in both halves of a box."""
    return _from_corners(boxes, _CORNERS["yxyx"])


def _same(boxes: Any) -> Any:
    return boxes


# Each format's way to (left, top, right, bottom) and back.
_ABSOLUTE: dict[str, tuple[Callable, Callable]] = {
    "xyxy": (_same, _same),
    "yxyx": (_transposed, _transposed),
    "xywh": (_from_sides, _to_sides),
    "center_xywh": (_from_center, _to_center),
    "center_yxhw": (
        lambda boxes: _from_center(_transposed(boxes)),
        lambda boxes: _transposed(_to_center(boxes)),
    ),
}
_RELATIVE = ("rel_xyxy", "rel_yxyx", "rel_xywh", "rel_center_xywh")
FORMATS = (*_ABSOLUTE, *_RELATIVE)


def check_format(name: Any, what: str) -> str:
    """Return a format's name in lower case.

    Raises:
        ValueError: there is no such format; `what` says whose argument it is.
    """
    known = str(name).lower()
    if known not in FORMATS:
        raise ValueError(
            f"{what} expects one of {', '.join(map(repr, FORMATS))}; got {name!r}."
            f"{did_you_mean(known, FORMATS)}"
        )
    return known


def convert_format(boxes: Any, source: str, target: str, height: Any = None, width: Any = None,
                   dtype: Any = "float32") -> Any:  # fmt: skip
    """Write boxes down in another format.

    Args:
        boxes: array of shape `(..., 4)`, or a dict with such an array under `"boxes"`; what else
            is in it (labels) stays.
        source: the format of `boxes`: `"xyxy"` (left, top, right, bottom), `"yxyx"`, `"xywh"`
            (left, top, width, height), `"center_xywh"`, `"center_yxhw"`, all in pixels; or in
            parts of the image `"rel_xyxy"`, `"rel_yxyx"`, `"rel_xywh"`, `"rel_center_xywh"`.
        target: the format of the result.
        height: of the image in pixels, a number or an array that broadcasts; needed where one of
            the formats is in pixels and the other in parts.
        width: of the image, likewise.
        dtype: of the result, a float type.

    Returns:
        A tensor of the shape of `boxes`, or a dict like the one given.

    Raises:
        ValueError: an unknown format, a last axis that is not 4, or a missing size.

    >>> import nyala
    >>> boxes = nyala.ops.array([[10.0, 20.0, 30.0, 60.0]])
    >>> nyala.utils.bounding_boxes.convert_format(boxes, "xyxy", "center_xywh").numpy()
    array([[20., 40., 20., 40.]], dtype=float32)
    """
    if isinstance(boxes, dict):
        converted = convert_format(boxes["boxes"], source, target, height, width, dtype)
        return {**boxes, "boxes": converted}
    source = check_format(source, "convert_format(source=...)")
    target = check_format(target, "convert_format(target=...)")
    boxes = ops.cast(boxes, dtype)
    if boxes.shape[-1] != 4:
        raise ValueError(
            f"convert_format expects boxes of shape (..., 4); got the shape {tuple(boxes.shape)}."
        )
    if source == target:
        return boxes
    from_parts, to_parts = source.startswith("rel_"), target.startswith("rel_")
    if (from_parts or to_parts) and (height is None or width is None):
        raise ValueError(
            f"convert_format from {source!r} to {target!r} needs the image's height and width; "
            f"got height={height} and width={width}."
        )
    corners = _ABSOLUTE[source.removeprefix("rel_")][0](boxes)
    if from_parts != to_parts:
        size = _size(height, width, dtype)
        corners = corners * size if from_parts else corners / size
    return _ABSOLUTE[target.removeprefix("rel_")][1](corners)


def _size(height: Any, width: Any, dtype: Any) -> Any:
    """Return (width, height, width, height) along the last axis."""
    sides = [ops.cast(side, dtype) for side in (width, height)]
    # A size of each image has an axis for the coordinates; that of all images is a mere number.
    sides = [side if len(side.shape) else ops.reshape(side, (1,)) for side in sides]
    return ops.concatenate([*sides, *sides], axis=-1)
