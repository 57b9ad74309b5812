"""`CenterCrop`: the middle of images."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import enrol
from nyala.layers.base import positive_integer
from nyala.layers.preprocessing.bounding_boxes import clip_to_image_size, convert_format, crop
from nyala.layers.preprocessing.image._base import BaseImagePreprocessingLayer
from nyala.layers.preprocessing.image._cropping import cut_out, largest_window, scaled_boxes


@enrol("keras.layers")
class CenterCrop(BaseImagePreprocessingLayer):
    """Cuts the middle out of images; smaller images are enlarged instead.

    Where an image is smaller than the result in either direction, the largest part of the wanted
    proportions is cut out of its middle and scaled (bilinear).

    Args:
        height, width: of the result, positive integers.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.
        bounding_box_format: that of the boxes in the inputs, if there are any.

    Input shape: `(batch, height, width, channels)` or one image `(height, width, channels)`, or
    channels first; or a dict with such `"images"` and their `"labels"`, `"bounding_boxes"` and
    `"segmentation_masks"`. Output shape: the same with the new height and width.

    >>> import nyala
    >>> nyala.layers.CenterCrop(4, 4)(nyala.ops.ones((2, 10, 8, 3))).shape
    (2, 4, 4, 3)
    """

    def __init__(self, height: int, width: int, data_format: str | None = None, **kwargs: Any):
        super().__init__(data_format=data_format, **kwargs)
        self.height = positive_integer(height, "CenterCrop(height=...)")
        self.width = positive_integer(width, "CenterCrop(width=...)")

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Return the size of the images: nothing is drawn."""
        return {"input_size": self._size(data)}

    def transform_images(self, images: Any, transformation: Any = None,
                         training: bool = True) -> Any:  # fmt: skip
        """Return the middle of images, in the layer's compute dtype."""
        return self._cut(ops.cast(images, self.compute_dtype), "bilinear")

    def transform_segmentation_masks(self, segmentation_masks: Any, transformation: Any = None,
                                     training: bool = True) -> Any:  # fmt: skip
        """Return the middle of masks, each pixel taken from the nearest one."""
        return self._cut(ops.convert_to_tensor(segmentation_masks), "nearest")

    def _cut(self, images: Any, interpolation: str) -> Any:
        height, width = self._size(images)
        part = self._part(height, width)
        cut = cut_out(images, (height - part[0]) // 2, (width - part[1]) // 2, *part,
                      self.height_axis)  # fmt: skip
        if part == (self.height, self.width):
            return cut
        return ops.image.resize(cut, (self.height, self.width), interpolation,
                                data_format=self.data_format)  # fmt: skip

    def _part(self, height: int, width: int) -> tuple[int, int]:
        """Return the size of what is cut out."""
        if height >= self.height and width >= self.width:
            return self.height, self.width
        return largest_window(height, width, (self.height, self.width))

    def transform_bounding_boxes(self, bounding_boxes: dict, transformation: Any = None,
                                 training: bool = True) -> dict:  # fmt: skip
        """Return boxes as they lie in the middle; a box outside gets the label -1."""
        height, width = transformation["input_size"]
        part = self._part(height, width)
        boxes = convert_format(bounding_boxes, self.bounding_box_format, "xyxy", height, width)
        top, left = (height - part[0]) // 2, (width - part[1]) // 2
        inside = crop(boxes["boxes"], top, left, *part)
        inside = scaled_boxes(inside, self.height / part[0], self.width / part[1])
        boxes = clip_to_image_size({**boxes, "boxes": inside}, self.height, self.width)
        return convert_format(boxes, "xyxy", self.bounding_box_format, self.height, self.width)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "height": self.height, "width": self.width}
