"""`RandomPerspective`: images seen from the side by chance."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from nyala import ops, random
from nyala.core import enrol
from nyala.eager import Array, op
from nyala.layers.preprocessing.bounding_boxes import around_moved_corners
from nyala.layers.preprocessing.image._arguments import (
    INTERPOLATIONS,
    factor_range,
    fraction,
    one_of,
)
from nyala.layers.preprocessing.image._base import per_image
from nyala.layers.preprocessing.image._chance import applied
from nyala.layers.preprocessing.image._geometry import MovingLayer
from nyala.layers.preprocessing.image._seeds import Seeds


@enrol("keras.layers")
class RandomPerspective(MovingLayer):
    """Moves the corners of images by chance, and everything else with them, in training.

    Args:
        factor: the probability that an image is changed: two numbers from 0 to 1 between which it
            is drawn, or one number f for (0, f).
        scale: how far corners move, from 0 to 1: each by at most half of this part of its distance
            from the top and left edges.
        interpolation: `"bilinear"` or `"nearest"`.
        fill_value: what lies beyond the edges.
        seed: an integer, for reproducible choices.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.
        bounding_box_format: that of the boxes in the inputs, if there are any. The result's boxes
            are the upright ones around the moved ones.

    Input shape: `(batch, height, width, channels)` or one image `(height, width, channels)`, or
    channels first; or a dict with such `"images"` and their `"labels"`, `"bounding_boxes"` and
    `"segmentation_masks"`. Output shape: the same; images are floats.

    >>> import nyala
    >>> nyala.layers.RandomPerspective(scale=0.5, seed=1)(nyala.ops.ones((2, 8, 8, 3))).shape
    (2, 8, 8, 3)
    """

    def __init__(self, factor: Any = 1.0, scale: float = 1.0, interpolation: str = "bilinear",
                 fill_value: float = 0.0, seed: int | None = None,
                 data_format: str | None = None, **kwargs: Any):  # fmt: skip
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.factor = factor_range(factor, "RandomPerspective(factor=...)")
        self.scale = fraction(scale, "RandomPerspective(scale=...)")
        self.interpolation = one_of(
            interpolation, INTERPOLATIONS, "RandomPerspective(interpolation=...)"
        )
        self.fill_value = fill_value

    def _draw(self, shape: tuple, seeds: Seeds) -> dict[str, Any]:
        chosen = applied(shape[0], self.factor, seeds)
        bound = 0.5 * self.scale
        shift = random.uniform((shape[0], 4, 2), -bound, bound, seed=seeds.next())
        right, bottom = shape[self.width_axis] - 1.0, shape[self.height_axis] - 1.0
        corners = [[0.0, 0.0], [right, 0.0], [0.0, bottom], [right, bottom]]
        start = ops.tile(ops.expand_dims(ops.convert_to_tensor(corners), 0), (shape[0], 1, 1))
        return {"apply_perspective": chosen, "start_points": start,
                "end_points": start + start * shift, "input_shape": shape}  # fmt: skip

    def _move(self, images: Any, transformation: Any, interpolation: str) -> Any:
        moved = ops.image.perspective_transform(
            images,
            transformation["start_points"],
            transformation["end_points"],
            interpolation=interpolation,
            fill_value=self.fill_value,
            data_format=self.data_format,
        )
        return ops.where(per_image(transformation["apply_perspective"]), moved, images)

    def _move_boxes(self, boxes: Any, transformation: Any, height: int, width: int) -> Any:
        matrices = _projection(transformation["start_points"], transformation["end_points"])
        moved = around_moved_corners(boxes, matrices)
        return ops.where(per_image(transformation["apply_perspective"], 3), moved, boxes)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "factor": self.factor,
            "scale": self.scale,
            "interpolation": self.interpolation,
            "fill_value": self.fill_value,
        }


@op(name="projection_of_points")
def _projection(start: Array, end: Array) -> Array:
    """Return the matrices `(batch, 3, 3)` of the projective maps from four points to four."""
    start, end = jnp.asarray(start, "float32"), jnp.asarray(end, "float32")
    x, y = start[..., 0], start[..., 1]
    zero, one = jnp.zeros_like(x), jnp.ones_like(x)

    def rows(first: list, target: Array) -> Array:
        return jnp.stack([*first, -target * x, -target * y], axis=-1)

    equations = jnp.concatenate(
        [
            rows([x, y, one, zero, zero, zero], end[..., 0]),
            rows([zero, zero, zero, x, y, one], end[..., 1]),
        ],
        axis=1,
    )
    targets = jnp.concatenate([end[..., 0], end[..., 1]], axis=-1)
    numbers = jnp.linalg.solve(equations, targets[..., None])[..., 0]
    return jnp.concatenate([numbers, jnp.ones_like(numbers[:, :1])], axis=-1).reshape(-1, 3, 3)
