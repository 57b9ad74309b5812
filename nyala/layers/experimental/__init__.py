"""Keras 2's `layers.experimental`: layers that have their place in `nyala.layers` since."""

from nyala.layers.core import EinsumDense
from nyala.layers.experimental import preprocessing

__all__ = ["EinsumDense", "preprocessing"]
