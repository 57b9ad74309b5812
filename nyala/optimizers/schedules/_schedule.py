"""The base of learning rates that are functions of the step."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from nyala.core import floatx, numpy_dtype


class LearningRateSchedule:
    """A learning rate that is a function of the step.

    Subclass it and override `__call__(step)`, which takes the number of updates made so far (an
    integer scalar tensor) and returns the rate (a float scalar). Optimizers call it inside compiled
    code, so it should be written with `nyala.ops`; one that needs the step as a Python number still
    works with `apply_gradients` in a custom loop. To save it, override `get_config` as well.

    >>> import nyala
    >>> class Warmup(nyala.optimizers.schedules.LearningRateSchedule):
    ...     def __call__(self, step):
    ...         return nyala.ops.minimum(1.0, (nyala.ops.cast(step, "float32") + 1.0) / 4.0)
    >>> float(Warmup()(1))
    0.5
    """

    def __call__(self, step: Any) -> Any:
        """Return the learning rate at `step`."""
        raise NotImplementedError(
            f"The learning rate schedule {type(self).__name__} must override __call__(self, step)."
        )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        raise NotImplementedError(
            f"The learning rate schedule {type(self).__name__} cannot be saved: it has no "
            "get_config(). Return the arguments of its __init__ as a dict."
        )

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> LearningRateSchedule:
        """Return a schedule made from what `get_config` returned."""
        return cls(**config)


class Schedule(LearningRateSchedule):
    """A built-in schedule: its attributes named in `_arguments` are its whole state."""

    _arguments: tuple[str, ...] = ()

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {name: getattr(self, name) for name in self._arguments}


def as_float(value: Any) -> jax.Array:
    """Return a step or a rate as a float array; steps come as integers."""
    return jnp.asarray(value, dtype=numpy_dtype(floatx()))


def check_steps(schedule: LearningRateSchedule, argument: str) -> None:
    """Refuse a period that is not positive."""
    steps = getattr(schedule, argument)
    if steps <= 0:
        raise ValueError(
            f"{type(schedule).__name__}({argument}=...) expects a positive number of steps; "
            f"got {steps!r}."
        )
