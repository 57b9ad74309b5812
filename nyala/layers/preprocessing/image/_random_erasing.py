"""`RandomErasing`: images of which a rectangle is missing."""

from __future__ import annotations

from typing import Any

from nyala import ops, random
from nyala.core import enrol
from nyala.layers.preprocessing.image._arguments import factor_range, value_range_of
from nyala.layers.preprocessing.image._base import RandomImageLayer, per_image
from nyala.layers.preprocessing.image._chance import applied
from nyala.layers.preprocessing.image._rectangles import random_interval, rectangles
from nyala.layers.preprocessing.image._seeds import Seeds


@enrol("keras.layers")
class RandomErasing(RandomImageLayer):
    """Fills a rectangle of each image with noise or a colour, in training.

    Args:
        factor: the probability that an image is changed: two numbers from 0 to 1 between which it
            is drawn, or one number f for (0, f).
        scale: the squares of the rectangle's height and width as parts of the image's: two numbers
            from 0 to 1 between which both are drawn, or one number f for (0, f).
        fill_value: a number, or one for each of three channels; by default Gaussian noise.
        value_range: the smallest and the largest value of pixels; the filling keeps within it.
        seed: an integer, for reproducible choices.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.

    Input shape: `(batch, height, width, channels)` or one image `(height, width, channels)`, or
    channels first; or a dict with such `"images"`. Output shape: the same; images are floats.

    >>> import nyala
    >>> layer = nyala.layers.RandomErasing((1.0, 1.0), scale=(1.0, 1.0), fill_value=7)
    >>> layer(nyala.ops.ones((1, 2, 2, 1))).numpy().ravel()
    array([7., 7., 7., 7.], dtype=float32)

    Source: Zhong et al., "Random Erasing Data Augmentation", 2020.
    """

    def __init__(self, factor: Any = 1.0, scale: Any = (0.02, 0.33), fill_value: Any = None,
                 value_range: Any = (0, 255), seed: int | None = None,
                 data_format: str | None = None, **kwargs: Any):  # fmt: skip
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.factor = factor_range(factor, "RandomErasing(factor=...)")
        self.scale = factor_range(scale, "RandomErasing(scale=...)")
        self.value_range = value_range_of(value_range, "RandomErasing")
        if isinstance(fill_value, list):
            fill_value = tuple(fill_value)
        if not _is_colour(fill_value):
            raise ValueError(
                "RandomErasing(fill_value=...) expects a number, three numbers, or None for noise; "
                f"got {fill_value!r}."
            )
        self.fill_value = fill_value

    def _draw(self, shape: tuple, seeds: Seeds) -> dict[str, Any]:
        batch, height, width = shape[0], shape[self.height_axis], shape[self.width_axis]
        sides = ops.sqrt(random.uniform((batch, 2), *self.scale, seed=seeds.next()))
        x0, x1 = random_interval(width, sides[:, 0], seeds)
        y0, y1 = random_interval(height, sides[:, 1], seeds)
        masks = rectangles(x0, x1, y0, y1, height, width, self.data_format == "channels_first")
        chosen = applied(batch, self.factor, seeds)
        fill = ops.clip(self._filling(shape, seeds), *map(float, self.value_range))
        return {"apply_erasing": chosen, "batch_masks": masks, "fill_value": fill}

    def _filling(self, shape: tuple, seeds: Seeds) -> Any:
        if self.fill_value is None:
            return random.normal(shape, seed=seeds.next()) * float(self.value_range[1])
        colour = ops.convert_to_tensor(self.fill_value, "float32")
        if colour.shape and self.data_format == "channels_first":
            colour = ops.reshape(colour, (3, 1, 1))
        return colour

    def _change(self, images: Any, transformation: Any) -> Any:
        erased = transformation["batch_masks"] & per_image(transformation["apply_erasing"])
        return ops.where(erased, transformation["fill_value"], images)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "factor": self.factor,
            "scale": self.scale,
            "fill_value": self.fill_value,
            "value_range": self.value_range,
        }


def _is_colour(value: Any) -> bool:
    if isinstance(value, tuple):
        return len(value) == 3 and all(isinstance(x, (int, float)) for x in value)
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))
