"""FTRL: follow the regularized leader."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from nyala.core import enrol
from nyala.initializers import Constant
from nyala.optimizers._arguments import check_range
from nyala.optimizers._rule import RuleOptimizer, Slot, Slots


def ftrl(
    param: jax.Array, grad: jax.Array, slots: Slots, step: jax.Array, lr: jax.Array, *,
    learning_rate_power: float, initial_accumulator_value: float,
    l1_regularization_strength: float, l2_regularization_strength: float,
    l2_shrinkage_regularization_strength: float, beta: float,
) -> tuple[jax.Array, Slots]:  # fmt: skip
    """Minimize the sum of all linearized losses so far plus penalties.

    With `p = -learning_rate_power`, `l2 = l2_regularization_strength + beta / (2 * lr)` and
    `h = g + 2 * l2_shrinkage_regularization_strength * w`: `n' = n + g²`;
    `z' = z + h - (n'^p - n^p) / lr * w`; `w' = (clip(z', -l1, l1) - z') / (n'^p / lr + 2 * l2)`.

    Source: McMahan et al. 2013, https://research.google.com/pubs/archive/41159.pdf.
    """
    l1, l2 = l1_regularization_strength, l2_regularization_strength + beta / (2.0 * lr)
    power = -learning_rate_power
    before = slots["accumulator"]
    after = before + jnp.square(grad)
    shrunk = grad + 2 * l2_shrinkage_regularization_strength * param
    growth = (jnp.power(after, power) - jnp.power(before, power)) / lr
    linear = slots["linear"] + (shrunk - growth * param)
    quadratic = jnp.power(after, power) / lr + 2 * l2
    new_param = (jnp.clip(linear, -l1, l1) - linear) / quadratic
    return new_param, {"accumulator": after, "linear": linear}


@enrol("keras.optimizers")
class Ftrl(RuleOptimizer):
    """Follow the regularized leader: for large, sparse, shallow models.

    Args:
        learning_rate: a number, a schedule or a function without arguments.
        learning_rate_power: at most 0; how the rate falls with the sum of squared gradients.
        initial_accumulator_value: not negative; what that sum begins with.
        l1_regularization_strength: not negative; sets small weights to exactly zero.
        l2_regularization_strength: not negative.
        l2_shrinkage_regularization_strength: not negative; a penalty on the size of the weights,
            where the other l2 is one on how far they move.
        beta: the paper's value of that name.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: see
            `Optimizer`.

    Source: McMahan et al. 2013, https://research.google.com/pubs/archive/41159.pdf.

    >>> import nyala
    >>> weight = nyala.Variable([0.0])
    >>> optimizer = nyala.optimizers.Ftrl(learning_rate=0.5, initial_accumulator_value=0.0)
    >>> optimizer.apply([[2.0]], [weight])
    >>> weight.numpy()
    array([-0.5], dtype=float32)
    """

    _rule = staticmethod(ftrl)
    _hyperparameters = (
        "learning_rate_power", "initial_accumulator_value", "l1_regularization_strength",
        "l2_regularization_strength", "l2_shrinkage_regularization_strength", "beta",
    )  # fmt: skip

    def __init__(
        self, learning_rate: Any = 0.001, learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1, l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0, beta: float = 0.0,
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
        self.learning_rate_power = learning_rate_power
        self.initial_accumulator_value = initial_accumulator_value
        self.l1_regularization_strength = l1_regularization_strength
        self.l2_regularization_strength = l2_regularization_strength
        self.l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength
        self.beta = beta
        check_range(self, "learning_rate_power", float("-inf"), 0)
        for name in self._hyperparameters[1:-1]:
            check_range(self, name, 0)

    def _slot_groups(self) -> list[list[Slot]]:
        initial = Constant(self.initial_accumulator_value)
        return [[Slot("accumulator", "_accumulators", initial), Slot("linear", "_linears")]]
