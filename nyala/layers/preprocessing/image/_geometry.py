"""What layers share that move pixels: masks and boxes move with the images."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from nyala import ops
from nyala.eager import Array, op
from nyala.layers.preprocessing.bounding_boxes import clip_to_image_size, convert_format
from nyala.layers.preprocessing.image._arguments import FILL_MODES, INTERPOLATIONS, one_of
from nyala.layers.preprocessing.image._base import RandomImageLayer, on_batch


class MovingLayer(RandomImageLayer):
    """A layer that moves pixels by chance.

    Subclasses implement `_draw`, whose result has the images' shape as `"input_shape"`, `_move` and
    `_move_boxes`.
    """

    def _change(self, images: Any, transformation: Any) -> Any:
        return self._move(images, transformation, self.interpolation)

    def _move(self, images: Any, transformation: Any, interpolation: str) -> Any:
        """Return a batch of images or masks moved."""
        raise NotImplementedError

    def _move_boxes(self, boxes: Any, transformation: Any, height: int, width: int) -> Any:
        """Return boxes (left, top, right, bottom) moved."""
        raise NotImplementedError

    def transform_segmentation_masks(self, segmentation_masks: Any, transformation: Any = None,
                                     training: bool = True) -> Any:  # fmt: skip
        """Return masks moved as the images are, each pixel taken from the nearest one."""
        masks = ops.convert_to_tensor(segmentation_masks)
        if not training or transformation is None:
            return masks
        return on_batch(lambda batch: self._move(batch, transformation, "nearest"), masks)

    def transform_bounding_boxes(self, bounding_boxes: dict, transformation: Any = None,
                                 training: bool = True) -> dict:  # fmt: skip
        """Return boxes moved as the images are, cut off at the edges.

        A box that leaves the image gets the label -1.
        """
        if not training or transformation is None:
            return bounding_boxes
        shape = transformation["input_shape"]
        size = {"height": shape[self.height_axis], "width": shape[self.width_axis]}
        boxes = convert_format(bounding_boxes, self.bounding_box_format, "xyxy", **size)
        moved = self._move_boxes(boxes["boxes"], transformation, **size)
        boxes = clip_to_image_size({**boxes, "boxes": moved}, **size)
        return convert_format(boxes, "xyxy", self.bounding_box_format, **size)


class AffineLayer(MovingLayer):
    """A layer that moves pixels by an affine map drawn at random.

    Subclasses implement `_draw`, `_matrices` and `_move_boxes`.
    """

    def __init__(self, fill_mode: str = "reflect", interpolation: str = "bilinear",
                 fill_value: float = 0.0, **kwargs: Any):  # fmt: skip
        super().__init__(**kwargs)
        who = type(self).__name__
        self.fill_mode = one_of(fill_mode, FILL_MODES, f"{who}(fill_mode=...)")
        self.interpolation = one_of(interpolation, INTERPOLATIONS, f"{who}(interpolation=...)")
        self.fill_value = fill_value

    def _move(self, images: Any, transformation: Any, interpolation: str) -> Any:
        height, width = self._size(images)
        return ops.image.affine_transform(
            images,
            self._matrices(transformation, height, width),
            interpolation=interpolation,
            fill_mode=self.fill_mode,
            fill_value=self.fill_value,
            data_format=self.data_format,
        )

    def _matrices(self, transformation: Any, height: int, width: int) -> Any:
        """Return where pixels come from: eight numbers for each image (`affine_transform`)."""
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "fill_mode": self.fill_mode,
            "interpolation": self.interpolation,
            "fill_value": self.fill_value,
        }


@op(name="affine_rows")
def affine_rows(xx: Array, xy: Array, x1: Array, yx: Array, yy: Array, y1: Array) -> Array:
    """Return the eight numbers of `affine_transform` for each image.

    Args:
        xx, xy, x1: x of the source is `xx · x + xy · y + x1`; numbers or shape `(batch,)`.
        yx, yy, y1: likewise for y.
    """
    numbers = jnp.broadcast_arrays(*map(jnp.atleast_1d, (xx, xy, x1, yx, yy, y1, 0.0, 0.0)))
    return jnp.stack(numbers, axis=-1).astype("float32")


@op(name="inverse_of_map")
def inverse_of_map(rows: Array) -> Array:
    """Return where points go, as matrices `(batch, 3, 3)`, from where pixels come from."""
    ones = jnp.ones_like(rows[..., :1])
    return jnp.linalg.inv(jnp.concatenate([rows, ones], axis=-1).reshape(-1, 3, 3))
