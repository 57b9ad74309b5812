"""Loss scaling that adapts itself, for training in float16."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp

from nyala.core import deserialize_keras_object, enrol, serialize_keras_object
from nyala.eager import Tensor, Variable, wrap
from nyala.initializers import Constant
from nyala.optimizers._apply import choose
from nyala.optimizers._arrays import read, write
from nyala.optimizers._optimizer import Optimizer
from nyala.optimizers._state import VariableList


@enrol("keras.optimizers")
class LossScaleOptimizer(Optimizer):
    """Scales the loss up so that float16 gradients do not vanish, and adapts the scale.

    `scale_loss` multiplies the loss, `apply` divides the gradients. Where a gradient is not finite,
    the update is left out and the scale halved; after `dynamic_growth_steps` finite updates in a
    row the scale is doubled. `compile` wraps the optimizer in it under the policy
    `"mixed_float16"`.

    Args:
        inner_optimizer: the optimizer that makes the updates; its settings are its own.
        initial_scale: the scale at first.
        dynamic_growth_steps: after how many finite updates the scale is doubled.
        name: automatic by default.

    Source: Micikevicius et al. 2018, https://arxiv.org/abs/1710.03740.

    >>> import nyala
    >>> from nyala.optimizers import SGD, LossScaleOptimizer
    >>> optimizer = LossScaleOptimizer(SGD(0.5), initial_scale=4.0)
    >>> weight = nyala.Variable([1.0])
    >>> optimizer.apply([[4.0]], [weight])
    >>> optimizer.apply([[float("inf")]], [weight])
    >>> weight.numpy(), float(optimizer.dynamic_scale)
    (array([0.5], dtype=float32), 2.0)
    """

    def __init__(
        self, inner_optimizer: Optimizer, initial_scale: float = 2.0**15,
        dynamic_growth_steps: int = 2000, name: str | None = None, **kwargs: Any,
    ):  # fmt: skip
        if not kwargs.pop("dynamic", True):
            raise ValueError(
                "LossScaleOptimizer(dynamic=False) is Keras 2's fixed scale. Give the optimizer "
                "itself loss_scale_factor=... instead."
            )
        _refuse_inner_settings(kwargs)
        super().__init__(learning_rate=0.0, name=name, **kwargs)
        self.inner_optimizer = inner_optimizer
        self.initial_scale = initial_scale
        self.dynamic_growth_steps = dynamic_growth_steps
        self.inner_optimizer.loss_scale_factor = None
        # Whether `get_unscaled_gradients` has already divided the next gradients.
        self._unscaled = False

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the scale, its counter, and the inner optimizer's state."""
        if self.built:
            return
        self.step_counter = self.add_variable((), dtype="int32", name="step_counter")
        self.dynamic_scale = self.add_variable(
            (), Constant(self.initial_scale), dtype="float32", name="dynamic_scale"
        )
        self.inner_optimizer.build(variables)
        super().build(variables)

    @property
    def variables(self) -> list[Variable]:
        """Its own variables, then those of the inner optimizer."""
        return VariableList([*self._variables, *self.inner_optimizer.variables])

    # -- updating --------------------------------------------------------------------------------

    def apply(self, grads: Sequence[Any], trainable_variables: Any = None) -> None:
        """Divide the gradients by the scale and update, where all of them are finite."""
        try:
            super().apply(grads, trainable_variables)
        finally:
            self._unscaled = False

    def _update(self, gradients: Sequence[Any], variables: Sequence[Variable]) -> None:
        def step() -> None:
            self.inner_optimizer._update(self._divided(gradients, variables), variables)
            self._grow()

        state = [*variables, *self._trainable_variables, *self.variables]
        choose(read(self.check_finite(gradients)), state, step, self._shrink)

    def _divided(self, gradients: Sequence[Any], variables: Sequence[Variable]) -> list[Any]:
        if self._unscaled:
            return list(gradients)
        scale = read(self.dynamic_scale)
        return [
            gradient if variable.overwrite_with_gradient else wrap(read(gradient) / scale)
            for gradient, variable in zip(gradients, variables, strict=True)
        ]

    def _grow(self) -> None:
        count, scale = read(self.step_counter), read(self.dynamic_scale)
        is_time = count == self.dynamic_growth_steps - 1
        write(self.step_counter, jnp.where(is_time, 0, count + 1))
        write(self.dynamic_scale, jnp.where(is_time, scale * 2.0, scale))

    def _shrink(self) -> None:
        write(self.step_counter, jnp.zeros_like(read(self.step_counter)))
        write(self.dynamic_scale, read(self.dynamic_scale) * 0.5)

    def check_finite(self, grads: Sequence[Any]) -> Tensor:
        """Return whether every element of every gradient is finite: a scalar boolean."""
        finite = [jnp.all(jnp.isfinite(read(grad))) for grad in grads if grad is not None]
        return wrap(jnp.all(jnp.stack(finite)))

    def scale_loss(self, loss: Any) -> Any:
        """Return the loss times the scale, to be differentiated in its stead."""
        return loss * (self.dynamic_scale if self.built else self.initial_scale)

    def get_scaled_loss(self, loss: Any) -> Any:
        """Return the loss times the scale (Keras 2's name of `scale_loss`)."""
        return self.scale_loss(loss)

    def get_unscaled_gradients(self, grads: Sequence[Any]) -> list[Any]:
        """Return gradients divided by the scale (Keras 2); the next `apply` takes them as they are.

        Keras 3 needs no call of it: there `apply` divides.
        """
        scale = read(self.loss_scale)
        self._unscaled = True
        return [None if grad is None else wrap(read(grad) / scale) for grad in grads]

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """Put the inner optimizer's moving averages in the place of the variables."""
        self.inner_optimizer.finalize_variable_values(var_list)

    # -- what belongs to the inner optimizer -----------------------------------------------------

    @property
    def learning_rate(self) -> Any:
        """The inner optimizer's learning rate; assignable."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, learning_rate: Any) -> None:
        self.inner_optimizer.learning_rate = learning_rate

    @property
    def iterations(self) -> Any:
        """How many updates the inner optimizer has made."""
        return self.inner_optimizer.iterations

    def exclude_from_weight_decay(self, var_list: Any = None, var_names: Any = None) -> None:
        """Let the inner optimizer's weight decay pass over some variables."""
        self.inner_optimizer.exclude_from_weight_decay(var_list, var_names)
        self._compiled.clear()

    def _rate_to_give(self) -> Any:
        return self.inner_optimizer._rate_to_give()

    def _with_rate(self, rate: Any) -> Any:
        return self.inner_optimizer._with_rate(rate)

    def _settings(self) -> tuple:
        return (super()._settings(), self.inner_optimizer._settings())

    # -- Keras 2's view of the scale -------------------------------------------------------------

    @property
    def loss_scale(self) -> Any:
        """The scale at present."""
        return self.dynamic_scale if self.built else wrap(jnp.float32(self.initial_scale))

    @property
    def dynamic(self) -> bool:
        """Whether the scale adapts itself: always."""
        return True

    @property
    def dynamic_counter(self) -> Any:
        """How many finite updates were made since the scale last changed."""
        return self.step_counter if self.built else wrap(jnp.int32(0))

    # -- configuration ---------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor as plain data."""
        return {
            "name": self.name,
            "inner_optimizer": serialize_keras_object(self.inner_optimizer),
            "initial_scale": self.initial_scale,
            "dynamic_growth_steps": self.dynamic_growth_steps,
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: dict | None = None
    ) -> LossScaleOptimizer:
        """Return an optimizer made from what `get_config` returned."""
        config = dict(config)
        inner = deserialize_keras_object(
            config.pop("inner_optimizer"), custom_objects=custom_objects
        )
        return cls(inner, **config)


def _refuse_inner_settings(kwargs: dict[str, Any]) -> None:
    """Take the common settings out of `kwargs`; refuse those that were really set."""
    defaults = inspect.signature(Optimizer.__init__).parameters
    for name in [name for name in kwargs if name in defaults]:
        value = kwargs.pop(name)
        if name == "learning_rate" or value != defaults[name].default:
            raise ValueError(
                f"LossScaleOptimizer has no {name} of its own; give {name}={value!r} to the "
                "optimizer inside it."
            )
