"""Schedule-free AdamW: averaging in the place of a schedule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from nyala.core import enrol
from nyala.eager import Variable
from nyala.optimizers._adam import power, rounded
from nyala.optimizers._arguments import or_default
from nyala.optimizers._rule import RuleOptimizer, Slot, Slots


def schedule_free_adamw(
    param: jax.Array, grad: jax.Array, slots: Slots, step: jax.Array, lr: jax.Array, *,
    beta_1: float, beta_2: float, epsilon: float, warmup_steps: int,
) -> tuple[jax.Array, Slots]:  # fmt: skip
    """Step a fast sequence `z` and hold the variable between it and its mean `x`.

    With `k = min(1, t / warmup_steps)`: `v' = v + (1 - beta_2) * (g² - v)`;
    `z' = z - k * lr * g / (sqrt(v' / (1 - beta_2^t)) + epsilon)`; `x' = (1 - 1/t) * x + z' / t`;
    `w' = (1 - beta_1) * z' + beta_1 * x'`. The mean is not stored: `x` is what `w` and `z` imply.

    Source: Defazio et al. 2024, https://arxiv.org/abs/2405.15682.
    """
    beta_1, beta_2 = rounded(step.dtype, beta_1, beta_2)
    if warmup_steps > 0:
        lr = lr * jnp.minimum(step / warmup_steps, 1.0)
    fast = slots["momentum"]
    velocity = slots["velocity"] + (jnp.square(grad) - slots["velocity"]) * (1 - beta_2)
    root = jnp.sqrt(velocity / (1 - power(beta_2, step))) + epsilon
    new_fast = fast - lr * grad / root
    mean = (param - (1 - beta_1) * fast) / beta_1
    new_mean = (1 - 1.0 / step) * mean + 1.0 / step * new_fast
    new_param = (1 - beta_1) * new_fast + beta_1 * new_mean
    return new_param, {"momentum": new_fast, "velocity": velocity}


@enrol("keras.optimizers")
class ScheduleFreeAdamW(RuleOptimizer):
    """AdamW that averages its way instead of letting the learning rate fall.

    Args:
        learning_rate: a number, a schedule or a function without arguments.
        beta_1: how near the variable is held to the mean.
        beta_2: the weight of the old mean of squares.
        epsilon: keeps the denominator away from zero.
        warmup_steps: over so many steps the rate rises from zero.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: see
            `Optimizer`.

    Source: Defazio et al. 2024, https://arxiv.org/abs/2405.15682.

    >>> import nyala
    >>> weight = nyala.Variable([1.0])
    >>> nyala.optimizers.ScheduleFreeAdamW(learning_rate=0.25).apply([[3.0]], [weight])
    >>> print(weight.numpy().round(4))
    [0.75]
    """

    _rule = staticmethod(schedule_free_adamw)
    _hyperparameters = ("beta_1", "beta_2", "epsilon", "warmup_steps")

    def __init__(
        self, learning_rate: Any = 0.0025, beta_1: float = 0.9, beta_2: float = 0.999,
        epsilon: float | None = 1e-8, warmup_steps: int = 0,
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
        self.warmup_steps = warmup_steps

    def _slot_groups(self) -> list[list[Slot]]:
        # The fast sequence bears the name that Keras' files give it.
        return [[Slot("momentum", "_momentums"), Slot("velocity", "_velocities")]]

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the slots of `variables`; the fast sequence begins where they are."""
        if self.built:
            return
        super().build(variables)
        for fast, variable in zip(self._momentums, variables, strict=True):
            if fast is not None:
                fast.assign(variable)
