"""`RandomColorDegeneration`: images with paler colours by chance."""

from __future__ import annotations

from typing import Any

from nyala import ops, random
from nyala.core import enrol
from nyala.layers.preprocessing.image._arguments import factor_range
from nyala.layers.preprocessing.image._base import per_image
from nyala.layers.preprocessing.image._colour import ColourLayer
from nyala.layers.preprocessing.image._seeds import Seeds


@enrol("keras.layers")
class RandomColorDegeneration(ColourLayer):
    """Mixes each image with its grey form, in training.

    Args:
        factor: the weight of the grey form: two numbers from 0 to 1 between which it is drawn, or
            one number f for (0, f).
        value_range: the smallest and the largest value of pixels, to which images are clipped.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.
        seed: an integer, for reproducible choices.

    Input shape: `(batch, height, width, 3)` or one image `(height, width, 3)`, or channels first;
    or a dict with such `"images"`. Output shape: the same; images are floats.

    >>> import nyala
    >>> layer = nyala.layers.RandomColorDegeneration((1.0, 1.0))
    >>> layer(nyala.ops.array([[[100.0, 0.0, 0.0]]])).numpy().round(2)
    array([[[29.89, 29.89, 29.89]]], dtype=float32)
    """

    def __init__(self, factor: Any, value_range: Any = (0, 255), data_format: str | None = None,
                 seed: int | None = None, **kwargs: Any):  # fmt: skip
        super().__init__(value_range=value_range, data_format=data_format, seed=seed, **kwargs)
        what = "RandomColorDegeneration(factor=...)"
        self.factor = factor_range(factor, what, lowest_of_pair=-1.0)

    def _draw(self, shape: tuple, seeds: Seeds) -> dict[str, Any]:
        return {"factor": random.uniform((shape[0], 1, 1, 1), *self.factor, seed=seeds.next())}

    def _change(self, images: Any, transformation: Any) -> Any:
        grey = ops.image.rgb_to_grayscale(images, self.data_format)
        return ops.clip(
            images + per_image(transformation["factor"]) * (grey - images), *self._limits
        )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "factor": self.factor}
