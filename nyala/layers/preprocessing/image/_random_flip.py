"""`RandomFlip`: images mirrored by chance."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from nyala import ops, random
from nyala.core import enrol
from nyala.eager import Array, op
from nyala.layers.preprocessing.image._arguments import one_of
from nyala.layers.preprocessing.image._base import per_image
from nyala.layers.preprocessing.image._geometry import MovingLayer
from nyala.layers.preprocessing.image._seeds import Seeds

_MODES = ("horizontal", "vertical", "horizontal_and_vertical")


@enrol("keras.layers")
class RandomFlip(MovingLayer):
    """Mirrors each image with probability one half, in training.

    Args:
        mode: `"horizontal"` (left to right), `"vertical"` (top to bottom) or
            `"horizontal_and_vertical"` (each by its own chance).
        seed: an integer, for reproducible choices.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.
        bounding_box_format: that of the boxes in the inputs, if there are any.

    Input shape: `(batch, height, width, channels)` or one image `(height, width, channels)`, or
    channels first; or a dict with such `"images"` and their `"labels"`, `"bounding_boxes"` and
    `"segmentation_masks"`. Output shape: the same; images are floats.

    >>> import nyala
    >>> layer = nyala.layers.RandomFlip("horizontal", seed=1)
    >>> image = nyala.ops.reshape(nyala.ops.arange(3.0), (1, 3, 1))
    >>> layer(image).numpy().ravel()
    array([2., 1., 0.], dtype=float32)
    """

    def __init__(self, mode: str = "horizontal_and_vertical", seed: int | None = None,
                 data_format: str | None = None, **kwargs: Any):  # fmt: skip
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.mode = one_of(mode, _MODES, "RandomFlip(mode=...)")

    def _draw(self, shape: tuple, seeds: Seeds) -> dict[str, Any]:
        def chosen() -> Any:
            return random.uniform((shape[0], 1, 1, 1), seed=seeds.next()) <= 0.5

        drawn = {"flips": chosen(), "input_shape": shape}
        if self.mode == "horizontal_and_vertical":
            drawn["vertical_flips"] = chosen()
        return drawn

    def _choices(self, transformation: Any) -> tuple[Any, Any]:
        """Return which images are mirrored left to right, and which top to bottom."""
        flips = transformation["flips"]
        if self.mode == "horizontal_and_vertical":
            return flips, transformation.get("vertical_flips", flips)
        return (flips, None) if self.mode == "horizontal" else (None, flips)

    def _move(self, images: Any, transformation: Any, interpolation: str) -> Any:
        for flips, axis in zip(
            self._choices(transformation), (self.width_axis, self.height_axis), strict=True
        ):
            if flips is not None:
                images = ops.where(per_image(flips), ops.flip(images, axis), images)
        return images

    def _move_boxes(self, boxes: Any, transformation: Any, height: int, width: int) -> Any:
        for flips, start, length in zip(
            self._choices(transformation), (0, 1), (width, height), strict=True
        ):
            if flips is not None:
                boxes = ops.where(per_image(flips, 3), _mirrored(boxes, start, length), boxes)
        return boxes

    @property
    def interpolation(self) -> str:
        """Every pixel of the result is one of the image."""
        return "nearest"

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "mode": self.mode}


@op(name="mirror_boxes")
def _mirrored(boxes: Array, start: int, length: Array) -> Array:
    """Return boxes mirrored along an axis; their coordinates on it are at `start`, `start + 2`."""
    end = start + 2
    low, high = length - boxes[..., end], length - boxes[..., start]
    return jnp.asarray(boxes).at[..., start].set(low).at[..., end].set(high)
