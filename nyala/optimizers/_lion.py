"""Lion: the sign of the momentum."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from nyala.core import enrol
from nyala.optimizers._adam import rounded
from nyala.optimizers._rule import RuleOptimizer, Slot, Slots


def lion(
    param: jax.Array, grad: jax.Array, slots: Slots, step: jax.Array, lr: jax.Array, *,
    beta_1: float, beta_2: float,
) -> tuple[jax.Array, Slots]:  # fmt: skip
    """Step by the sign of a mean of gradient and momentum.

    `w' = w - lr * sign(beta_1 * m + (1 - beta_1) * g)`; `m' = beta_2 * m + (1 - beta_2) * g`.

    Source: Chen et al. 2023, https://arxiv.org/abs/2302.06675.
    """
    beta_1, beta_2 = rounded(step.dtype, beta_1, beta_2)
    momentum = slots["momentum"]
    direction = jnp.sign(momentum * beta_1 + grad * (1.0 - beta_1))
    return param - lr * direction, {"momentum": momentum * beta_2 + grad * (1.0 - beta_2)}


@enrol("keras.optimizers")
class Lion(RuleOptimizer):
    """The sign of a mean of gradient and momentum: every element moves by the learning rate.

    It wants a learning rate 3 to 10 times lower than Adam's, and as much more weight decay.

    Args:
        learning_rate: a number, a schedule or a function without arguments.
        beta_1: in (0, 1]; the weight of the momentum in the step.
        beta_2: the weight of the old momentum in the new.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: see
            `Optimizer`.

    Source: Chen et al. 2023, https://arxiv.org/abs/2302.06675.

    >>> import nyala
    >>> weight = nyala.Variable([1.0, 1.0])
    >>> nyala.optimizers.Lion(learning_rate=0.25).apply([[3.0, -0.1]], [weight])
    >>> weight.numpy()
    array([0.75, 1.25], dtype=float32)
    """

    _rule = staticmethod(lion)
    _hyperparameters = ("beta_1", "beta_2")

    def __init__(
        self, learning_rate: Any = 0.001, beta_1: float = 0.9, beta_2: float = 0.99,
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
        if not 0 < beta_1 <= 1:
            raise ValueError(
                "Lion(beta_1=...) expects a number in (0, 1], as 0 makes it the sign of the "
                f"gradient alone; got {beta_1!r}."
            )

    def _slot_groups(self) -> list[list[Slot]]:
        return [[Slot("momentum", "_momentums")]]
