"""Layers that prepare numbers, texts and images for a model."""

from nyala.layers.preprocessing._category_encoding import CategoryEncoding
from nyala.layers.preprocessing._center_crop import CenterCrop
from nyala.layers.preprocessing._discretization import Discretization
from nyala.layers.preprocessing._hashed_crossing import HashedCrossing
from nyala.layers.preprocessing._hashing import Hashing
from nyala.layers.preprocessing._normalization import Normalization
from nyala.layers.preprocessing._rescaling import Rescaling
from nyala.layers.preprocessing._resizing import Resizing
from nyala.layers.preprocessing._text_vectorization import TextVectorization
from nyala.layers.preprocessing.lookup import IntegerLookup, StringLookup

__all__ = [
    "CategoryEncoding",
    "CenterCrop",
    "Discretization",
    "HashedCrossing",
    "Hashing",
    "IntegerLookup",
    "Normalization",
    "Rescaling",
    "Resizing",
    "StringLookup",
    "TextVectorization",
]
