"""Attention over any axes as an operation on tensors."""

from __future__ import annotations

import math

import jax.numpy as jnp

from nyala import kernels
from nyala.eager import Array, op


@op(name="_attend")
def attend(
    query: Array,
    key: Array,
    value: Array,
    mask: Array | None = None,
    dropout_key: Array | None = None,
    axes: tuple[int, ...] = (1,),
    scale: float | None = None,
    causal: bool = False,
    dropout_rate: float = 0.0,
    return_scores: bool = False,
    zero_if_blind: bool = False,
) -> tuple:
    """Return the mean of values for each query, and the probabilities where asked for.

    Args:
        query: `(batch, ..., heads, width)`, with the queries' positions along `axes`.
        key, value: the same with the keys' positions along `axes`.
        mask: broadcasts to the probabilities; one that has fewer axes lacks those of heads.
        dropout_key: a key of random numbers, for `dropout_rate`.
        axes: of the positions; all others before the heads are kept apart like the batch.
        scale: factor of the products.
        causal: whether a query sees only keys at its own position and before.
        dropout_rate: the part of the probabilities that is dropped.
        return_scores: whether the probabilities are returned.
        zero_if_blind: whether a query that sees no key gets zeros, not the mean of all values.

    Returns:
        `(outputs, probabilities or None)`: outputs as `query` with the values' width, and
        probabilities `(batch, other axes, heads, *queries, *keys)`.
    """
    others = tuple(a for a in range(query.ndim - 2) if a not in axes)
    apart = tuple(query.shape[a] for a in others)
    queries, keys = (tuple(x.shape[a] for a in axes) for x in (query, key))
    heads = query.shape[-2]
    if mask is not None:
        mask = _mask_of_scores(mask, apart, queries, keys)
    result = kernels.attention(
        *(_four_axes(x, others, axes) for x in (query, key, value)),
        mask=mask, scale=scale, causal=causal, dropout_rate=dropout_rate,
        dropout_key=dropout_key, return_scores=return_scores,
    )  # fmt: skip
    outputs, scores = result if return_scores else (result, None)
    if zero_if_blind and mask is not None:
        sees = jnp.any(mask, axis=-1, keepdims=True)
        outputs = jnp.where(jnp.swapaxes(sees, 1, 2), outputs, 0)
        scores = None if scores is None else jnp.where(sees, scores, 0)
    outputs = outputs.reshape(*apart, *queries, heads, value.shape[-1])
    outputs = jnp.moveaxis(outputs, range(len(others) + len(axes)), (*others, *axes))
    if scores is not None:
        scores = scores.reshape(*apart, heads, *queries, *keys)
    return outputs, scores


def _four_axes(x: Array, others: tuple[int, ...], axes: tuple[int, ...]) -> Array:
    """Return `(axes kept apart, positions, heads, width)`."""
    x = jnp.transpose(x, (*others, *axes, x.ndim - 2, x.ndim - 1))
    lengths = x.shape
    first = math.prod(lengths[: len(others)])
    return x.reshape(first, -1, *lengths[-2:])


def _mask_of_scores(mask: Array, apart: tuple, queries: tuple, keys: tuple) -> Array:
    """Return a mask `(axes kept apart or 1, heads or 1, queries or 1, keys or 1)`."""
    rank = len(apart) + 1 + len(queries) + len(keys)
    at = mask.ndim - len(queries) - len(keys)
    if at < 0:
        mask = mask.reshape((1,) * -at + mask.shape)
        at = 0
    missing = rank - mask.ndim
    mask = mask.reshape(*mask.shape[:at], *(1,) * missing, *mask.shape[at:])
    leading = mask.shape[: len(apart)]
    if any(n != 1 for n in leading):
        mask = jnp.broadcast_to(mask, (*apart, *mask.shape[len(apart) :]))
    if len(queries) > 1:  # they become one axis; a single one may stay 1
        mask = jnp.broadcast_to(mask, (*mask.shape[: len(apart) + 1], *queries, *keys))
    places = mask.shape[len(apart) + 1 :]
    of_queries, of_keys = places[: len(queries)], places[len(queries) :]
    return mask.reshape(
        math.prod(mask.shape[: len(apart)]), mask.shape[len(apart)],
        math.prod(of_queries), math.prod(of_keys),
    )  # fmt: skip
