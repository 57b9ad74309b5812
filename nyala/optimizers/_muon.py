"""Muon: momentum made orthogonal, for matrices; AdamW for everything else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from nyala.core import enrol
from nyala.eager import Variable, wrap
from nyala.optimizers._adam import adam
from nyala.optimizers._arguments import or_default
from nyala.optimizers._arrays import read
from nyala.optimizers._rule import RuleOptimizer, Slots, rule_of


def muon(
    param: jax.Array, grad: jax.Array, slots: Slots, step: jax.Array, lr: jax.Array, *,
    momentum: float, nesterov: bool, ns_steps: int, coefficients: tuple[float, float, float],
    rms_rate: float | None,
) -> tuple[jax.Array, Slots]:  # fmt: skip
    """Step along the orthogonal matrix nearest to the momentum.

    `m' = momentum * m + g`; `w' = w - lr * rms_rate * sqrt(max(rows, columns)) * O(u)`, where `u`
    is `g + momentum * m'` with Nesterov and `m'` without, and `O` is `orthogonalized`.
    `rms_rate=None` leaves out the factors beside `lr`.

    Source: Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/; the scale: Liu et al.
    2025, https://arxiv.org/abs/2502.16982.
    """
    mean = slots["momentum"] + (grad + slots["momentum"] * (momentum - 1))
    direction = orthogonalized(grad + momentum * mean if nesterov else mean, ns_steps, coefficients)
    return param - scaled(lr * direction, rms_rate), {"momentum": mean}


def orthogonalized(
    matrix: jax.Array, steps: int, coefficients: tuple[float, float, float]
) -> jax.Array:
    """Return nearly `U @ V.T` of the singular value decomposition of `matrix`.

    The iteration of Newton and Schulz, `X' = a * X + (b * S + c * S²) @ X` with `S = X @ X.T`,
    moves all singular values towards 1 and needs products only.

    Args:
        matrix: `(..., rows, columns)`.
        steps: how often to iterate.
        coefficients: `a`, `b` and `c`.
    """
    a, b, c = coefficients
    tall = matrix.shape[-2] > matrix.shape[-1]
    x = jnp.swapaxes(matrix, -1, -2) if tall else matrix
    x = x / (jnp.linalg.norm(x, axis=(-2, -1), keepdims=True) + 1e-7)
    for _ in range(steps):
        square = x @ jnp.swapaxes(x, -1, -2)
        x = a * x + (b * square + c * square @ square) @ x
    return jnp.swapaxes(x, -1, -2) if tall else x


def scaled(matrix: jax.Array, rms_rate: float | None) -> jax.Array:
    """Give an orthogonal matrix the root mean square `rms_rate`."""
    if rms_rate is None:
        return matrix
    longest = jnp.asarray(max(matrix.shape[0], matrix.shape[1]), matrix.dtype)
    return matrix * jnp.sqrt(longest) * rms_rate


@enrol("keras.optimizers")
class Muon(RuleOptimizer):
    """Momentum made orthogonal for matrices, AdamW for everything else.

    Vectors, kernels of convolutions, embeddings and what `exclude_layers` names get AdamW. The last
    layer of a classifier should be among them.

    Args:
        learning_rate: a number, a schedule or a function without arguments.
        adam_beta_1: AdamW's weight of the old mean of gradients.
        adam_beta_2: AdamW's weight of the old mean of squares.
        adam_weight_decay: AdamW's weight decay, or `None`.
        epsilon: AdamW's; keeps the denominator away from zero.
        weight_decay: the weight decay of matrices, or `None`.
        clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency,
            loss_scale_factor, gradient_accumulation_steps, name: see `Optimizer`.
        exclude_layers: regular expressions; variables whose path contains one get AdamW.
        exclude_embeddings: whether variables with `embedding` in their path get AdamW.
        muon_a: first coefficient of the iteration.
        muon_b: second coefficient of the iteration.
        muon_c: third coefficient of the iteration.
        adam_lr_ratio: AdamW's learning rate as a multiple of `learning_rate`.
        momentum: how much of the old momentum is kept.
        ns_steps: how often to iterate.
        nesterov: whether to use Nesterov's momentum.
        rms_rate: the root mean square of a step at rate 1, or `None` for the bare matrix.

    Source: Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/; Liu et al. 2025,
    https://arxiv.org/abs/2502.16982.

    >>> import nyala
    >>> weight = nyala.Variable([[1.0, 0.0], [0.0, 1.0]])
    >>> optimizer = nyala.optimizers.Muon(learning_rate=0.1, weight_decay=None)
    >>> optimizer.apply([[[5.0, 0.0], [0.0, 2.0]]], [weight])
    >>> bool((weight.numpy().diagonal() < 0.99).all())
    True
    """

    _hyperparameters = (
        "adam_beta_1", "adam_beta_2", "epsilon", "exclude_layers", "muon_a", "muon_b", "muon_c",
        "adam_lr_ratio", "momentum", "ns_steps", "nesterov", "exclude_embeddings",
        "adam_weight_decay", "rms_rate",
    )  # fmt: skip

    def __init__(
        self, learning_rate: Any = 0.001, adam_beta_1: float = 0.9, adam_beta_2: float = 0.999,
        adam_weight_decay: float | None = 0.004, epsilon: float | None = 1e-7,
        weight_decay: float | None = 0.004,
        clipnorm: float | None = None, clipvalue: float | None = None,
        global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None, name: str | None = None,
        exclude_layers: list[str] | None = None, exclude_embeddings: bool = True,
        muon_a: float = 3.4445, muon_b: float = -4.775, muon_c: float = 2.0315,
        adam_lr_ratio: float = 1, momentum: float = 0.95, ns_steps: int = 5,
        nesterov: bool = True, rms_rate: float | None = 0.2, **kwargs: Any,
    ):  # fmt: skip
        super().__init__(
            learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema,
            ema_momentum, ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps,
            name, **kwargs,
        )  # fmt: skip
        self.adam_beta_1 = adam_beta_1
        self.adam_beta_2 = adam_beta_2
        self.adam_weight_decay = adam_weight_decay
        self.epsilon = or_default(epsilon)
        self.exclude_layers = exclude_layers or []
        self.exclude_embeddings = exclude_embeddings
        self.muon_a, self.muon_b, self.muon_c = muon_a, muon_b, muon_c
        self.adam_lr_ratio = adam_lr_ratio
        self.momentum = momentum
        self.ns_steps = ns_steps
        self.nesterov = nesterov
        self.rms_rate = rms_rate

    def _should_use_adamw(self, variable: Variable) -> bool:
        if len(variable.shape) != 2:
            return True
        if self.exclude_embeddings and "embedding" in variable.path.lower():
            return True
        return any(re.search(pattern, variable.path) for pattern in self.exclude_layers)

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the momentum of `variables`, and the mean squares of those that get AdamW."""
        if self.built:
            return
        super().build(variables)
        self.momentums: list[Variable | None] = []
        self.adam_velocities: list[Variable | None] = []
        for variable in variables:
            needs_state = not variable.overwrite_with_gradient
            needs_velocity = needs_state and self._should_use_adamw(variable)
            self.momentums.append(self._slot(variable, "momentum") if needs_state else None)
            self.adam_velocities.append(
                self._slot(variable, "velocity") if needs_velocity else None
            )

    def _slot(self, variable: Variable, name: str) -> Variable:
        return self.add_variable_from_reference(variable, name=name)

    def _slots_of(self, variable: Variable) -> dict[str, Variable]:
        index = self._get_variable_index(variable)
        return {"momentum": self.momentums[index], "velocity": self.adam_velocities[index]}

    def _weight_decay_for(self, variable: Variable) -> float | None:
        if not self._use_weight_decay(variable):
            return None
        return self.adam_weight_decay if self._should_use_adamw(variable) else self.weight_decay

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Update one variable and its slots, by the rule that is meant for it."""
        rate = read(learning_rate)
        if self._slots_of(variable)["velocity"] is None:
            self._update_by(muon, self._muon_arguments(), gradient, variable, rate)
        else:
            rate = rate * self.adam_lr_ratio
            self._update_by(rule_of(adam), self._adam_arguments(), gradient, variable, rate)

    def _muon_arguments(self) -> dict[str, Any]:
        return {
            "momentum": self.momentum,
            "nesterov": self.nesterov,
            "ns_steps": self.ns_steps,
            "coefficients": (self.muon_a, self.muon_b, self.muon_c),
            "rms_rate": self.rms_rate,
        }

    def _adam_arguments(self) -> dict[str, Any]:
        return {"beta_1": self.adam_beta_1, "beta_2": self.adam_beta_2, "epsilon": self.epsilon}

    # Keras' public methods, on tensors.

    def transpose_last_axis(self, X: Any) -> Any:
        """Swap the last two axes of `X`."""
        return wrap(jnp.swapaxes(read(X), -1, -2))

    def lr_adjust(self, x: Any) -> Any:
        """Give an orthogonal matrix the root mean square `rms_rate`."""
        return wrap(scaled(read(x), self.rms_rate))

    def zeropower_via_newtonschulz5(self, x: Any, steps: int) -> Any:
        """Return the orthogonal matrix near to `x`, of shape `(..., rows, columns)`."""
        array = read(x)
        if array.ndim < 2:
            raise ValueError(f"Muon can make matrices orthogonal only; got shape {array.shape}.")
        return wrap(orthogonalized(array, steps, (self.muon_a, self.muon_b, self.muon_c)))
