"""What all layers that prepare images share.

A layer prepares images, and what comes with them moves along: in a dict `{"images": ...,
"labels": ..., "bounding_boxes": {"boxes": ..., "labels": ...}, "segmentation_masks": ...}` each
part is given to the method that knows how. One random transformation is drawn for all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nyala import ops
from nyala.core import standardize_data_format, tree
from nyala.eager import SeedGenerator
from nyala.layers.base import Layer
from nyala.layers.preprocessing.bounding_boxes import check_format, dense
from nyala.layers.preprocessing.image._seeds import Seeds


class BaseImagePreprocessingLayer(Layer):
    """A layer on images, alone or with labels, boxes and masks.

    Args:
        bounding_box_format: that of the boxes in the inputs; needed if there are any. See
            `utils.bounding_boxes.convert_format`.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.

    Subclasses implement `transform_images`; labels, boxes and masks pass unchanged unless they
    implement `transform_labels`, `transform_bounding_boxes` or `transform_segmentation_masks`.
    These methods take batches, or single images of three axes.
    """

    def __init__(self, bounding_box_format: str | None = None, data_format: str | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(**kwargs)
        # Boxes and labels keep their precision whatever images are computed in.
        self.autocast = False
        if bounding_box_format is not None:
            what = f"{type(self).__name__}(bounding_box_format=...)"
            bounding_box_format = check_format(bounding_box_format, what)
        self.bounding_box_format = bounding_box_format
        self.data_format = standardize_data_format(data_format)
        first = self.data_format == "channels_first"
        self.channel_axis, self.height_axis, self.width_axis = (
            (-3, -2, -1) if first else (-1, -3, -2)
        )
        self.built = True

    # -- the parts -------------------------------------------------------------------------------

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Return what is drawn at random for these inputs; nothing by default.

        Args:
            data: images, or a dict with `"images"`.
            training: without it nothing is drawn.
            seed: an integer or `SeedGenerator`; the layer's own generator by default.
        """
        return None

    def transform_images(self, images: Any, transformation: Any = None,
                         training: bool = True) -> Any:  # fmt: skip
        """Return the images changed as `transformation` says."""
        raise TypeError(
            f"{type(self).__name__} {self.name!r} has no transform_images(): implement it."
        )

    def transform_labels(self, labels: Any, transformation: Any = None,
                         training: bool = True) -> Any:  # fmt: skip
        """Return the labels of transformed images: the same, by default."""
        return labels

    def transform_bounding_boxes(self, bounding_boxes: dict, transformation: Any = None,
                                 training: bool = True) -> dict:  # fmt: skip
        """Return the boxes in transformed images: the same, by default."""
        return bounding_boxes

    def transform_segmentation_masks(self, segmentation_masks: Any, transformation: Any = None,
                                     training: bool = True) -> Any:  # fmt: skip
        """Return the masks of transformed images: the same, by default."""
        return segmentation_masks

    # -- a single one of each --------------------------------------------------------------------

    def transform_single_image(self, image: Any, transformation: Any = None,
                               training: bool = True) -> Any:  # fmt: skip
        """Return one image, without a batch axis, changed as `transformation` says."""
        return _as_one(self.transform_images, image, transformation, training)

    def transform_single_label(self, label: Any, transformation: Any = None,
                               training: bool = True) -> Any:  # fmt: skip
        """Return the label of one transformed image."""
        return _as_one(self.transform_labels, label, transformation, training)

    def transform_single_bounding_box(self, bounding_box: dict, transformation: Any = None,
                                      training: bool = True) -> dict:  # fmt: skip
        """Return the boxes in one transformed image."""
        return _as_one(self.transform_bounding_boxes, bounding_box, transformation, training)

    def transform_single_segmentation_mask(self, segmentation_mask: Any, transformation: Any = None,
                                           training: bool = True) -> Any:  # fmt: skip
        """Return the mask of one transformed image."""
        return _as_one(
            self.transform_segmentation_masks, segmentation_mask, transformation, training
        )

    # -- together --------------------------------------------------------------------------------

    def call(self, data: Any, training: bool = True) -> Any:
        """Transform images, or the parts of a dict."""
        parts = data if isinstance(data, dict) else {"images": data}
        single = self._is_single(parts)
        parts = self._standardized(parts)
        known = {key: part for key, part in parts.items() if key in self._methods()}
        if single:
            known = tree.map_structure(lambda part: ops.expand_dims(part, 0), known)
        transformation = self.get_random_transformation(known, training=training)
        done = {
            key: self._methods()[key](part, transformation, training=training)
            for key, part in known.items()
        }
        if single:
            done = tree.map_structure(lambda part: ops.squeeze(part, 0), done)
        return {**parts, **done} if isinstance(data, dict) else done["images"]

    def convert_weight(self, weight: Any) -> Any:
        """Return a weight as it is: pipelines and models share one engine."""
        return weight

    def _methods(self) -> dict[str, Callable]:
        return {
            "images": self.transform_images,
            "labels": self.transform_labels,
            "bounding_boxes": self.transform_bounding_boxes,
            "segmentation_masks": self.transform_segmentation_masks,
        }

    def _is_single(self, parts: dict) -> bool:
        if "images" not in parts:
            raise ValueError(
                f"{type(self).__name__} {self.name!r} expects images, or a dict with 'images'; got "
                f"a dict with {sorted(parts)}."
            )
        shape = tuple(ops.shape(parts["images"]))
        if len(shape) not in (3, 4):
            raise ValueError(
                f"{type(self).__name__} {self.name!r} expects a batch of images of four axes, or "
                f"one image of three; got images of shape {shape}."
            )
        return len(shape) == 3

    def _standardized(self, parts: dict) -> dict:
        """Return the parts as tensors, boxes with equally many for each image."""
        parts = {
            key: ops.convert_to_tensor(part) if key in self._methods() and _is_array(part) else part
            for key, part in parts.items()
        }
        if "bounding_boxes" in parts:
            who = f"{type(self).__name__} {self.name!r}"
            if self.bounding_box_format is None:
                raise ValueError(
                    f"{who} does not know the format of the bounding_boxes in its inputs: make it "
                    "with bounding_box_format='xyxy' or another."
                )
            parts["bounding_boxes"] = dense(parts["bounding_boxes"], who)
        return parts

    def _size(self, data: Any) -> tuple[int, int]:
        """Return the height and width of images."""
        shape = _images_of(data).shape
        return shape[self.height_axis], shape[self.width_axis]

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        config = {**super().get_config(), "data_format": self.data_format}
        if self.bounding_box_format is not None:
            config["bounding_box_format"] = self.bounding_box_format
        return config


