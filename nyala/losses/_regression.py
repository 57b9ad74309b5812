"""Mean errors: squared, absolute, in percent, of logarithms."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from nyala.core import enrol, epsilon
from nyala.eager import Array, op
from nyala.losses._loss import FunctionLoss
from nyala.losses.shapes import paired


def mean_last(x: Any) -> Any:
    """Return the mean over the last axis; a scalar is its own mean."""
    return jnp.mean(x, axis=-1) if x.ndim else x


@enrol("keras.losses")
@op
def mean_squared_error(y_true: Array, y_pred: Array) -> Array:
    """Mean over the last axis of `(y_true - y_pred)²`.

    Args:
        y_true: labels, shape `(batch, d0, .., dN)`.
        y_pred: predictions, same shape. A last axis of length 1 may be missing in either, and
            either may be repeated along axes of length 1; never both (no outer product).

    Returns:
        Shape `(batch, d0, .., dN-1)`, in the dtype of `y_pred`.

    Raises:
        ValueError: the shapes do not belong together.

    >>> import nyala
    >>> nyala.losses.mean_squared_error([[0.0, 2.0]], [[1.0, 4.0]]).numpy()
    array([2.5], dtype=float32)
    """
    y_true, y_pred = paired(y_true, y_pred)
    return mean_last(jnp.square(y_true - y_pred))


@enrol("keras.losses")
@op
def mean_absolute_error(y_true: Array, y_pred: Array) -> Array:
    """Mean over the last axis of `|y_true - y_pred|`.

    Args:
        y_true: labels, shape `(batch, d0, .., dN)`.
        y_pred: predictions; shapes as in `mean_squared_error`.

    Returns:
        Shape `(batch, d0, .., dN-1)`.

    >>> import nyala
    >>> nyala.losses.mean_absolute_error([[0.0, 2.0]], [[1.0, 4.0]]).numpy()
    array([1.5], dtype=float32)
    """
    y_true, y_pred = paired(y_true, y_pred)
    return mean_last(jnp.abs(y_true - y_pred))


@enrol("keras.losses")
@op
def mean_absolute_percentage_error(y_true: Array, y_pred: Array) -> Array:
    """100 times the mean over the last axis of `|y_true - y_pred| / |y_true|`.

    Args:
        y_true: labels, shape `(batch, d0, .., dN)`. Where one is nearer to 0 than
            `config.epsilon()`, the error is divided by that instead.
        y_pred: predictions; shapes as in `mean_squared_error`.

    Returns:
        Percent, shape `(batch, d0, .., dN-1)`.

    >>> import nyala
    >>> nyala.losses.mean_absolute_percentage_error([[2.0, 4.0]], [[1.0, 4.0]]).numpy()
    array([25.], dtype=float32)
    """
    y_true, y_pred = paired(y_true, y_pred)
    relative = (y_true - y_pred) / jnp.maximum(jnp.abs(y_true), epsilon())
    return 100.0 * mean_last(jnp.abs(relative))


@enrol("keras.losses")
@op
def mean_squared_logarithmic_error(y_true: Array, y_pred: Array) -> Array:
    """Mean over the last axis of `(log(1 + y_true) - log(1 + y_pred))²`.

    Args:
        y_true: labels, shape `(batch, d0, .., dN)`; those below `config.epsilon()`, negative ones
            included, count as `config.epsilon()`.
        y_pred: predictions, bounded in the same way; shapes as in `mean_squared_error`.

    Returns:
        Shape `(batch, d0, .., dN-1)`.

    >>> import nyala
    >>> nyala.losses.mean_squared_logarithmic_error([[3.0]], [[3.0]]).numpy()
    array([0.], dtype=float32)
    """
    y_true, y_pred = paired(y_true, y_pred)
    log_pred = jnp.log(jnp.maximum(y_pred, epsilon()) + 1.0)
    log_true = jnp.log(jnp.maximum(y_true, epsilon()) + 1.0)
    return mean_last(jnp.square(log_pred - log_true))


@enrol("keras.losses")
class MeanSquaredError(FunctionLoss):
    """Mean of the squares of the errors.

    Args:
        reduction: how the values of the samples become one number; see `Loss`.
        name: shown in logs.
        dtype: in which the loss is computed; see `Loss`.

    >>> import nyala
    >>> loss = nyala.losses.MeanSquaredError()
    >>> float(loss([[0.0, 2.0], [1.0, 1.0]], [[1.0, 4.0], [1.0, 1.0]]))
    1.25
    """

    def __init__(self, reduction: str | None = "sum_over_batch_size",
                 name: str | None = "mean_squared_error", dtype: Any = None):  # fmt: skip
        super().__init__(mean_squared_error, reduction, name, dtype)


@enrol("keras.losses")
class MeanAbsoluteError(FunctionLoss):
    """Mean of the absolute values of the errors.

    Args:
        reduction: how the values of the samples become one number; see `Loss`.
        name: shown in logs.
        dtype: in which the loss is computed; see `Loss`.

    >>> import nyala
    >>> float(nyala.losses.MeanAbsoluteError()([[0.0, 2.0]], [[1.0, 4.0]]))
    1.5
    """

    def __init__(self, reduction: str | None = "sum_over_batch_size",
                 name: str | None = "mean_absolute_error", dtype: Any = None):  # fmt: skip
        super().__init__(mean_absolute_error, reduction, name, dtype)


@enrol("keras.losses")
class MeanAbsolutePercentageError(FunctionLoss):
    """Mean of the errors in percent of the labels.

    Args:
        reduction: how the values of the samples become one number; see `Loss`.
        name: shown in logs.
        dtype: in which the loss is computed; see `Loss`.

    >>> import nyala
    >>> float(nyala.losses.MeanAbsolutePercentageError()([[2.0, 4.0]], [[1.0, 4.0]]))
    25.0
    """

    def __init__(self, reduction: str | None = "sum_over_batch_size",
                 name: str | None = "mean_absolute_percentage_error",
                 dtype: Any = None):  # fmt: skip
        super().__init__(mean_absolute_percentage_error, reduction, name, dtype)


@enrol("keras.losses")
class MeanSquaredLogarithmicError(FunctionLoss):
    """Mean of the squared differences of `log(1 + y)`.

    Args:
        reduction: how the values of the samples become one number; see `Loss`.
        name: shown in logs.
        dtype: in which the loss is computed; see `Loss`.

    >>> import nyala
    >>> float(nyala.losses.MeanSquaredLogarithmicError()([[3.0]], [[3.0]]))
    0.0
    """

    def __init__(self, reduction: str | None = "sum_over_batch_size",
                 name: str | None = "mean_squared_logarithmic_error",
                 dtype: Any = None):  # fmt: skip
        super().__init__(mean_squared_logarithmic_error, reduction, name, dtype)
