"""The rules of optimizers, element by element. Pure functions of arrays of one shape.

Each takes a variable, its gradient, its slots by name and the numbers of the step by name, and
returns the new variable and the new slots.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import jax.numpy as jnp
from jax import Array

Slots: TypeAlias = dict[str, Array]


class UpdateRule(NamedTuple):
    """A rule with what it needs.

    Attributes:
        apply: `(param, grad, slots, **numbers) -> (param, slots)`.
        slots: the names of the slots, in the order of the native kernel.
        numbers: the names of the numbers besides `rate`, in the order of the native kernel.
    """

    apply: Callable[..., tuple[Array, Slots]]
    slots: tuple[str, ...]
    numbers: tuple[str, ...]


def _sgd(param: Array, grad: Array, slots: Slots, *, rate: Any) -> tuple[Array, Slots]:
    return param - rate * grad, {}


def _momentum(
    param: Array, grad: Array, slots: Slots, *, rate: Any, momentum: Any
) -> tuple[Array, Slots]:
    move = momentum * slots["momentum"] - rate * grad
    return param + move, {"momentum": move}


def _nesterov(
    param: Array, grad: Array, slots: Slots, *, rate: Any, momentum: Any
) -> tuple[Array, Slots]:
    move = momentum * slots["momentum"] - rate * grad
    return param + (momentum * move - rate * grad), {"momentum": move}


def _adagrad(
    param: Array, grad: Array, slots: Slots, *, rate: Any, epsilon: Any
) -> tuple[Array, Slots]:
    accumulator = slots["accumulator"] + jnp.square(grad)
    return param - rate * grad / jnp.sqrt(accumulator + epsilon), {"accumulator": accumulator}


def _rmsprop(
    param: Array, grad: Array, slots: Slots, *,
    rate: Any, kept: Any, added: Any, epsilon: Any, momentum: Any = None,
) -> tuple[Array, Slots]:  # fmt: skip
    velocity = kept * slots["velocity"] + added * jnp.square(grad)
    new_slots = {"velocity": velocity}
    variance = velocity
    if "average_gradient" in slots:
        mean = kept * slots["average_gradient"] + added * grad
        new_slots["average_gradient"] = mean
        variance = velocity - jnp.square(mean)
    move = rate * grad / jnp.sqrt(variance + epsilon)
    if "momentum" in slots:
        move = momentum * slots["momentum"] + move
        new_slots["momentum"] = move
    return param - move, new_slots


def _adam(
    param: Array, grad: Array, slots: Slots, *, rate: Any, added: Any, squares_added: Any,
    epsilon: Any,
) -> tuple[Array, Slots]:  # fmt: skip
    momentum = slots["momentum"] + (grad - slots["momentum"]) * added
    velocity = slots["velocity"] + (jnp.square(grad) - slots["velocity"]) * squares_added
    new_slots = {"momentum": momentum, "velocity": velocity}
    if "velocity_hat" in slots:
        velocity = jnp.maximum(slots["velocity_hat"], velocity)
        new_slots["velocity_hat"] = velocity
    return param - momentum * rate / (jnp.sqrt(velocity) + epsilon), new_slots


_RMSPROP = ("kept", "added", "epsilon")
_ADAM = ("added", "squares_added", "epsilon")

UPDATE_RULES: dict[str, UpdateRule] = {
    "sgd": UpdateRule(_sgd, (), ()),
    "momentum": UpdateRule(_momentum, ("momentum",), ("momentum",)),
    "nesterov": UpdateRule(_nesterov, ("momentum",), ("momentum",)),
    "adagrad": UpdateRule(_adagrad, ("accumulator",), ("epsilon",)),
    "rmsprop": UpdateRule(_rmsprop, ("velocity",), _RMSPROP),
    "rmsprop_momentum": UpdateRule(
        _rmsprop, ("velocity", "momentum"), (*_RMSPROP, "momentum")
    ),
    "rmsprop_centered": UpdateRule(_rmsprop, ("velocity", "average_gradient"), _RMSPROP),
    "rmsprop_centered_momentum": UpdateRule(
        _rmsprop, ("velocity", "momentum", "average_gradient"), (*_RMSPROP, "momentum")
    ),
    "adam": UpdateRule(_adam, ("momentum", "velocity"), _ADAM),
    "amsgrad": UpdateRule(_adam, ("momentum", "velocity", "velocity_hat"), _ADAM),
}  # fmt: skip
