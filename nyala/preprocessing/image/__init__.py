"""Keras 2's `keras.preprocessing.image`: single images, and batches of randomly changed ones."""

from nyala.preprocessing.image._affine import apply_affine_transform
from nyala.preprocessing.image._array_iterator import NumpyArrayIterator
from nyala.preprocessing.image._colors import apply_brightness_shift, apply_channel_shift
from nyala.preprocessing.image._dataframe_iterator import DataFrameIterator
from nyala.preprocessing.image._directory_iterator import DirectoryIterator
from nyala.preprocessing.image._generator import ImageDataGenerator
from nyala.preprocessing.image._iterator import Iterator
from nyala.preprocessing.image._random import (
    random_brightness,
    random_channel_shift,
    random_rotation,
    random_shear,
    random_shift,
    random_zoom,
)
from nyala.preprocessing.image._smart_resize import smart_resize
from nyala.utils import array_to_img, img_to_array, load_img, save_img

__all__ = [
    "DataFrameIterator",
    "DirectoryIterator",
    "ImageDataGenerator",
    "Iterator",
    "NumpyArrayIterator",
    "apply_affine_transform",
    "apply_brightness_shift",
    "apply_channel_shift",
    "array_to_img",
    "img_to_array",
    "load_img",
    "random_brightness",
    "random_channel_shift",
    "random_rotation",
    "random_shear",
    "random_shift",
    "random_zoom",
    "save_img",
    "smart_resize",
]
