"""Normalization: by batch, layer, group, root mean square, length, singular value."""

from nyala.layers.normalization._batch_normalization import BatchNormalization
from nyala.layers.normalization._group_normalization import GroupNormalization
from nyala.layers.normalization._layer_normalization import LayerNormalization
from nyala.layers.normalization._rms_normalization import RMSNormalization
from nyala.layers.normalization._spectral_normalization import SpectralNormalization
from nyala.layers.normalization._unit_normalization import UnitNormalization

__all__ = [
    "BatchNormalization",
    "GroupNormalization",
    "LayerNormalization",
    "RMSNormalization",
    "SpectralNormalization",
    "UnitNormalization",
]
