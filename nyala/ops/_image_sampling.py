"""Values of images between their pixels and beyond their edges."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax.scipy import ndimage

from nyala.eager import Array, op
from nyala.ops._dtypes import is_integral
from nyala.ops._image_layout import check_choice

FILL_MODES = ("constant", "nearest", "wrap", "mirror", "reflect")
INTERPOLATIONS = ("nearest", "bilinear")


@op
def map_coordinates(
    inputs: Array,
    coordinates: Array,
    order: int,
    fill_mode: str = "constant",
    fill_value: float = 0,
) -> Array:
    """Values of an array at coordinates that need not be whole numbers.

    Args:
        inputs: array of any shape.
        coordinates: array whose first axis has one entry per axis of `inputs`.
        order: 0 for the nearest element, 1 for linear interpolation.
        fill_mode: what lies beyond the edges: `"constant"`, `"nearest"` (the last element),
            `"wrap"` (the other end), `"mirror"` (backwards, the last element once) or `"reflect"`
            (backwards, the last element twice).
        fill_value: for `"constant"`.

    Returns:
        A tensor of the shape of `coordinates` without its first axis.

    >>> import nyala
    >>> nyala.ops.image.map_coordinates([0.0, 10.0], [[0.25, 0.5]], order=1).numpy()
    array([2.5, 5. ], dtype=float32)
    """
    if coordinates.ndim < 2 or coordinates.shape[0] != inputs.ndim:
        raise ValueError(
            f"coordinates need at least two axes, the first of length {inputs.ndim} (the axes of "
            f"the inputs); got the shape {coordinates.shape}."
        )
    check_choice("fill_mode", fill_mode, FILL_MODES)
    check_choice("order", order, (0, 1))
    return ndimage.map_coordinates(inputs, list(coordinates), order, fill_mode, fill_value)


def sample(
    images: Array, y: Array, x: Array, interpolation: str, fill_mode: str, fill_value: float
) -> Array:
    """Return the colours of images at places in the plane.

    Args:
        images: array of shape `(batch, height, width, channels)`.
        y: rows, floats of shape `(batch, *places)`.
        x: columns, of the same shape.
        interpolation: `"nearest"` or `"bilinear"`.
        fill_mode: one of `FILL_MODES`.
        fill_value: for `"constant"`.

    Returns:
        An array of shape `(batch, *places, channels)` in the dtype of `images`.
    """
    colour_at = _reader(images, fill_mode, fill_value)
    if interpolation == "nearest":
        return colour_at(jnp.round(y), jnp.round(x)).astype(images.dtype)
    top, left = jnp.floor(y), jnp.floor(x)
    below, right = (y - top)[..., None], (x - left)[..., None]
    colours = (
        (1 - below) * (1 - right) * colour_at(top, left)
        + (1 - below) * right * colour_at(top, left + 1)
        + below * (1 - right) * colour_at(top + 1, left)
        + below * right * colour_at(top + 1, left + 1)
    )
    if is_integral(images):
        colours = jnp.sign(colours) * jnp.floor(jnp.abs(colours) + 0.5)
    return colours.astype(images.dtype)


def _reader(images: Array, fill_mode: str, fill_value: float) -> Callable[[Array, Array], Array]:
    """Return a function of whole rows and columns that returns colours."""
    batch, height, width, channels = images.shape
    flat = images.reshape(batch, height * width, channels)

    def colour_at(row: Array, column: Array) -> Array:
        row, column = row.astype("int32"), column.astype("int32")
        inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
        index = _wrapped(row, height, fill_mode) * width + _wrapped(column, width, fill_mode)
        colours = jax.vmap(lambda image, places: image[places])(flat, index)
        if fill_mode == "constant":
            colours = jnp.where(inside[..., None], colours, jnp.asarray(fill_value, images.dtype))
        return colours

    return colour_at


def _wrapped(index: Array, length: int, fill_mode: str) -> Array:
    """Return indices within the axis that stand for those beyond it."""
    if fill_mode == "wrap":
        return jnp.mod(index, length)
    if fill_mode == "mirror":
        return _mirrored(index, length)
    if fill_mode == "reflect":
        # Mirroring at the outer edges of the pixels is mirroring at the middles of half pixels.
        return _mirrored(2 * index + 1, 2 * length + 1) // 2
    return jnp.clip(index, 0, length - 1)


def _mirrored(index: Array, length: int) -> Array:
    last = length - 1
    if last == 0:
        return jnp.zeros_like(index)
    return jnp.abs(jnp.mod(index + last, 2 * last) - last)
