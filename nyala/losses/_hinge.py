"""Losses of maximum-margin classification."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from nyala.core import enrol
from nyala.eager import Array, op
from nyala.losses._loss import FunctionLoss
from nyala.losses._regression import mean_last
from nyala.losses.shapes import paired, paired_exactly


def _margins(y_true: Any, y_pred: Any) -> Any:
    """Return `max(1 - y_true·y_pred, 0)`; labels that are all 0 or 1 become -1 and 1."""
    y_true, y_pred = paired(y_true, y_pred)
    all_binary = jnp.all((y_true == 0) | (y_true == 1))
    signs = jnp.where(all_binary, 2.0 * y_true - 1.0, y_true)
    return jnp.maximum(1.0 - signs * y_pred, 0.0)


@enrol("keras.losses")
@op
def hinge(y_true: Array, y_pred: Array) -> Array:
    """Mean over the last axis of `max(1 - y_true·y_pred, 0)`.

    Args:
        y_true: labels -1 and 1, shape `(batch, d0, .., dN)`. If all of them are 0 or 1, zeros
            count as -1.
        y_pred: scores; shapes as in `mean_squared_error`.

    Returns:
        Shape `(batch, d0, .., dN-1)`.

    >>> import nyala
    >>> nyala.losses.hinge([[-1.0, 1.0]], [[-2.0, 0.5]]).numpy()
    array([0.25], dtype=float32)
    """
    return mean_last(_margins(y_true, y_pred))


@enrol("keras.losses")
@op
def squared_hinge(y_true: Array, y_pred: Array) -> Array:
    """Mean over the last axis of `max(1 - y_true·y_pred, 0)²`.

    Args:
        y_true: labels -1 and 1, or 0 and 1; see `hinge`.
        y_pred: scores; shapes as in `mean_squared_error`.

    Returns:
        Shape `(batch, d0, .., dN-1)`.

    >>> import nyala
    >>> nyala.losses.squared_hinge([[-1.0, 1.0]], [[-2.0, 0.5]]).numpy()
    array([0.125], dtype=float32)
    """
    return mean_last(jnp.square(_margins(y_true, y_pred)))


@enrol("keras.losses")
@op
def categorical_hinge(y_true: Array, y_pred: Array) -> Array:
    """How far the best wrong class comes within 1 of the right one: `max(neg - pos + 1, 0)`.

    `pos` is the score of the right class and `neg` the greatest among the others.

    Args:
        y_true: one-hot labels, shape `(batch, .., classes)`.
        y_pred: scores, same shape.

    Returns:
        Shape `(batch, ..)`.

    >>> import nyala
    >>> nyala.losses.categorical_hinge([[0.0, 1.0]], [[0.5, 1.0]]).numpy()
    array([0.5], dtype=float32)
    """
    y_true, y_pred = paired_exactly(y_true, y_pred, " Labels are one-hot here.")
    pos = jnp.sum(y_true * y_pred, axis=-1)
    neg = jnp.max((1.0 - y_true) * y_pred, axis=-1)
    return jnp.maximum(neg - pos + 1.0, 0.0)


@enrol("keras.losses")
class Hinge(FunctionLoss):
    """Hinge loss of binary labels, `max(1 - y_true·y_pred, 0)`.

    Args:
        reduction: how the values of the samples become one number; see `Loss`.
        name: shown in logs.
        dtype: in which the loss is computed; see `Loss`.

    >>> import nyala
    >>> float(nyala.losses.Hinge()([[0.0, 1.0]], [[-2.0, 0.5]]))
    0.25
    """

    def __init__(self, reduction: str | None = "sum_over_batch_size",
                 name: str | None = "hinge", dtype: Any = None):  # fmt: skip
        super().__init__(hinge, reduction, name, dtype)


@enrol("keras.losses")
class SquaredHinge(FunctionLoss):
    """Squared hinge loss of binary labels.

    Args:
        reduction: how the values of the samples become one number; see `Loss`.
        name: shown in logs.
        dtype: in which the loss is computed; see `Loss`.

    >>> import nyala
    >>> float(nyala.losses.SquaredHinge()([[0.0, 1.0]], [[-2.0, 0.5]]))
    0.125
    """

    def __init__(self, reduction: str | None = "sum_over_batch_size",
                 name: str | None = "squared_hinge", dtype: Any = None):  # fmt: skip
        super().__init__(squared_hinge, reduction, name, dtype)


@enrol("keras.losses")
class CategoricalHinge(FunctionLoss):
    """Hinge loss of one-hot labels.

    Args:
        reduction: how the values of the samples become one number; see `Loss`.
        name: shown in logs.
        dtype: in which the loss is computed; see `Loss`.

    >>> import nyala
    >>> float(nyala.losses.CategoricalHinge()([[0.0, 1.0]], [[0.5, 1.0]]))
    0.5
    """

    def __init__(self, reduction: str | None = "sum_over_batch_size",
                 name: str | None = "categorical_hinge", dtype: Any = None):  # fmt: skip
        super().__init__(categorical_hinge, reduction, name, dtype)
