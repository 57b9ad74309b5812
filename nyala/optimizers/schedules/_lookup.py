"""Schedules to plain data and back."""

from __future__ import annotations

from typing import Any

from nyala.core import by_names, deserialize_keras_object, serialize_keras_object
from nyala.optimizers.schedules._cosine import CosineDecay, CosineDecayRestarts
from nyala.optimizers.schedules._decay import (
    ExponentialDecay,
    InverseTimeDecay,
    PiecewiseConstantDecay,
    PolynomialDecay,
)
from nyala.optimizers.schedules._schedule import LearningRateSchedule

_TABLE = by_names(
    CosineDecay,
    CosineDecayRestarts,
    ExponentialDecay,
    InverseTimeDecay,
    PiecewiseConstantDecay,
    PolynomialDecay,
)


def serialize(learning_rate_schedule: LearningRateSchedule, use_legacy_format: bool = False) -> Any:
    """Return plain data from which `deserialize` makes an equal schedule.

    Args:
        learning_rate_schedule: the schedule.
        use_legacy_format: whether to write only `class_name` and `config`, as Keras 2 did.
    """
    if use_legacy_format:
        return {
            "class_name": type(learning_rate_schedule).__name__,
            "config": learning_rate_schedule.get_config(),
        }
    return serialize_keras_object(learning_rate_schedule)


def deserialize(
    config: dict[str, Any], custom_objects: dict | None = None, use_legacy_format: bool = False
) -> Any:
    """Return the schedule that `config` describes.

    Args:
        config: what `serialize` returned, in either format.
        custom_objects: names of the user's classes.
        use_legacy_format: accepted for Keras 2's sake; both formats are read in any case.

    >>> import nyala
    >>> schedules = nyala.optimizers.schedules
    >>> config = schedules.serialize(schedules.ExponentialDecay(0.1, 10, 0.5))
    >>> schedules.deserialize(config).decay_rate
    0.5
    """
    return deserialize_keras_object(config, custom_objects=custom_objects, module_objects=_TABLE)
