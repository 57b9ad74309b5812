"""How predictions and labels vary together."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from nyala.core import enrol, epsilon
from nyala.eager import Array, op
from nyala.losses.shapes import paired
from nyala.metrics._mean import FunctionMetric


def _centred(x: Any, axis: int) -> Any:
    return x - jnp.mean(x, axis=axis, keepdims=True)


@enrol("keras.metrics")
@op
def pearson_correlation(y_true: Array, y_pred: Array, axis: int = -1) -> Array:
    """Pearson's correlation coefficient along an axis.

    It is the mean product of the deviations from the means, divided by the standard deviations.

    Args:
        y_true: labels.
        y_pred: predictions; shapes as in `losses.mean_squared_error`.
        axis: along which values are correlated; each needs two different ones at least.

    Returns:
        From -1 to 1, the shape without `axis`; NaN where labels or predictions are constant.

    >>> import nyala
    >>> y_true, y_pred = [[0.0, 1.0, 0.5]], [[0.1, 0.9, 0.5]]
    >>> nyala.metrics.pearson_correlation(y_true, y_pred).numpy().round(4)
    array([1.], dtype=float32)
    """
    y_true, y_pred = paired(y_true, y_pred)
    true, pred = _centred(y_true, axis), _centred(y_pred, axis)
    true = true / jnp.std(true, axis=axis, keepdims=True)
    pred = pred / jnp.std(pred, axis=axis, keepdims=True)
    return jnp.mean(true * pred, axis=axis)


@enrol("keras.metrics")
@op
def concordance_correlation(y_true: Array, y_pred: Array, axis: int = -1) -> Array:
    """Lin's concordance correlation coefficient along an axis.

    It is `2·cov / (var_true + var_pred + (mean_true - mean_pred)²)`: Pearson's coefficient,
    lessened where the predictions are shifted or stretched.

    Args:
        y_true: labels.
        y_pred: predictions; shapes as in `losses.mean_squared_error`.
        axis: along which values are correlated.

    Returns:
        From -1 to 1, the shape without `axis`.

    Source: L. I-K. Lin, *A Concordance Correlation Coefficient to Evaluate Reproducibility*, 1989.

    >>> import nyala
    >>> nyala.metrics.concordance_correlation([[0.0, 1.0]], [[1.0, 2.0]]).numpy().round(4)
    array([0.3333], dtype=float32)
    """
    y_true, y_pred = paired(y_true, y_pred)
    shift = jnp.mean(y_true, axis=axis) - jnp.mean(y_pred, axis=axis)
    covariance = jnp.mean(_centred(y_true, axis) * _centred(y_pred, axis), axis=axis)
    spread = jnp.var(y_true, axis=axis) + jnp.var(y_pred, axis=axis) + jnp.square(shift)
    return 2.0 * covariance / (spread + epsilon())


@enrol("keras.metrics")
class PearsonCorrelation(FunctionMetric):
    """Mean of Pearson's correlation coefficients of the samples.

    Args:
        name: shown in logs.
        dtype: of the result; see `Metric`.
        axis: along which values are correlated; `0` correlates over the batch.

    >>> import nyala
    >>> metric = nyala.metrics.PearsonCorrelation()
    >>> metric.update_state([[0.0, 1.0, 0.5]], [[0.1, 0.9, 0.5]])
    >>> round(float(metric.result()), 4)
    1.0
    """

    _direction = "up"

    def __init__(self, name: str | None = "pearson_correlation", dtype: Any = None, axis: int = -1):
        super().__init__(pearson_correlation, name, dtype, axis=axis)


@enrol("keras.metrics")
class ConcordanceCorrelation(FunctionMetric):
    """Mean of Lin's concordance correlation coefficients of the samples.

    Args:
        name: shown in logs.
        dtype: of the result; see `Metric`.
        axis: along which values are correlated; `0` correlates over the batch.

    >>> import nyala
    >>> metric = nyala.metrics.ConcordanceCorrelation()
    >>> metric.update_state([[0.0, 1.0]], [[1.0, 2.0]])
    >>> round(float(metric.result()), 4)
    0.3333
    """

    _direction = "up"

    def __init__(self, name: str | None = "concordance_correlation", dtype: Any = None,
                 axis: int = -1):  # fmt: skip
        super().__init__(concordance_correlation, name, dtype, axis=axis)
