"""Layers that act in training only, to make what is learned more robust."""

from nyala.layers.regularization._activity_regularization import ActivityRegularization
from nyala.layers.regularization._alpha_dropout import AlphaDropout
from nyala.layers.regularization._dropout import Dropout
from nyala.layers.regularization._gaussian import GaussianDropout, GaussianNoise
from nyala.layers.regularization._spatial_dropout import (
    SpatialDropout1D,
    SpatialDropout2D,
    SpatialDropout3D,
)

__all__ = [
    "ActivityRegularization",
    "AlphaDropout",
    "Dropout",
    "GaussianDropout",
    "GaussianNoise",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
]
