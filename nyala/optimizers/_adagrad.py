"""Adagrad: each element's rate falls with the squares of all its gradients."""

from __future__ import annotations

from typing import Any

import jax

from nyala.core import enrol
from nyala.initializers import Constant
from nyala.optimizers._arguments import or_default
from nyala.optimizers._rule import KernelOptimizer, Slot


def adagrad(
    step: jax.Array, lr: jax.Array, *, initial_accumulator_value: float, epsilon: float
) -> tuple[str, dict[str, Any]]:
    """Divide the gradient by the root of the sum of its squares.

    `a' = a + g²`; `w' = w - lr * g / sqrt(a' + epsilon)`.

    Source: Duchi et al. 2011, http://www.jmlr.org/papers/v12/duchi11a.html.
    """
    return "adagrad", {"rate": lr, "epsilon": epsilon}


@enrol("keras.optimizers")
class Adagrad(KernelOptimizer):
    """The gradient over the root of the sum of the squares of all gradients so far.

    `a' = a + g²`; `w' = w - lr * g / sqrt(a' + epsilon)`.

    Args:
        learning_rate: a number, a schedule or a function without arguments.
        initial_accumulator_value: not negative; what the sums begin with.
        epsilon: keeps the root away from zero.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: see
            `Optimizer`.

    Source: Duchi et al. 2011, http://www.jmlr.org/papers/v12/duchi11a.html.

    >>> import nyala
    >>> weight = nyala.Variable([1.0])
    >>> optimizer = nyala.optimizers.Adagrad(learning_rate=0.5, initial_accumulator_value=7.0)
    >>> optimizer.apply([[3.0]], [weight])
    >>> print(weight.numpy().round(4))
    [0.625]
    """

    _kernel = staticmethod(adagrad)
    _hyperparameters = ("initial_accumulator_value", "epsilon")

    def __init__(
        self, learning_rate: Any = 0.001, initial_accumulator_value: float = 0.1,
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
        self.initial_accumulator_value = initial_accumulator_value
        self.epsilon = or_default(epsilon)

    def _slot_groups(self) -> list[list[Slot]]:
        initial = Constant(self.initial_accumulator_value)
        return [[Slot("accumulator", "_accumulators", initial)]]
