"""The checks of an optimizer's arguments, and those that only Keras 2 knew."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from nyala.core import did_you_mean
from nyala.core import epsilon as default_epsilon

if TYPE_CHECKING:
    from nyala.optimizers._optimizer import Optimizer

# Keras 2 arguments that change nothing here: every update is compiled, and replicas are combined
# before the optimizer.
_IGNORED = ("jit_compile", "is_legacy_optimizer", "adaptive_epsilon")


def keras2_arguments(
    optimizer: Optimizer, learning_rate: Any, kwargs: dict[str, Any]
) -> tuple[Any, float]:
    """Return the learning rate and the decay, with Keras 2's spellings taken out of `kwargs`.

    Raises:
        ValueError: something else is left in `kwargs`.
    """
    rest = {name: value for name, value in kwargs.items() if name not in _IGNORED}
    learning_rate = rest.pop("lr", learning_rate)
    decay = float(rest.pop("decay", None) or 0.0)
    if decay < 0:
        raise ValueError(
            f"{type(optimizer).__name__}(decay=...) must not be negative; got {decay}."
        )
    if rest:
        name = next(iter(rest))
        known = _parameters(optimizer)
        raise ValueError(
            f"{type(optimizer).__name__} has no argument {name!r}.{did_you_mean(name, known)} Its "
            f"arguments are: {', '.join(known)}."
        )
    return learning_rate, decay


def _parameters(optimizer: Optimizer) -> list[str]:
    """Return the names of the constructor's arguments, those of the bases included."""
    names: dict[str, None] = {}
    for cls in type(optimizer).__mro__:
        if "__init__" in vars(cls) and cls is not object:
            for parameter in inspect.signature(cls.__init__).parameters.values():
                if parameter.name != "self" and parameter.kind is not parameter.VAR_KEYWORD:
                    names[parameter.name] = None
    return [*names, "lr", "decay"]


def check_arguments(optimizer: Optimizer) -> None:
    """Refuse values of the common arguments that are out of range or exclude each other."""
    who = type(optimizer).__name__
    clips = ("clipnorm", "clipvalue", "global_clipnorm")
    given = {name: getattr(optimizer, name) for name in clips if getattr(optimizer, name)}
    if len(given) > 1:
        raise ValueError(f"{who} takes only one of {', '.join(clips)}; got {given}.")
    steps = optimizer.gradient_accumulation_steps
    if steps and (not _is_int(steps) or steps < 2):
        raise ValueError(
            f"{who}(gradient_accumulation_steps=...) expects None or an integer of at least 2; "
            f"got {steps!r}."
        )
    if not optimizer.use_ema:
        return
    if not 0 <= optimizer.ema_momentum <= 1:
        raise ValueError(
            f"{who}(ema_momentum=...) expects a number in [0, 1]; got {optimizer.ema_momentum!r}."
        )
    frequency = optimizer.ema_overwrite_frequency
    if frequency and (not _is_int(frequency) or frequency < 1):
        raise ValueError(
            f"{who}(ema_overwrite_frequency=...) expects None or an integer of at least 1; got "
            f"{frequency!r}."
        )


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def check_range(optimizer: Optimizer, name: str, low: float, high: float = float("inf")) -> None:
    """Refuse a hyperparameter outside `[low, high]`."""
    value = getattr(optimizer, name)
    if not low <= value <= high:
        bounds = f"in [{low}, {high}]" if high < float("inf") else f"of at least {low}"
        raise ValueError(f"{type(optimizer).__name__}({name}=...) expects a number {bounds}; "
                         f"got {value!r}.")  # fmt: skip


def or_default(epsilon: float | None) -> float:
    """Return `epsilon`, or `config.epsilon()` for the `None` of Keras 2's configs."""
    return default_epsilon() if epsilon is None else epsilon
