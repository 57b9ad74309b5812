"""Losses between distributions: Kullback and Leibler's divergence, Poisson's likelihood."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from nyala.core import enrol, epsilon
from nyala.eager import Array, op
from nyala.losses._loss import FunctionLoss
from nyala.losses._regression import mean_last
from nyala.losses.shapes import paired


@enrol("keras.losses")
@op
def kl_divergence(y_true: Array, y_pred: Array) -> Array:
    """Sum over the last axis of `y_true · log(y_true / y_pred)`.

    Args:
        y_true: probabilities, shape `(batch, d0, .., dN)`; bounded to `[epsilon, 1]`.
        y_pred: probabilities, bounded in the same way; shapes as in `mean_squared_error`.

    Returns:
        Nats, shape `(batch, d0, .., dN-1)`.

    Source: S. Kullback and R. A. Leibler, *On Information and Sufficiency*, 1951.

    >>> import nyala
    >>> nyala.losses.kl_divergence([[0.5, 0.5]], [[0.25, 0.75]]).numpy().round(4)
    array([0.1438], dtype=float32)
    """
    y_true, y_pred = paired(y_true, y_pred)
    y_true = jnp.clip(y_true, epsilon(), 1.0)
    y_pred = jnp.clip(y_pred, epsilon(), 1.0)
    return jnp.sum(y_true * jnp.log(y_true / y_pred), axis=-1)


@enrol("keras.losses")
@op
def poisson(y_true: Array, y_pred: Array) -> Array:
    """Mean over the last axis of `y_pred - y_true · log(y_pred)`.

    It is the negative log-likelihood of counts under Poisson's distribution, up to a term that
    does not depend on the prediction.

    Args:
        y_true: counts, shape `(batch, d0, .., dN)`.
        y_pred: expected counts, not negative; shapes as in `mean_squared_error`.

    Returns:
        Shape `(batch, d0, .., dN-1)`.

    >>> import nyala
    >>> nyala.losses.poisson([[2.0]], [[1.0]]).numpy().round(4)
    array([1.], dtype=float32)
    """
    y_true, y_pred = paired(y_true, y_pred)
    return mean_last(y_pred - y_true * jnp.log(y_pred + epsilon()))


@enrol("keras.losses")
class KLDivergence(FunctionLoss):
    """Kullback-Leibler divergence of the predicted from the true distribution.

    Args:
        reduction: how the values of the samples become one number; see `Loss`.
        name: shown in logs.
        dtype: in which the loss is computed; see `Loss`.

    >>> import nyala
    >>> float(nyala.losses.KLDivergence()([[0.5, 0.5]], [[0.5, 0.5]]))
    0.0
    """

    def __init__(self, reduction: str | None = "sum_over_batch_size",
                 name: str | None = "kl_divergence", dtype: Any = None):  # fmt: skip
        super().__init__(kl_divergence, reduction, name, dtype)


@enrol("keras.losses")
class Poisson(FunctionLoss):
    """Poisson's negative log-likelihood of counts.

    Args:
        reduction: how the values of the samples become one number; see `Loss`.
        name: shown in logs.
        dtype: in which the loss is computed; see `Loss`.

    >>> import nyala
    >>> round(float(nyala.losses.Poisson()([[2.0]], [[1.0]])), 4)
    1.0
    """

    def __init__(self, reduction: str | None = "sum_over_batch_size",
                 name: str | None = "poisson", dtype: Any = None):  # fmt: skip
        super().__init__(poisson, reduction, name, dtype)
