"""`RandomSaturation`: images with stronger or weaker colours by chance."""

from __future__ import annotations

from typing import Any

from nyala import ops, random
from nyala.core import enrol, epsilon
from nyala.layers.preprocessing.image._arguments import factor_range
from nyala.layers.preprocessing.image._base import per_image, rescaled
from nyala.layers.preprocessing.image._colour import ColourLayer
from nyala.layers.preprocessing.image._seeds import Seeds


@enrol("keras.layers")
class RandomSaturation(ColourLayer):
    """Multiplies the saturation of each image's colours by a factor of its own, in training.

    Args:
        factor: two numbers from 0 to 1 between which f is drawn, or one number for (0, f). The
            saturation is multiplied by f / (1 - f): 0 makes images grey, 0.5 changes nothing, 1
            gives full colours.
        value_range: the smallest and the largest value of pixels.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.
        seed: an integer, for reproducible choices.

    Input shape: `(batch, height, width, 3)` or one image `(height, width, 3)`, or channels first;
    or a dict with such `"images"`. Output shape: the same; images are floats.

    >>> import nyala
    >>> layer = nyala.layers.RandomSaturation((0.0, 0.0), value_range=(0, 1))
    >>> layer(nyala.ops.array([[[0.25, 0.5, 0.75]]])).numpy()
    array([[[0.75, 0.75, 0.75]]], dtype=float32)
    """

    def __init__(self, factor: Any, value_range: Any = (0, 255), data_format: str | None = None,
                 seed: int | None = None, **kwargs: Any):  # fmt: skip
        super().__init__(value_range=value_range, data_format=data_format, seed=seed, **kwargs)
        self.factor = factor_range(factor, "RandomSaturation(factor=...)", lowest_of_pair=-1.0)

    def _draw(self, shape: tuple, seeds: Seeds) -> dict[str, Any]:
        factor = random.uniform((shape[0],), *self.factor, seed=seeds.next())
        return {"factor": factor / (1.0 - factor + epsilon())}

    def _change(self, images: Any, transformation: Any) -> Any:
        images = rescaled(images, self._limits, (0.0, 1.0))
        hue, saturation, value = ops.split(
            ops.image.rgb_to_hsv(images, self.data_format), 3, axis=self.channel_axis
        )
        saturation = ops.clip(saturation * per_image(transformation["factor"]), 0.0, 1.0)
        images = ops.concatenate([hue, saturation, value], axis=self.channel_axis)
        images = ops.image.hsv_to_rgb(images, self.data_format)
        return rescaled(images, (0.0, 1.0), self._limits)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "factor": self.factor}
