"""Nadam: Adam with Nesterov momentum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from nyala.core import enrol, floatx, name_scope
from nyala.eager import Variable
from nyala.optimizers._adam import moments, power, rounded
from nyala.optimizers._arguments import or_default
from nyala.optimizers._arrays import read, write
from nyala.optimizers._rule import RuleOptimizer, Slot, Slots


def nadam(
    param: jax.Array, grad: jax.Array, slots: Slots, step: jax.Array, lr: jax.Array, *,
    beta_1: float, beta_2: float, epsilon: float, u_product: jax.Array,
) -> tuple[jax.Array, Slots]:  # fmt: skip
    """Step along the momentum as it will be, over the root of a running mean of squares.

    With the momentum schedule `u_t = beta_1 * (1 - 0.96^t / 2)` and `U_t = u_1 * … * u_t`:
    `m̂ = u_{t+1} * m' / (1 - U_{t+1}) + (1 - u_t) * g / (1 - U_t)`; `v̂ = v' / (1 - beta_2^t)`;
    `w' = w - lr * m̂ / (sqrt(v̂) + epsilon)`, where `m'` and `v'` are Adam's. `u_product` is `U_t`.

    Source: Dozat 2016, http://cs229.stanford.edu/proj2015/054_report.pdf.
    """
    beta_1, beta_2 = rounded(step.dtype, beta_1, beta_2)
    momentum, velocity = moments(grad, slots["momentum"], slots["velocity"], beta_1, beta_2)
    now, ahead = momentum_at(step, beta_1), momentum_at(step + 1, beta_1)
    mean = ahead * momentum / (1 - u_product * ahead) + (1 - now) * grad / (1 - u_product)
    square = velocity / (1 - power(beta_2, step))
    move = mean * lr / (jnp.sqrt(square) + epsilon)
    return param - move, {"momentum": momentum, "velocity": velocity}


def momentum_at(step: jax.Array, beta_1: float | jax.Array) -> jax.Array:
    """Return Nadam's momentum at a step, which rises from half of `beta_1` to `beta_1`."""
    return beta_1 * (1.0 - 0.5 * power(0.96, step))


@enrol("keras.optimizers")
class Nadam(RuleOptimizer):
    """Adam with Nesterov momentum, which looks one step ahead.

    Args:
        learning_rate: a number, a schedule or a function without arguments.
        beta_1: the weight of the old mean of gradients, in the long run.
        beta_2: the weight of the old mean of squares.
        epsilon: keeps the denominator away from zero.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: see
            `Optimizer`.

    Source: Dozat 2016, http://cs229.stanford.edu/proj2015/054_report.pdf.

    >>> import nyala
    >>> weight = nyala.Variable([1.0])
    >>> nyala.optimizers.Nadam(learning_rate=0.25).apply([[3.0]], [weight])
    >>> print(weight.numpy().round(4))
    [0.7343]
    """

    _rule = staticmethod(nadam)
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

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the slots of `variables`, and the product of the momentums of all steps."""
        if self.built:
            return
        super().build(variables)
        dtype = variables[0].dtype if variables else floatx()
        with name_scope(self.name, caller=self):
            self._u_product = Variable(1.0, dtype=dtype, trainable=False)

    def _update_variables(
        self, gradients: Sequence[Any], variables: Sequence[Variable], learning_rate: Any
    ) -> None:
        product = read(self._u_product)
        step = (self._step_array() + 1).astype(jnp.promote_types(product.dtype, jnp.float32))
        write(self._u_product, product * momentum_at(step, self.beta_1))
        super()._update_variables(gradients, variables, learning_rate)

    def _rule_arguments(self) -> dict[str, Any]:
        return {**super()._rule_arguments(), "u_product": read(self._u_product)}
