"""`RandomGrayscale`: images made grey by chance."""

from __future__ import annotations

from typing import Any

from nyala import ops, random
from nyala.core import enrol
from nyala.layers.preprocessing.image._arguments import fraction
from nyala.layers.preprocessing.image._base import RandomImageLayer, on_batch, per_image
from nyala.layers.preprocessing.image._seeds import Seeds


@enrol("keras.layers")
class RandomGrayscale(RandomImageLayer):
    """Makes images grey by chance, in training; they keep three equal channels.

    Args:
        factor: the probability that an image is made grey, from 0 to 1.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.
        seed: an integer, for reproducible choices.

    Input shape: `(batch, height, width, 3)` or one image `(height, width, 3)`, or channels first;
    or a dict with such `"images"`. Output shape: the same; integers stay integers.

    >>> import nyala
    >>> layer = nyala.layers.RandomGrayscale(1.0)
    >>> layer(nyala.ops.array([[[100.0, 0.0, 0.0]]])).numpy().round(2)
    array([[[29.89, 29.89, 29.89]]], dtype=float32)
    """

    def __init__(self, factor: float = 0.5, data_format: str | None = None, seed: int | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(data_format=data_format, seed=seed, **kwargs)
        self.factor = fraction(factor, "RandomGrayscale(factor=...)")

    def _draw(self, shape: tuple, seeds: Seeds) -> Any:
        return random.uniform((shape[0], 1, 1, 1), seed=seeds.next()) < self.factor

    def transform_images(self, images: Any, transformation: Any = None,
                         training: bool = True) -> Any:  # fmt: skip
        """Return the images of which `transformation`, one boolean for each, makes some grey."""
        images = ops.convert_to_tensor(images)
        if images.dtype.is_floating:
            images = ops.cast(images, self.compute_dtype)
        if not training or transformation is None:
            return images
        return on_batch(lambda batch: self._change(batch, transformation), images)

    def _change(self, images: Any, transformation: Any) -> Any:
        grey = ops.image.rgb_to_grayscale(images, self.data_format)
        return ops.where(per_image(transformation), grey, images)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "factor": self.factor}