class RandomImageLayer(BaseImagePreprocessingLayer):
    """A layer that changes each image by chance, in training.

    Subclasses implement `_draw`, and `_change` or the `transform_` methods.
    """

    def __init__(self, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.seed = seed
        self.generator = SeedGenerator(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Return what is drawn at random for these inputs, or `None` outside training.

        Args:
            data: images, or a dict with `"images"`.
            training: without it nothing is drawn.
            seed: an integer, key or `SeedGenerator`; the layer's own generator by default.
        """
        if not training:
            return None
        shape = tuple(_images_of(data).shape)
        shape = (1, *shape) if len(shape) == 3 else shape
        return self._draw(shape, Seeds.of(self.generator if seed is None else seed))

    def _draw(self, shape: tuple, seeds: Seeds) -> dict[str, Any]:
        """Return a transformation for a batch of images of this shape."""
        raise NotImplementedError

    def transform_images(self, images: Any, transformation: Any = None,
                         training: bool = True) -> Any:  # fmt: skip
        """Return the images changed as `transformation` says, in the layer's compute dtype."""
        images = ops.cast(images, self.compute_dtype)
        if not training or transformation is None:
            return images
        changed = on_batch(lambda batch: self._change(batch, transformation), images)
        return ops.cast(changed, self.compute_dtype)

    def _change(self, images: Any, transformation: Any) -> Any:
        """Return a batch of images in the compute dtype changed."""
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "seed": self.seed}


def on_batch(change: Callable, images: Any) -> Any:
    """Return what a function of batches makes of a batch or of a single image."""
    if len(images.shape) == 3:
        return ops.squeeze(change(ops.expand_dims(images, 0)), 0)
    return change(images)


def per_image(values: Any, rank: int = 4) -> Any:
    """Return one value for each image with as many axes as the images, to be broadcast."""
    return ops.reshape(values, (-1,) + (1,) * (rank - 1))


def rescaled(images: Any, source: tuple, target: tuple) -> Any:
    """Return values that lay in one range in another."""
    if tuple(source) == tuple(target):
        return images
    scale = (target[1] - target[0]) / (source[1] - source[0])
    return (images - source[0]) * scale + target[0]


def _images_of(data: Any) -> Any:
    images = data["images"] if isinstance(data, dict) else data
    return images if hasattr(images, "shape") else ops.convert_to_tensor(images)


def _as_one(transform: Callable, part: Any, transformation: Any, training: bool) -> Any:
    batch = tree.map_structure(lambda one: ops.expand_dims(one, 0), part)
    done = transform(batch, transformation, training=training)
    return tree.map_structure(lambda one: ops.squeeze(one, 0), done)


def _is_array(part: Any) -> bool:
    return not isinstance(part, dict)
