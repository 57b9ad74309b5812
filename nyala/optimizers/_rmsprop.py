"""RMSprop: the gradient over the root of its mean square."""

from __future__ import annotations

from typing import Any

import jax

from nyala.core import enrol
from nyala.optimizers._arguments import or_default
from nyala.optimizers._rule import KernelOptimizer, Slot


def rmsprop(
    step: jax.Array, lr: jax.Array, *, rho: float, momentum: float, epsilon: float, centered: bool
) -> tuple[str, dict[str, Any]]:
    """Divide the gradient by the root of a running mean of its square.

    `v' = rho * v + (1 - rho) * g²`; `s = lr * g / sqrt(v' + epsilon)`; `w' = w - s`. Centered, the
    running mean's square is taken from `v'` first, which leaves the variance. With momentum,
    `m' = momentum * m + s` and `w' = w - m'`.

    Source: Hinton, https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf;
    centered: Graves, https://arxiv.org/abs/1308.0850.
    """
    numbers = {"rate": lr, "kept": rho, "added": 1 - rho, "epsilon": epsilon}
    name = "rmsprop_centered" if centered else "rmsprop"
    if momentum > 0:
        return f"{name}_momentum", numbers | {"momentum": momentum}
    return name, numbers


@enrol("keras.optimizers")
class RMSprop(KernelOptimizer):
    """The gradient over the root of a running mean of its square.

    `v' = rho * v + (1 - rho) * g²`; `w' = w - lr * g / sqrt(v' + epsilon)`.

    Args:
        learning_rate: a number, a schedule or a function without arguments.
        rho: the weight of the old mean square.
        momentum: how much of the last step is repeated.
        epsilon: keeps the root away from zero; it stands inside the root.
        centered: whether the variance of the gradient is used instead of its mean square.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: see
            `Optimizer`.

    Source: Hinton, https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf.

    >>> import nyala
    >>> weight = nyala.Variable([1.0])
    >>> nyala.optimizers.RMSprop(learning_rate=0.1, rho=0.75).apply([[3.0]], [weight])
    >>> print(weight.numpy().round(4))
    [0.8]
    """

    _kernel = staticmethod(rmsprop)
    _hyperparameters = ("rho", "momentum", "epsilon", "centered")

    def __init__(
        self, learning_rate: Any = 0.001, rho: float = 0.9, momentum: float = 0.0,
        epsilon: float | None = 1e-7, centered: bool = False,
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
        self.momentum = momentum
        self.epsilon = or_default(epsilon)
        self.centered = centered

    def _slot_groups(self) -> list[list[Slot]]:
        groups = [[Slot("velocity", "_velocities")]]
        if self.momentum > 0:
            groups.append([Slot("momentum", "_momentums")])
        if self.centered:
            groups.append([Slot("average_gradient", "_average_gradients")])
        return groups
