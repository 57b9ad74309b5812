"""`RandomInvert`: negatives of images by chance."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import enrol
from nyala.layers.preprocessing.image._arguments import factor_range
from nyala.layers.preprocessing.image._base import per_image
from nyala.layers.preprocessing.image._chance import applied
from nyala.layers.preprocessing.image._colour import ColourLayer
from nyala.layers.preprocessing.image._seeds import Seeds


@enrol("keras.layers")
class RandomInvert(ColourLayer):
    """Turns images into their negatives by chance, in training.

    Args:
        factor: the probability that an image is changed: two numbers from 0 to 1 between which it
            is drawn, or one number f for (0, f).
        value_range: the smallest and the largest value of pixels, which change places.
        seed: an integer, for reproducible choices.
        data_format: accepted by all image layers; it does not matter here.

    Input shape: `(batch, height, width, channels)` or one image `(height, width, channels)`, or
    channels first; or a dict with such `"images"`. Output shape: the same; images are floats.

    >>> import nyala
    >>> nyala.layers.RandomInvert((1.0, 1.0))(nyala.ops.array([[[0.0, 55.0]]])).numpy()
    array([[[255., 200.]]], dtype=float32)
    """

    def __init__(self, factor: Any = 1.0, value_range: Any = (0, 255), seed: int | None = None,
                 data_format: str | None = None, **kwargs: Any):  # fmt: skip
        super().__init__(value_range=value_range, seed=seed, data_format=data_format, **kwargs)
        self.factor = factor_range(factor, "RandomInvert(factor=...)")

    def _draw(self, shape: tuple, seeds: Seeds) -> dict[str, Any]:
        return {"apply_inversion": applied(shape[0], self.factor, seeds)}

    def _change(self, images: Any, transformation: Any) -> Any:
        negative = sum(self._limits) - images
        return ops.where(per_image(transformation["apply_inversion"]), negative, images)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "factor": self.factor}
