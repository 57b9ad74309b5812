"""Rows and columns cut off or added."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from nyala.eager import Array, op
from nyala.ops._image_layout import check_rank, spatial_axes


@op
def crop_images(
    images: Array,
    top_cropping: int | None = None,
    left_cropping: int | None = None,
    bottom_cropping: int | None = None,
    right_cropping: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> Array:
    """Cuts rows and columns off.

    Of top_cropping, bottom_cropping and target_height exactly two are given, and of left_cropping,
    right_cropping and target_width too.

    Args:
        images: array of shape `(height, width, channels)` or with a batch axis in front, or
            channels first.
        top_cropping: rows to cut off above.
        left_cropping: columns to cut off on the left.
        bottom_cropping: rows to cut off below.
        right_cropping: columns to cut off on the right.
        target_height: rows that remain.
        target_width: columns that remain.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for the configured one.

    Returns:
        A tensor of the new size.

    >>> import nyala
    >>> nyala.ops.image.crop_images(
    ...     nyala.ops.ones((5, 5, 3)), top_cropping=1, left_cropping=1,
    ...     target_height=2, target_width=3).shape
    (2, 3, 3)
    """
    images = check_rank(images)
    vertical, horizontal = (axis % images.ndim for axis in spatial_axes(data_format))
    for axis, before, after, target, names in (
        (vertical, top_cropping, bottom_cropping, target_height, _CROPPED_ROWS),
        (horizontal, left_cropping, right_cropping, target_width, _CROPPED_COLUMNS),
    ):
        _exactly_two(names, before, after, target)
        before, kept, _ = _parts(names, images.shape[axis], before, target, after)
        images = jax.lax.slice_in_dim(images, before, before + kept, axis=axis)
    return images


@op
def pad_images(
    images: Array,
    top_padding: int | None = None,
    left_padding: int | None = None,
    bottom_padding: int | None = None,
    right_padding: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> Array:
    """Adds rows and columns of zeros.

    Of top_padding, bottom_padding and target_height exactly two are given, and of left_padding,
    right_padding and target_width too.

    Args:
        images: array of shape `(height, width, channels)` or with a batch axis in front, or
            channels first.
        top_padding: rows to add above.
        left_padding: columns to add on the left.
        bottom_padding: rows to add below.
        right_padding: columns to add on the right.
        target_height: rows of the result.
        target_width: columns of the result.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for the configured one.

    Returns:
        A tensor of the new size.

    >>> import nyala
    >>> nyala.ops.image.pad_images(
    ...     nyala.ops.ones((2, 2, 3)), top_padding=1, left_padding=1,
    ...     target_height=5, target_width=4).shape
    (5, 4, 3)
    """
    images = check_rank(images)
    vertical, horizontal = (axis % images.ndim for axis in spatial_axes(data_format))
    widths = [(0, 0)] * images.ndim
    for axis, before, after, target, names in (
        (vertical, top_padding, bottom_padding, target_height, _PADDED_ROWS),
        (horizontal, left_padding, right_padding, target_width, _PADDED_COLUMNS),
    ):
        _exactly_two(names, before, after, target)
        before, _, after = _parts(names, target, before, images.shape[axis], after)
        widths[axis] = (before, after)
    return jnp.pad(images, widths)


_CROPPED_ROWS = ("top_cropping", "bottom_cropping", "target_height")
_CROPPED_COLUMNS = ("left_cropping", "right_cropping", "target_width")
_PADDED_ROWS = ("top_padding", "bottom_padding", "target_height")
_PADDED_COLUMNS = ("left_padding", "right_padding", "target_width")


def _exactly_two(names: tuple, *values: int | None) -> None:
    given = dict(zip(names, values, strict=True))
    if list(values).count(None) != 1:
        raise ValueError(f"exactly two of {', '.join(names)} must be given; got {given}.")
    if any(value is not None and value < 0 for value in values):
        raise ValueError(f"{', '.join(names)} must not be negative; got {given}.")


def _parts(
    names: tuple, whole: int | None, before: int | None, middle: int | None, after: int | None
) -> tuple[int, int, int]:
    """Return the three parts of a length, of which one, or the whole, is `None` and follows."""
    if before is None:
        before = whole - middle - after
    elif after is None:
        after = whole - middle - before
    elif middle is None:
        middle = whole - before - after
    if min(before, middle, after) < 0:
        raise ValueError(
            f"{', '.join(names)} do not fit the images: {before} + {middle} + {after} elements."
        )
    return before, middle, after
