"""`Resizing`: images of another size."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import enrol, standardize_data_format
from nyala.layers.base import Layer, positive_integer
from nyala.layers.preprocessing._center_crop import check_image_rank


@enrol("keras.layers")
class Resizing(Layer):
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

    Input shape: `(batch, height, width, channels)` or one image `(height, width, channels)`, or
    channels first. Output shape: the same with the new height and width. Integers stay integers.

    >>> import nyala
    >>> nyala.layers.Resizing(4, 6)(nyala.ops.ones((2, 10, 8, 3))).shape
    (2, 4, 6, 3)
    """

    def __init__(self, height: int, width: int, interpolation: str = "bilinear",
                 crop_to_aspect_ratio: bool = False, pad_to_aspect_ratio: bool = False,
                 fill_mode: str = "constant", fill_value: float = 0.0, antialias: bool = False,
                 data_format: str | None = None, **kwargs: Any):  # fmt: skip
        super().__init__(**kwargs)
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
        self.data_format = standardize_data_format(data_format)
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Scale the images."""
        check_image_rank(inputs, self)
        return ops.image.resize(
            inputs,
            (self.height, self.width),
            interpolation=self.interpolation,
            antialias=self.antialias,
            crop_to_aspect_ratio=self.crop_to_aspect_ratio,
            pad_to_aspect_ratio=self.pad_to_aspect_ratio,
            fill_mode=self.fill_mode,
            fill_value=self.fill_value,
            data_format=self.data_format,
        )

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
            "data_format": self.data_format,
        }
