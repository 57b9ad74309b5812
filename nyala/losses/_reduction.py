"""From one value for each sample to the number that is minimized: weights, masks, reductions."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from nyala import ops
from nyala.core import did_you_mean
from nyala.eager import Array, op
from nyala.losses.shapes import fit_weights, mask_weights


class Reduction:
    """Names of the reductions, as Keras 2 spells them.

    >>> import nyala
    >>> nyala.losses.Reduction.SUM
    'sum'
    """

    AUTO = "auto"
    NONE = "none"
    SUM = "sum"
    SUM_OVER_BATCH_SIZE = "sum_over_batch_size"

    @classmethod
    def all(cls) -> tuple[str, ...]:
        """Return every name."""
        return (cls.AUTO, cls.NONE, cls.SUM, cls.SUM_OVER_BATCH_SIZE)

    @classmethod
    def validate(cls, key: Any) -> None:
        """Raise a `ValueError` where `key` is not a reduction."""
        standardize_reduction(key)


_AVERAGES = ("sum_over_batch_size", "mean", "mean_with_sample_weight")
_KNOWN = (*_AVERAGES, "sum", "none")


def standardize_reduction(reduction: str | None) -> str | None:
    """Return a known reduction; Keras 2's `"auto"` means `"sum_over_batch_size"`."""
    if reduction is None or reduction in _KNOWN:
        return reduction
    if reduction == "auto":
        return "sum_over_batch_size"
    raise ValueError(
        f"Unknown reduction {reduction!r}: expected one of {', '.join(map(repr, _KNOWN))} or None."
        f"{did_you_mean(reduction, _KNOWN)}"
    )


@op
def reduce_weighted(
    values: Array,
    sample_weight: Array | None = None,
    mask: Array | None = None,
    reduction: str | None = "sum_over_batch_size",
    dtype: str | None = None,
) -> Array:
    """Weigh losses and reduce them to one number.

    Args:
        values: losses, usually one for each sample or for each step of a sample.
        sample_weight: as many axes as `values` or fewer (leading ones), or a scalar.
        mask: which values count. For an average, the masked mean is taken over the others.
        reduction: see `Loss`.
        dtype: in which the sum is formed.
    """
    values = jnp.asarray(values, dtype)
    weights = None if sample_weight is None else jnp.asarray(sample_weight, values.dtype)
    if mask is not None:
        weights = mask_weights(weights, mask, values.dtype, spread=reduction in _AVERAGES[:2])
    if weights is not None:
        values, weights = fit_weights(values, weights)
        values = values * weights
    return _reduce(values, weights, reduction)


def _reduce(values: Any, weights: Any, reduction: str | None) -> Any:
    if reduction in (None, "none") or values.ndim == 0:
        return values
    total = jnp.sum(values)
    if reduction == "sum":
        return total
    if reduction == "mean_with_sample_weight" and weights is not None:
        return ops.divide_no_nan.pure(total, jnp.sum(weights))
    # An empty batch has no loss: 0 and not 0 / 0.
    return total / max(values.size, 1)
