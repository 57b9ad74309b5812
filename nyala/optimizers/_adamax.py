"""Adamax: Adam with the largest gradient in the place of the mean square."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from nyala.core import enrol
from nyala.optimizers._adam import power
from nyala.optimizers._arguments import or_default
from nyala.optimizers._rule import RuleOptimizer, Slot, Slots


def adamax(
    param: jax.Array, grad: jax.Array, slots: Slots, step: jax.Array, lr: jax.Array, *,
    beta_1: float, beta_2: float, epsilon: float,
) -> tuple[jax.Array, Slots]:  # fmt: skip
    """Divide a running mean of the gradient by its largest size of late.

    `m' = m + (1 - beta_1) * (g - m)`; `u' = max(beta_2 * u, |g|)`;
    `w' = w - lr / (1 - beta_1^t) * m' / (u' + epsilon)`.

    Source: Kingma & Ba 2014, section 7.1, https://arxiv.org/abs/1412.6980.
    """
    momentum = slots["momentum"] + (grad - slots["momentum"]) * (1 - beta_1)
    norm = jnp.maximum(beta_2 * slots["norm"], jnp.abs(grad))
    move = lr * momentum / ((1 - power(beta_1, step)) * (norm + epsilon))
    return param - move, {"momentum": momentum, "norm": norm}


@enrol("keras.optimizers")
class Adamax(RuleOptimizer):
    """A running mean of the gradient over its largest size of late (Adam in the infinity norm).

    `u' = max(beta_2 * u, |g|)`; `w' = w - lr * m / (u' + epsilon)`, with the bias of `m` corrected.

    Args:
        learning_rate: a number, a schedule or a function without arguments.
        beta_1: the weight of the old mean of gradients.
        beta_2: how fast the largest size is forgotten.
        epsilon: keeps the denominator away from zero.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: see
            `Optimizer`.

    Source: Kingma & Ba 2014, section 7.1, https://arxiv.org/abs/1412.6980.

    >>> import nyala
    >>> weight = nyala.Variable([1.0])
    >>> nyala.optimizers.Adamax(learning_rate=0.25).apply([[3.0]], [weight])
    >>> print(weight.numpy().round(4))
    [0.75]
    """

    _rule = staticmethod(adamax)
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
        return [[Slot("momentum", "_m"), Slot("norm", "_u")]]
