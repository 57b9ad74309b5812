"""Adam, with and without AMSGrad, and AdamW."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from nyala.core import enrol
from nyala.optimizers._arguments import or_default
from nyala.optimizers._rule import KernelOptimizer, Slot


def adam(
    step: jax.Array, lr: jax.Array, *, beta_1: float, beta_2: float, epsilon: float,
    amsgrad: bool = False,
) -> tuple[str, dict[str, Any]]:  # fmt: skip
    """Divide a running mean of the gradient by the root of a running mean of its square.

    `m' = m + (1 - beta_1) * (g - m)`; `v' = v + (1 - beta_2) * (g² - v)`;
    `w' = w - lr * sqrt(1 - beta_2^t) / (1 - beta_1^t) * m' / (sqrt(v') + epsilon)`. AMSGrad uses
    the largest `v'` so far. `epsilon` stands beside the root before its bias is corrected (the
    paper's "epsilon hat"); optax and PyTorch add it behind.

    Source: Kingma & Ba 2014, https://arxiv.org/abs/1412.6980; AMSGrad: Reddi et al. 2018,
    https://openreview.net/pdf?id=ryQu7f-RZ.
    """
    rate = lr * jnp.sqrt(1 - power(beta_2, step)) / (1 - power(beta_1, step))
    shares = {"added": 1 - beta_1, "squares_added": 1 - beta_2}
    return "amsgrad" if amsgrad else "adam", {"rate": rate, "epsilon": epsilon, **shares}


def moments(
    grad: jax.Array, momentum: jax.Array, velocity: jax.Array, beta_1: Any, beta_2: Any
) -> tuple[jax.Array, jax.Array]:
    """Return the running means of the gradient and of its square, biased towards zero."""
    momentum = momentum + (grad - momentum) * (1 - beta_1)
    velocity = velocity + (jnp.square(grad) - velocity) * (1 - beta_2)
    return momentum, velocity


def rounded(dtype: jnp.dtype, *values: float) -> tuple[jax.Array, ...]:
    """Return numbers in `dtype`, for rules in which Keras rounds `beta` before it takes `1 - beta`.

    For 0.999 in float32 the two orders differ by one part in 80,000.
    """
    return tuple(jnp.asarray(value, dtype) for value in values)


def power(base: float | jax.Array, step: jax.Array) -> jax.Array:
    """Return `base ** step` in the dtype of `step`."""
    return jnp.power(jnp.asarray(base, step.dtype), step)


@enrol("keras.optimizers")
class Adam(KernelOptimizer):
    """A running mean of the gradient over the root of a running mean of its square.

    `w' = w - lr * m / (sqrt(v) + epsilon)`, where `m` and `v` are the running means with their bias
    towards zero corrected.

    Args:
        learning_rate: a number, a schedule or a function without arguments.
        beta_1: the weight of the old mean of gradients.
        beta_2: the weight of the old mean of squares.
        epsilon: keeps the denominator away from zero.
        amsgrad: whether the largest mean of squares so far is used.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: see
            `Optimizer`.

    Source: Kingma & Ba 2014, https://arxiv.org/abs/1412.6980.

    >>> import nyala
    >>> weight = nyala.Variable([1.0])
    >>> nyala.optimizers.Adam(learning_rate=0.25).apply([[3.0]], [weight])
    >>> print(weight.numpy().round(4))
    [0.75]
    """

    _kernel = staticmethod(adam)
    _hyperparameters = ("beta_1", "beta_2", "epsilon", "amsgrad")

    def __init__(
        self, learning_rate: Any = 0.001, beta_1: float = 0.9, beta_2: float = 0.999,
        epsilon: float | None = 1e-7, amsgrad: bool = False,
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
        self.amsgrad = amsgrad

    def _slot_groups(self) -> list[list[Slot]]:
        groups = [[Slot("momentum", "_momentums"), Slot("velocity", "_velocities")]]
        if self.amsgrad:
            groups.append([Slot("velocity_hat", "_velocity_hats")])
        return groups


@enrol("keras.optimizers")
class AdamW(Adam):
    """Adam with weight decay beside the gradient, not through it.

    Before Adam's step, `w' = w - lr * weight_decay * w`.

    Args:
        learning_rate: a number, a schedule or a function without arguments.
        weight_decay: see `Optimizer`; required.
        beta_1: the weight of the old mean of gradients.
        beta_2: the weight of the old mean of squares.
        epsilon: keeps the denominator away from zero.
        amsgrad: whether the largest mean of squares so far is used.
        clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency,
            loss_scale_factor, gradient_accumulation_steps, name: see `Optimizer`.

    Source: Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101.

    >>> import nyala
    >>> weight = nyala.Variable([2.0])
    >>> nyala.optimizers.AdamW(0.25, weight_decay=0.5).apply([[3.0]], [weight])
    >>> print(weight.numpy().round(4))
    [1.5]
    """

    def __init__(
        self, learning_rate: Any = 0.001, weight_decay: float = 0.004, beta_1: float = 0.9,
        beta_2: float = 0.999, epsilon: float | None = 1e-7, amsgrad: bool = False,
        clipnorm: float | None = None, clipvalue: float | None = None,
        global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None, name: str | None = None, **kwargs: Any,
    ):  # fmt: skip
        if weight_decay is None:
            raise ValueError(
                "AdamW(weight_decay=...) expects a number; got None. Without weight decay, use "
                "Adam."
            )
        super().__init__(
            learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay, clipnorm, clipvalue,
            global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency, loss_scale_factor,
            gradient_accumulation_steps, name, **kwargs,
        )  # fmt: skip
