"""The stages of one update in one native call for all variables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp

from nyala import kernels
from nyala.eager import Variable
from nyala.optimizers._arrays import read, write
from nyala.optimizers._gradients import clipping_factors

if TYPE_CHECKING:
    from nyala.optimizers._optimizer import Optimizer
    from nyala.optimizers._rule import KernelOptimizer


def update_at_once(
    optimizer: KernelOptimizer, gradients: Sequence[jax.Array], variables: Sequence[Variable],
    divisor: float, averages: Sequence[Variable],
) -> bool:  # fmt: skip
    """Clip, decay, update by the rule and move the averages, if one call can; return whether.

    Args:
        optimizer: whose rule the kernel knows.
        gradients: before clipping; divided by `divisor` first.
        variables: as many.
        divisor: a number.
        averages: the moving average of each variable, or nothing.
    """
    slots = [optimizer._slots_of(variable) for variable in variables]
    decays = [optimizer._weight_decay_for(variable) or 0.0 for variable in variables]
    arrays = [
        [read(variable), *map(read, own.values())]
        for variable, own in zip(variables, slots, strict=True)
    ]
    if not _fits_one_call(arrays, gradients, decays):
        return False
    step = (optimizer._step_array() + 1).astype(jnp.float32)
    rate = read(optimizer._effective_rate()).astype(jnp.float32)
    rule, numbers = type(optimizer)._kernel(step, rate, **optimizer._rule_arguments())
    new = kernels.optimizer_update(
        rule,
        [own[0] for own in arrays],
        gradients,
        [
            dict(zip(own, values[1:], strict=True))
            for own, values in zip(slots, arrays, strict=True)
        ],
        rate=numbers.pop("rate"),
        numbers=numbers,
        averages=[read(average) for average in averages],
        options=_options(optimizer, gradients, divisor, decays, rate),
    )
    for variable, value in zip(variables, new.params, strict=True):
        write(variable, value)
    for own, values in zip(slots, new.slots, strict=True):
        for name, slot in own.items():
            write(slot, values[name])
    for average, value in zip(averages, new.averages, strict=True):
        write(average, value)
    return True


def _fits_one_call(arrays: list[list], gradients: Sequence[jax.Array], decays: list) -> bool:
    of_one_dtype = all(array.dtype == own[0].dtype for own in arrays for array in own)
    return (
        of_one_dtype
        and len({decay for decay in decays if decay}) <= 1
        and kernels.updates_all_at_once([own[0] for own in arrays], gradients)
    )


def _options(
    optimizer: Optimizer, gradients: Sequence[jax.Array], divisor: float, decays: list,
    rate: jax.Array,
) -> kernels.UpdateOptions:  # fmt: skip
    step, frequency = optimizer._step_array(), optimizer.ema_overwrite_frequency
    factors = clipping_factors(
        gradients, 1 / divisor, optimizer.clipnorm, optimizer.global_clipnorm
    )
    return kernels.UpdateOptions(
        factors=factors,
        clipvalue=optimizer.clipvalue,
        decay=max(decays, key=abs) * rate,
        decayed=[bool(decay) for decay in decays],
        kept=(step != 0).astype(jnp.float32) * optimizer.ema_momentum,
        overwrite=(step + 1) % frequency == 0 if frequency else False,
    )
