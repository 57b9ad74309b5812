"""`AugMix`: images mixed with changed forms of themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax

from nyala import ops, random
from nyala.core import enrol
from nyala.eager import Array, op
from nyala.layers.base import positive_integer
from nyala.layers.preprocessing.image._arguments import INTERPOLATIONS, factor_range, one_of
from nyala.layers.preprocessing.image._base import on_batch
from nyala.layers.preprocessing.image._colour import ColourLayer
from nyala.layers.preprocessing.image._policy import add_layers
from nyala.layers.preprocessing.image._seeds import Seeds

_SOME = (
    "random_shear", "random_translation", "random_rotation", "random_posterization",
    "solarization", "auto_contrast", "equalization",
)  # fmt: skip
_ALL = (
    *_SOME, "random_brightness", "random_color_degeneration", "random_contrast",
    "random_sharpness",
)  # fmt: skip


@enrol("keras.layers")
class AugMix(ColourLayer):
    """Mixes images with several forms of themselves, each changed in its own ways, in training.

    The changes are chosen anew for each batch.

    Args:
        value_range: the smallest and the largest value of pixels, to which images are clipped.
        num_chains: how many changed forms there are.
        chain_depth: how many changes follow each other; some of them change nothing.
        factor: how strong they are: two numbers from 0 to 1 between which the strength of each is
            drawn, or one number f for (0, f).
        alpha: the parameter of the distributions that the weights are drawn from (Dirichlet for the
            chains, beta for the image itself).
        all_ops: whether brightness, colour degeneration, contrast and sharpness are among the
            changes.
        interpolation: of those that move pixels: `"bilinear"` or `"nearest"`.
        seed: an integer, for reproducible choices.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.

    Input shape: `(batch, height, width, 3)` or one image `(height, width, 3)`, or channels first;
    or a dict with such `"images"` and `"segmentation_masks"`, which become weighted means. Output
    shape: the same; images and masks are floats.

    >>> import nyala
    >>> nyala.layers.AugMix(num_chains=1, chain_depth=1, seed=1)(
    ...     nyala.ops.ones((2, 8, 8, 3))).shape
    (2, 8, 8, 3)

    Source: Hendrycks et al., "AugMix: A Simple Data Processing Method to Improve Robustness and
    Uncertainty", 2020.
    """

    def __init__(self, value_range: Any = (0, 255), num_chains: int = 3, chain_depth: int = 3,
                 factor: Any = 0.3, alpha: float = 1.0, all_ops: bool = True,
                 interpolation: str = "bilinear", seed: int | None = None,
                 data_format: str | None = None, **kwargs: Any):  # fmt: skip
        super().__init__(value_range=value_range, seed=seed, data_format=data_format, **kwargs)
        self.num_chains = positive_integer(num_chains, "AugMix(num_chains=...)")
        self.chain_depth = positive_integer(chain_depth, "AugMix(chain_depth=...)")
        self.factor = factor_range(factor, "AugMix(factor=...)")
        self.alpha, self.all_ops = alpha, all_ops
        self.interpolation = one_of(interpolation, INTERPOLATIONS, "AugMix(interpolation=...)")
        self._names = _ALL if all_ops else _SOME
        add_layers(self, self._names)

    def _draw(self, shape: tuple, seeds: Seeds) -> dict[str, Any]:
        shares = random.gamma((self.num_chains,), self.alpha, seed=seeds.next())
        own = random.beta((), self.alpha, self.alpha, seed=seeds.next())
        places = (self.num_chains, self.chain_depth)
        # The choice beyond the last layer is to change nothing.
        chosen = random.randint(places, 0, len(self._names) + 1, seed=seeds.next())
        return {
            "chain_mixing_weights": shares / ops.sum(shares),
            "weight_sample": own,
            "layer_idxes": chosen,
            "keys": _keys(seeds.next(), places),
        }

    def _mix(self, part: Any, transformation: Any, change: Callable) -> Any:
        """Return the mean of images or masks and their changed forms.

        Args:
            part: a batch of floats.
            transformation: what was drawn.
            change: takes a layer, the part and the layer's own transformation.
        """

        def of(name: str) -> Callable:
            layer = getattr(self, name)

            def run(x: Any, key: Any) -> Any:
                return change(layer, x, layer.get_random_transformation(x, seed=key))

            return run

        branches = [*map(of, self._names), lambda x, key: x]

        def link(x: Any, place: tuple) -> tuple:
            index, key = place
            return ops.switch(index, branches, x, key), None

        def chain(total: Any, places: tuple) -> tuple:
            weight, *links = places
            changed, _ = ops.scan(link, part, tuple(links))
            return total + ops.cast(weight, part.dtype) * changed, None

        # A loop, not a program of all places: each holds all layers.
        places = (transformation["chain_mixing_weights"], transformation["layer_idxes"],
                  transformation["keys"])  # fmt: skip
        mixed, _ = ops.scan(chain, ops.zeros_like(part), places)
        own = ops.cast(transformation["weight_sample"], part.dtype)
        return own * part + (1.0 - own) * mixed

    def _change(self, images: Any, transformation: Any) -> Any:
        mixed = self._mix(
            images, transformation, lambda layer, x, own: layer.transform_images(x, own)
        )
        return ops.clip(mixed, *self._limits)

    def transform_segmentation_masks(self, segmentation_masks: Any, transformation: Any = None,
                                     training: bool = True) -> Any:  # fmt: skip
        """Return masks moved and mixed as the images are."""
        masks = ops.convert_to_tensor(segmentation_masks)
        if not training or transformation is None:
            return masks
        masks = masks if masks.dtype.is_floating else ops.cast(masks, "float32")

        def change(layer: Any, x: Any, own: Any) -> Any:
            return layer.transform_segmentation_masks(x, own)

        return on_batch(lambda batch: self._mix(batch, transformation, change), masks)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "num_chains": self.num_chains,
            "chain_depth": self.chain_depth,
            "factor": self.factor,
            "alpha": self.alpha,
            "all_ops": self.all_ops,
            "interpolation": self.interpolation,
        }


@op(name="split_key")
def _keys(key: Array, places: tuple) -> Array:
    return jax.random.split(key, places)
