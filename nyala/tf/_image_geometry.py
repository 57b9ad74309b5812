"""Sizes, borders, turns and pieces of images."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from nyala import ops, random
from nyala.eager import Array, op
from nyala.ops._static_shapes import as_lengths
from nyala.tf._seeds import seed_of


class ResizeMethod:
    """The names of the ways to resize."""

    AREA = "area"
    BICUBIC = "bicubic"
    BILINEAR = "bilinear"
    GAUSSIAN = "gaussian"
    LANCZOS3 = "lanczos3"
    LANCZOS5 = "lanczos5"
    MITCHELLCUBIC = "mitchellcubic"
    NEAREST_NEIGHBOR = "nearest"


def resize(
    images: Any,
    size: Any,
    method: str = ResizeMethod.BILINEAR,
    preserve_aspect_ratio: bool = False,
    antialias: bool = False,
    name: str | None = None,
) -> Any:
    """Return images in another size, as floats (nearest keeps the dtype).

    Args:
        images: one image or a batch, channels last.
        size: height and width.
        method: `"bilinear"`, `"nearest"`, `"bicubic"`, `"lanczos3"` or `"lanczos5"`.
        preserve_aspect_ratio: whether the result may be smaller than `size` in one direction.
        antialias: whether a smaller image is a mean over what it stands for.
        name: accepted for TensorFlow's sake.

    >>> import nyala
    >>> nyala.tf.image.resize(nyala.tf.ones((4, 4, 3)), (2, 2)).shape
    (2, 2, 3)
    """
    images = ops.convert_to_tensor(images)
    height, width = as_lengths(size)
    if preserve_aspect_ratio:
        own = images.shape[-3:-1]
        scale = min(height / own[0], width / own[1])
        height, width = (max(1, round(scale * n)) for n in own)
    if method != ResizeMethod.NEAREST_NEIGHBOR:
        images = ops.cast(images, "float32")
    return ops.image.resize(
        images, (height, width), method, antialias=antialias, data_format="channels_last"
    )


def resize_with_crop_or_pad(image: Any, target_height: int, target_width: int) -> Any:
    """Return the middle of images, with a border of zeros where they are smaller."""
    image = ops.convert_to_tensor(image)
    height, width = image.shape[-3:-1]
    down, right = max(height - target_height, 0) // 2, max(width - target_width, 0) // 2
    image = crop_to_bounding_box(
        image, down, right, min(height, target_height), min(width, target_width)
    )
    above, left = max(target_height - height, 0) // 2, max(target_width - width, 0) // 2
    return pad_to_bounding_box(image, above, left, target_height, target_width)


def resize_with_pad(
    image: Any,
    target_height: int,
    target_width: int,
    method: str = ResizeMethod.BILINEAR,
    antialias: bool = False,
) -> Any:
    """Return images in another size without distortion, with a border of zeros."""
    size = (target_height, target_width)
    inner = resize(image, size, method, preserve_aspect_ratio=True, antialias=antialias)
    return resize_with_crop_or_pad(inner, target_height, target_width)


def crop_to_bounding_box(
    image: Any, offset_height: int, offset_width: int, target_height: int, target_width: int
) -> Any:
    """Return a box out of images."""
    image = ops.convert_to_tensor(image)
    top, left = int(offset_height), int(offset_width)
    return image[..., top : top + int(target_height), left : left + int(target_width), :]


def pad_to_bounding_box(
    image: Any, offset_height: int, offset_width: int, target_height: int, target_width: int
) -> Any:
    """Return images at a place in greater ones of zeros."""
    image = ops.convert_to_tensor(image)
    height, width = image.shape[-3:-1]
    rows = (int(offset_height), int(target_height) - int(offset_height) - height)
    columns = (int(offset_width), int(target_width) - int(offset_width) - width)
    return ops.pad(image, [(0, 0)] * (len(image.shape) - 3) + [rows, columns, (0, 0)])


def central_crop(image: Any, central_fraction: float) -> Any:
    """Return the middle part of images, a fraction of their height and width."""
    image = ops.convert_to_tensor(image)
    height, width = image.shape[-3:-1]
    top, left = (int((n - n * central_fraction) / 2) for n in (height, width))
    return image[..., top : height - top, left : width - left, :]


def random_crop(value: Any, size: Any, seed: Any = None, name: str | None = None) -> Any:
    """Return a box of a size at a random place.

    >>> import nyala
    >>> nyala.tf.image.random_crop(nyala.tf.zeros((8, 8, 3)), (4, 4, 3)).shape
    (4, 4, 3)
    """
    value, lengths = ops.convert_to_tensor(value), as_lengths(size)
    seeds = seed_of(seed)
    starts = [
        random.randint((), 0, whole - part + 1, seed=seeds) if whole > part else 0
        for whole, part in zip(value.shape, lengths, strict=True)
    ]
    return ops.slice(value, starts, lengths)


def flip_left_right(image: Any) -> Any:
    """Return images mirrored left to right."""
    return ops.flip(image, -2)


def flip_up_down(image: Any) -> Any:
    """Return images mirrored top to bottom."""
    return ops.flip(image, -3)


def random_flip_left_right(image: Any, seed: Any = None) -> Any:
    """Return images of which each is mirrored left to right with probability one half."""
    return _flipped_at_random(ops.convert_to_tensor(image), -2, seed)


def random_flip_up_down(image: Any, seed: Any = None) -> Any:
    """Return images of which each is mirrored top to bottom with probability one half."""
    return _flipped_at_random(ops.convert_to_tensor(image), -3, seed)


def _flipped_at_random(image: Any, axis: int, seed: Any) -> Any:
    shape = (*image.shape[:-3], 1, 1, 1)
    chosen = ops.less(random.uniform(shape, seed=seed_of(seed)), 0.5)
    return ops.where(chosen, ops.flip(image, axis), image)


def rot90(image: Any, k: int = 1, name: str | None = None) -> Any:
    """Return images turned by `k` quarter turns, counter-clockwise."""
    return ops.rot90(image, int(k), (-3, -2))


def transpose(image: Any, name: str | None = None) -> Any:
    """Return images with rows and columns exchanged."""
    return ops.swapaxes(image, -3, -2)


def extract_patches(images: Any, sizes: Any, strides: Any, rates: Any, padding: str,
                    name: str | None = None) -> Any:  # fmt: skip
    """Return patches, each flattened into the channels (see `nyala.ops.image.extract_patches`)."""
    return ops.image.extract_patches(
        images,
        tuple(int(n) for n in sizes)[1:3],
        tuple(int(n) for n in strides)[1:3],
        int(rates[1]),
        padding.lower(),
        "channels_last",
    )


def crop_and_resize(image: Any, boxes: Any, box_indices: Any, crop_size: Any,
                    method: str = "bilinear", extrapolation_value: float = 0.0,
                    name: str | None = None) -> Any:  # fmt: skip
    """Return boxes cut out of images and brought to one size.

    Args:
        image: tensor of shape `(batch, height, width, channels)`.
        boxes: floats of shape `(boxes, 4)`: top, left, bottom, right as parts of the image, from
            the middle of the first pixel (0) to that of the last (1).
        box_indices: integers of shape `(boxes,)`: which image each box is cut from.
        crop_size: height and width of the result.
        method: `"bilinear"` or `"nearest"`.
        extrapolation_value: what is outside an image.
        name: accepted for TensorFlow's sake.
    """
    order = {"bilinear": 1, "nearest": 0}[method]
    image = ops.cast(image, "float32")
    return _crop_and_resize(
        image, boxes, box_indices, as_lengths(crop_size), order, float(extrapolation_value)
    )


@op(name="crop_and_resize")
def _crop_and_resize(
    image: Array, boxes: Array, box_indices: Array, size: Any, order: int, outside: float
) -> Array:

    def places(first, last, length, count):
        if count == 1:
            return (first + last)[None] / 2 * (length - 1)
        step = (last - first) * (length - 1) / (count - 1)
        return first * (length - 1) + step * jnp.arange(count)

    def cut(box, index):
        picture = image[index]
        rows = places(box[0], box[2], picture.shape[0], size[0])
        columns = places(box[1], box[3], picture.shape[1], size[1])
        grid = jnp.meshgrid(rows, columns, indexing="ij")
        inside = (grid[0] >= 0) & (grid[0] <= picture.shape[0] - 1)
        inside &= (grid[1] >= 0) & (grid[1] <= picture.shape[1] - 1)
        sample = jax.vmap(
            lambda channel: jax.scipy.ndimage.map_coordinates(channel, grid, order, "nearest"),
            -1,
            -1,
        )(picture)
        return jnp.where(inside[..., None], sample, outside)

    return jax.vmap(cut)(jnp.asarray(boxes, "float32"), jnp.asarray(box_indices, "int32"))


def non_max_suppression(
    boxes: Any,
    scores: Any,
    max_output_size: int,
    iou_threshold: float = 0.5,
    score_threshold: float = -np.inf,
    name: str | None = None,
) -> Any:
    """Return the positions of boxes that overlap no box with a higher score too much.

    How many they are depends on values: outside compiled code only.

    Args:
        boxes: floats of shape `(boxes, 4)`: top, left, bottom, right (or opposite corners).
        scores: floats of shape `(boxes,)`.
        max_output_size: at most how many.
        iou_threshold: two boxes whose intersection is more than this part of their union overlap.
        score_threshold: boxes with less are left out.
        name: accepted for TensorFlow's sake.
    """
    corners, scores = np.asarray(boxes, "float32"), np.asarray(scores, "float32")
    low, high = (
        np.minimum(corners[:, :2], corners[:, 2:]),
        np.maximum(corners[:, :2], corners[:, 2:]),
    )
    areas, kept = np.prod(high - low, axis=1), []
    order = [i for i in np.argsort(-scores, kind="stable") if scores[i] > score_threshold]
    while order and len(kept) < int(max_output_size):
        best, order = order[0], np.asarray(order[1:], int)
        kept.append(best)
        across = np.minimum(high[best], high[order]) - np.maximum(low[best], low[order])
        common = np.prod(np.maximum(across, 0), axis=1)
        union = areas[best] + areas[order] - common
        order = order[common <= iou_threshold * np.where(union > 0, union, np.inf)].tolist()
    return ops.convert_to_tensor(np.asarray(kept, "int32"))


__all__ = [
    "ResizeMethod", "central_crop", "crop_and_resize", "crop_to_bounding_box", "extract_patches",
    "flip_left_right", "flip_up_down", "non_max_suppression", "pad_to_bounding_box", "random_crop",
    "random_flip_left_right", "random_flip_up_down", "resize", "resize_with_crop_or_pad",
    "resize_with_pad", "rot90", "transpose",
]  # fmt: skip
