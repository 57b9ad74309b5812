"""Images of another size."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import numpy as np

from nyala.eager import Array, op
from nyala.ops._dtypes import as_float, is_integral
from nyala.ops._image_layout import check_choice, check_rank, spatial_axes


def _gaussian(x: np.ndarray) -> np.ndarray:
    return np.where(x < 1.5, np.exp(-2.0 * x**2), 0.0)


def _mitchell(x: np.ndarray) -> np.ndarray:
    near = (7 * x**3 - 12 * x**2 + 16 / 3) / 6
    far = (-7 / 3 * x**3 + 12 * x**2 - 20 * x + 32 / 3) / 6
    return np.where(x < 1, near, np.where(x < 2, far, 0.0))


# Kernels that jax.image lacks, as functions of the distance in pixels (those of tf.image).
_KERNELS: dict[str, Callable] = {"gaussian": _gaussian, "mitchellcubic": _mitchell}
_IN_JAX = ("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5")
_INTERPOLATIONS = (*_IN_JAX, *_KERNELS, "area")


@op
def resize(
    images: Array,
    size: Sequence[int],
    interpolation: str = "bilinear",
    antialias: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> Array:
    """Scales images to a given size.

    Args:
        images: array of shape `(height, width, channels)` or with a batch axis in front, or
            channels first.
        size: the new height and width.
        interpolation: `"bilinear"`, `"nearest"`, `"bicubic"`, `"lanczos3"`, `"lanczos5"`, and
            from Keras 2 `"area"`, `"gaussian"` and `"mitchellcubic"`.
        antialias: whether the kernel is widened when the images get smaller.
        crop_to_aspect_ratio: whether the images are first cut, around their middle, to the
            proportions of `size`.
        pad_to_aspect_ratio: whether they are first padded to those proportions.
        fill_mode: how they are padded: `"constant"`.
        fill_value: with what.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for the configured one.

    Returns:
        A tensor of the new size, in the dtype of `images`; integers are rounded and clipped to
        their range.

    >>> import nyala
    >>> nyala.ops.image.resize(nyala.ops.ones((2, 8, 8, 3)), (4, 4)).shape
    (2, 4, 4, 3)
    """
    images = check_rank(images)
    size = _checked_size(size)
    check_choice("interpolation", interpolation, _INTERPOLATIONS)
    check_choice("fill_mode", fill_mode, ("constant",))
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ValueError("only one of crop_to_aspect_ratio and pad_to_aspect_ratio can be true.")
    axes = tuple(axis % images.ndim for axis in spatial_axes(data_format))
    if crop_to_aspect_ratio:
        images = _cropped(images, size, axes)
    elif pad_to_aspect_ratio:
        images = _padded(images, size, axes, fill_value)
    return _restored(_scaled(images, size, axes, interpolation, antialias), images.dtype)


def _checked_size(size: Sequence[int]) -> tuple[int, int]:
    size = tuple(int(n) for n in size) if isinstance(size, (tuple, list)) else (size,)
    if len(size) != 2 or min(size) < 1:
        raise ValueError(f"size expects a positive height and width; got {size}.")
    return size


def _scaled(images: Array, size: tuple, axes: tuple, interpolation: str, antialias: bool) -> Array:
    if interpolation in _IN_JAX:
        shape = list(images.shape)
        for axis, length in zip(axes, size, strict=True):
            shape[axis] = length
        return jax.image.resize(images, shape, interpolation, antialias)
    images = as_float(images)
    for axis, length in zip(axes, size, strict=True):
        if interpolation == "area":
            weights = _area_weights(images.shape[axis], length)
        else:
            kernel = _KERNELS[interpolation]
            weights = _kernel_weights(kernel, images.shape[axis], length, antialias)
        along = jnp.moveaxis(images, axis, -1)
        along = jnp.matmul(along, jnp.asarray(weights.T, images.dtype), precision="highest")
        images = jnp.moveaxis(along, -1, axis)
    return images


def _kernel_weights(kernel: Callable, old: int, new: int, antialias: bool) -> np.ndarray:
    """Return how much of each old pixel is in each new one, by the distance of their middles."""
    scale = old / new
    middles = (np.arange(new) + 0.5) * scale - 0.5
    distances = np.abs(middles[:, None] - np.arange(old))
    weights = kernel(distances / max(scale, 1.0) if antialias else distances)
    return weights / weights.sum(axis=1, keepdims=True)


def _area_weights(old: int, new: int) -> np.ndarray:
    """Return how much of each old pixel is in each new one, by the length they share."""
    edges = np.arange(new + 1) * old / new
    pixels = np.arange(old)
    shared = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    return np.maximum(shared, 0) * new / old


def _cropped(images: Array, size: tuple, axes: tuple) -> Array:
    for axis, length in zip(axes, _fitting_lengths(images, size, axes, min), strict=True):
        start = (images.shape[axis] - length) // 2
        images = jax.lax.slice_in_dim(images, start, start + length, axis=axis)
    return images


def _padded(images: Array, size: tuple, axes: tuple, fill_value: float) -> Array:
    widths = [(0, 0)] * images.ndim
    for axis, length in zip(axes, _fitting_lengths(images, size, axes, max), strict=True):
        # As in Keras, an odd row or column is dropped: both sides get the same.
        widths[axis] = ((length - images.shape[axis]) // 2,) * 2
    return jnp.pad(images, widths, constant_values=fill_value)


def _fitting_lengths(images: Array, size: tuple, axes: tuple, choose: Callable) -> tuple[int, int]:
    """Return the height and width with the proportions of `size` that cut or pad one axis."""
    height, width = (images.shape[axis] for axis in axes)
    by_width = math.floor(width * size[0] / size[1])
    by_height = math.floor(height * size[1] / size[0])
    return max(choose(height, by_width), 1), max(choose(width, by_height), 1)


def _restored(images: Array, dtype: np.dtype) -> Array:
    if images.dtype == dtype or not is_integral(jnp.zeros((), dtype)):
        return images.astype(dtype)
    limits = jnp.iinfo(dtype)
    return jnp.clip(jnp.round(images), limits.min, limits.max).astype(dtype)
