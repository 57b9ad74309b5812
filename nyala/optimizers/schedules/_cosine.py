"""Schedules that fall along a half cosine, once or again and again."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp

from nyala.core import enrol
from nyala.eager import Array, op
from nyala.optimizers.schedules._schedule import Schedule, as_float, check_steps

_MODULE = "keras.optimizers.schedules"


@enrol(_MODULE)
class CosineDecay(Schedule):
    """A half cosine from `initial_learning_rate` down to `alpha` times it, with a linear warm-up.

    Without warm-up and with `x = min(step, decay_steps) / decay_steps`:
    `initial * ((1 - alpha) * (1 + cos(pi * x)) / 2 + alpha)`. With `warmup_target`, the rate first
    rises in a straight line from `initial_learning_rate` to `warmup_target` over `warmup_steps`
    steps, and the cosine starts there.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: positive; how many steps the cosine takes (behind the warm-up).
        alpha: the last rate as a fraction of the highest.
        name: kept in the config.
        warmup_target: the highest rate, or `None` for no warm-up.
        warmup_steps: how many steps the warm-up takes.

    Source: Loshchilov & Hutter, SGDR, https://arxiv.org/abs/1608.03983.

    >>> import nyala
    >>> rate = nyala.optimizers.schedules.CosineDecay(
    ...     0.0, decay_steps=4, warmup_target=1.0, warmup_steps=2)
    >>> [round(float(rate(step)), 3) for step in range(7)]
    [0.0, 0.5, 1.0, 0.854, 0.5, 0.146, 0.0]
    """

    _arguments = (
        "initial_learning_rate", "decay_steps", "alpha", "name", "warmup_target", "warmup_steps",
    )  # fmt: skip

    def __init__(self, initial_learning_rate: float, decay_steps: float, alpha: float = 0.0,
                 name: str = "CosineDecay", warmup_target: float | None = None,
                 warmup_steps: float = 0):  # fmt: skip
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.alpha = alpha
        self.name = name
        self.warmup_target = warmup_target
        self.warmup_steps = warmup_steps
        check_steps(self, "decay_steps")

    def __call__(self, step: Any) -> Any:
        """Return the learning rate at `step`."""
        if self.warmup_target is None:
            return _cosine(step, self.initial_learning_rate, self.decay_steps, self.alpha)
        return _warmup_cosine(
            step, self.initial_learning_rate, self.decay_steps, self.alpha, self.warmup_target,
            self.warmup_steps,
        )  # fmt: skip


@op
def _cosine(step: Array, initial: float, decay_steps: float, alpha: float) -> Array:
    done = jnp.minimum(as_float(step), decay_steps) / decay_steps
    return as_float(initial) * ((1 - alpha) * _half_cosine(done) + alpha)


@op
def _warmup_cosine(
    step: Array, initial: Any, decay_steps: float, alpha: float, target: Any, warmup_steps: float
) -> Array:
    step, initial, target = as_float(step), as_float(initial), as_float(target)
    # Without warm-up steps the rising line is never chosen; it must only not divide by zero.
    rising = (target - initial) * (step / (warmup_steps or 1)) + initial
    falling = _cosine.pure(step - warmup_steps, target, decay_steps, alpha)
    return jnp.where(step < warmup_steps, rising, falling)


def _half_cosine(done: Any) -> Any:
    return 0.5 * (1.0 + jnp.cos(as_float(math.pi) * done))


@enrol(_MODULE)
class CosineDecayRestarts(Schedule):
    """Half cosines one behind the other, each `t_mul` times as long and `m_mul` times as high.

    Args:
        initial_learning_rate: the rate at step 0.
        first_decay_steps: positive; the length of the first period.
        t_mul: how much longer each period is than the one before; at least 1.
        m_mul: how much higher each period starts than the one before.
        alpha: the lowest rate as a fraction of `initial_learning_rate`.
        name: kept in the config.

    Source: Loshchilov & Hutter, SGDR, https://arxiv.org/abs/1608.03983.

    >>> import nyala
    >>> rate = nyala.optimizers.schedules.CosineDecayRestarts(1.0, first_decay_steps=2)
    >>> [round(float(rate(step)), 3) for step in range(7)]
    [1.0, 0.5, 1.0, 0.854, 0.5, 0.146, 1.0]
    """

    _arguments = ("initial_learning_rate", "first_decay_steps", "t_mul", "m_mul", "alpha", "name")

    def __init__(self, initial_learning_rate: float, first_decay_steps: float, t_mul: float = 2.0,
                 m_mul: float = 1.0, alpha: float = 0.0, name: str = "SGDRDecay"):  # fmt: skip
        self.initial_learning_rate = initial_learning_rate
        self.first_decay_steps = first_decay_steps
        self.t_mul = t_mul
        self.m_mul = m_mul
        self.alpha = alpha
        self.name = name
        check_steps(self, "first_decay_steps")

    def __call__(self, step: Any) -> Any:
        """Return the learning rate at `step`."""
        return _cosine_restarts(
            step, self.initial_learning_rate, self.first_decay_steps, self.t_mul, self.m_mul,
            self.alpha,
        )  # fmt: skip


@op
def _cosine_restarts(
    step: Array, initial: float, first_decay_steps: float, t_mul: float, m_mul: float, alpha: float
) -> Array:
    restarts, done = _position(as_float(step) / as_float(first_decay_steps), t_mul)
    height = jnp.power(as_float(m_mul), restarts) * _half_cosine(done)
    return as_float(initial) * ((1 - alpha) * height + alpha)


def _position(periods: Any, t_mul: float) -> tuple[Any, Any]:
    """Return how many restarts lie behind, and which part of the present period is done.

    Args:
        periods: the step in units of the first period.
        t_mul: the ratio of the geometric series of lengths.
    """
    if t_mul == 1:
        restarts = jnp.floor(periods)
        return restarts, periods - restarts
    ratio = as_float(t_mul)
    restarts = jnp.floor(jnp.log(1.0 - periods * (1.0 - ratio)) / jnp.log(ratio))
    length = jnp.power(ratio, restarts)
    return restarts, (periods - (1.0 - length) / (1.0 - ratio)) / length
