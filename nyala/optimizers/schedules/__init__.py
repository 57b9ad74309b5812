"""Learning rates that are functions of the step."""

from nyala.optimizers.schedules._cosine import CosineDecay, CosineDecayRestarts
from nyala.optimizers.schedules._decay import (
    ExponentialDecay,
    InverseTimeDecay,
    PiecewiseConstantDecay,
    PolynomialDecay,
)
from nyala.optimizers.schedules._lookup import deserialize, serialize
from nyala.optimizers.schedules._schedule import LearningRateSchedule

__all__ = [
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "deserialize",
    "serialize",
]
