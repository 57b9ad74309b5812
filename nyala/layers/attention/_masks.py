"""Masks of attention: which query may look at which key."""

from __future__ import annotations

import functools
from typing import Any

import jax.numpy as jnp

from nyala import ops
from nyala.eager import Array, op


@op(name="_position_mask")
def position_mask(
    query: Array, value: Array, causal: bool = False, window: int | None = None
) -> Array:
    """Return `(1, T, S)`: true where a query may look at a key because of their positions.

    Args:
        query: `(batch, T, ...)`; only its length counts.
        value: `(batch, S, ...)`; only its length counts.
        causal: keys at later positions are not seen.
        window: keys at this distance or farther are not seen.
    """
    ahead = jnp.arange(query.shape[1])[:, None] - jnp.arange(value.shape[1])
    mask = jnp.ones(ahead.shape, bool)
    if causal:
        mask &= ahead >= 0
    if window is not None:
        mask &= jnp.abs(ahead) < window
    return mask[None]


def combined_mask(query_mask: Any, value_mask: Any, key_mask: Any, *others: Any) -> Any:
    """Return where all masks allow to look, broadcastable to `(batch, T, S)`, or `None`.

    Args:
        query_mask: `(batch, T)` or `None`: where a query is present.
        value_mask, key_mask: `(batch, S)` or `None`: where a key is present.
        *others: masks that broadcast to `(batch, T, S)`, or `None`.
    """
    masks = [
        ops.expand_dims(ops.cast(mask, "bool"), axis)
        for mask, axis in ((query_mask, -1), (value_mask, -2), (key_mask, -2))
        if mask is not None
    ]
    masks += [ops.cast(mask, "bool") for mask in others if mask is not None]
    return functools.reduce(ops.logical_and, masks) if masks else None
