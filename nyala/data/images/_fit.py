"""How an image of one shape comes into a frame of another: stretched, cropped or padded."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Fit(NamedTuple):
    """What to cut out of an image, and where it goes in the frame.

    Attributes:
        crop: slices of rows and columns of the image that are used.
        place: slices of rows and columns of the frame that they fill, resized.
    """

    crop: tuple[slice, slice]
    place: tuple[slice, slice]


def plan_fit(source: tuple[int, int], size: tuple[int, int], how: str = "stretch") -> Fit:
    """Return how an image fills a frame.

    Args:
        source: height and width of the image.
        size: height and width of the frame.
        how: `"stretch"` (the whole image fills the frame), `"crop"` (the largest part from its
            middle that has the frame's proportions does), or `"pad"` (the whole image in the middle
            of the frame, proportions kept).
    """
    whole = (slice(0, source[0]), slice(0, source[1]))
    if how == "crop":
        return Fit(_largest_part(source, size), (slice(0, size[0]), slice(0, size[1])))
    if how == "pad":
        return Fit(whole, _middle(source, size))
    return Fit(whole, (slice(0, size[0]), slice(0, size[1])))


def _largest_part(source: tuple[int, int], size: tuple[int, int]) -> tuple[slice, slice]:
    (height, width), (target_height, target_width) = source, size
    kept_height = max(min(height, int(width * target_height / target_width)), 1)
    kept_width = max(min(width, int(height * target_width / target_height)), 1)
    top, left = (height - kept_height) // 2, (width - kept_width) // 2
    return slice(top, top + kept_height), slice(left, left + kept_width)


def _middle(source: tuple[int, int], size: tuple[int, int]) -> tuple[slice, slice]:
    # In 32 bits, as TensorFlow computes it: which side a half pixel falls to depends on that.
    extents, frame = np.float32(source), np.float32(size)
    resized = extents / (extents / frame).max()
    lengths = np.maximum(np.floor(resized), 1).astype(int)
    starts = np.maximum(np.floor((frame - resized) / 2), 0).astype(int)
    top, left = (int(start) for start in starts)
    return slice(top, top + int(lengths[0])), slice(left, left + int(lengths[1]))
