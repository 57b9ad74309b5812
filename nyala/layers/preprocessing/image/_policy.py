"""The layers among which automatic augmentation chooses."""

from __future__ import annotations

from typing import Any

from nyala.layers.preprocessing.image._auto_contrast import AutoContrast
from nyala.layers.preprocessing.image._equalization import Equalization
from nyala.layers.preprocessing.image._random_brightness import RandomBrightness
from nyala.layers.preprocessing.image._random_color_degeneration import RandomColorDegeneration
from nyala.layers.preprocessing.image._random_contrast import RandomContrast
from nyala.layers.preprocessing.image._random_posterization import RandomPosterization
from nyala.layers.preprocessing.image._random_rotation import RandomRotation
from nyala.layers.preprocessing.image._random_sharpness import RandomSharpness
from nyala.layers.preprocessing.image._random_shear import RandomShear
from nyala.layers.preprocessing.image._random_translation import RandomTranslation
from nyala.layers.preprocessing.image._solarization import Solarization


def add_layers(owner: Any, names: tuple) -> None:
    """Set layers as attributes of `owner`, with its strength, value range and formats.

    Args:
        owner: the layer that chooses among them.
        names: the attributes' names.
    """
    factor = owner.factor
    common = {
        "seed": owner.seed, "data_format": owner.data_format, "dtype": owner.dtype_policy,
        "bounding_box_format": owner.bounding_box_format,
    }  # fmt: skip
    moving = {**common, "interpolation": owner.interpolation}
    colour = {**common, "value_range": owner.value_range}
    plain = {key: value for key, value in colour.items() if key != "seed"}
    bits = max(1, int(8 * factor[1]))
    makers = {
        "random_shear": lambda: RandomShear(factor, factor, **moving),
        "random_translation": lambda: RandomTranslation(factor, factor, **moving),
        "random_rotation": lambda: RandomRotation(factor, **moving),
        "random_brightness": lambda: RandomBrightness(factor, **colour),
        "random_color_degeneration": lambda: RandomColorDegeneration(factor, **colour),
        "random_contrast": lambda: RandomContrast(factor, **colour),
        "random_sharpness": lambda: RandomSharpness(factor, **colour),
        "random_posterization": lambda: RandomPosterization(bits, **colour),
        "solarization": lambda: Solarization(factor, factor, **colour),
        "auto_contrast": lambda: AutoContrast(**plain),
        "equalization": lambda: Equalization(**plain),
    }
    for name in names:
        setattr(owner, name, makers[name]())
