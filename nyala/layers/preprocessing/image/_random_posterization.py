"""`RandomPosterization`: images with fewer different colours by chance."""

from __future__ import annotations

from typing import Any

from nyala import ops, random
from nyala.core import enrol
from nyala.layers.preprocessing.image._base import per_image, rescaled
from nyala.layers.preprocessing.image._colour import ColourLayer
from nyala.layers.preprocessing.image._seeds import Seeds

_BITS = 8


@enrol("keras.layers")
class RandomPosterization(ColourLayer):
    """Keeps only the first bits of each channel's eight, in training.

    Args:
        factor: how many bits an image keeps: two integers from 1 to 8 between which (both
            included) the number is drawn, or one integer n for (1, n).
        value_range: the smallest and the largest value of pixels.
        data_format: accepted by all image layers; it does not matter here.
        seed: an integer, for reproducible choices.

    Input shape: `(batch, height, width, channels)` or one image `(height, width, channels)`, or
    channels first; or a dict with such `"images"`. Output shape: the same; images are floats.

    >>> import nyala
    >>> layer = nyala.layers.RandomPosterization((2, 2))
    >>> layer(nyala.ops.array([[[10.0, 70.0, 255.0]]])).numpy()
    array([[[  0.,  64., 192.]]], dtype=float32)

    Source: Cubuk et al., "AutoAugment: Learning Augmentation Policies from Data", 2019.
    """

    def __init__(self, factor: Any, value_range: Any = (0, 255), data_format: str | None = None,
                 seed: int | None = None, **kwargs: Any):  # fmt: skip
        super().__init__(value_range=value_range, data_format=data_format, seed=seed, **kwargs)
        pair = tuple(sorted(factor)) if isinstance(factor, (tuple, list)) else (1, factor)
        if len(pair) != 2 or not all(isinstance(n, int) and 1 <= n <= _BITS for n in pair):
            raise ValueError(
                "RandomPosterization(factor=...) expects an integer from 1 to 8, or two of them; "
                f"got {factor!r}."
            )
        self.factor = pair

    def _draw(self, shape: tuple, seeds: Seeds) -> dict[str, Any]:
        least, most = self.factor
        bits = random.randint((shape[0],), least, most + 1, seed=seeds.next())
        return {"shift_factor": _BITS - bits}

    def _change(self, images: Any, transformation: Any) -> Any:
        images = rescaled(images, self._limits, (0.0, 255.0))
        whole = ops.cast(ops.clip(images, 0.0, 255.0), "int32")
        shift = ops.cast(per_image(transformation["shift_factor"]), "int32")
        kept = ops.left_shift(ops.right_shift(whole, shift), shift)
        return rescaled(ops.cast(kept, images.dtype), (0.0, 255.0), self._limits)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "factor": self.factor}
