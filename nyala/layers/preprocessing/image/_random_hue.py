"""`RandomHue`: images with other colours by chance."""

from __future__ import annotations

from typing import Any

from nyala import ops, random
from nyala.core import enrol
from nyala.layers.preprocessing.image._arguments import factor_range
from nyala.layers.preprocessing.image._base import per_image, rescaled
from nyala.layers.preprocessing.image._colour import ColourLayer
from nyala.layers.preprocessing.image._seeds import Seeds


@enrol("keras.layers")
class RandomHue(ColourLayer):
    """Turns the colours of each image by an angle of its own, in training.

    Args:
        factor: the angle as a part of half a turn: two numbers from 0 to 1 between which it is
            drawn, or one number f for (0, f). Half of the images are turned the other way.
        value_range: the smallest and the largest value of pixels, to which images are clipped.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.
        seed: an integer, for reproducible choices.

    Input shape: `(batch, height, width, 3)` or one image `(height, width, 3)`, or channels first;
    or a dict with such `"images"`. Output shape: the same; images are floats.

    >>> import nyala
    >>> layer = nyala.layers.RandomHue((1.0, 1.0))
    >>> layer(nyala.ops.array([[[255.0, 0.0, 0.0]]])).numpy().round(2)
    array([[[  0., 255., 255.]]], dtype=float32)
    """

    def __init__(self, factor: Any, value_range: Any = (0, 255), data_format: str | None = None,
                 seed: int | None = None, **kwargs: Any):  # fmt: skip
        super().__init__(value_range=value_range, data_format=data_format, seed=seed, **kwargs)
        self.factor = factor_range(factor, "RandomHue(factor=...)")

    def _draw(self, shape: tuple, seeds: Seeds) -> dict[str, Any]:
        way = ops.where(random.uniform((shape[0],), seed=seeds.next()) > 0.5, -1.0, 1.0)
        factor = random.uniform((shape[0],), *self.factor, seed=seeds.next())
        return {"factor": way * factor * 0.5}

    def _change(self, images: Any, transformation: Any) -> Any:
        images = rescaled(images, self._limits, (0.0, 1.0))
        hue, saturation, value = ops.split(
            ops.image.rgb_to_hsv(images, self.data_format), 3, axis=self.channel_axis
        )
        hue = ops.mod(hue + per_image(transformation["factor"]), 1.0)
        images = ops.concatenate([hue, saturation, value], axis=self.channel_axis)
        images = ops.clip(ops.image.hsv_to_rgb(images, self.data_format), 0.0, 1.0)
        return rescaled(images, (0.0, 1.0), self._limits)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "factor": self.factor}
