"""`Equalization`: images in which every brightness is about as frequent."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from nyala import ops
from nyala.core import enrol
from nyala.eager import Array, op
from nyala.layers.base import positive_integer
from nyala.layers.preprocessing.image._arguments import value_range_of
from nyala.layers.preprocessing.image._base import (
    BaseImagePreprocessingLayer,
    on_batch,
    rescaled,
)
from nyala.layers.preprocessing.image._histograms import histograms, looked_up


@enrol("keras.layers")
class Equalization(BaseImagePreprocessingLayer):
    """Spreads the values of each channel of each image evenly, in training.

    Args:
        value_range: the smallest and the largest value of pixels.
        bins: how many different values are told apart.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.

    Input shape: `(batch, height, width, channels)` or one image `(height, width, channels)`, or
    channels first; or a dict with such `"images"`. Output shape: the same; images are floats.

    >>> import nyala
    >>> row = nyala.ops.array([[[10.0], [11.0], [12.0]]])
    >>> nyala.layers.Equalization()(row).numpy().ravel()
    array([  0., 128., 255.], dtype=float32)
    """

    def __init__(self, value_range: Any = (0, 255), bins: int = 256,
                 data_format: str | None = None, **kwargs: Any):  # fmt: skip
        super().__init__(data_format=data_format, **kwargs)
        self.bins = positive_integer(bins, "Equalization(bins=...)")
        self.value_range = value_range_of(value_range, "Equalization")

    def transform_images(self, images: Any, transformation: Any = None,
                         training: bool = True) -> Any:  # fmt: skip
        """Return the images equalized, in the layer's compute dtype."""
        images = ops.cast(images, self.compute_dtype)
        return on_batch(self._equalize, images) if training else images

    def _equalize(self, images: Any) -> Any:
        limits = tuple(map(float, self.value_range))
        images = rescaled(images, limits, (0.0, 255.0))
        images = _equalized(images, self.bins, self.channel_axis)
        return ops.cast(rescaled(images, (0.0, 255.0), limits), self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "bins": self.bins, "value_range": self.value_range}


@op(name="equalize_channels")
def _equalized(images: Array, bins: int, channel_axis: int) -> Array:
    """Return a batch of images with values from 0 to 255 equalized, each channel by itself."""
    planes = jnp.moveaxis(images, channel_axis, 1)
    values = planes.reshape(*planes.shape[:2], -1).astype("float32")
    index = jnp.clip(values / 255.0 * (bins - 1), 0, bins - 1).astype("int32")
    counts = histograms(jnp.clip(values * (bins - 1) / 255.0, 0, bins - 1).astype("int32"), bins)
    below = jnp.cumsum(counts, axis=-1)
    # Of the darkest pixels that there are: they become black.
    first = jnp.take_along_axis(below, jnp.argmax(below > 0, axis=-1)[..., None], axis=-1)
    others = jnp.maximum(below[..., -1:] - first, 1)
    table = jnp.clip(jnp.round((below - first) * 255 / others), 0, 255)
    varied = jnp.count_nonzero(counts, axis=-1, keepdims=True) > 1
    equalized = jnp.where(varied, looked_up(table, index), values).reshape(planes.shape)
    return jnp.moveaxis(equalized, 1, channel_axis).astype(images.dtype)
