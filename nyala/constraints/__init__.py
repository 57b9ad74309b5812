"""Projections of weights after each step."""

from nyala.constraints._constraint import Constraint
from nyala.constraints._lookup import deserialize, get, serialize
from nyala.constraints._projections import MaxNorm, MinMaxNorm, NonNeg, RadialConstraint, UnitNorm

max_norm = MaxNorm
min_max_norm = MinMaxNorm
non_neg = NonNeg
radial_constraint = RadialConstraint
unit_norm = UnitNorm

__all__ = [
    "Constraint",
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "RadialConstraint",
    "UnitNorm",
    "deserialize",
    "get",
    "max_norm",
    "min_max_norm",
    "non_neg",
    "radial_constraint",
    "serialize",
    "unit_norm",
]
