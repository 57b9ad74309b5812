"""`RandomBrightness`: images made lighter or darker by chance."""

from __future__ import annotations

from typing import Any

from nyala import ops, random
from nyala.core import enrol
from nyala.layers.preprocessing.image._arguments import factor_range
from nyala.layers.preprocessing.image._base import per_image
from nyala.layers.preprocessing.image._colour import ColourLayer
from nyala.layers.preprocessing.image._seeds import Seeds


@enrol("keras.layers")
class RandomBrightness(ColourLayer):
    """Adds a number of its own to each image, in training.

    Args:
        factor: the number as a part of the range of values: two numbers from -1 (black) to 1
            (white) between which it is drawn, or one number f for (-f, f).
        value_range: the smallest and the largest value of pixels, to which images are clipped.
        seed: an integer, for reproducible choices.

    Input shape: `(batch, height, width, channels)` or one image `(height, width, channels)`, or
    channels first; or a dict with such `"images"`. Output shape: the same; images are floats.

    >>> import nyala
    >>> layer = nyala.layers.RandomBrightness((0.5, 0.5), value_range=(0, 1))
    >>> layer(nyala.ops.array([[[0.2, 0.4, 0.8]]])).numpy()
    array([[[0.7, 0.9, 1. ]]], dtype=float32)
    """

    def __init__(self, factor: Any, value_range: Any = (0, 255), seed: int | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(value_range=value_range, seed=seed, **kwargs)
        self.factor = factor_range(factor, "RandomBrightness(factor=...)", low=-1.0)

    def _draw(self, shape: tuple, seeds: Seeds) -> dict[str, Any]:
        low, high = self._limits
        delta = random.uniform((shape[0], 1, 1, 1), *self.factor, seed=seeds.next())
        return {"rgb_delta": delta * (high - low)}

    def _change(self, images: Any, transformation: Any) -> Any:
        return ops.clip(images + per_image(transformation["rgb_delta"]), *self._limits)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "factor": self.factor}
