"""Counting true and false positives and negatives at thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from nyala.core import epsilon
from nyala.eager import Array, Arrays, op
from nyala.losses.shapes import fit_weights, misfit, same_rank

# What scores outside the top k become: below any threshold.
NEVER = -1e10


@dataclass(frozen=True)
class Thresholds:
    """The thresholds above which a prediction counts as positive, in rising order or not.

    Attributes:
        values: the thresholds.
        even: whether they divide `[0, 1]` into equal parts, so that one pass over the
            predictions fills all of them.
    """

    values: tuple[float, ...]
    even: bool

    @classmethod
    def parse(cls, thresholds: Any, default: float = 0.5) -> Thresholds:
        """Return the thresholds that a user wrote: `None`, a number or several."""
        given = default if thresholds is None else thresholds
        values = np.asarray(given, dtype="float64").reshape(-1).tolist()
        outside = [value for value in values if not 0 <= value <= 1]
        if thresholds is not None and outside:
            raise ValueError(f"Thresholds must lie in [0, 1]; got {outside}.")
        return cls(tuple(values), are_even(values))

    def __len__(self) -> int:
        return len(self.values)


def are_even(values: Sequence[float]) -> bool:
    """Whether `values` divide `[0, 1]` into two or more equal parts."""
    if len(values) < 3:
        return False
    return bool(np.allclose(values, np.linspace(0.0, 1.0, len(values)), atol=epsilon()))


@op(name="confusion_counts")
def confusion_update(
    counts: Arrays,
    y_true: Array,
    y_pred: Array,
    sample_weight: Array | None,
    label_weights: Array | None,
    thresholds: Thresholds,
    top_k: int | None = None,
    class_id: int | None = None,
    multi_label: bool = False,
    from_logits: bool = False,
) -> dict:
    """Return the counts after a batch.

    Args:
        counts: any of `"tp"`, `"fp"`, `"tn"` and `"fn"`, each of shape `(thresholds,)` or, with
            `multi_label`, `(thresholds, labels)`.
        y_true: labels; anything but 0 is true.
        y_pred: predictions of the same shape.
        sample_weight: one weight for each sample or for each prediction.
        label_weights: one weight for each label.
        thresholds: above which a prediction is positive.
        top_k: only the k greatest of the last axis can be positive.
        class_id: only this entry of the last axis counts.
        multi_label: whether each label has counts of its own.
        from_logits: whether predictions are before the sigmoid.
    """
    dtype = next(iter(counts.values())).dtype
    y_true, y_pred = same_rank(jnp.asarray(y_true), jnp.asarray(y_pred))
    if y_true.shape != y_pred.shape:
        raise misfit(y_true.shape, y_pred.shape, "the same shape")
    y_pred = y_pred.astype(dtype)
    if from_logits:
        y_pred = jax.nn.sigmoid(y_pred)
    weights = _weights(sample_weight, label_weights, y_pred)
    if top_k is not None:
        y_pred = _only_top_k(y_pred, top_k)
    if class_id is not None:
        y_true, y_pred, weights = _only_class(class_id, y_true, y_pred, weights)
    if not multi_label:
        y_true, y_pred, weights = y_true.ravel(), y_pred.ravel(), weights.ravel()
    is_true = y_true != 0
    # (predictions, 2): how much each adds to true and to false labels.
    shares = jnp.stack([weights * is_true, weights * ~is_true], axis=-1)
    count = _count_evenly if thresholds.even else _count_by_comparison
    positives = count(y_pred, shares, thresholds.values)
    negatives = jnp.sum(shares, axis=0) - positives
    new = {
        "tp": positives[..., 0],
        "fp": positives[..., 1],
        "fn": negatives[..., 0],
        "tn": negatives[..., 1],
    }
    return {key: old + new[key].astype(dtype) for key, old in counts.items()}


def _weights(sample_weight: Any, label_weights: Any, y_pred: Any) -> Any:
    weights = jnp.ones_like(y_pred)
    if sample_weight is not None:
        _, fitting = fit_weights(y_pred, jnp.asarray(sample_weight).astype(y_pred.dtype))
        weights = weights * fitting
    if label_weights is not None:
        weights = weights * label_weights
    return weights


def _only_top_k(y_pred: Any, k: int) -> Any:
    _, best = jax.lax.top_k(y_pred, k)
    is_best = (best[..., None] == jnp.arange(y_pred.shape[-1])).any(axis=-2)
    return jnp.where(is_best, y_pred, NEVER)


def _only_class(class_id: int, y_true: Any, y_pred: Any, weights: Any) -> tuple[Any, Any, Any]:
    if y_pred.ndim < 2:
        raise ValueError(
            f"class_id={class_id} needs y_pred of shape (batch, .., classes); got {y_pred.shape}."
        )
    return y_true[..., class_id], y_pred[..., class_id], weights[..., class_id]


def _count_by_comparison(y_pred: Any, shares: Any, thresholds: tuple) -> Any:
    """Return the sum of the shares above each threshold: `(thresholds, ..., 2)`."""
    levels = jnp.asarray(thresholds, y_pred.dtype).reshape((-1,) + (1,) * y_pred.ndim)
    above = (y_pred > levels)[..., None]
    return jnp.sum(jnp.where(above, shares, 0), axis=1)


def _count_evenly(y_pred: Any, shares: Any, thresholds: tuple) -> Any:
    """Return the same for even thresholds: by the number of the interval, added up from above."""
    count = len(thresholds)
    y_pred = jnp.clip(y_pred, 0.0, 1.0)
    # Interval i lies above thresholds 0 .. i - 1; interval 0 is above none.
    interval = jnp.ceil(y_pred * (count - 1)).astype("int32")
    if thresholds[0] < 0:
        interval = jnp.maximum(interval, 1)
    labels = 1 if y_pred.ndim == 1 else y_pred.shape[1]
    column = jnp.arange(labels) if y_pred.ndim > 1 else 0
    segment = (interval * labels + column).ravel()
    sums = jax.ops.segment_sum(shares.reshape(-1, 2), segment, (count + 1) * labels)
    sums = sums.reshape(count + 1, *y_pred.shape[1:], 2)[1:]
    return jnp.flip(jnp.cumsum(jnp.flip(sums, axis=0), axis=0), axis=0)


@op
def share(part: Array, rest: Array) -> Array:
    """Return `part / (part + rest)`, 0 where both are 0; a single value as a scalar."""
    total = part + rest
    quotient = jnp.where(total == 0, 0.0, part / jnp.where(total == 0, 1.0, total))
    return quotient[0] if quotient.shape == (1,) else quotient
