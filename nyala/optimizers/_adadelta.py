"""Adadelta: steps in the units of the variable itself."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from nyala.core import enrol
from nyala.optimizers._arguments import or_default
from nyala.optimizers._rule import RuleOptimizer, Slot, Slots


def adadelta(
    param: jax.Array, grad: jax.Array, slots: Slots, step: jax.Array, lr: jax.Array, *,
    rho: float, epsilon: float,
) -> tuple[jax.Array, Slots]:  # fmt: skip
    """Multiply the gradient by the ratio of the running sizes of steps and gradients.

    `a' = rho * a + (1 - rho) * g²`; `s = -g * sqrt(d + epsilon) / sqrt(a' + epsilon)`;
    `d' = rho * d + (1 - rho) * s²`; `w' = w + lr * s`.

    Source: Zeiler 2012, https://arxiv.org/abs/1212.5701.
    """
    squares = rho * slots["accumulated_grad"] + (1 - rho) * jnp.square(grad)
    steps = slots["accumulated_delta_var"]
    move = -(jnp.sqrt(steps + epsilon) * grad / jnp.sqrt(squares + epsilon))
    steps = rho * steps + (1 - rho) * jnp.square(move)
    return param + lr * move, {"accumulated_grad": squares, "accumulated_delta_var": steps}


@enrol("keras.optimizers")
class Adadelta(RuleOptimizer):
    """The gradient times the ratio of the running sizes of steps and gradients.

    `w' = w - lr * g * sqrt(d + epsilon) / sqrt(a + epsilon)`, where `a` and `d` are running means
    of the squared gradients and steps. The original has `learning_rate=1.0`.

    Args:
        learning_rate: a number, a schedule or a function without arguments.
        rho: the weight of the old means.
        epsilon: keeps the roots away from zero, and sets the size of the first steps.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: see
            `Optimizer`.

    Source: Zeiler 2012, https://arxiv.org/abs/1212.5701.

    >>> import nyala
    >>> weight = nyala.Variable([1.0])
    >>> optimizer = nyala.optimizers.Adadelta(learning_rate=1.0, rho=0.75, epsilon=0.0625)
    >>> optimizer.apply([[1.0]], [weight])
    >>> print(weight.numpy().round(4))
    [0.5528]
    """

    _rule = staticmethod(adadelta)
    _hyperparameters = ("rho", "epsilon")

    def __init__(
        self, learning_rate: Any = 0.001, rho: float = 0.95, epsilon: float | None = 1e-7,
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
        self.rho = rho
        self.epsilon = or_default(epsilon)

    def _slot_groups(self) -> list[list[Slot]]:
        return [
            [
                Slot("accumulated_grad", "_accumulated_grads"),
                Slot("accumulated_delta_var", "_accumulated_delta_vars"),
            ]
        ]
