"""`MaxNumBoundingBoxes`: the same number of boxes for every image."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import enrol
from nyala.layers.base import positive_integer
from nyala.layers.preprocessing.image._base import BaseImagePreprocessingLayer


@enrol("keras.layers")
class MaxNumBoundingBoxes(BaseImagePreprocessingLayer):
    """Gives every image the same number of boxes: more are left out, missing ones filled in.

    Args:
        max_number: how many boxes there shall be.
        fill_value: the coordinates and the label of filled in boxes.
        bounding_box_format: that of the boxes in the inputs.

    Input shape: a dict with `"images"` and `"bounding_boxes"`. Output shape: the same, with
    `max_number` boxes.

    >>> import nyala
    >>> layer = nyala.layers.MaxNumBoundingBoxes(2, bounding_box_format="xyxy")
    >>> boxes = {"boxes": [[1.0, 2.0, 3.0, 4.0]], "labels": [5]}
    >>> layer({"images": nyala.ops.ones((8, 8, 3)), "bounding_boxes": boxes})[
    ...     "bounding_boxes"]["labels"].numpy()
    array([ 5, -1], dtype=int32)
    """

    def __init__(self, max_number: int, fill_value: int = -1, **kwargs: Any):
        super().__init__(**kwargs)
        self.max_number = positive_integer(max_number, "MaxNumBoundingBoxes(max_number=...)")
        self.fill_value = int(fill_value)

    def transform_images(self, images: Any, transformation: Any = None,
                         training: bool = True) -> Any:  # fmt: skip
        """Return the images as they are."""
        return images

    def transform_bounding_boxes(self, bounding_boxes: dict, transformation: Any = None,
                                 training: bool = True) -> dict:  # fmt: skip
        """Return exactly `max_number` boxes and labels."""
        fitting = {
            key: self._fit(ops.convert_to_tensor(part))
            for key, part in bounding_boxes.items()
            if key in ("boxes", "labels")
        }
        return {**bounding_boxes, **fitting}

    def _fit(self, part: Any) -> Any:
        part = part[:, : self.max_number]
        missing = self.max_number - part.shape[1]
        widths = [(0, 0), (0, missing)] + [(0, 0)] * (len(part.shape) - 2)
        return ops.pad(part, widths, constant_values=self.fill_value)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "max_number": self.max_number,
            "fill_value": self.fill_value,
        }
