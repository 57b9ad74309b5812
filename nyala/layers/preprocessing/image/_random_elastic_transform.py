"""`RandomElasticTransform`: images bent like rubber by chance."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from nyala import ops, random
from nyala.core import enrol
from nyala.eager import Array, op
from nyala.layers.preprocessing.image._arguments import (
    INTERPOLATIONS,
    factor_range,
    one_of,
    value_range_of,
)
from nyala.layers.preprocessing.image._base import RandomImageLayer, on_batch, per_image
from nyala.layers.preprocessing.image._chance import applied
from nyala.layers.preprocessing.image._seeds import Seeds
from nyala.ops._image_filters import blurred
from nyala.ops._image_layout import as_batch
from nyala.ops._image_sampling import FILL_MODES, sample


@enrol("keras.layers")
class RandomElasticTransform(RandomImageLayer):
    """Moves the pixels of images at random, neighbours alike, in training.

    Args:
        factor: the probability that an image is changed: two numbers from 0 to 1 between which it
            is drawn, or one number f for (0, f).
        scale: how strongly a batch is bent: two numbers from 0 to 1 between which it is drawn, or
            one number f for (0, f).
        interpolation: `"bilinear"` or `"nearest"`.
        fill_mode: what lies beyond the edges: `"constant"`, `"nearest"` (the last pixel),
            `"wrap"` (the other end), `"mirror"` (backwards, the last pixel once) or `"reflect"`
            (backwards, the last pixel twice).
        fill_value: for `"constant"`.
        value_range: the smallest and the largest value of pixels, to which images are clipped.
        seed: an integer, for reproducible choices.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.

    Input shape: `(batch, height, width, channels)` or one image `(height, width, channels)`, or
    channels first; or a dict with such `"images"` and their `"labels"` and `"segmentation_masks"`.
    Bounding boxes are refused: what is bent has no straight sides. Output shape: the same; images
    are floats.

    >>> import nyala
    >>> nyala.layers.RandomElasticTransform(seed=1)(nyala.ops.ones((2, 8, 8, 3))).shape
    (2, 8, 8, 3)

    Source: Simard et al., "Best Practices for Convolutional Neural Networks Applied to Visual
    Document Analysis", 2003.
    """

    def __init__(self, factor: Any = 1.0, scale: Any = 1.0, interpolation: str = "bilinear",
                 fill_mode: str = "reflect", fill_value: float = 0.0, value_range: Any = (0, 255),
                 seed: int | None = None, data_format: str | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        who = "RandomElasticTransform"
        self.factor = factor_range(factor, f"{who}(factor=...)")
        self.scale = factor_range(scale, f"{who}(scale=...)")
        self.interpolation = one_of(interpolation, INTERPOLATIONS, f"{who}(interpolation=...)")
        self.fill_mode = one_of(fill_mode, FILL_MODES, f"{who}(fill_mode=...)")
        self.fill_value = fill_value
        self.value_range = value_range_of(value_range, who)

    def _draw(self, shape: tuple, seeds: Seeds) -> Any:
        if not self.scale[1] or not self.factor[1]:
            return None
        chosen = applied(shape[0], self.factor, seeds)
        strength = random.uniform((), *self.scale, seed=seeds.next())
        # The key itself: masks must move as the images do.
        return {"apply_transform": chosen, "distortion_factor": strength, "seed": seeds.next()}

    def get_elastic_transform_params(self, height: int, width: int, factor: Any) -> tuple[Any, Any]:
        """Return how far pixels move, and over how many neighbours movements are alike.

        Args:
            height, width: of the images.
            factor: how strongly they are bent.
        """
        return max(height, width) * (0.1 * factor), min(height, width) * (0.05 * factor)

    def _bend(self, images: Any, transformation: Any, interpolation: str) -> Any:
        size = self._size(images)
        alpha, sigma = self.get_elastic_transform_params(*size, transformation["distortion_factor"])
        _, widest = self.get_elastic_transform_params(*size, self.scale[1])
        bent = _bent(images, transformation["seed"], alpha, sigma, int(6 * widest) | 1,
                     interpolation, self.fill_mode, self.fill_value, self.data_format)  # fmt: skip
        return ops.where(per_image(transformation["apply_transform"]), bent, images)

    def _change(self, images: Any, transformation: Any) -> Any:
        bent = self._bend(images, transformation, self.interpolation)
        return ops.clip(bent, *map(float, self.value_range))

    def transform_segmentation_masks(self, segmentation_masks: Any, transformation: Any = None,
                                     training: bool = True) -> Any:  # fmt: skip
        """Return masks bent as the images are, each pixel taken from the nearest one."""
        masks = ops.convert_to_tensor(segmentation_masks)
        if not training or transformation is None:
            return masks
        return on_batch(lambda batch: self._bend(batch, transformation, "nearest"), masks)

    def transform_bounding_boxes(self, bounding_boxes: dict, transformation: Any = None,
                                 training: bool = True) -> dict:  # fmt: skip
        """Refuse bounding boxes in training."""
        if not training:
            return bounding_boxes
        raise ValueError(
            f"RandomElasticTransform {self.name!r} cannot bend bounding boxes. Use "
            "RandomPerspective or RandomShear, or leave 'bounding_boxes' out."
        )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "factor": self.factor,
            "scale": self.scale,
            "interpolation": self.interpolation,
            "fill_mode": self.fill_mode,
            "fill_value": self.fill_value,
            "value_range": self.value_range,
        }


@op(name="bend_images")
def _bent(images: Array, key: Array, alpha: Array, sigma: Array, taps: int, interpolation: str,
          fill_mode: str, fill_value: float, data_format: str) -> Array:  # fmt: skip
    images, undo = as_batch(images, data_format)
    batch, height, width, _ = images.shape
    # `ops.image.elastic_transform` needs sigma before compilation; here only its bound is known.
    sigma = jnp.maximum(sigma, 1e-6)
    noise = sigma * jax.random.normal(jnp.asarray(key, "uint32"), (batch, height, width, 2))
    shift = alpha * blurred(noise, (taps, taps), (sigma, sigma))
    y = jnp.arange(height)[:, None] + shift[..., 0]
    x = jnp.arange(width) + shift[..., 1]
    return undo(sample(images, y, x, interpolation, fill_mode, fill_value))
