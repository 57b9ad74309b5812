"""`CutMix`: each image with a rectangle out of another."""

from __future__ import annotations

from typing import Any

from nyala import ops, random
from nyala.core import enrol
from nyala.layers.preprocessing.image._arguments import factor_range
from nyala.layers.preprocessing.image._base import RandomImageLayer, per_image
from nyala.layers.preprocessing.image._rectangles import random_interval, rectangles
from nyala.layers.preprocessing.image._seeds import Seeds


@enrol("keras.layers")
class CutMix(RandomImageLayer):
    """Puts a rectangle out of another image of the batch into each image, in training.

    Args:
        factor: both parameters of the beta distribution that the rectangles' areas are drawn from:
            two numbers from 0 to 1 between which it is drawn, or one number f for (0, f).
        seed: an integer, for reproducible choices.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.

    Input shape: `(batch, height, width, channels)`, or channels first; or a dict with such
    `"images"` and their `"labels"` (of shape `(batch, classes)`, mixed by the areas) and
    `"segmentation_masks"`. Bounding boxes are refused: a rectangle may hold any part of one.
    Output shape: the same; images are floats.

    >>> import nyala
    >>> layer = nyala.layers.CutMix(seed=1)
    >>> mixed = layer({"images": nyala.ops.ones((2, 4, 4, 3)), "labels": nyala.ops.eye(2)})
    >>> mixed["images"].shape, mixed["labels"].numpy().sum(axis=1)
    ((2, 4, 4, 3), array([1., 1.], dtype=float32))

    Source: Yun et al., "CutMix: Regularization Strategy to Train Strong Classifiers with
    Localizable Features", 2019.
    """

    def __init__(self, factor: Any = 1.0, seed: int | None = None, data_format: str | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.factor = factor_range(factor, "CutMix(factor=...)")

    def _draw(self, shape: tuple, seeds: Seeds) -> dict[str, Any]:
        batch, height, width = shape[0], shape[self.height_axis], shape[self.width_axis]
        alpha = random.uniform((), *self.factor, seed=seeds.next()) + 1e-6
        weight = random.beta((batch,), alpha, alpha, seed=seeds.next())
        side = ops.sqrt(1.0 - weight)
        x0, x1 = random_interval(width, side, seeds)
        y0, y1 = random_interval(height, side, seeds)
        masks = rectangles(x0, x1, y0, y1, height, width, self.data_format == "channels_first")
        order = random.shuffle(ops.arange(batch, dtype="int32"), seed=seeds.next())
        own_part = 1.0 - (x1 - x0) * (y1 - y0) / (width * height)
        return {"permutation_order": order, "batch_masks": masks, "mix_weight": own_part}

    def _change(self, images: Any, transformation: Any) -> Any:
        others = ops.take(images, transformation["permutation_order"], axis=0)
        return ops.where(transformation["batch_masks"], others, images)

    def transform_labels(self, labels: Any, transformation: Any = None,
                         training: bool = True) -> Any:  # fmt: skip
        """Return labels mixed by the areas of both images, as floats."""
        labels = ops.convert_to_tensor(labels)
        if not training or transformation is None:
            return labels
        weight = per_image(transformation["mix_weight"], len(labels.shape))
        others = ops.take(labels, transformation["permutation_order"], axis=0)
        return weight * labels + (1.0 - weight) * others

    def transform_segmentation_masks(self, segmentation_masks: Any, transformation: Any = None,
                                     training: bool = True) -> Any:  # fmt: skip
        """Return masks with the same rectangles out of the same others."""
        masks = ops.convert_to_tensor(segmentation_masks)
        if not training or transformation is None:
            return masks
        return self._change(masks, transformation)

    def transform_bounding_boxes(self, bounding_boxes: dict, transformation: Any = None,
                                 training: bool = True) -> dict:  # fmt: skip
        """Refuse bounding boxes in training."""
        if not training:
            return bounding_boxes
        raise ValueError(
            f"CutMix {self.name!r} cannot tell what becomes of bounding boxes of which a rectangle "
            "holds a part. Use MixUp, or leave 'bounding_boxes' out."
        )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "factor": self.factor}
