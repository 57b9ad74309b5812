"""Means of errors of predicted numbers."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from nyala import ops
from nyala.core import enrol
from nyala.eager import Array, op
from nyala.losses import (
    cosine_similarity,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)
from nyala.losses.shapes import paired
from nyala.metrics._mean import FunctionMetric, Mean


@op(name="CosineSimilarity.update_state")
def _cosine(y_true: Array, y_pred: Array, axis: int = -1) -> Array:
    return -cosine_similarity.pure(y_true, y_pred, axis)


@op(name="RootMeanSquaredError.update_state")
def _squared_errors(y_true: Array, y_pred: Array) -> Array:
    y_true, y_pred = paired(y_true, y_pred)
    return jnp.square(y_pred - y_true)


@op
def _root_of_mean(total: Array, count: Array) -> Array:
    return jnp.sqrt(ops.divide_no_nan.pure(total, count))


@enrol("keras.metrics")
class MeanSquaredError(FunctionMetric):
    """Mean of the squares of the errors.

    Args:
        name: shown in logs.
        dtype: of the result; see `Metric`.

    >>> import nyala
    >>> metric = nyala.metrics.MeanSquaredError()
    >>> metric.update_state([[0.0, 2.0]], [[1.0, 4.0]])
    >>> float(metric.result())
    2.5
    """

    _direction = "down"

    def __init__(self, name: str | None = "mean_squared_error", dtype: Any = None):
        super().__init__(mean_squared_error, name, dtype)


@enrol("keras.metrics")
class MeanAbsoluteError(FunctionMetric):
    """Mean of the absolute values of the errors.

    Args:
        name: shown in logs.
        dtype: of the result; see `Metric`.

    >>> import nyala
    >>> metric = nyala.metrics.MeanAbsoluteError()
    >>> metric.update_state([[0.0, 2.0]], [[1.0, 4.0]])
    >>> float(metric.result())
    1.5
    """

    _direction = "down"

    def __init__(self, name: str | None = "mean_absolute_error", dtype: Any = None):
        super().__init__(mean_absolute_error, name, dtype)


@enrol("keras.metrics")
class MeanAbsolutePercentageError(FunctionMetric):
    """Mean of the errors in percent of the labels.

    Args:
        name: shown in logs.
        dtype: of the result; see `Metric`.

    >>> import nyala
    >>> metric = nyala.metrics.MeanAbsolutePercentageError()
    >>> metric.update_state([[2.0, 4.0]], [[1.0, 4.0]])
    >>> float(metric.result())
    25.0
    """

    _direction = "down"

    def __init__(self, name: str | None = "mean_absolute_percentage_error", dtype: Any = None):
        super().__init__(mean_absolute_percentage_error, name, dtype)


@enrol("keras.metrics")
class MeanSquaredLogarithmicError(FunctionMetric):
    """Mean of the squared differences of `log(1 + y)`.

    Args:
        name: shown in logs.
        dtype: of the result; see `Metric`.

    >>> import nyala
    >>> metric = nyala.metrics.MeanSquaredLogarithmicError()
    >>> metric.update_state([[3.0]], [[3.0]])
    >>> float(metric.result())
    0.0
    """

    _direction = "down"

    def __init__(self, name: str | None = "mean_squared_logarithmic_error", dtype: Any = None):
        super().__init__(mean_squared_logarithmic_error, name, dtype)


@enrol("keras.metrics")
class RootMeanSquaredError(Mean):
    """Square root of the mean of the squares of all errors.

    Args:
        name: shown in logs.
        dtype: of the result; see `Metric`.

    >>> import nyala
    >>> metric = nyala.metrics.RootMeanSquaredError()
    >>> metric.update_state([[0.0, 0.0]], [[3.0, 3.0]])
    >>> float(metric.result())
    3.0
    """

    _direction = "down"

    def __init__(self, name: str | None = "root_mean_squared_error", dtype: Any = None):
        super().__init__(name, dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch of labels and predictions."""
        self._accumulate(_squared_errors(y_true, y_pred), sample_weight)

    def result(self) -> Any:
        """Return the root of the mean; 0 where nothing was seen."""
        return _root_of_mean(self.total, self.count)


@enrol("keras.metrics")
class CosineSimilarity(FunctionMetric):
    """Mean cosine of the angle between labels and predictions; 1 is the same direction.

    Args:
        name: shown in logs.
        dtype: of the result; see `Metric`.
        axis: the axis of the vectors.

    >>> import nyala
    >>> metric = nyala.metrics.CosineSimilarity()
    >>> metric.update_state([[3.0, 4.0]], [[6.0, 8.0]])
    >>> round(float(metric.result()), 4)
    1.0
    """

    _direction = "up"

    def __init__(self, name: str | None = "cosine_similarity", dtype: Any = None, axis: int = -1):
        super().__init__(_cosine, name, dtype, axis=axis)


@enrol("keras.metrics")
class LogCoshError(FunctionMetric):
    """Mean logarithm of the hyperbolic cosine of the errors.

    Args:
        name: shown in logs.
        dtype: of the result; see `Metric`.

    >>> import nyala
    >>> metric = nyala.metrics.LogCoshError()
    >>> metric.update_state([[1.0]], [[1.0]])
    >>> float(metric.result())
    0.0
    """

    _direction = "down"

    def __init__(self, name: str | None = "logcosh", dtype: Any = None):
        super().__init__(log_cosh, name, dtype)
