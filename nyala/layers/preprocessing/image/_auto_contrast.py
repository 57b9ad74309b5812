"""`AutoContrast`: images that use the whole range of values."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from nyala import ops
from nyala.core import enrol
from nyala.eager import Array, op
from nyala.layers.preprocessing.image._arguments import value_range_of
from nyala.layers.preprocessing.image._base import BaseImagePreprocessingLayer


@enrol("keras.layers")
class AutoContrast(BaseImagePreprocessingLayer):
    """Scales each channel of each image so that it reaches from the smallest to the largest value.

    Channels with one value only stay as they are.

    Args:
        value_range: the smallest and the largest value of pixels.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.

    Input shape: `(batch, height, width, channels)` or one image `(height, width, channels)`, or
    channels first; or a dict with such `"images"`. Output shape: the same; images are floats.

    >>> import nyala
    >>> row = nyala.ops.array([[[10.0], [20.0], [30.0]]])
    >>> nyala.layers.AutoContrast()(row).numpy().ravel()
    array([  0. , 127.5, 255. ], dtype=float32)
    """

    def __init__(self, value_range: Any = (0, 255), **kwargs: Any):
        super().__init__(**kwargs)
        self.value_range = value_range_of(value_range, "AutoContrast")

    def transform_images(self, images: Any, transformation: Any = None,
                         training: bool = True) -> Any:  # fmt: skip
        """Return the images stretched, in the layer's compute dtype."""
        images = ops.cast(images, self.compute_dtype)
        axes = (self.height_axis, self.width_axis)
        return _stretched(images, axes, *map(float, self.value_range))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "value_range": self.value_range}


@op(name="stretch_contrast")
def _stretched(images: Array, axes: tuple, smallest: float, largest: float) -> Array:
    low = jnp.min(images, axis=axes, keepdims=True)
    high = jnp.max(images, axis=axes, keepdims=True)
    varied = high > low
    part = (images - low) / jnp.where(varied, high - low, 1)
    stretched = jnp.clip(smallest + part * (largest - smallest), smallest, largest)
    return jnp.where(varied, stretched, images).astype(images.dtype)
