"""`RandomColorJitter`: brightness, contrast, saturation and hue changed by chance."""

from __future__ import annotations

from typing import Any

from nyala.core import enrol
from nyala.layers.preprocessing.image._colour import ColourLayer
from nyala.layers.preprocessing.image._random_brightness import RandomBrightness
from nyala.layers.preprocessing.image._random_contrast import RandomContrast
from nyala.layers.preprocessing.image._random_hue import RandomHue
from nyala.layers.preprocessing.image._random_saturation import RandomSaturation
from nyala.layers.preprocessing.image._seeds import Seeds

# In the order in which they are applied.
_KINDS = {
    "brightness": RandomBrightness,
    "contrast": RandomContrast,
    "saturation": RandomSaturation,
    "hue": RandomHue,
}


@enrol("keras.layers")
class RandomColorJitter(ColourLayer):
    """Changes brightness, contrast, saturation and hue of each image, one after the other.

    Only in training, and only those that are given a factor.

    Args:
        value_range: the smallest and the largest value of pixels.
        brightness_factor: as of `RandomBrightness`.
        contrast_factor: as of `RandomContrast`.
        saturation_factor: as of `RandomSaturation`.
        hue_factor: as of `RandomHue`.
        seed: an integer, for reproducible choices.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.

    Input shape: `(batch, height, width, 3)` or one image `(height, width, 3)`, or channels first;
    or a dict with such `"images"`. Output shape: the same; images are floats.

    >>> import nyala
    >>> layer = nyala.layers.RandomColorJitter(brightness_factor=(0.2, 0.2), value_range=(0, 1))
    >>> layer(nyala.ops.array([[[0.1, 0.2, 0.9]]])).numpy().round(3)
    array([[[0.3, 0.4, 1. ]]], dtype=float32)
    """

    def __init__(self, value_range: Any = (0, 255), brightness_factor: Any = None,
                 contrast_factor: Any = None, saturation_factor: Any = None,
                 hue_factor: Any = None, seed: int | None = None,
                 data_format: str | None = None, **kwargs: Any):  # fmt: skip
        super().__init__(value_range=value_range, seed=seed, data_format=data_format, **kwargs)
        self.brightness_factor, self.contrast_factor = brightness_factor, contrast_factor
        self.saturation_factor, self.hue_factor = saturation_factor, hue_factor
        for kind, layer in _KINDS.items():
            factor = getattr(self, f"{kind}_factor")
            made = None
            if factor is not None:
                made = layer(factor, value_range=self.value_range, seed=seed,
                             data_format=data_format, dtype=self.dtype_policy)  # fmt: skip
            setattr(self, f"random_{kind}", made)

    def _draw(self, shape: tuple, seeds: Seeds) -> dict[str, Any]:
        layers = {kind: getattr(self, f"random_{kind}") for kind in _KINDS}
        return {
            kind: layer._draw(shape, seeds) for kind, layer in layers.items() if layer is not None
        }

    def _change(self, images: Any, transformation: Any) -> Any:
        for kind, own in transformation.items():
            images = getattr(self, f"random_{kind}").transform_images(images, own)
        return images

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "brightness_factor": self.brightness_factor,
            "contrast_factor": self.contrast_factor,
            "saturation_factor": self.saturation_factor,
            "hue_factor": self.hue_factor,
        }
