"""`MixUp`: each image with a little of another."""

from __future__ import annotations

from typing import Any

from nyala import ops, random
from nyala.core import enrol
from nyala.layers.preprocessing.image._base import RandomImageLayer, per_image
from nyala.layers.preprocessing.image._seeds import Seeds


@enrol("keras.layers")
class MixUp(RandomImageLayer):
    """Replaces each image by a weighted mean of itself and another of its batch, in training.

    Args:
        alpha: both parameters of the beta distribution that weights are drawn from; the smaller,
            the more one of the two images prevails.
        data_format: accepted by all image layers; it does not matter here.
        seed: an integer, for reproducible choices.
        bounding_box_format: that of the boxes in the inputs, if there are any. An image gets the
            boxes of both.

    Input shape: `(batch, height, width, channels)`, or channels first; or a dict with such
    `"images"` and their `"labels"` (of shape `(batch, classes)`, mixed by the same weights),
    `"bounding_boxes"` and `"segmentation_masks"`. Output shape: the same, twice as many boxes.

    >>> import nyala
    >>> layer = nyala.layers.MixUp(seed=1)
    >>> mixed = layer({"images": nyala.ops.ones((2, 4, 4, 3)), "labels": nyala.ops.eye(2)})
    >>> mixed["images"].shape, mixed["labels"].numpy().sum(axis=1)
    ((2, 4, 4, 3), array([1., 1.], dtype=float32))

    Source: Zhang et al., "mixup: Beyond Empirical Risk Minimization", 2018.
    """

    def __init__(self, alpha: float = 0.2, data_format: str | None = None, seed: int | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        if isinstance(alpha, bool) or not isinstance(alpha, (int, float)) or alpha <= 0:
            raise ValueError(f"MixUp(alpha=...) expects a positive number; got {alpha!r}.")
        self.alpha = alpha

    def _draw(self, shape: tuple, seeds: Seeds) -> dict[str, Any]:
        order = random.shuffle(ops.arange(shape[0], dtype="int32"), seed=seeds.next())
        weight = random.beta((shape[0],), self.alpha, self.alpha, seed=seeds.next())
        return {"mix_weight": weight, "permutation_order": order}

    def _change(self, images: Any, transformation: Any) -> Any:
        return _mixed(images, transformation)

    def transform_labels(self, labels: Any, transformation: Any = None,
                         training: bool = True) -> Any:  # fmt: skip
        """Return labels mixed as the images are, as floats."""
        labels = ops.convert_to_tensor(labels)
        if not training or transformation is None:
            return labels
        return _mixed(labels, transformation)

    def transform_segmentation_masks(self, segmentation_masks: Any, transformation: Any = None,
                                     training: bool = True) -> Any:  # fmt: skip
        """Return masks mixed as the images are, as floats."""
        return self.transform_labels(segmentation_masks, transformation, training)

    def transform_bounding_boxes(self, bounding_boxes: dict, transformation: Any = None,
                                 training: bool = True) -> dict:  # fmt: skip
        """Return the boxes of both images."""
        if not training or transformation is None:
            return bounding_boxes
        order = transformation["permutation_order"]
        both = {
            key: ops.concatenate([part, ops.take(part, order, axis=0)], axis=1)
            for key, part in bounding_boxes.items()
            if key in ("boxes", "labels")
        }
        return {**bounding_boxes, **both}

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "alpha": self.alpha}


def _mixed(values: Any, transformation: Any) -> Any:
    weight = per_image(transformation["mix_weight"], len(values.shape))
    others = ops.take(values, transformation["permutation_order"], axis=0)
    return weight * values + (1.0 - weight) * others
