"""Brightness, contrast, colour and the dtype of images."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala import ops, random
from nyala.core import respelled
from nyala.tf._seeds import seed_of

_RGB_TO_YUV = (
    (0.299, -0.14714119, 0.61497538),
    (0.587, -0.28886916, -0.51496512),
    (0.114, 0.43601035, -0.10001026),
)

rgb_to_hsv = respelled("tf.image.rgb_to_hsv", ops.image.rgb_to_hsv, "images")
hsv_to_rgb = respelled("tf.image.hsv_to_rgb", ops.image.hsv_to_rgb, "images")
rgb_to_grayscale = respelled("tf.image.rgb_to_grayscale", ops.image.rgb_to_grayscale, "images")


def grayscale_to_rgb(images: Any, name: str | None = None) -> Any:
    """Return grey images with their channel three times."""
    return ops.repeat(images, 3, axis=-1)


def rgb_to_yuv(images: Any) -> Any:
    """Return brightness and two colour differences of images with values from 0 to 1."""
    return ops.matmul(images, ops.convert_to_tensor(_RGB_TO_YUV))


def yuv_to_rgb(images: Any) -> Any:
    """Return the inverse of `rgb_to_yuv`."""
    return ops.matmul(images, ops.convert_to_tensor(np.linalg.inv(_RGB_TO_YUV).astype("float32")))


def convert_image_dtype(
    image: Any, dtype: Any, saturate: bool = False, name: str | None = None
) -> Any:
    """Return the image in another dtype, integers from 0 to their maximum, floats from 0 to 1.

    >>> import nyala, numpy as np
    >>> nyala.tf.image.convert_image_dtype(np.array([0, 255], "uint8"), "float32").numpy()
    array([0., 1.], dtype=float32)
    """
    image = ops.convert_to_tensor(image)
    source, target = ops.result_type(image.dtype), ops.result_type(dtype)
    if source == target:
        return ops.convert_to_tensor(image)
    if source.is_integer and target.is_integer:
        ratio = np.iinfo(source).max // np.iinfo(target).max
        if ratio:
            return ops.cast(ops.floor_divide(image, ratio + 1), target)
        return ops.multiply(
            ops.cast(image, target), np.iinfo(target).max // np.iinfo(source).max + 1
        )
    if source.is_integer:
        return ops.cast(image, target) * (1.0 / np.iinfo(source).max)
    if target.is_floating:
        return ops.cast(image, target)
    scaled = image * (np.iinfo(target).max + 0.5)
    return ops.saturate_cast(scaled, target) if saturate else ops.cast(scaled, target)


def _as_floats(change: Any, image: Any) -> Any:
    """Apply a function of floats from 0 to 1 to an image of any dtype, and return to that dtype."""
    image = ops.convert_to_tensor(image)
    changed = change(convert_image_dtype(image, "float32"))
    return convert_image_dtype(changed, image.dtype, saturate=True)


def adjust_brightness(image: Any, delta: Any) -> Any:
    """Return the image with `delta` added, which is a part of the whole range of values."""
    return _as_floats(lambda x: x + delta, image)


def adjust_contrast(images: Any, contrast_factor: Any) -> Any:
    """Return the image with distances from each channel's mean times a factor."""

    def change(x: Any) -> Any:
        mean = ops.mean(x, axis=(-3, -2), keepdims=True)
        return (x - mean) * contrast_factor + mean

    return _as_floats(change, images)


def adjust_gamma(image: Any, gamma: Any = 1, gain: Any = 1) -> Any:
    """Return `gain * image ** gamma`, for values from 0 to 1."""
    return _as_floats(lambda x: gain * ops.power(x, float(gamma)), image)


def adjust_hue(image: Any, delta: Any, name: str | None = None) -> Any:
    """Return the image with its colours turned by `delta`, a part of a whole turn."""

    def change(x: Any) -> Any:
        h, s, v = ops.unstack(ops.image.rgb_to_hsv(x, "channels_last"), 3, axis=-1)
        turned = ops.stack([ops.mod(h + delta, 1.0), s, v], axis=-1)
        return ops.image.hsv_to_rgb(turned, "channels_last")

    return _as_floats(change, image)


def adjust_saturation(image: Any, saturation_factor: Any, name: str | None = None) -> Any:
    """Return the image with its colours' saturation times a factor."""

    def change(x: Any) -> Any:
        h, s, v = ops.unstack(ops.image.rgb_to_hsv(x, "channels_last"), 3, axis=-1)
        full = ops.stack([h, ops.clip(s * saturation_factor, 0.0, 1.0), v], axis=-1)
        return ops.image.hsv_to_rgb(full, "channels_last")

    return _as_floats(change, image)


def random_brightness(image: Any, max_delta: float, seed: Any = None) -> Any:
    """Return the image with its brightness changed by at most `max_delta`."""
    return adjust_brightness(image, random.uniform((), -max_delta, max_delta, seed=seed_of(seed)))


def random_contrast(image: Any, lower: float, upper: float, seed: Any = None) -> Any:
    """Return the image with its contrast changed by a factor between two bounds."""
    return adjust_contrast(image, random.uniform((), lower, upper, seed=seed_of(seed)))


def random_hue(image: Any, max_delta: float, seed: Any = None) -> Any:
    """Return the image with its colours turned by at most `max_delta` of a turn."""
    return adjust_hue(image, random.uniform((), -max_delta, max_delta, seed=seed_of(seed)))


def random_saturation(image: Any, lower: float, upper: float, seed: Any = None) -> Any:
    """Return the image with its saturation changed by a factor between two bounds."""
    return adjust_saturation(image, random.uniform((), lower, upper, seed=seed_of(seed)))


def per_image_standardization(image: Any) -> Any:
    """Return images with mean 0 and deviation 1 each (at least `1/√pixels` is divided by)."""
    image = ops.cast(image, "float32")
    axes = (-3, -2, -1)
    pixels = np.prod(image.shape[-3:])
    deviation = ops.maximum(ops.std(image, axes, keepdims=True), 1.0 / np.sqrt(pixels))
    return (image - ops.mean(image, axes, keepdims=True)) / deviation


__all__ = [
    "adjust_brightness", "adjust_contrast", "adjust_gamma", "adjust_hue", "adjust_saturation",
    "convert_image_dtype", "grayscale_to_rgb", "hsv_to_rgb", "per_image_standardization",
    "random_brightness", "random_contrast", "random_hue", "random_saturation", "rgb_to_grayscale",
    "rgb_to_hsv", "rgb_to_yuv", "yuv_to_rgb",
]  # fmt: skip
