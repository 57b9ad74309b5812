"""LAMB: Adam with steps in proportion to each variable's size."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from nyala.core import enrol
from nyala.optimizers._adam import moments, power
from nyala.optimizers._arguments import or_default
from nyala.optimizers._rule import RuleOptimizer, Slot, Slots


def lamb(
    param: jax.Array, grad: jax.Array, slots: Slots, step: jax.Array, lr: jax.Array, *,
    beta_1: float, beta_2: float, epsilon: float,
) -> tuple[jax.Array, Slots]:  # fmt: skip
    """Scale Adam's step to the norm of the variable.

    With `m̂` and `v̂`, Adam's means with their bias corrected, `u = m̂ / (sqrt(v̂) + epsilon)` and
    `w' = w - lr * |w| / |u| * u`; the ratio is 1 where a norm is zero.

    Source: You et al. 2019, https://arxiv.org/abs/1904.00962.
    """
    momentum, velocity = moments(grad, slots["momentum"], slots["velocity"], beta_1, beta_2)
    root = jnp.sqrt(velocity / (1.0 - power(beta_2, step))) + epsilon
    move = momentum / (1.0 - power(beta_1, step)) / root
    size, length = jnp.sqrt(jnp.sum(param**2)), jnp.sqrt(jnp.sum(move**2))
    ratio = jnp.where((size > 0) & (length > 0), size / length, 1.0)
    return param - ratio * lr * move, {"momentum": momentum, "velocity": velocity}


@enrol("keras.optimizers")
class Lamb(RuleOptimizer):
    """Adam's step scaled to the norm of each variable: for very large batches.

    Args:
        learning_rate: a number, a schedule or a function without arguments.
        beta_1: the weight of the old mean of gradients.
        beta_2: the weight of the old mean of squares.
        epsilon: keeps the denominator away from zero.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: see
            `Optimizer`.

    Source: You et al. 2019, https://arxiv.org/abs/1904.00962.

    >>> import nyala
    >>> weight = nyala.Variable([2.0])
    >>> nyala.optimizers.Lamb(learning_rate=0.25).apply([[3.0]], [weight])
    >>> print(weight.numpy().round(4))
    [1.5]
    """

    _rule = staticmethod(lamb)
    _hyperparameters = ("beta_1", "beta_2", "epsilon")

    def __init__(
        self, learning_rate: Any = 0.001, beta_1: float = 0.9, beta_2: float = 0.999,
        epsilon: float | None = 1e-7,
        weight_decay: float | None = None,
        clipnorm: float | None = None, clipvalue: float | None = None,
        global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None, name: str | None = None,
        **kwargs: Any,
    ):  # fmt: skip
        super().__init__(
            learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema,
            ema_momentum, ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps,
            name, **kwargs,
        )  # fmt: skip
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = or_default(epsilon)

    def _slot_groups(self) -> list[list[Slot]]:
        return [[Slot("momentum", "_momentums"), Slot("velocity", "_velocities")]]
