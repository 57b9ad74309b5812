"""`RandomRotation`: images turned by chance."""

from __future__ import annotations

import math
from typing import Any

from nyala import ops, random
from nyala.core import enrol
from nyala.layers.preprocessing.bounding_boxes import affine_transform
from nyala.layers.preprocessing.image._arguments import factor_range
from nyala.layers.preprocessing.image._geometry import AffineLayer, affine_rows
from nyala.layers.preprocessing.image._seeds import Seeds


@enrol("keras.layers")
class RandomRotation(AffineLayer):
    """Turns each image around its middle by an angle of its own, in training.

    Args:
        factor: the angle as a part of a whole turn, positive counter-clockwise: two numbers between
            which it is drawn, or one number f for (-f, f); from -1 to 1.
        fill_mode: what lies beyond the edges: `"reflect"` (backwards, the last pixel twice),
            `"wrap"` (the other end), `"nearest"` (the last pixel) or `"constant"`.
        interpolation: `"bilinear"` or `"nearest"`.
        seed: an integer, for reproducible choices.
        fill_value: for `"constant"`.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.
        bounding_box_format: that of the boxes in the inputs, if there are any. The result's boxes
            are the upright ones around the turned ones.

    Input shape: `(batch, height, width, channels)` or one image `(height, width, channels)`, or
    channels first; or a dict with such `"images"` and their `"labels"`, `"bounding_boxes"` and
    `"segmentation_masks"`. Output shape: the same; images are floats.

    >>> import nyala
    >>> layer = nyala.layers.RandomRotation((0.25, 0.25))
    >>> image = nyala.ops.reshape(nyala.ops.arange(9.0), (3, 3, 1))
    >>> layer(image).numpy().round(3)[:, :, 0]
    array([[2., 5., 8.],
           [1., 4., 7.],
           [0., 3., 6.]], dtype=float32)
    """

    def __init__(self, factor: Any, fill_mode: str = "reflect", interpolation: str = "bilinear",
                 seed: int | None = None, fill_value: float = 0.0, data_format: str | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(fill_mode=fill_mode, interpolation=interpolation, seed=seed,
                         fill_value=fill_value, data_format=data_format, **kwargs)  # fmt: skip
        self.factor = factor_range(factor, "RandomRotation(factor=...)", low=-1.0)

    def _draw(self, shape: tuple, seeds: Seeds) -> dict[str, Any]:
        low, high = (360.0 * factor for factor in self.factor)
        angle = random.uniform((shape[0],), low, high, seed=seeds.next())
        return {"angle": angle, "input_shape": shape}

    def _matrices(self, transformation: Any, height: int, width: int) -> Any:
        angle = transformation["angle"] * (math.pi / 180)
        cos, sin = ops.cos(angle), ops.sin(angle)
        x, y = (width - 1) / 2, (height - 1) / 2
        return affine_rows(cos, -sin, x - x * cos + y * sin, sin, cos, y - x * sin - y * cos)

    def _move_boxes(self, boxes: Any, transformation: Any, height: int, width: int) -> Any:
        angle = transformation["angle"]
        zero, one = ops.zeros_like(angle), ops.ones_like(angle)
        return affine_transform(boxes, angle, zero, zero, one, zero, zero, height, width)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "factor": self.factor}
