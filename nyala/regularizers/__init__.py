"""Penalties on weights and outputs."""

from nyala.regularizers._lookup import deserialize, get, serialize
from nyala.regularizers._penalties import L1, L1L2, L2, OrthogonalRegularizer
from nyala.regularizers._regularizer import Regularizer

l1 = L1
l2 = L2
l1_l2 = L1L2
orthogonal_regularizer = OrthogonalRegularizer

__all__ = [
    "L1",
    "L1L2",
    "L2",
    "OrthogonalRegularizer",
    "Regularizer",
    "deserialize",
    "get",
    "l1",
    "l1_l2",
    "l2",
    "orthogonal_regularizer",
    "serialize",
]
