"""Layers that prepare numbers and images for a model."""

from nyala.layers.preprocessing._center_crop import CenterCrop
from nyala.layers.preprocessing._normalization import Normalization
from nyala.layers.preprocessing._rescaling import Rescaling
from nyala.layers.preprocessing._resizing import Resizing

__all__ = ["CenterCrop", "Normalization", "Rescaling", "Resizing"]
