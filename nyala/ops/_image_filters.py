"""Blurring, and finding edges."""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp

from nyala import kernels
from nyala.core import standardize_data_format
from nyala.eager import Array, Arrays, op
from nyala.ops._image_layout import as_batch


@op
def gaussian_blur(
    images: Array,
    kernel_size: Sequence[int] = (3, 3),
    sigma: Arrays = (1.0, 1.0),
    data_format: str | None = None,
) -> Array:
    """Mean of each pixel and its neighbours, weighted by a Gaussian; zeros lie beyond the edges.

    Args:
        images: floats of shape `(height, width, channels)` or with a batch axis in front, or
            channels first.
        kernel_size: how many pixels the window is wide, and how many high.
        sigma: the Gaussian's standard deviations along the width and the height, in pixels.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for the configured one.

    Returns:
        A tensor of the shape and dtype of `images`.

    >>> import nyala
    >>> nyala.ops.image.gaussian_blur(nyala.ops.ones((5, 5, 1))).numpy()[2, 2]
    array([1.], dtype=float32)
    """
    images, undo = as_batch(images, data_format)
    return undo(blurred(images, kernel_size, sigma))


def blurred(images: Array, kernel_size: Sequence[int], sigma: Sequence) -> Array:
    """Return `(batch, height, width, channels)` blurred; sizes as in `gaussian_blur`."""
    across = gaussian(kernel_size[0], sigma[0], images.dtype)
    down = gaussian(kernel_size[1], sigma[1], images.dtype)
    return separable_filter(images, down, across, "same")


def gaussian(size: int, sigma: Array | float, dtype: str) -> Array:
    """Return `size` values of a Gaussian around their middle, which sum to 1."""
    distance = jnp.arange(size, dtype=dtype) - (size - 1) / 2
    values = jnp.exp(-0.5 * jnp.square(distance / jnp.asarray(sigma, dtype)))
    return values / jnp.sum(values)


def separable_filter(images: Array, down: Array, across: Array, padding: str) -> Array:
    """Return images filtered by a column and then by a row: the product of both as one window."""
    channels = images.shape[-1]
    for taps in (down.reshape(-1, 1), across.reshape(1, -1)):
        kernel = jnp.broadcast_to(taps[..., None, None], (*taps.shape, channels, 1))
        images = kernels.depthwise_conv(images, kernel.astype(images.dtype), padding=padding)
    return images


@op
def sobel_edges(images: Array, data_format: str | None = None) -> Array:
    """Slopes of brightness by Sobel's filters; zeros lie beyond the edges.

    Args:
        images: array of shape `(batch, height, width, channels)`, or channels first.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for the configured one.

    Returns:
        A tensor of the shape of `images` with an axis more: the slopes down and to the right.

    >>> import nyala
    >>> nyala.ops.image.sobel_edges(nyala.ops.ones((1, 4, 4, 3))).shape
    (1, 4, 4, 3, 2)
    """
    if images.ndim != 4:
        raise ValueError(f"expected a batch of images (four axes); got the shape {images.shape}.")
    first = 1 if standardize_data_format(data_format) == "channels_last" else 2
    widths = [(0, 0)] * 4
    widths[first] = widths[first + 1] = (1, 1)
    padded = jnp.pad(images, widths)
    down = _smoothed(_slope(padded, first), first + 1)
    right = _smoothed(_slope(padded, first + 1), first)
    return jnp.stack([down, right], axis=-1)


def _slope(x: Array, axis: int) -> Array:
    before, _, after = _neighbours(x, axis)
    return after - before


def _smoothed(x: Array, axis: int) -> Array:
    before, here, after = _neighbours(x, axis)
    return before + 2 * here + after


def _neighbours(x: Array, axis: int) -> list[Array]:
    length = x.shape[axis] - 2
    return [jnp.take(x, jnp.arange(i, i + length), axis=axis) for i in range(3)]
