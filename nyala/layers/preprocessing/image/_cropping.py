"""Boxes cut out of images, and what that does to bounding boxes."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from nyala.eager import Array, op


@op(name="cut_out")
def cut_out(images: Array, top: Array, left: Array, height: int, width: int, axis: int) -> Array:
    """Return a part of images, the same of all.

    Args:
        images: array with height and width at `axis` and `axis + 1`.
        top, left: where the part begins, whole numbers.
        height, width: of the part.
        axis: counted from the end.
    """
    for start, length, where in ((top, height, axis), (left, width, axis + 1)):
        images = jax.lax.dynamic_slice_in_dim(images, start, length, where % images.ndim)
    return images


def largest_window(height: int, width: int, target: tuple[int, int]) -> tuple[int, int]:
    """Return the size of the largest part of an image with the proportions of `target`."""
    by_width = int(float(width * target[0]) / target[1])
    by_height = int(float(height * target[1]) / target[0])
    return max(min(height, by_width), 1), max(min(width, by_height), 1)


@op(name="scale_boxes")
def scaled_boxes(boxes: Array, vertical: Array, horizontal: Array) -> Array:
    """Return boxes (left, top, right, bottom) in an image that is scaled by two factors."""
    factors = [horizontal, vertical, horizontal, vertical]
    return boxes * jnp.stack([jnp.asarray(f, boxes.dtype) for f in factors])
