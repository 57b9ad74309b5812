"""One update of all variables of a model.

XLA makes three loops of Adam's update of one variable, each over memory, and compiles them anew for
every variable. The native kernel reads and writes each array once, all variables in one call, in
place. Measured in `docs/decisions/0012-optimizer-updates.md`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax.numpy as jnp
from jax import Array

from nyala.kernels._embedding import row_gradient, table_gradient
from nyala.kernels._mode import may_overwrite
from nyala.kernels._native import NATIVE_FLOATS, InPlaceKernel, native
from nyala.kernels._update_rules import UPDATE_RULES, Slots

_Ints = tuple[int, ...]


class UpdateOptions(NamedTuple):
    """What is done beside the rule; numbers may be traced.

    Attributes:
        factors: what the gradients are multiplied by, an array with a number for each.
        clipvalue: then every element is clipped to `[-clipvalue, clipvalue]`.
        decay: before the rule, a variable shrinks by this share of itself,
        decayed: if its place here holds true. Empty for none.
        kept: the moving averages become `kept * average + (1 - kept) * variable`,
        overwrite: and the variables become the averages where this scalar is true.
    """

    factors: Array | None = None
    clipvalue: Any = None
    decay: Any = 0.0
    decayed: Sequence[bool] = ()
    kept: Any = 0.0
    overwrite: Any = False


class Updated(NamedTuple):
    """New values: `slots` has a dict for each of `params`, `averages` is empty where none were."""

    params: list[Array]
    slots: list[Slots]
    averages: list[Array]


def updates_all_at_once(params: Sequence[Array], grads: Sequence[Array]) -> bool:
    """Whether one native call can update these variables, and measures faster."""
    able = all(array.dtype in NATIVE_FLOATS for array in (*params, *grads))
    return able and _update.chosen(True)


def optimizer_update(
    rule: str, params: Sequence[Array], grads: Sequence[Array], slots: Sequence[Slots], *,
    rate: Any, numbers: Mapping[str, Any], averages: Sequence[Array] = (),
    options: UpdateOptions | None = None,
) -> Updated:  # fmt: skip
    """Update variables and their state by one rule, in one pass.

    A gradient that comes from a lookup of rows alone (`embedding_lookup`) is not made; rows that
    a rule without memory would not move are not touched.

    Args:
        rule: a key of `UPDATE_RULES`.
        params: float arrays.
        grads: an array of its shape for each.
        slots: the state of each by name, in its dtype.
        rate: scalar.
        numbers: the rule's other numbers by name.
        averages: a moving average of each, or nothing.
        options: what is done beside the rule.

    Returns:
        The new values.

    Example:
        >>> import jax.numpy as jnp
        >>> from nyala import kernels
        >>> params, grads = [jnp.array([1.0, 2.0])], [jnp.array([2.0, 4.0])]
        >>> kernels.optimizer_update("sgd", params, grads, [{}], rate=0.5, numbers={}).params
        [Array([0., 0.], dtype=float32)]
    """
    options = options or UpdateOptions()
    names = UPDATE_RULES[rule].slots
    tables = [row_gradient(grad) if grad.size else None for grad in grads]
    given = [(g,) if t is None else t for g, t in zip(grads, tables, strict=True)]
    averages_of = [(average,) for average in averages] or [()] * len(params)
    states = [
        (param, *(slots_of[name] for name in names), *average)
        for param, slots_of, average in zip(params, slots, averages_of, strict=True)
    ]
    factors = jnp.ones(len(params)) if options.factors is None else options.factors
    flat = [state for group in states for state in group]
    new = _update.best(
        updates_all_at_once(params, grads),
        _numbers(rule, rate, numbers, options),
        jnp.asarray(factors, jnp.float32),
        *(array for arrays in given for array in arrays),
        *flat,
        results=len(flat),
        in_place=may_overwrite(),
        rule=rule,
        sparse=tuple(int(table is not None) for table in tables),
        decayed=tuple(map(int, options.decayed or [False] * len(params))),
        averaged=bool(averages),
    )
    width = 1 + len(names) + bool(averages)
    groups = [new[i : i + width] for i in range(0, len(new), width)]
    return Updated(
        [group[0] for group in groups],
        [dict(zip(names, group[1:], strict=False)) for group in groups],
        [group[-1] for group in groups] if averages else [],
    )


def _numbers(rule: str, rate: Any, numbers: Mapping[str, Any], options: UpdateOptions) -> Array:
    """What the native kernel reads: see `UpdateNumbers` in native/update.h."""
    clip = jnp.inf if options.clipvalue is None else options.clipvalue
    common = (options.decay, clip, options.kept, options.overwrite, rate)
    of_rule = [numbers[name] for name in UPDATE_RULES[rule].numbers]
    return jnp.stack([jnp.asarray(number, jnp.float32) for number in (*common, *of_rule)])


def _lowering(
    numbers: Array, factors: Array, *arrays: Array, results: int, in_place: bool, rule: str,
    sparse: _Ints, decayed: _Ints, averaged: bool,
) -> list[Array]:  # fmt: skip
    """One variable after the other."""
    apply, names, number_names = UPDATE_RULES[rule]
    decay, clip, kept, overwrite, rate, *rest = numbers
    named = dict(zip(number_names, rest, strict=True))
    first = len(arrays) - results
    gradients, states = iter(arrays[:first]), iter(arrays[first:])
    new: list[Array] = []
    for i, (is_sparse, is_decayed) in enumerate(zip(sparse, decayed, strict=True)):
        given = [next(gradients) for _ in range(1 + is_sparse)]
        own = [next(states) for _ in range(1 + len(names) + averaged)]
        dtype = own[0].dtype
        param, *slots = (state.astype(jnp.float32) for state in own)
        gradient = table_gradient(*given, rows=len(param)) if is_sparse else given[0]
        gradient = jnp.clip(gradient.astype(jnp.float32) * factors[i], -clip, clip)
        if is_decayed:
            param = param - param * decay
        param, slots_of = apply(
            param, gradient, dict(zip(names, slots, strict=False)), rate=rate, **named
        )
        values = [param, *(slots_of[name] for name in names)]
        if averaged:
            mean = kept * slots[-1] + (1 - kept) * param
            values = [jnp.where(overwrite != 0, mean, param), *values[1:], mean]
        new += [value.astype(dtype) for value in values]
    return new


_update = InPlaceKernel("optimizer_update", _lowering)


@native("squared_norms")
def _squared_norms(*arrays: Array) -> Array:
    return jnp.stack([jnp.sum(jnp.square(array.astype(jnp.float32))) for array in arrays])


def squared_norms(arrays: Sequence[Array]) -> Array:
    """The sum of the squares of each array.

    Args:
        arrays: at least one, of floats.

    Returns:
        `(len(arrays),)`, float32 (float64 where an array is).

    Example:
        >>> import jax.numpy as jnp
        >>> from nyala import kernels
        >>> kernels.squared_norms([jnp.array([3.0, 4.0]), jnp.array([2.0])])
        Array([25.,  4.], dtype=float32)
    """
    if all(array.dtype in NATIVE_FLOATS for array in arrays):
        return _squared_norms.best(True, *arrays)
    return jnp.stack([jnp.sum(jnp.square(array)) for array in arrays])
