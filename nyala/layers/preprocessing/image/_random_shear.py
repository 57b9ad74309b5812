"""`RandomShear`: images made to lean by chance."""

from __future__ import annotations

from typing import Any

from nyala import ops, random
from nyala.core import enrol
from nyala.layers.preprocessing.bounding_boxes import around_moved_corners
from nyala.layers.preprocessing.image._arguments import factor_range
from nyala.layers.preprocessing.image._geometry import AffineLayer, affine_rows, inverse_of_map
from nyala.layers.preprocessing.image._seeds import Seeds


@enrol("keras.layers")
class RandomShear(AffineLayer):
    """Shears each image by amounts of its own, in training.

    Args:
        x_factor: by how much columns lean, in pixels to the side for each pixel down: two numbers
            from 0 to 1 between which it is drawn, or one number f for (0, f). Half of the images
            lean to the other side.
        y_factor: by how much rows lean, likewise.
        interpolation: `"bilinear"` or `"nearest"`.
        fill_mode: what lies beyond the edges: `"reflect"` (backwards, the last pixel twice),
            `"wrap"` (the other end), `"nearest"` (the last pixel) or `"constant"`.
        fill_value: for `"constant"`.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.
        seed: an integer, for reproducible choices.
        bounding_box_format: that of the boxes in the inputs, if there are any. The result's boxes
            are the upright ones around the sheared ones.

    Input shape: `(batch, height, width, channels)` or one image `(height, width, channels)`, or
    channels first; or a dict with such `"images"` and their `"labels"`, `"bounding_boxes"` and
    `"segmentation_masks"`. Output shape: the same; images are floats.

    >>> import nyala
    >>> layer = nyala.layers.RandomShear(x_factor=(1.0, 1.0), fill_mode="wrap", seed=0)
    >>> layer(nyala.ops.reshape(nyala.ops.arange(4.0), (2, 2, 1))).numpy()[:, :, 0]
    array([[0., 1.],
           [3., 2.]], dtype=float32)
    """

    def __init__(self, x_factor: Any = 0.0, y_factor: Any = 0.0, interpolation: str = "bilinear",
                 fill_mode: str = "reflect", fill_value: float = 0.0,
                 data_format: str | None = None, seed: int | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(fill_mode=fill_mode, interpolation=interpolation, seed=seed,
                         fill_value=fill_value, data_format=data_format, **kwargs)  # fmt: skip
        self.x_factor, self.y_factor = (
            factor_range(factor, f"RandomShear({name}=...)", lowest_of_pair=-1.0)
            for name, factor in (("x_factor", x_factor), ("y_factor", y_factor))
        )

    def _draw(self, shape: tuple, seeds: Seeds) -> dict[str, Any]:
        def uniform(bounds: tuple) -> Any:
            return random.uniform((shape[0], 1), *bounds, seed=seeds.next())

        side = ops.where(uniform((0.0, 1.0)) > 0.5, -1.0, 1.0)
        y, x = uniform(self.y_factor), uniform(self.x_factor)
        return {"shear_factor": ops.concatenate([x, y], axis=1) * side, "input_shape": shape}

    def _matrices(self, transformation: Any, height: int, width: int) -> Any:
        x, y = ops.unstack(transformation["shear_factor"], 2, axis=1)
        return affine_rows(1.0, x, 0.0, y, 1.0, 0.0)

    def _move_boxes(self, boxes: Any, transformation: Any, height: int, width: int) -> Any:
        matrices = self._matrices(transformation, height, width)
        return around_moved_corners(boxes, inverse_of_map(matrices))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "x_factor": self.x_factor, "y_factor": self.y_factor}
