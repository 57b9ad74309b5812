"""`Resizing`: images of another size."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import enrol
from nyala.layers.base import positive_integer
from nyala.layers.preprocessing.bounding_boxes import (
    clip_to_image_size,
    convert_format,
    crop,
    pad,
)
from nyala.layers.preprocessing.image._base import BaseImagePreprocessingLayer
from nyala.layers.preprocessing.image._cropping import scaled_boxes


@enrol("keras.layers")
class Resizing(BaseImagePreprocessingLayer):
    """Scales images to a given size.

    Args:
        height, width: of the result, positive integers.
        interpolation: as of `ops.image.resize`: `"bilinear"`, `"nearest"`, `"bicubic"`, …
        crop_to_aspect_ratio: whether images are first cut, around their middle, to the wanted
            proportions.
        pad_to_aspect_ratio: whether images are first padded to the wanted proportions.
        fill_mode: how they are padded: `"constant"`.
        fill_value: with what.
        antialias: whether the kernel is widened when images get smaller.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.
        bounding_box_format: that of the boxes in the inputs, if there are any.

    Input shape: `(batch, height, width, channels)` or one image `(height, width, channels)`, or
    channels first; or a dict with such `"images"` and their `"labels"`, `"bounding_boxes"` and
    `"segmentation_masks"`. Output shape: the same with the new height and width. Integers stay
    integers.

    >>> import nyala
    >>> nyala.layers.Resizing(4, 6)(nyala.ops.ones((2, 10, 8, 3))).shape
    (2, 4, 6, 3)
    """

    def __init__(self, height: int, width: int, interpolation: str = "bilinear",
                 crop_to_aspect_ratio: bool = False, pad_to_aspect_ratio: bool = False,
                 fill_mode: str = "constant", fill_value: float = 0.0, antialias: bool = False,
                 data_format: str | None = None, **kwargs: Any):  # fmt: skip
        super().__init__(data_format=data_format, **kwargs)
        self.height = positive_integer(height, "Resizing(height=...)")
        self.width = positive_integer(width, "Resizing(width=...)")
        if crop_to_aspect_ratio and pad_to_aspect_ratio:
            raise ValueError(
                "Resizing: only one of crop_to_aspect_ratio and pad_to_aspect_ratio can be true."
            )
        self.interpolation = interpolation
        self.crop_to_aspect_ratio = crop_to_aspect_ratio
        self.pad_to_aspect_ratio = pad_to_aspect_ratio
        self.fill_mode, self.fill_value = fill_mode, fill_value
        self.antialias = bool(antialias)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Return the height and width of the images: nothing is drawn."""
        return self._size(data)

    def transform_images(self, images: Any, transformation: Any = None,
                         training: bool = True) -> Any:  # fmt: skip
        """Return the images in the new size, floats in the layer's compute dtype."""
        images = ops.convert_to_tensor(images)
        if images.dtype.is_floating:
            images = ops.cast(images, self.compute_dtype)
        return self._resize(images, self.interpolation)

    def transform_segmentation_masks(self, segmentation_masks: Any, transformation: Any = None,
                                     training: bool = True) -> Any:  # fmt: skip
        """Return masks in the new size, each pixel taken from the nearest one."""
        return self._resize(ops.convert_to_tensor(segmentation_masks), "nearest")

    def _resize(self, images: Any, interpolation: str) -> Any:
        return ops.image.resize(
            images,
            (self.height, self.width),
            interpolation=interpolation,
            antialias=self.antialias,
            crop_to_aspect_ratio=self.crop_to_aspect_ratio,
            pad_to_aspect_ratio=self.pad_to_aspect_ratio,
            fill_mode=self.fill_mode,
            fill_value=self.fill_value,
            data_format=self.data_format,
        )

    def transform_bounding_boxes(self, bounding_boxes: dict, transformation: Any = None,
                                 training: bool = True) -> dict:  # fmt: skip
        """Return boxes as they lie in the resized images; a box outside gets the label -1."""
        height, width = transformation
        boxes = convert_format(bounding_boxes, self.bounding_box_format, "xyxy", height, width)
        part_height, part_width = self._part(height, width)
        top, left = (height - part_height) // 2, (width - part_width) // 2
        if self.pad_to_aspect_ratio:
            # As the image itself: an odd row or column of the border is dropped.
            top, left = (part_height - height) // 2, (part_width - width) // 2
            part_height, part_width = height + 2 * top, width + 2 * left
            moved = pad(boxes["boxes"], top, left)
        else:
            moved = crop(boxes["boxes"], top, left, part_height, part_width)
        moved = scaled_boxes(moved, self.height / part_height, self.width / part_width)
        # Boxes that only fill the list up stay as they are.
        given = bounding_boxes["boxes"]
        empty = ops.all(given == -1, -1, keepdims=True) | ops.all(given == 0, -1, keepdims=True)
        boxes["boxes"] = ops.where(empty, 0.0, moved)
        boxes = clip_to_image_size(boxes, self.height, self.width)
        return convert_format(boxes, "xyxy", self.bounding_box_format, self.height, self.width)

    def _part(self, height: int, width: int) -> tuple[int, int]:
        """Return the size, in pixels of the image, of what fills the result."""
        by_width = int(width * self.height / self.width)
        by_height = int(height * self.width / self.height)
        if self.crop_to_aspect_ratio:
            return max(min(height, by_width), 1), max(min(width, by_height), 1)
        if self.pad_to_aspect_ratio:
            return max(height, by_width), max(width, by_height)
        return height, width

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "height": self.height,
            "width": self.width,
            "interpolation": self.interpolation,
            "crop_to_aspect_ratio": self.crop_to_aspect_ratio,
            "pad_to_aspect_ratio": self.pad_to_aspect_ratio,
            "fill_mode": self.fill_mode,
            "fill_value": self.fill_value,
            "antialias": self.antialias,
        }
