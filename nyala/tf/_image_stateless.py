"""Random changes of images that depend on a given seed alone, and changes by recompression."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala import ops, random
from nyala.ops._static_shapes import as_lengths
from nyala.tf._image_color import (
    adjust_brightness,
    adjust_contrast,
    adjust_hue,
    adjust_saturation,
    convert_image_dtype,
)
from nyala.tf._image_files import decode_jpeg, encode_jpeg
from nyala.tf._seeds import key_of, seed_of


def stateless_random_brightness(image: Any, max_delta: float, seed: Any) -> Any:
    """Return the image with its brightness changed by at most `max_delta`.

    Args:
        image: one image or a batch, channels last.
        max_delta: a part of the range of values.
        seed: two integers; the same ones give the same change.

    >>> import nyala
    >>> image = nyala.tf.zeros((2, 2, 3))
    >>> a = nyala.tf.image.stateless_random_brightness(image, 0.5, seed=(1, 2))
    >>> bool((a == nyala.tf.image.stateless_random_brightness(image, 0.5, seed=(1, 2))).all())
    True
    """
    return adjust_brightness(image, random.uniform((), -max_delta, max_delta, seed=key_of(seed)))


def stateless_random_contrast(image: Any, lower: float, upper: float, seed: Any) -> Any:
    """Return the image with its contrast changed by a factor that depends on `seed` alone."""
    return adjust_contrast(image, random.uniform((), lower, upper, seed=key_of(seed)))


def stateless_random_hue(image: Any, max_delta: float, seed: Any) -> Any:
    """Return the image with its colours turned by an angle that depends on `seed` alone."""
    return adjust_hue(image, random.uniform((), -max_delta, max_delta, seed=key_of(seed)))


def stateless_random_saturation(image: Any, lower: float, upper: float, seed: Any) -> Any:
    """Return the image with its saturation changed by a factor that depends on `seed` alone."""
    return adjust_saturation(image, random.uniform((), lower, upper, seed=key_of(seed)))


def stateless_random_flip_left_right(image: Any, seed: Any) -> Any:
    """Return images of which each is mirrored left to right or not, as `seed` alone decides."""
    return _flipped(image, -2, seed)


def stateless_random_flip_up_down(image: Any, seed: Any) -> Any:
    """Return images of which each is mirrored top to bottom or not, as `seed` alone decides."""
    return _flipped(image, -3, seed)


def _flipped(image: Any, axis: int, seed: Any) -> Any:
    image = ops.convert_to_tensor(image)
    chosen = random.uniform((*image.shape[:-3], 1, 1, 1), seed=key_of(seed)) < 0.5
    return ops.where(chosen, ops.flip(image, axis), image)


def stateless_random_crop(value: Any, size: Any, seed: Any, name: str | None = None) -> Any:
    """Return a box of a size at a place that depends on `seed`, two integers, alone.

    >>> import nyala
    >>> nyala.tf.image.stateless_random_crop(nyala.tf.zeros((8, 8, 3)), (4, 4, 3), (1, 2)).shape
    (4, 4, 3)
    """
    value, lengths = ops.convert_to_tensor(value), as_lengths(size)
    places = [whole - part + 1 for whole, part in zip(value.shape, lengths, strict=True)]
    if min(places) < 1:
        raise ValueError(
            f"stateless_random_crop: a box of size {tuple(lengths)} does not fit into the shape "
            f"{tuple(value.shape)}."
        )
    starts = random.randint((len(places),), 0, np.array(places), seed=key_of(seed))
    return ops.slice(value, ops.unstack(starts, len(places)), lengths)


def adjust_jpeg_quality(image: Any, jpeg_quality: Any, dct_method: str = "",
                        name: str | None = None) -> Any:  # fmt: skip
    """Return an image as it is after it was written as a JPEG file.

    Outside compiled code only, as files are written on the host.

    Args:
        image: of shape `(height, width, channels)`, uint8 or floats from 0 to 1.
        jpeg_quality: an integer from 0 to 100.
        dct_method: accepted for TensorFlow's sake.
        name: likewise.
    """
    image = ops.convert_to_tensor(image)
    pixels = convert_image_dtype(image, "uint8", saturate=True)
    contents = encode_jpeg(pixels, quality=int(jpeg_quality))
    return convert_image_dtype(decode_jpeg(contents, channels=image.shape[-1]), image.dtype)


def random_jpeg_quality(image: Any, min_jpeg_quality: int, max_jpeg_quality: int,
                        seed: Any = None) -> Any:  # fmt: skip
    """Return an image as it is after it was written as a JPEG file of random quality."""
    return _recompressed(image, min_jpeg_quality, max_jpeg_quality, seed_of(seed))


def stateless_random_jpeg_quality(image: Any, min_jpeg_quality: int, max_jpeg_quality: int,
                                  seed: Any) -> Any:  # fmt: skip
    """Return an image as after it was written as JPEG, in a quality that `seed` alone decides."""
    return _recompressed(image, min_jpeg_quality, max_jpeg_quality, key_of(seed))


def _recompressed(image: Any, least: int, most: int, seed: Any) -> Any:
    return adjust_jpeg_quality(image, int(random.randint((), least, most, seed=seed)))


__all__ = [
    "adjust_jpeg_quality", "random_jpeg_quality", "stateless_random_brightness",
    "stateless_random_contrast", "stateless_random_crop", "stateless_random_flip_left_right",
    "stateless_random_flip_up_down", "stateless_random_hue", "stateless_random_jpeg_quality",
    "stateless_random_saturation",
]  # fmt: skip
