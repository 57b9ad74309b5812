"""`CenterCrop`: the middle of images."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import enrol, standardize_data_format
from nyala.layers.base import Layer, positive_integer


@enrol("keras.layers")
class CenterCrop(Layer):
    """Cuts the middle out of images; smaller images are enlarged instead.

    Where an image is smaller than the result in either direction, the largest part of the wanted
    proportions is cut out of its middle and scaled (bilinear).

    Args:
        height, width: of the result, positive integers.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.

    Input shape: `(batch, height, width, channels)` or one image `(height, width, channels)`, or
    channels first. Output shape: the same with the new height and width.

    >>> import nyala
    >>> nyala.layers.CenterCrop(4, 4)(nyala.ops.ones((2, 10, 8, 3))).shape
    (2, 4, 4, 3)
    """

    def __init__(self, height: int, width: int, data_format: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.height = positive_integer(height, "CenterCrop(height=...)")
        self.width = positive_integer(width, "CenterCrop(width=...)")
        self.data_format = standardize_data_format(data_format)
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Cut out the middle."""
        images = ops.cast(inputs, self.compute_dtype)
        check_image_rank(images, self)
        first = -2 if self.data_format == "channels_first" else -3
        rank = len(images.shape)
        size = (self.height, self.width)
        surplus = [images.shape[first + i] - length for i, length in enumerate(size)]
        if min(surplus) < 0:
            return ops.image.resize(images, size, crop_to_aspect_ratio=True,
                                    data_format=self.data_format)  # fmt: skip
        index = [slice(None)] * rank
        for i, length in enumerate(size):
            start = surplus[i] // 2
            index[rank + first + i] = slice(start, start + length)
        return images[tuple(index)]

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "height": self.height,
            "width": self.width,
            "data_format": self.data_format,
        }


def check_image_rank(images: Any, layer: Layer) -> None:
    """Raise unless the inputs are one image or a batch of them."""
    if len(images.shape) not in (3, 4):
        raise ValueError(
            f"{type(layer).__name__} {layer.name!r} expects a batch of images of four axes, or one "
            f"image of three; got inputs of shape {tuple(images.shape)}."
        )
