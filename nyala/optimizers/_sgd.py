"""Stochastic gradient descent, plain, with momentum and with Nesterov momentum."""

from __future__ import annotations

from typing import Any

import jax

from nyala.core import enrol
from nyala.optimizers._arguments import check_range
from nyala.optimizers._rule import KernelOptimizer, Slot


def sgd(
    step: jax.Array, lr: jax.Array, *, momentum: float, nesterov: bool
) -> tuple[str, dict[str, Any]]:
    """Step against the gradient.

    Without momentum `w' = w - lr * g`. With it, `m' = momentum * m - lr * g` and `w' = w + m'`, or
    with Nesterov's `w' = w + momentum * m' - lr * g`.

    Source: Sutskever et al. 2013, http://proceedings.mlr.press/v28/sutskever13.pdf.
    """
    if not momentum:
        return "sgd", {"rate": lr}
    return "nesterov" if nesterov else "momentum", {"rate": lr, "momentum": momentum}


@enrol("keras.optimizers")
class SGD(KernelOptimizer):
    """Stochastic gradient descent, plain, with momentum or with Nesterov momentum.

    `w' = w - lr * g`; with momentum `m' = momentum * m - lr * g`, `w' = w + m'`.

    Args:
        learning_rate: a number, a schedule or a function without arguments.
        momentum: in [0, 1]; how much of the last step is repeated.
        nesterov: whether to use Nesterov's momentum, which looks one step ahead.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: see
            `Optimizer`.

    Source: Sutskever et al. 2013, http://proceedings.mlr.press/v28/sutskever13.pdf.

    >>> import nyala
    >>> weight = nyala.Variable([1.0])
    >>> nyala.optimizers.SGD(learning_rate=0.5).apply([[1.0]], [weight])
    >>> weight.numpy()
    array([0.5], dtype=float32)
    """

    _kernel = staticmethod(sgd)
    _hyperparameters = ("momentum", "nesterov")

    def __init__(
        self, learning_rate: Any = 0.01, momentum: float = 0.0, nesterov: bool = False,
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
        self.momentum = momentum
        self.nesterov = nesterov
        check_range(self, "momentum", 0, 1)

    def _slot_groups(self) -> list[list[Slot]]:
        return [[Slot("momentum", "momentums")]] if self.momentum else []
