"""`RandomContrast`: images with more or less contrast by chance."""

from __future__ import annotations

from typing import Any

from nyala import ops, random
from nyala.core import enrol
from nyala.layers.preprocessing.image._arguments import factor_range
from nyala.layers.preprocessing.image._base import per_image
from nyala.layers.preprocessing.image._colour import ColourLayer
from nyala.layers.preprocessing.image._seeds import Seeds


@enrol("keras.layers")
class RandomContrast(ColourLayer):
    """Multiplies distances from each channel's mean by a factor of each image's own, in training.

    Args:
        factor: a pair (lower, upper) of numbers from 0 to 1 for factors from `1 - lower` to
            `1 + upper`; or one number for both.
        value_range: the smallest and the largest value of pixels, to which images are clipped.
        seed: an integer, for reproducible choices.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.

    Input shape: `(batch, height, width, channels)` or one image `(height, width, channels)`, or
    channels first; or a dict with such `"images"`. Output shape: the same; images are floats.

    >>> import nyala
    >>> flat = nyala.layers.RandomContrast((1.0, 0.0), seed=1)(nyala.ops.array([[[2.0], [4.0]]]))
    >>> bool(flat[0, 1, 0] - flat[0, 0, 0] < 2)
    True
    """

    def __init__(self, factor: Any, value_range: Any = (0, 255), seed: int | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(value_range=value_range, seed=seed, **kwargs)
        what = "RandomContrast(factor=...)"
        # A pair is no range: it is not put in order.
        pair = tuple(factor) if isinstance(factor, (tuple, list)) else (factor, factor)
        factor_range(pair, what)
        self.factor = pair

    def _draw(self, shape: tuple, seeds: Seeds) -> dict[str, Any]:
        lower, upper = self.factor
        bounds = (1.0 - lower, 1.0 + upper)
        return {"contrast_factor": random.uniform((shape[0], 1, 1, 1), *bounds, seed=seeds.next())}

    def _change(self, images: Any, transformation: Any) -> Any:
        mean = ops.mean(images, axis=(self.height_axis, self.width_axis), keepdims=True)
        changed = (images - mean) * per_image(transformation["contrast_factor"]) + mean
        return ops.clip(changed, *self._limits)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "factor": self.factor}
