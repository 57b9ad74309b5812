"""Schedules that fall along a power, a root, a polynomial or a staircase."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp

from nyala.core import enrol
from nyala.eager import Array, op
from nyala.optimizers.schedules._schedule import Schedule, as_float, check_steps

_MODULE = "keras.optimizers.schedules"


@enrol(_MODULE)
class ExponentialDecay(Schedule):
    """`initial_learning_rate * decay_rate ** (step / decay_steps)`.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: positive; after so many steps the rate has been multiplied by `decay_rate`.
        decay_rate: the factor.
        staircase: whether `step / decay_steps` is rounded down, so that the rate falls in jumps.
        name: kept in the config.

    >>> import nyala
    >>> rate = nyala.optimizers.schedules.ExponentialDecay(0.5, decay_steps=10, decay_rate=0.5)
    >>> float(rate(0)), float(rate(10))
    (0.5, 0.25)
    """

    _arguments = ("initial_learning_rate", "decay_steps", "decay_rate", "staircase", "name")

    def __init__(self, initial_learning_rate: float, decay_steps: float, decay_rate: float,
                 staircase: bool = False, name: str = "ExponentialDecay"):  # fmt: skip
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name
        check_steps(self, "decay_steps")

    def __call__(self, step: Any) -> Any:
        """Return the learning rate at `step`."""
        return _exponential(
            step, self.initial_learning_rate, self.decay_steps, self.decay_rate, self.staircase
        )


@op
def _exponential(
    step: Array, initial: float, decay_steps: float, decay_rate: float, staircase: bool
) -> Array:
    return as_float(initial) * jnp.power(
        as_float(decay_rate), _periods(step, decay_steps, staircase)
    )


@enrol(_MODULE)
class InverseTimeDecay(Schedule):
    """`initial_learning_rate / (1 + decay_rate * step / decay_steps)`.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: positive; the unit in which steps are counted.
        decay_rate: how fast the rate falls.
        staircase: whether `step / decay_steps` is rounded down, so that the rate falls in jumps.
        name: kept in the config.

    >>> import nyala
    >>> rate = nyala.optimizers.schedules.InverseTimeDecay(0.5, decay_steps=1, decay_rate=0.5)
    >>> float(rate(2))
    0.25
    """

    _arguments = ("initial_learning_rate", "decay_steps", "decay_rate", "staircase", "name")

    def __init__(self, initial_learning_rate: float, decay_steps: float, decay_rate: float,
                 staircase: bool = False, name: str = "InverseTimeDecay"):  # fmt: skip
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name
        check_steps(self, "decay_steps")

    def __call__(self, step: Any) -> Any:
        """Return the learning rate at `step`."""
        return _inverse_time(
            step, self.initial_learning_rate, self.decay_steps, self.decay_rate, self.staircase
        )


@op
def _inverse_time(
    step: Array, initial: float, decay_steps: float, decay_rate: float, staircase: bool
) -> Array:
    return as_float(initial) / (1 + decay_rate * _periods(step, decay_steps, staircase))


def _periods(step: Any, decay_steps: float, staircase: bool) -> Any:
    periods = as_float(step) / as_float(decay_steps)
    return jnp.floor(periods) if staircase else periods


@enrol(_MODULE)
class PolynomialDecay(Schedule):
    """From `initial_learning_rate` to `end_learning_rate` along a power of the way still to go.

    With `s = min(step, decay_steps)`:
    `(initial - end) * (1 - s / decay_steps) ** power + end`.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: positive; where the end is reached.
        end_learning_rate: the rate from there on.
        power: 1 for a straight line.
        cycle: whether, instead of staying at the end, the decay begins again and takes the
            smallest multiple of `decay_steps` that lies beyond `step`.
        name: kept in the config.

    >>> import nyala
    >>> rate = nyala.optimizers.schedules.PolynomialDecay(0.5, decay_steps=4, end_learning_rate=0.0)
    >>> float(rate(2)), float(rate(9))
    (0.25, 0.0)
    """

    _arguments = (
        "initial_learning_rate", "decay_steps", "end_learning_rate", "power", "cycle", "name",
    )  # fmt: skip

    def __init__(self, initial_learning_rate: float, decay_steps: float,
                 end_learning_rate: float = 0.0001, power: float = 1.0, cycle: bool = False,
                 name: str = "PolynomialDecay"):  # fmt: skip
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.end_learning_rate = end_learning_rate
        self.power = power
        self.cycle = cycle
        self.name = name
        check_steps(self, "decay_steps")

    def __call__(self, step: Any) -> Any:
        """Return the learning rate at `step`."""
        return _polynomial(
            step, self.initial_learning_rate, self.decay_steps, self.end_learning_rate, self.power,
            self.cycle,
        )  # fmt: skip


@op
def _polynomial(
    step: Array, initial: Any, decay_steps: Any, end: Any, power: float, cycle: bool
) -> Array:
    step, initial, end = as_float(step), as_float(initial), as_float(end)
    if cycle:
        decay_steps = decay_steps * jnp.where(step == 0, 1.0, jnp.ceil(step / decay_steps))
    else:
        step = jnp.minimum(step, decay_steps)
    return (initial - end) * jnp.power(1 - step / decay_steps, as_float(power)) + end


@enrol(_MODULE)
class PiecewiseConstantDecay(Schedule):
    """`values[i]`, where `i` counts the boundaries that `step` has passed.

    Args:
        boundaries: rising steps; a boundary itself still has the value before it.
        values: the rates, one more than boundaries.
        name: kept in the config.

    >>> import nyala
    >>> rate = nyala.optimizers.schedules.PiecewiseConstantDecay([10, 20], [1.0, 0.5, 0.25])
    >>> float(rate(10)), float(rate(11)), float(rate(99))
    (1.0, 0.5, 0.25)
    """

    _arguments = ("boundaries", "values", "name")

    def __init__(
        self, boundaries: Sequence[float], values: Sequence[float], name: str = "PiecewiseConstant"
    ):
        if len(boundaries) != len(values) - 1:
            raise ValueError(
                "PiecewiseConstantDecay expects one more value than boundaries; got "
                f"{len(boundaries)} boundaries and {len(values)} values."
            )
        self.boundaries = boundaries
        self.values = values
        self.name = name

    def __call__(self, step: Any) -> Any:
        """Return the learning rate at `step`."""
        return _piecewise(step, tuple(self.boundaries), tuple(self.values))


@op
def _piecewise(step: Array, boundaries: tuple, values: tuple) -> Array:
    passed = sum((step > boundary).astype(jnp.int32) for boundary in map(jnp.asarray, boundaries))
    return as_float(values)[passed]
