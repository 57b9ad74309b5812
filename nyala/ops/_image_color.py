"""Colours: red-green-blue, hue-saturation-value, grey."""

from __future__ import annotations

import jax.numpy as jnp

from nyala.eager import Array, op
from nyala.ops._dtypes import as_float
from nyala.ops._image_layout import channel_axis, check_rank

# How bright red, green and blue appear (ITU-R BT.601, to four digits).
_LUMA = (0.2989, 0.5870, 0.1140)


@op
def rgb_to_grayscale(images: Array, data_format: str | None = None) -> Array:
    """Brightness 0.2989 · red + 0.5870 · green + 0.1140 · blue (ITU-R BT.601).

    Args:
        images: array of shape `(height, width, 3)` or with a batch axis in front, or channels
            first. Grey images (one channel) are returned as they are.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for the configured one.

    Returns:
        A tensor with one channel, in the dtype of `images`.

    >>> import nyala
    >>> nyala.ops.image.rgb_to_grayscale(nyala.ops.ones((2, 2, 3))).shape
    (2, 2, 1)
    """
    images, axis = check_rank(images), channel_axis(data_format)
    if images.shape[axis] == 1:
        return images
    if images.shape[axis] != 3:
        raise ValueError(
            f"expected 3 channels (or 1, already grey) along axis {axis}; got the shape "
            f"{images.shape}."
        )
    floats = as_float(images)
    shape = [1] * images.ndim
    shape[axis] = 3
    weights = jnp.asarray(_LUMA, floats.dtype).reshape(shape)
    return jnp.sum(floats * weights, axis=axis, keepdims=True).astype(images.dtype)


@op
def rgb_to_hsv(images: Array, data_format: str | None = None) -> Array:
    """Red, green and blue to hue, saturation and value.

    Args:
        images: floats from 0 to 1, of shape `(height, width, 3)` or with a batch axis in front, or
            channels first.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for the configured one.

    Returns:
        A tensor of the same shape: hue as a part of a turn (red is 0, green 1/3), saturation and
        value from 0 to 1.

    >>> import nyala
    >>> nyala.ops.image.rgb_to_hsv([[[0.0, 1.0, 0.0]]]).numpy()
    array([[[0.33333334, 1.        , 1.        ]]], dtype=float32)
    """
    images, axis = _float_colours(images, data_format)
    images = jnp.where(jnp.abs(images) < jnp.finfo(images.dtype).eps, 0.0, images)
    red, green, blue = (jnp.take(images, channel, axis=axis) for channel in range(3))
    value = jnp.maximum(jnp.maximum(red, green), blue)
    chroma = value - jnp.minimum(jnp.minimum(red, green), blue)
    sixth = 1.0 / (6.0 * jnp.where(chroma > 0, chroma, 1.0))
    hue = jnp.where(
        value == red,
        sixth * (green - blue),
        jnp.where(
            value == green,
            sixth * (blue - red) + 1.0 / 3.0,
            sixth * (red - green) + 2.0 / 3.0,
        ),
    )
    hue = jnp.where(chroma > 0, jnp.where(hue < 0.0, hue + 1.0, hue), 0.0)
    saturation = jnp.where(value > 0, chroma / jnp.where(value > 0, value, 1.0), 0.0)
    return jnp.stack([hue, saturation, value], axis=axis)


@op
def hsv_to_rgb(images: Array, data_format: str | None = None) -> Array:
    """Hue, saturation and value to red, green and blue.

    Args:
        images: floats of shape `(height, width, 3)` or with a batch axis in front, or channels
            first: hue as a part of a turn, saturation and value from 0 to 1.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for the configured one.

    Returns:
        A tensor of the same shape with values from 0 to 1.

    >>> import nyala
    >>> nyala.ops.image.hsv_to_rgb([[[0.0, 1.0, 1.0]]]).numpy()
    array([[[1., 0., 0.]]], dtype=float32)
    """
    images, axis = _float_colours(images, data_format)
    hue, saturation, value = (jnp.take(images, channel, axis=axis) for channel in range(3))
    sextant = jnp.mod(hue, 1.0) * 6.0
    # How much of each primary a fully saturated colour of this hue has.
    red = jnp.clip(jnp.abs(sextant - 3.0) - 1.0, 0.0, 1.0)
    green = jnp.clip(2.0 - jnp.abs(sextant - 2.0), 0.0, 1.0)
    blue = jnp.clip(2.0 - jnp.abs(sextant - 4.0), 0.0, 1.0)
    primaries = jnp.stack([red, green, blue], axis=axis)
    saturation, value = jnp.expand_dims(saturation, axis), jnp.expand_dims(value, axis)
    return value * (1.0 - saturation + saturation * primaries)


def _float_colours(images: Array, data_format: str | None) -> tuple[Array, int]:
    images, axis = check_rank(images), channel_axis(data_format)
    if not jnp.issubdtype(images.dtype, jnp.floating):
        raise ValueError(
            f"expected floats from 0 to 1; got {images.dtype}. Cast the images and divide by 255."
        )
    if images.shape[axis] != 3:
        raise ValueError(f"expected 3 channels along axis {axis}; got the shape {images.shape}.")
    return images, axis
