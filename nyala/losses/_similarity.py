"""Losses on directions and embeddings."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from nyala.core import enrol, epsilon
from nyala.eager import Array, Tensor, op
from nyala.losses._loss import FunctionLoss
from nyala.losses.shapes import misfit, paired


def unit_vectors(x: Any, axis: int) -> Any:
    """Return `x` divided by its length along `axis`; a zero vector stays zero."""
    squares = jnp.sum(jnp.square(x), axis=axis, keepdims=True)
    # Bounding the square and not the root keeps the gradient finite at zero.
    return x * jax.lax.rsqrt(jnp.maximum(squares, epsilon() ** 2))


@enrol("keras.losses")
@op
def cosine_similarity(y_true: Array, y_pred: Array, axis: int = -1) -> Array:
    """Minus the cosine of the angle between labels and predictions.

    Args:
        y_true: vectors along `axis`.
        y_pred: vectors; shapes as in `mean_squared_error`.
        axis: the axis of the vectors.

    Returns:
        From -1 (same direction) to 1 (opposite), the shape without `axis`; 0 for a zero vector.

    >>> import nyala
    >>> nyala.losses.cosine_similarity([[3.0, 4.0]], [[6.0, 8.0]]).numpy().round(4)
    array([-1.], dtype=float32)
    """
    y_true, y_pred = paired(y_true, y_pred)
    return -jnp.sum(unit_vectors(y_true, axis) * unit_vectors(y_pred, axis), axis=axis)


def circle(
    y_true: Any,
    y_pred: Any,
    ref_labels: Any = None,
    ref_embeddings: Any = None,
    remove_diagonal: bool = True,
    gamma: float = 80,
    margin: float = 0.4,
) -> Any:
    """Circle loss of embeddings against the other embeddings of the batch.

    Pulls embeddings of one class together and pushes those of other classes apart, each pair as
    strongly as it is away from its optimum.

    Args:
        y_true: class numbers, shape `(batch,)` or `(batch, 1)`.
        y_pred: embeddings of length 1, shape `(batch, dim)`.
        ref_labels: class numbers of the references, shape `(refs,)`; `y_true` by default.
        ref_embeddings: references, shape `(refs, dim)`; `y_pred` by default.
        remove_diagonal: whether a sample is no pair with the reference at its own position.
        gamma: how steeply the loss rises.
        margin: how far apart the classes are kept.

    Returns:
        Shape `(batch,)`, with a mask on the samples whose loss is not 0.

    Source: Y. Sun et al., *Circle Loss: A Unified Perspective of Pair Similarity Optimization*,
    2020.

    >>> import nyala
    >>> x = [[1.0, 0.0], [0.6, 0.8], [0.0, 1.0], [0.8, 0.6]]
    >>> nyala.losses.circle([0, 0, 1, 1], x, gamma=1.0).shape
    (4,)
    """
    ref_labels = y_true if ref_labels is None else ref_labels
    ref_embeddings = y_pred if ref_embeddings is None else ref_embeddings
    loss, counts = _circle(
        y_true, y_pred, ref_labels, ref_embeddings, remove_diagonal, gamma, margin
    )
    if isinstance(loss, Tensor):  # jax's own values, under its transformations, carry no mask
        loss._keras_mask = counts
    return loss


enrol("keras.losses")(circle)


@op(name="circle")
def _circle(
    labels: Array,
    embeddings: Array,
    ref_labels: Array,
    ref_embeddings: Array,
    remove_diagonal: bool,
    gamma: float,
    margin: float,
) -> tuple:
    if embeddings.ndim != 2 or embeddings.shape[0] != labels.size:
        raise misfit(labels.shape, embeddings.shape, "shapes (batch,) and (batch, dim)")
    distance = jnp.maximum(1.0 - embeddings @ ref_embeddings.T, 0.0)
    labels, ref_labels = labels.astype("int32").ravel(), ref_labels.astype("int32").ravel()
    same = labels[:, None] == ref_labels[None, :]
    other = ~same
    if remove_diagonal:
        same &= ~jnp.eye(*same.shape, dtype=bool)
    pull = -gamma * jnp.maximum(margin + distance, 0.0) * (margin - distance)
    push = gamma * jnp.maximum(1.0 + margin - distance, 0.0) * (1.0 - margin - distance)
    loss = jax.nn.softplus(_log_sum_exp(pull, same) + _log_sum_exp(push, other))
    return loss, loss > 0


def _log_sum_exp(x: Any, mask: Any) -> Any:
    # A large number and not infinity: rows without a pair would have a gradient of NaN.
    return jax.nn.logsumexp(jnp.where(mask, x, -1e9), axis=1)


@enrol("keras.losses")
class CosineSimilarity(FunctionLoss):
    """Minus the cosine of the angle between labels and predictions.

    Args:
        axis: the axis of the vectors.
        reduction: how the values become one number; see `Loss`.
        name: shown in logs.
        dtype: in which the loss is computed; see `Loss`.

    >>> import nyala
    >>> round(float(nyala.losses.CosineSimilarity()([[3.0, 4.0]], [[6.0, 8.0]])), 4)
    -1.0
    """

    def __init__(self, axis: int = -1, reduction: str | None = "sum_over_batch_size",
                 name: str | None = "cosine_similarity", dtype: Any = None):  # fmt: skip
        super().__init__(cosine_similarity, reduction, name, dtype, axis=axis)


@enrol("keras.losses")
class Circle(FunctionLoss):
    """Circle loss of embeddings against the other embeddings of the batch; see `circle`.

    Args:
        gamma: how steeply the loss rises.
        margin: how far apart the classes are kept.
        remove_diagonal: whether a sample is no pair with itself.
        reduction: how the values become one number; see `Loss`.
        name: shown in logs.
        dtype: in which the loss is computed; see `Loss`.

    >>> import nyala
    >>> x = [[1.0, 0.0], [0.6, 0.8], [0.0, 1.0], [0.8, 0.6]]
    >>> nyala.losses.Circle(gamma=1.0)([0, 0, 1, 1], x).shape
    ()
    """

    def __init__(self, gamma: float = 80.0, margin: float = 0.4, remove_diagonal: bool = True,
                 reduction: str | None = "sum_over_batch_size",
                 name: str | None = "circle", dtype: Any = None):  # fmt: skip
        super().__init__(circle, reduction, name, dtype, gamma=gamma, margin=margin,
                         remove_diagonal=remove_diagonal)  # fmt: skip
