"""`RandomCrop`: a part of images at a place chosen by chance."""

from __future__ import annotations

from typing import Any

from nyala import ops, random
from nyala.core import enrol
from nyala.layers.base import positive_integer
from nyala.layers.preprocessing.bounding_boxes import clip_to_image_size, convert_format, crop
from nyala.layers.preprocessing.image._base import RandomImageLayer
from nyala.layers.preprocessing.image._cropping import cut_out, largest_window, scaled_boxes
from nyala.layers.preprocessing.image._seeds import Seeds


@enrol("keras.layers")
class RandomCrop(RandomImageLayer):
    """Cuts a part of a given size out of images, in training at a random place.

    All images of a batch are cut at the same place. Outside training, and where images are too
    small, the largest part with the wanted proportions is cut out of the middle and scaled.

    Args:
        height, width: of the result, positive integers.
        seed: an integer, for reproducible choices.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.
        name: of the layer.
        bounding_box_format: that of the boxes in the inputs, if there are any.

    Input shape: `(batch, height, width, channels)` or one image `(height, width, channels)`, or
    channels first; or a dict with such `"images"` and their `"labels"`, `"bounding_boxes"` and
    `"segmentation_masks"`. Output shape: the same with the new height and width; images are floats.

    >>> import nyala
    >>> nyala.layers.RandomCrop(4, 6, seed=1)(nyala.ops.ones((2, 10, 8, 3))).shape
    (2, 4, 6, 3)
    """

    def __init__(self, height: int, width: int, seed: int | None = None,
                 data_format: str | None = None, name: str | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(seed=seed, data_format=data_format, name=name, **kwargs)
        self.height = positive_integer(height, "RandomCrop(height=...)")
        self.width = positive_integer(width, "RandomCrop(width=...)")

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Return where images are cut.

        Args:
            data: images, or a dict with `"images"`.
            training: without it the middle is cut out.
            seed: an integer or `SeedGenerator`; the layer's own generator by default.

        Returns:
            A dict with `"top"` and `"left"`, where the part begins, its `"size"`, and the height
            and width of the images as `"input_size"`.
        """
        height, width = size = self._size(data)
        if training and height >= self.height and width >= self.width:
            drawn = super().get_random_transformation(data, training, seed)
            return {**drawn, "size": (self.height, self.width), "input_size": size}
        window = largest_window(height, width, (self.height, self.width))
        return {"top": (height - window[0]) // 2, "left": (width - window[1]) // 2,
                "size": window, "input_size": size}  # fmt: skip

    def _draw(self, shape: tuple, seeds: Seeds) -> dict[str, Any]:
        def start(whole: int, part: int) -> Any:
            places = random.uniform((), 0.0, float(whole - part + 1), seed=seeds.next())
            return ops.cast(places, "int32")

        top = start(shape[self.height_axis], self.height)
        return {"top": top, "left": start(shape[self.width_axis], self.width)}

    def transform_images(self, images: Any, transformation: Any = None,
                         training: bool = True) -> Any:  # fmt: skip
        """Return the part of images that `transformation` says, in the layer's size."""
        return self._cut(ops.cast(images, self.compute_dtype), transformation, "bilinear")

    def transform_segmentation_masks(self, segmentation_masks: Any, transformation: Any = None,
                                     training: bool = True) -> Any:  # fmt: skip
        """Return the same part of masks, each pixel taken from the nearest one."""
        return self._cut(ops.convert_to_tensor(segmentation_masks), transformation, "nearest")

    def _cut(self, images: Any, transformation: Any, interpolation: str) -> Any:
        size = transformation["size"]
        part = cut_out(images, transformation["top"], transformation["left"], *size,
                       self.height_axis)  # fmt: skip
        if size == (self.height, self.width):
            return part
        return ops.image.resize(part, (self.height, self.width), interpolation,
                                data_format=self.data_format)  # fmt: skip

    def transform_bounding_boxes(self, bounding_boxes: dict, transformation: Any = None,
                                 training: bool = True) -> dict:  # fmt: skip
        """Return boxes as they lie in that part; a box outside gets the label -1."""
        size, (height, width) = transformation["size"], transformation["input_size"]
        boxes = convert_format(bounding_boxes, self.bounding_box_format, "xyxy", height, width)
        inside = crop(boxes["boxes"], transformation["top"], transformation["left"], *size)
        inside = scaled_boxes(inside, self.height / size[0], self.width / size[1])
        boxes = clip_to_image_size({**boxes, "boxes": inside}, self.height, self.width)
        return convert_format(boxes, "xyxy", self.bounding_box_format, self.height, self.width)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "height": self.height, "width": self.width}
