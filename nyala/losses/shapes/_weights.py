"""How weights and masks are brought to the shape of the values. Pure functions of jax arrays."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from nyala import ops
from nyala.losses.shapes._pairs import same_rank


def fit_weights(values: Any, weights: Any) -> tuple[Any, Any]:
    """Return values and weights such that their product weighs each value.

    Weights with fewer axes belong to the leading ones: weights `(n,)` of values `(n, t)` count
    for each sample. Other weights must be broadcastable to the values.
    """
    values, weights = same_rank(values, weights)
    if 0 < weights.ndim < values.ndim and weights.shape == values.shape[: weights.ndim]:
        missing = values.ndim - weights.ndim
        weights = jnp.broadcast_to(weights.reshape(weights.shape + (1,) * missing), values.shape)
    if not _weighs(weights.shape, values.shape):
        raise ValueError(
            f"sample_weight of shape {weights.shape} does not fit values of shape {values.shape}: "
            "expected one weight for each sample, or for each value."
        )
    return values, weights


def _weighs(weights: tuple, values: tuple) -> bool:
    if not weights or not values:
        return True
    try:
        joint = jnp.broadcast_shapes(weights, values)
    except ValueError:
        return False
    return joint == values or (joint == weights and len(weights) == len(values))


def mask_weights(weights: Any, mask: Any, dtype: Any, spread: bool = False) -> Any:
    """Return weights that are 0 where the mask is false.

    With `spread`, the others grow so that an average over all values is one over these.
    """
    kept = jnp.asarray(mask, bool).astype(dtype)
    if spread:
        kept = kept * ops.divide_no_nan.pure(jnp.asarray(kept.size, dtype), jnp.sum(kept))
    if weights is None:
        return kept
    kept, weights = fit_weights(kept, weights)
    return weights * kept
