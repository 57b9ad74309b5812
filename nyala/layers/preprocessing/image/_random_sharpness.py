"""`RandomSharpness`: images made sharper or softer by chance."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala import ops, random
from nyala.core import enrol
from nyala.layers.preprocessing.image._arguments import factor_range
from nyala.layers.preprocessing.image._base import per_image
from nyala.layers.preprocessing.image._colour import ColourLayer
from nyala.layers.preprocessing.image._seeds import Seeds

# How much of each pixel and its neighbours is in a softened pixel (that of Pillow's SMOOTH).
_SOFT = np.array([[1, 1, 1], [1, 5, 1], [1, 1, 1]], "float32") / 13


@enrol("keras.layers")
class RandomSharpness(ColourLayer):
    """Sharpens or softens each image by an amount of its own, in training.

    Args:
        factor: two numbers from 0 to 1 between which f is drawn, or one number for (0, f): 0 gives
            the softened image, 0.5 changes nothing, above it differences to the softened image
            grow.
        value_range: the smallest and the largest value of pixels, to which images are clipped.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.
        seed: an integer, for reproducible choices.

    Input shape: `(batch, height, width, channels)` or one image `(height, width, channels)`, or
    channels first; or a dict with such `"images"`. Output shape: the same; images are floats.

    >>> import nyala
    >>> layer = nyala.layers.RandomSharpness((0.0, 0.0))
    >>> layer(13 * nyala.ops.ones((3, 3, 1))).numpy()[1, 1].round(3)
    array([13.], dtype=float32)
    """

    def __init__(self, factor: Any, value_range: Any = (0, 255), data_format: str | None = None,
                 seed: int | None = None, **kwargs: Any):  # fmt: skip
        super().__init__(value_range=value_range, data_format=data_format, seed=seed, **kwargs)
        self.factor = factor_range(factor, "RandomSharpness(factor=...)")

    def _draw(self, shape: tuple, seeds: Seeds) -> dict[str, Any]:
        return {"factor": random.uniform((shape[0],), *self.factor, seed=seeds.next())}

    def _change(self, images: Any, transformation: Any) -> Any:
        channels = images.shape[self.channel_axis]
        kernel = np.tile(_SOFT[..., None, None], (1, 1, channels, 1))
        soft = ops.depthwise_conv(images, ops.cast(kernel, images.dtype), padding="same",
                                  data_format=self.data_format)  # fmt: skip
        sharpness = 2.0 * per_image(transformation["factor"])
        return ops.clip(images + (1.0 - sharpness) * (soft - images), *self._limits)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "factor": self.factor}
