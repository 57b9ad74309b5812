"""Layers that change shapes: flatten, reshape, permute, repeat, pad, crop, enlarge."""

from nyala.layers.reshaping._cropping import Cropping1D, Cropping2D, Cropping3D
from nyala.layers.reshaping._flatten import Flatten
from nyala.layers.reshaping._permute import Permute
from nyala.layers.reshaping._repeat_vector import RepeatVector
from nyala.layers.reshaping._reshape import Reshape
from nyala.layers.reshaping._up_sampling import UpSampling1D, UpSampling2D, UpSampling3D
from nyala.layers.reshaping._zero_padding import ZeroPadding1D, ZeroPadding2D, ZeroPadding3D

__all__ = [
    "Cropping1D",
    "Cropping2D",
    "Cropping3D",
    "Flatten",
    "Permute",
    "RepeatVector",
    "Reshape",
    "UpSampling1D",
    "UpSampling2D",
    "UpSampling3D",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "ZeroPadding3D",
]
