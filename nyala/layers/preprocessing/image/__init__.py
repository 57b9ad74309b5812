"""Layers that prepare or augment images, with their labels, boxes and masks."""

from nyala.layers.preprocessing.image._aug_mix import AugMix
from nyala.layers.preprocessing.image._auto_contrast import AutoContrast
from nyala.layers.preprocessing.image._base import BaseImagePreprocessingLayer
from nyala.layers.preprocessing.image._center_crop import CenterCrop
from nyala.layers.preprocessing.image._clahe import ContrastLimitedAdaptiveHistogramEqualization
from nyala.layers.preprocessing.image._cut_mix import CutMix
from nyala.layers.preprocessing.image._equalization import Equalization
from nyala.layers.preprocessing.image._max_num_bounding_boxes import MaxNumBoundingBoxes
from nyala.layers.preprocessing.image._mix_up import MixUp
from nyala.layers.preprocessing.image._rand_augment import RandAugment
from nyala.layers.preprocessing.image._random_brightness import RandomBrightness
from nyala.layers.preprocessing.image._random_color_degeneration import RandomColorDegeneration
from nyala.layers.preprocessing.image._random_color_jitter import RandomColorJitter
from nyala.layers.preprocessing.image._random_contrast import RandomContrast
from nyala.layers.preprocessing.image._random_crop import RandomCrop
from nyala.layers.preprocessing.image._random_elastic_transform import RandomElasticTransform
from nyala.layers.preprocessing.image._random_erasing import RandomErasing
from nyala.layers.preprocessing.image._random_flip import RandomFlip
from nyala.layers.preprocessing.image._random_gaussian_blur import RandomGaussianBlur
from nyala.layers.preprocessing.image._random_grayscale import RandomGrayscale
from nyala.layers.preprocessing.image._random_hue import RandomHue
from nyala.layers.preprocessing.image._random_invert import RandomInvert
from nyala.layers.preprocessing.image._random_perspective import RandomPerspective
from nyala.layers.preprocessing.image._random_posterization import RandomPosterization
from nyala.layers.preprocessing.image._random_rotation import RandomRotation
from nyala.layers.preprocessing.image._random_saturation import RandomSaturation
from nyala.layers.preprocessing.image._random_sharpness import RandomSharpness
from nyala.layers.preprocessing.image._random_shear import RandomShear
from nyala.layers.preprocessing.image._random_translation import RandomTranslation
from nyala.layers.preprocessing.image._random_zoom import RandomZoom
from nyala.layers.preprocessing.image._resizing import Resizing
from nyala.layers.preprocessing.image._solarization import Solarization

__all__ = [
    "AugMix",
    "AutoContrast",
    "BaseImagePreprocessingLayer",
    "CenterCrop",
    "ContrastLimitedAdaptiveHistogramEqualization",
    "CutMix",
    "Equalization",
    "MaxNumBoundingBoxes",
    "MixUp",
    "RandAugment",
    "RandomBrightness",
    "RandomColorDegeneration",
    "RandomColorJitter",
    "RandomContrast",
    "RandomCrop",
    "RandomElasticTransform",
    "RandomErasing",
    "RandomFlip",
    "RandomGaussianBlur",
    "RandomGrayscale",
    "RandomHue",
    "RandomInvert",
    "RandomPerspective",
    "RandomPosterization",
    "RandomRotation",
    "RandomSaturation",
    "RandomSharpness",
    "RandomShear",
    "RandomTranslation",
    "RandomZoom",
    "Resizing",
    "Solarization",
]
