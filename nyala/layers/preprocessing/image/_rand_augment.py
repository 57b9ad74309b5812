"""`RandAugment`: a few changes chosen by chance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nyala import ops, random
from nyala.core import enrol
from nyala.layers.base import positive_integer
from nyala.layers.preprocessing.image._arguments import INTERPOLATIONS, factor_range, one_of
from nyala.layers.preprocessing.image._base import RandomImageLayer
from nyala.layers.preprocessing.image._colour import ColourLayer
from nyala.layers.preprocessing.image._policy import add_layers
from nyala.layers.preprocessing.image._seeds import Seeds

_NAMES = (
    "random_shear", "random_translation", "random_rotation", "random_brightness",
    "random_color_degeneration", "random_contrast", "random_sharpness", "random_posterization",
    "solarization", "auto_contrast", "equalization",
)  # fmt: skip


@enrol("keras.layers")
class RandAugment(ColourLayer):
    """Applies some changes out of eleven, chosen anew for each batch, in training.

    They are shear, translation, rotation, brightness, colour degeneration, contrast, sharpness,
    posterization, solarization, automatic contrast and equalization.

    Args:
        value_range: the smallest and the largest value of pixels.
        num_ops: how many changes follow each other.
        factor: how strong they are: two numbers from 0 to 1 between which the strength of each is
            drawn, or one number f for (0, f).
        interpolation: of those that move pixels: `"bilinear"` or `"nearest"`.
        seed: an integer, for reproducible choices.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.
        bounding_box_format: that of the boxes in the inputs, if there are any.

    Input shape: `(batch, height, width, 3)` or one image `(height, width, 3)`, or channels first;
    or a dict with such `"images"` and their `"labels"`, `"bounding_boxes"` and
    `"segmentation_masks"`. Output shape: the same; images are floats.

    >>> import nyala
    >>> nyala.layers.RandAugment(seed=1)(nyala.ops.ones((2, 8, 8, 3))).shape
    (2, 8, 8, 3)

    Source: Cubuk et al., "RandAugment: Practical Automated Data Augmentation with a Reduced Search
    Space", 2020.
    """

    def __init__(self, value_range: Any = (0, 255), num_ops: int = 2, factor: Any = 0.5,
                 interpolation: str = "bilinear", seed: int | None = None,
                 data_format: str | None = None, **kwargs: Any):  # fmt: skip
        super().__init__(value_range=value_range, seed=seed, data_format=data_format, **kwargs)
        self.num_ops = positive_integer(num_ops, "RandAugment(num_ops=...)")
        self.factor = factor_range(factor, "RandAugment(factor=...)")
        self.interpolation = one_of(interpolation, INTERPOLATIONS, "RandAugment(interpolation=...)")
        add_layers(self, _NAMES)

    def _draw(self, shape: tuple, seeds: Seeds) -> dict[str, Any]:
        chosen = random.randint((self.num_ops,), 0, len(_NAMES), seed=seeds.next())
        layers = {name: getattr(self, name) for name in _NAMES}
        drawn = {
            name: layer._draw(shape, seeds) if isinstance(layer, RandomImageLayer) else None
            for name, layer in layers.items()
        }
        return {"layer_idxes": chosen, "transforms": drawn}

    def _chain(self, part: Any, transformation: Any, change: Callable) -> Any:
        """Return a part of the inputs after the chosen changes.

        Args:
            part: a tensor or a structure of tensors.
            transformation: what was drawn.
            change: takes a layer, the part and the layer's own transformation.
        """

        def of(name: str) -> Callable:
            own = transformation["transforms"][name]
            return lambda x: change(getattr(self, name), x, own)

        branches = [of(name) for name in _NAMES]
        for i in range(self.num_ops):
            part = ops.switch(transformation["layer_idxes"][i], branches, part)
        return part

    def _change(self, images: Any, transformation: Any) -> Any:
        return self._chain(
            images, transformation, lambda layer, x, own: layer.transform_images(x, own)
        )

    def transform_segmentation_masks(self, segmentation_masks: Any, transformation: Any = None,
                                     training: bool = True) -> Any:  # fmt: skip
        """Return masks moved as the images are."""
        masks = ops.convert_to_tensor(segmentation_masks)
        if not training or transformation is None:
            return masks
        return self._chain(
            masks, transformation, lambda layer, x, own: layer.transform_segmentation_masks(x, own)
        )

    def transform_bounding_boxes(self, bounding_boxes: dict, transformation: Any = None,
                                 training: bool = True) -> dict:  # fmt: skip
        """Return boxes moved as the images are; a box that leaves the image gets the label -1."""
        if not training or transformation is None:
            return bounding_boxes
        moving = {key: bounding_boxes[key] for key in ("boxes", "labels")}
        moved = self._chain(
            moving, transformation, lambda layer, x, own: layer.transform_bounding_boxes(x, own)
        )
        return {**bounding_boxes, **moved}

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "num_ops": self.num_ops,
            "factor": self.factor,
            "interpolation": self.interpolation,
        }
