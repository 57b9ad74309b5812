"""`Solarization`: bright pixels turned into their negatives."""

from __future__ import annotations

from typing import Any

from nyala import ops, random
from nyala.core import enrol
from nyala.layers.preprocessing.image._arguments import factor_range
from nyala.layers.preprocessing.image._base import per_image, rescaled
from nyala.layers.preprocessing.image._colour import ColourLayer
from nyala.layers.preprocessing.image._seeds import Seeds


@enrol("keras.layers")
class Solarization(ColourLayer):
    """Adds a number to each image and turns pixels above a threshold into negatives, in training.

    Args:
        addition_factor: the number as a part of the range of values: two numbers from 0 to 1
            between which it is drawn, or one number f for (0, f).
        threshold_factor: the threshold, likewise; 0 inverts all pixels.
        value_range: the smallest and the largest value of pixels, to which images are clipped.
        seed: an integer, for reproducible choices.

    Input shape: `(batch, height, width, channels)` or one image `(height, width, channels)`, or
    channels first; or a dict with such `"images"`. Output shape: the same; images are floats.

    >>> import nyala
    >>> layer = nyala.layers.Solarization(threshold_factor=(0.5, 0.5))
    >>> layer(nyala.ops.array([[[100.0, 200.0]]])).numpy()
    array([[[100.,  55.]]], dtype=float32)
    """

    def __init__(self, addition_factor: Any = 0.0, threshold_factor: Any = 0.0,
                 value_range: Any = (0, 255), seed: int | None = None, **kwargs: Any):  # fmt: skip
        super().__init__(value_range=value_range, seed=seed, **kwargs)
        self.addition_factor = factor_range(addition_factor, "Solarization(addition_factor=...)")
        self.threshold_factor = factor_range(threshold_factor, "Solarization(threshold_factor=...)")

    def _draw(self, shape: tuple, seeds: Seeds) -> dict[str, Any]:
        def part(factor: tuple) -> Any:
            bounds = (255.0 * factor[0], 255.0 * factor[1])
            return random.uniform((shape[0], 1, 1, 1), *bounds, seed=seeds.next())

        return {"additions": part(self.addition_factor), "thresholds": part(self.threshold_factor)}

    def _change(self, images: Any, transformation: Any) -> Any:
        images = rescaled(images, self._limits, (0.0, 255.0))
        lighter = ops.clip(images + per_image(transformation["additions"]), 0.0, 255.0)
        below = lighter < per_image(transformation["thresholds"])
        return rescaled(ops.where(below, lighter, 255.0 - lighter), (0.0, 255.0), self._limits)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "addition_factor": self.addition_factor,
            "threshold_factor": self.threshold_factor,
        }
