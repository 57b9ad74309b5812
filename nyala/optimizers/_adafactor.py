"""Adafactor: Adam's second moment kept as one row and one column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from nyala.core import enrol, name_scope
from nyala.eager import Variable
from nyala.optimizers._rule import RuleOptimizer, Slots


def adafactor(
    param: jax.Array, grad: jax.Array, slots: Slots, step: jax.Array, lr: jax.Array, *,
    beta_2_decay: float, epsilon_1: float, epsilon_2: float, clip_threshold: float,
    relative_step: bool,
) -> tuple[jax.Array, Slots]:  # fmt: skip
    """Divide the gradient by the root of a mean square that is estimated from rows and columns.

    With `b = 1 - t^beta_2_decay` and `q = g² + epsilon_1`, a matrix keeps
    `r' = b * r + (1 - b) * mean(q, -1)`, `c' = b * c + (1 - b) * mean(q, -2)` and uses
    `v' = r' / mean(r') * c'`; a vector keeps `v' = b * v + (1 - b) * q`. Then `u = g / sqrt(v')`,
    `w' = w - max(epsilon_2, rms(w)) * min(lr, 1 / sqrt(t)) * u / max(1, rms(u) / clip_threshold)`.

    `relative_step` changes nothing: Keras bounds the rate by `1 / sqrt(t)` in any case.

    Source: Shazeer & Stern 2018, https://arxiv.org/abs/1804.04235.
    """
    old = 1 - jnp.power(step, beta_2_decay)
    squares = jnp.square(grad) + epsilon_1
    new_slots = {}
    if "row" in slots:
        row = old * slots["row"] + (1 - old) * squares.mean(axis=-1)
        column = old * slots["column"] + (1 - old) * squares.mean(axis=-2)
        new_slots = {"row": row, "column": column}
        ratio = row / row.mean(axis=-1, keepdims=True)
        velocity = ratio[..., None] * column[..., None, :]
    else:
        velocity = old * slots["velocity"] + (1 - old) * squares
    new_slots["velocity"] = velocity
    move = grad / jnp.sqrt(velocity)
    move = move / jnp.maximum(1.0, _rms(move) / clip_threshold)
    scale = jnp.maximum(epsilon_2, _rms(param)) * jnp.minimum(lr, 1 / jnp.sqrt(step))
    return param - scale * move, new_slots


def _rms(values: jax.Array) -> jax.Array:
    return jnp.sqrt(jnp.mean(jnp.square(values)))


@enrol("keras.optimizers")
class Adafactor(RuleOptimizer):
    """A mean square estimated from rows and columns, and steps relative to the variable's size.

    Args:
        learning_rate: a number, a schedule or a function without arguments; the step is this times
            the root mean square of the variable.
        beta_2_decay: how fast the mean square comes to remember all of the past; negative.
        epsilon_1: added to the squared gradients.
        epsilon_2: the least size that a variable is taken to have.
        clip_threshold: the largest root mean square of an update.
        relative_step: accepted for Keras' sake: the rate is at most `1 / sqrt(step)` in any case.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name: see
            `Optimizer`.

    Source: Shazeer & Stern 2018, https://arxiv.org/abs/1804.04235.

    >>> import nyala
    >>> weight = nyala.Variable([[2.0, 2.0], [2.0, 2.0]])
    >>> nyala.optimizers.Adafactor(0.25).apply([[[1.0, 1.0], [1.0, -1.0]]], [weight])
    >>> print(weight.numpy())
    [[1.5 1.5]
     [1.5 2.5]]
    """

    _rule = staticmethod(adafactor)
    _hyperparameters = (
        "beta_2_decay", "epsilon_1", "epsilon_2", "clip_threshold", "relative_step",
    )  # fmt: skip

    def __init__(
        self, learning_rate: Any = 0.001, beta_2_decay: float = -0.8, epsilon_1: float = 1e-30,
        epsilon_2: float = 0.001, clip_threshold: float = 1.0, relative_step: bool = True,
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
        self.beta_2_decay = beta_2_decay
        self.epsilon_1 = epsilon_1
        self.epsilon_2 = epsilon_2
        self.clip_threshold = clip_threshold
        self.relative_step = relative_step

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the rows, columns and mean squares of `variables`."""
        if self.built:
            return
        super().build(variables)
        self._r: list[Variable | None] = []
        self._c: list[Variable | None] = []
        self._v: list[Variable | None] = []
        for variable in variables:
            row, column = self._factors(variable)
            self._r.append(row)
            self._c.append(column)
            unneeded = variable.overwrite_with_gradient
            self._v.append(
                None if unneeded else self.add_variable_from_reference(variable, "velocity")
            )

    def _factors(self, variable: Variable) -> tuple[Variable | None, Variable | None]:
        shape = tuple(variable.shape)
        if len(shape) < 2:
            # A vector is not factored; files hold two zeros in the place of its row and column.
            return self._placeholder(variable), self._placeholder(variable)
        if variable.overwrite_with_gradient:
            return None, None
        shapes = (shape[:-1], (*shape[:-2], shape[-1]))
        row, column = (
            self.add_variable(shape=s, dtype=variable.dtype, name=variable.name) for s in shapes
        )
        return row, column

    def _placeholder(self, variable: Variable) -> Variable:
        with name_scope(self.name, caller=self):
            return Variable(0, name=variable.name, trainable=False)

    def _slots_of(self, variable: Variable) -> dict[str, Variable]:
        index = self._get_variable_index(variable)
        velocity = {"velocity": self._v[index]}
        if len(variable.shape) < 2:
            return velocity
        return {"row": self._r[index], "column": self._c[index], **velocity}
