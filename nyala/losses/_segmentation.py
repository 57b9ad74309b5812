"""Losses of overlap between a predicted and a true region."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from nyala.core import enrol, epsilon
from nyala.eager import Array, op
from nyala.losses._loss import FunctionLoss
from nyala.losses.shapes import paired_exactly


@enrol("keras.losses")
@op
def dice(y_true: Array, y_pred: Array, axis: int | tuple[int, ...] | None = None) -> Array:
    """One minus the Dice coefficient, `1 - 2·|A ∩ B| / (|A| + |B|)`.

    Args:
        y_true: membership in the true region, between 0 and 1.
        y_pred: predicted membership, same shape.
        axis: the axes over which a region extends; all of them by default, the batch included.

    Returns:
        A scalar, or the shape without `axis`.

    Source: L. R. Dice, *Measures of the Amount of Ecologic Association Between Species*, 1945.

    >>> import nyala
    >>> round(float(nyala.losses.dice([[1.0, 1.0, 0.0]], [[1.0, 0.0, 0.0]])), 4)
    0.3333
    """
    y_true, y_pred = paired_exactly(y_true, y_pred)
    common = jnp.sum(y_true * y_pred, axis=axis)
    total = jnp.sum(y_true, axis=axis) + jnp.sum(y_pred, axis=axis)
    return 1.0 - 2.0 * common / (total + epsilon())


@enrol("keras.losses")
@op
def tversky(
    y_true: Array,
    y_pred: Array,
    alpha: float = 0.5,
    beta: float = 0.5,
    axis: int | tuple[int, ...] | None = None,
) -> Array:
    """One minus Tversky's index, in which the two kinds of error weigh differently.

    The index is `|A ∩ B| / (|A ∩ B| + alpha·|A - B| + beta·|B - A|)` with the true region `A` and
    the predicted region `B`.

    Args:
        y_true: membership in the true region, between 0 and 1.
        y_pred: predicted membership, same shape.
        alpha: weight of what is true and not predicted.
        beta: weight of what is predicted and not true.
        axis: the axes over which a region extends; all of them by default, the batch included.

    Returns:
        A scalar, or the shape without `axis`.

    Source: S. Salehi et al., *Tversky loss function for image segmentation*, 2017.

    >>> import nyala
    >>> float(nyala.losses.tversky([[1.0, 1.0]], [[1.0, 0.0]], alpha=1.0).numpy().round(4))
    0.5
    """
    y_true, y_pred = paired_exactly(y_true, y_pred)
    common = jnp.sum(y_true * y_pred, axis=axis)
    missed = jnp.sum(y_true * (1.0 - y_pred), axis=axis)
    invented = jnp.sum((1.0 - y_true) * y_pred, axis=axis)
    return 1.0 - common / (common + alpha * missed + beta * invented + epsilon())


@enrol("keras.losses")
class Dice(FunctionLoss):
    """One minus the Dice coefficient of two regions.

    Args:
        reduction: how the values become one number; see `Loss`.
        name: shown in logs.
        axis: the axes over which a region extends; all of them by default.
        dtype: in which the loss is computed; see `Loss`.

    >>> import nyala
    >>> round(float(nyala.losses.Dice()([[1.0, 1.0, 0.0]], [[1.0, 0.0, 0.0]])), 4)
    0.3333
    """

    def __init__(self, reduction: str | None = "sum_over_batch_size",
                 name: str | None = "dice", axis: Any = None, dtype: Any = None):  # fmt: skip
        super().__init__(dice, reduction, name, dtype, axis=axis)


@enrol("keras.losses")
class Tversky(FunctionLoss):
    """One minus Tversky's index of two regions.

    Args:
        alpha: weight of what is true and not predicted.
        beta: weight of what is predicted and not true.
        reduction: how the values become one number; see `Loss`.
        name: shown in logs.
        axis: the axes over which a region extends; all of them by default.
        dtype: in which the loss is computed; see `Loss`.

    >>> import nyala
    >>> round(float(nyala.losses.Tversky(alpha=1.0)([[1.0, 1.0]], [[1.0, 0.0]])), 4)
    0.5
    """

    def __init__(self, alpha: float = 0.5, beta: float = 0.5,
                 reduction: str | None = "sum_over_batch_size",
                 name: str | None = "tversky", axis: Any = None, dtype: Any = None):  # fmt: skip
        super().__init__(tversky, reduction, name, dtype, alpha=alpha, beta=beta, axis=axis)
