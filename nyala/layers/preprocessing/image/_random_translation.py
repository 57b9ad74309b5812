"""`RandomTranslation`: images moved by chance."""

from __future__ import annotations

from typing import Any

from nyala import ops, random
from nyala.core import enrol
from nyala.layers.preprocessing.image._arguments import factor_range
from nyala.layers.preprocessing.image._geometry import AffineLayer, affine_rows
from nyala.layers.preprocessing.image._seeds import Seeds


@enrol("keras.layers")
class RandomTranslation(AffineLayer):
    """Moves each image down and to the right by distances of its own, in training.

    Args:
        height_factor: how far down as a part of the height: two numbers between which it is drawn,
            or one number f for (-f, f); from -1 to 1.
        width_factor: how far to the right as a part of the width, likewise.
        fill_mode: what lies beyond the edges: `"reflect"` (backwards, the last pixel twice),
            `"wrap"` (the other end), `"nearest"` (the last pixel) or `"constant"`.
        interpolation: `"bilinear"` or `"nearest"`.
        seed: an integer, for reproducible choices.
        fill_value: for `"constant"`.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.
        bounding_box_format: that of the boxes in the inputs, if there are any.

    Input shape: `(batch, height, width, channels)` or one image `(height, width, channels)`, or
    channels first; or a dict with such `"images"` and their `"labels"`, `"bounding_boxes"` and
    `"segmentation_masks"`. Output shape: the same; images are floats.

    >>> import nyala
    >>> layer = nyala.layers.RandomTranslation(0.0, (0.25, 0.25), fill_mode="constant")
    >>> row = nyala.ops.reshape(nyala.ops.arange(1.0, 5.0), (1, 4, 1))
    >>> layer(row).numpy().ravel()
    array([0., 1., 2., 3.], dtype=float32)
    """

    def __init__(self, height_factor: Any, width_factor: Any, fill_mode: str = "reflect",
                 interpolation: str = "bilinear", seed: int | None = None,
                 fill_value: float = 0.0, data_format: str | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(fill_mode=fill_mode, interpolation=interpolation, seed=seed,
                         fill_value=fill_value, data_format=data_format, **kwargs)  # fmt: skip
        self.height_factor, self.width_factor = height_factor, width_factor
        self.height_lower, self.height_upper = factor_range(
            height_factor, "RandomTranslation(height_factor=...)", low=-1.0
        )
        self.width_lower, self.width_upper = factor_range(
            width_factor, "RandomTranslation(width_factor=...)", low=-1.0
        )

    def _draw(self, shape: tuple, seeds: Seeds) -> dict[str, Any]:
        def distance(lower: float, upper: float, length: int) -> Any:
            return random.uniform((shape[0], 1), lower, upper, seed=seeds.next()) * float(length)

        down = distance(self.height_lower, self.height_upper, shape[self.height_axis])
        right = distance(self.width_lower, self.width_upper, shape[self.width_axis])
        return {"translations": ops.concatenate([right, down], axis=1), "input_shape": shape}

    def _matrices(self, transformation: Any, height: int, width: int) -> Any:
        right, down = ops.unstack(transformation["translations"], 2, axis=1)
        return affine_rows(1.0, 0.0, -right, 0.0, 1.0, -down)

    def _move_boxes(self, boxes: Any, transformation: Any, height: int, width: int) -> Any:
        return boxes + ops.expand_dims(ops.tile(transformation["translations"], (1, 2)), 1)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "height_factor": self.height_factor,
            "width_factor": self.width_factor,
        }
