"""`ContrastLimitedAdaptiveHistogramEqualization`: contrast evened out place by place."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from nyala import ops
from nyala.core import enrol
from nyala.eager import Array, op
from nyala.layers.base import positive_integer
from nyala.layers.preprocessing.image._arguments import value_range_of
from nyala.layers.preprocessing.image._base import BaseImagePreprocessingLayer, on_batch, rescaled
from nyala.layers.preprocessing.image._histograms import histograms

_BINS = 256


@enrol("keras.layers")
class ContrastLimitedAdaptiveHistogramEqualization(BaseImagePreprocessingLayer):
    """Equalizes parts of each image by themselves, with a limit to the contrast that they gain.

    Each channel is divided into tiles. What becomes of a brightness is computed for each tile as
    by `Equalization`, and between the middles of tiles it is interpolated.

    Args:
        value_range: the smallest and the largest value of pixels.
        clip_limit: how often a brightness may count, in multiples of the mean; what is above it is
            given to all others. 0 or less for no limit.
        tile_grid_size: how many tiles there are in the height and in the width.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.

    Input shape: `(batch, height, width, channels)` or one image `(height, width, channels)`, or
    channels first; or a dict with such `"images"`. Output shape and dtype: the same.

    >>> import nyala
    >>> layer = nyala.layers.ContrastLimitedAdaptiveHistogramEqualization(tile_grid_size=(2, 2))
    >>> layer(nyala.ops.ones((8, 8, 3), "uint8")).dtype
    'uint8'

    Source: Zuiderveld, "Contrast Limited Adaptive Histogram Equalization", 1994.
    """

    def __init__(self, value_range: Any = (0, 255), clip_limit: float = 4.0,
                 tile_grid_size: Any = (8, 8), data_format: str | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(data_format=data_format, **kwargs)
        who = type(self).__name__
        self.value_range = value_range_of(value_range, who)
        self.clip_limit = clip_limit
        grid = tuple(tile_grid_size) if isinstance(tile_grid_size, (tuple, list)) else ()
        if len(grid) != 2:
            raise ValueError(
                f"{who}(tile_grid_size=...) expects two positive integers; got {tile_grid_size!r}."
            )
        self.tile_grid_size = tuple(positive_integer(n, f"{who}(tile_grid_size=...)") for n in grid)

    def transform_images(self, images: Any, transformation: Any = None,
                         training: bool = True) -> Any:  # fmt: skip
        """Return the images equalized, in their own dtype."""
        images = ops.convert_to_tensor(images)
        if images.dtype.is_floating:
            images = ops.cast(images, self.compute_dtype)
        return on_batch(self._equalize, images)

    def _equalize(self, images: Any) -> Any:
        limits = tuple(map(float, self.value_range))
        floats = rescaled(ops.cast(images, "float32"), limits, (0.0, 255.0))
        floats = _equalized(floats, float(self.clip_limit), self.tile_grid_size, self.channel_axis)
        return ops.cast(rescaled(floats, (0.0, 255.0), limits), images.dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "value_range": self.value_range,
            "clip_limit": self.clip_limit,
            "tile_grid_size": self.tile_grid_size,
        }


@op(name="equalize_tiles")
def _equalized(images: Array, clip_limit: float, grid: tuple, channel_axis: int) -> Array:
    """Return a batch of images with values from 0 to 255 equalized place by place."""
    planes = jnp.moveaxis(images, channel_axis, 1)
    batch, channels, height, width = planes.shape
    planes = planes.reshape(batch * channels, height, width)
    tile = -(-height // grid[0]), -(-width // grid[1])
    border = (0, tile[0] * grid[0] - height), (0, tile[1] * grid[1] - width)
    padded = jnp.pad(planes, ((0, 0), *border), mode="symmetric")
    levels = jnp.clip(padded, 0, _BINS - 1).astype("int32")
    tables = _tables(levels, clip_limit, grid, tile)
    equalized = jax.vmap(partial(_between_tiles, tile=tile))(levels, tables)
    equalized = equalized[:, :height, :width].reshape(batch, channels, height, width)
    return jnp.moveaxis(equalized, 1, channel_axis)


def _tables(levels: Array, clip_limit: float, grid: tuple, tile: tuple) -> Array:
    """Return what becomes of each brightness in each tile: `(planes, *grid, bins)`."""
    tiles = levels.reshape(-1, grid[0], tile[0], grid[1], tile[1]).transpose(0, 1, 3, 2, 4)
    pixels = tile[0] * tile[1]
    counts = histograms(tiles.reshape(-1, *grid, pixels), _BINS).astype("float32")
    if clip_limit > 0:
        clipped = jnp.minimum(counts, clip_limit * pixels / _BINS)
        counts = clipped + jnp.sum(counts - clipped, axis=-1, keepdims=True) / _BINS
    below = jnp.cumsum(counts, axis=-1)
    least = jnp.min(below, axis=-1, keepdims=True)
    others = pixels - least
    return jnp.clip((below - least) * 255.0 / jnp.where(others == 0, 1, others), 0, 255)


def _between_tiles(levels: Array, tables: Array, tile: tuple) -> Array:
    """Return one plane with each pixel looked up in the four tables around it."""
    (top, below), (left, right) = (
        _neighbours(length, of, count)
        for length, of, count in zip(levels.shape, tile, tables.shape[:2], strict=True)
    )

    def entry(row: Array, column: Array) -> Array:
        return tables[row[:, None], column[None, :], levels]

    upper = (1 - right[1]) * entry(top, left) + right[1] * entry(top, right[0])
    lower = (1 - right[1]) * entry(below[0], left) + right[1] * entry(below[0], right[0])
    weight = below[1][:, None]
    return (1 - weight) * upper + weight * lower


def _neighbours(length: int, tile: int, count: int) -> tuple[Array, tuple[Array, Array]]:
    """Return for each pixel the tile before it, and the tile behind it with its weight."""
    place = (jnp.arange(length, dtype="float32") - tile / 2) / tile
    before = jnp.floor(place)
    inside = [jnp.clip(n, 0, count - 1).astype("int32") for n in (before, before + 1)]
    return inside[0], (inside[1], place - before)
