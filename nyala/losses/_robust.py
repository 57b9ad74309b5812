"""Errors that grow like a square near zero and like the distance far from it."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp

from nyala.core import enrol
from nyala.eager import Array, op
from nyala.losses._loss import FunctionLoss
from nyala.losses._regression import mean_last
from nyala.losses.shapes import paired


@enrol("keras.losses")
@op
def huber(y_true: Array, y_pred: Array, delta: float = 1.0) -> Array:
    """Mean over the last axis of Huber's error.

    With `e = y_pred - y_true` it is `e²/2` where `|e| <= delta` and `delta·|e| - delta²/2` beyond.

    Args:
        y_true: labels, shape `(batch, d0, .., dN)`.
        y_pred: predictions; shapes as in `mean_squared_error`.
        delta: where the square ends and the straight line begins.

    Returns:
        Shape `(batch, d0, .., dN-1)`.

    Source: P. J. Huber, *Robust Estimation of a Location Parameter*, 1964.

    >>> import nyala
    >>> nyala.losses.huber([[0.0, 0.0]], [[1.0, 3.0]]).numpy()
    array([1.5], dtype=float32)
    """
    y_true, y_pred = paired(y_true, y_pred)
    distance = jnp.abs(y_pred - y_true)
    near = 0.5 * jnp.square(distance)
    far = delta * distance - 0.5 * delta * delta
    return mean_last(jnp.where(distance <= delta, near, far))


@enrol("keras.losses")
@op
def log_cosh(y_true: Array, y_pred: Array) -> Array:
    """Mean over the last axis of `log(cosh(y_pred - y_true))`, computed without overflow.

    Args:
        y_true: labels, shape `(batch, d0, .., dN)`.
        y_pred: predictions; shapes as in `mean_squared_error`.

    Returns:
        Shape `(batch, d0, .., dN-1)`.

    >>> import nyala
    >>> nyala.losses.log_cosh([[0.0, 0.0]], [[0.0, 100.0]]).numpy().round(3)
    array([49.653], dtype=float32)
    """
    y_true, y_pred = paired(y_true, y_pred)
    error = y_pred - y_true
    return mean_last(error + jax.nn.softplus(-2.0 * error) - math.log(2.0))


@enrol("keras.losses")
class Huber(FunctionLoss):
    """Huber's error: quadratic up to `delta`, linear beyond.

    Args:
        delta: where the square ends and the straight line begins.
        reduction: how the values of the samples become one number; see `Loss`.
        name: shown in logs.
        dtype: in which the loss is computed; see `Loss`.

    >>> import nyala
    >>> float(nyala.losses.Huber(delta=2.0)([[0.0, 0.0]], [[1.0, 3.0]]))
    2.25
    """

    def __init__(self, delta: float = 1.0, reduction: str | None = "sum_over_batch_size",
                 name: str | None = "huber_loss", dtype: Any = None):  # fmt: skip
        super().__init__(huber, reduction, name, dtype, delta=delta)


@enrol("keras.losses")
class LogCosh(FunctionLoss):
    """Logarithm of the hyperbolic cosine of the error.

    Args:
        reduction: how the values of the samples become one number; see `Loss`.
        name: shown in logs.
        dtype: in which the loss is computed; see `Loss`.

    >>> import nyala
    >>> float(nyala.losses.LogCosh()([[1.0, 2.0]], [[1.0, 2.0]]))
    0.0
    """

    def __init__(self, reduction: str | None = "sum_over_batch_size",
                 name: str | None = "log_cosh", dtype: Any = None):  # fmt: skip
        super().__init__(log_cosh, reduction, name, dtype)
