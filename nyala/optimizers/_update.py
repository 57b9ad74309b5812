"""The stages of one update, in Keras' order. They run inside compiled code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp

from nyala.eager import Variable, wrap
from nyala.optimizers._apply import choose
from nyala.optimizers._arrays import read, write
from nyala.optimizers._gradients import clip

if TYPE_CHECKING:
    from nyala.optimizers._optimizer import Optimizer


def update(optimizer: Optimizer, gradients: Sequence[Any], variables: Sequence[Variable]) -> None:
    """Update `variables` with `gradients`, then count the step.

    Unscale, accumulate, clip, decay, the rule itself, moving average, constraints.
    """
    pairs = [(read(g), v) for g, v in zip(gradients, variables, strict=True)]
    for gradient, variable in pairs:
        if variable.overwrite_with_gradient:
            _overwrite(optimizer, gradient, variable)
    pairs = [(g, v) for g, v in pairs if not v.overwrite_with_gradient]
    if pairs:
        _update_by_rule(optimizer, [g for g, _ in pairs], [v for _, v in pairs])
    write(optimizer._iterations, read(optimizer._iterations) + 1)


def _update_by_rule(
    optimizer: Optimizer, gradients: list[jax.Array], variables: list[Variable]
) -> None:
    scale = 1.0 if optimizer.loss_scale_factor is None else optimizer.loss_scale_factor
    averaged: Sequence[Variable] = ()
    if optimizer.gradient_accumulation_steps:
        _accumulate(optimizer, [gradient / scale for gradient in gradients], variables)
    else:
        averaged = _step(optimizer, gradients, variables, scale, averages=optimizer.use_ema)
    if optimizer.use_ema:
        _average(optimizer, averaged)
    for variable in variables:
        if variable.constraint is not None:
            variable.assign(variable.constraint(variable))


def _step(
    optimizer: Optimizer, gradients: list[jax.Array], variables: list[Variable],
    divisor: float, *, averages: bool = False,
) -> Sequence[Variable]:  # fmt: skip
    """Clip, decay and update; return the variables whose average was moved too, if `averages`."""
    moved = [_average_of(optimizer, variable) for variable in variables] if averages else []
    if optimizer._update_at_once(gradients, variables, divisor, moved):
        return variables if averages else ()
    if divisor != 1:
        gradients = [gradient / divisor for gradient in gradients]
    gradients = clip(gradients, optimizer.clipnorm, optimizer.clipvalue, optimizer.global_clipnorm)
    rate = optimizer._effective_rate()
    for variable in variables:
        decay = optimizer._weight_decay_for(variable)
        if decay:
            _decay(variable, decay, rate)
    optimizer._update_variables([wrap(gradient) for gradient in gradients], variables, rate)
    return ()


def _decay(variable: Variable, weight_decay: float, rate: Any) -> None:
    """Shrink a variable by `rate * weight_decay` of itself, apart from the gradient (AdamW)."""
    value = read(variable)
    write(variable, value - value * weight_decay * read(rate).astype(value.dtype))


def _is_last_of_round(optimizer: Optimizer) -> jax.Array:
    return (read(optimizer._iterations) + 1) % optimizer.gradient_accumulation_steps == 0


def _accumulator(optimizer: Optimizer, variable: Variable) -> Variable:
    return optimizer._accumulated_gradients[optimizer._get_variable_index(variable)]


def _accumulate(
    optimizer: Optimizer, gradients: list[jax.Array], variables: list[Variable]
) -> None:
    """Add the gradients up; in every last step of a round, update with their mean."""
    steps = optimizer.gradient_accumulation_steps
    accumulators = [_accumulator(optimizer, variable) for variable in variables]
    sums = [g + read(a) for g, a in zip(gradients, accumulators, strict=True)]

    def step() -> None:
        _step(optimizer, sums, variables, steps)
        for accumulator in accumulators:
            write(accumulator, jnp.zeros_like(read(accumulator)))

    def wait() -> None:
        for accumulator, total in zip(accumulators, sums, strict=True):
            write(accumulator, total)

    choose(_is_last_of_round(optimizer), [*variables, *optimizer.variables], step, wait)


def _overwrite(optimizer: Optimizer, gradient: jax.Array, variable: Variable) -> None:
    """Let the gradient be the new value, as for the scales of float8 layers."""
    if not optimizer.gradient_accumulation_steps:
        write(variable, gradient)
        return
    accumulator = _accumulator(optimizer, variable)
    is_last = _is_last_of_round(optimizer)
    largest = jnp.maximum(gradient, read(accumulator))
    write(variable, jnp.where(is_last, largest, read(variable)))
    write(accumulator, jnp.where(is_last, jnp.zeros_like(largest), largest))


def _average_of(optimizer: Optimizer, variable: Variable) -> Variable:
    index = optimizer._get_variable_index(variable)
    return optimizer._model_variables_moving_average[index]


def _average(optimizer: Optimizer, done: Sequence[Variable]) -> None:
    """Move the exponential averages; from time to time, put them in the variables' place.

    The first step copies the variable, so that the average does not start at zero. Those in `done`
    were moved before.
    """
    step = optimizer._step_array()
    frequency = optimizer.ema_overwrite_frequency
    averages = optimizer._model_variables_moving_average
    known = {id(variable) for variable in done}
    for variable, average in zip(optimizer._trainable_variables, averages, strict=True):
        if average is None or id(variable) in known:
            continue
        value = read(variable)
        momentum = (step != 0).astype(value.dtype) * optimizer.ema_momentum
        mean = momentum * read(average) + (1 - momentum) * value
        write(average, mean)
        if frequency:
            write(variable, jnp.where((step + 1) % frequency == 0, mean, value))
