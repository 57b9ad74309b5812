"""`RandomZoom`: images made larger or smaller by chance."""

from __future__ import annotations

from typing import Any

from nyala import ops, random
from nyala.core import enrol
from nyala.layers.preprocessing.image._arguments import factor_range
from nyala.layers.preprocessing.image._geometry import AffineLayer, affine_rows
from nyala.layers.preprocessing.image._seeds import Seeds


@enrol("keras.layers")
class RandomZoom(AffineLayer):
    """Scales the contents of each image around its middle by a factor of its own, in training.

    Args:
        height_factor: two numbers between which the factor is drawn, or one number f for (-f, f);
            above -1, at most 1. Positive ones zoom out: 0.2 shows 20 % more of the height, -0.2
            shows 20 % less.
        width_factor: likewise for the width; by default that of the height, so that proportions
            stay.
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
    >>> layer = nyala.layers.RandomZoom((1.0, 1.0), fill_mode="constant")
    >>> layer(nyala.ops.ones((1, 5, 5, 1))).numpy()[0, :, 2, 0]
    array([0., 1., 1., 1., 0.], dtype=float32)
    """

    def __init__(self, height_factor: Any, width_factor: Any = None, fill_mode: str = "reflect",
                 interpolation: str = "bilinear", seed: int | None = None,
                 fill_value: float = 0.0, data_format: str | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(fill_mode=fill_mode, interpolation=interpolation, seed=seed,
                         fill_value=fill_value, data_format=data_format, **kwargs)  # fmt: skip
        self.height_factor, self.width_factor = height_factor, width_factor
        self.height_lower, self.height_upper = _zoom_range(height_factor, "height_factor")
        if width_factor is not None:
            self.width_lower, self.width_upper = _zoom_range(width_factor, "width_factor")

    def _draw(self, shape: tuple, seeds: Seeds) -> dict[str, Any]:
        def zoom(lower: float, upper: float) -> Any:
            return random.uniform((shape[0], 1), 1.0 + lower, 1.0 + upper, seed=seeds.next())

        height = zoom(self.height_lower, self.height_upper)
        width = height
        if self.width_factor is not None:
            width = zoom(self.width_lower, self.width_upper)
        return {"height_zoom": height, "width_zoom": width, "input_shape": shape}

    def _matrices(self, transformation: Any, height: int, width: int) -> Any:
        x, y = (ops.ravel(transformation[f"{side}_zoom"]) for side in ("width", "height"))
        return affine_rows(
            x, 0.0, (width - 1) / 2 * (1.0 - x), 0.0, y, (height - 1) / 2 * (1.0 - y)
        )

    def _move_boxes(self, boxes: Any, transformation: Any, height: int, width: int) -> Any:
        lengths = ops.convert_to_tensor([float(width), float(height)])
        zoom = ops.concatenate([transformation["width_zoom"], transformation["height_zoom"]], 1)
        # The part of the plane that the result shows; it fills the whole image.
        start = (lengths - 1.0) / 2.0 * (1.0 - zoom)
        start, zoom = (ops.expand_dims(ops.tile(part, (1, 2)), 1) for part in (start, zoom))
        return (boxes - start) / zoom

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "height_factor": self.height_factor,
            "width_factor": self.width_factor,
        }


def _zoom_range(factor: Any, name: str) -> tuple:
    what = f"RandomZoom({name}=...)"
    lower, upper = factor_range(factor, what, low=-1.0)
    if lower <= -1.0 and isinstance(factor, (tuple, list)):
        raise ValueError(f"{what} expects numbers above -1, which shows nothing; got {factor!r}.")
    return lower, upper
