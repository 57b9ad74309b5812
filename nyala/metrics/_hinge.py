"""Means of the losses of maximum-margin classification."""

from __future__ import annotations

from typing import Any

from nyala.core import enrol
from nyala.losses import categorical_hinge, hinge, squared_hinge
from nyala.metrics._mean import FunctionMetric


@enrol("keras.metrics")
class Hinge(FunctionMetric):
    """Mean of the hinge loss; labels are -1 and 1, or 0 and 1.

    Args:
        name: shown in logs.
        dtype: of the result; see `Metric`.

    >>> import nyala
    >>> metric = nyala.metrics.Hinge()
    >>> metric.update_state([[0.0, 1.0]], [[-2.0, 0.5]])
    >>> float(metric.result())
    0.25
    """

    _direction = "down"

    def __init__(self, name: str | None = "hinge", dtype: Any = None):
        super().__init__(hinge, name, dtype)


@enrol("keras.metrics")
class SquaredHinge(FunctionMetric):
    """Mean of the squared hinge loss; labels are -1 and 1, or 0 and 1.

    Args:
        name: shown in logs.
        dtype: of the result; see `Metric`.

    >>> import nyala
    >>> metric = nyala.metrics.SquaredHinge()
    >>> metric.update_state([[0.0, 1.0]], [[-2.0, 0.5]])
    >>> float(metric.result())
    0.125
    """

    _direction = "down"

    def __init__(self, name: str | None = "squared_hinge", dtype: Any = None):
        super().__init__(squared_hinge, name, dtype)


@enrol("keras.metrics")
class CategoricalHinge(FunctionMetric):
    """Mean of the hinge loss of one-hot labels.

    Args:
        name: shown in logs.
        dtype: of the result; see `Metric`.

    >>> import nyala
    >>> metric = nyala.metrics.CategoricalHinge()
    >>> metric.update_state([[0.0, 1.0]], [[0.5, 1.0]])
    >>> float(metric.result())
    0.5
    """

    _direction = "down"

    def __init__(self, name: str | None = "categorical_hinge", dtype: Any = None):
        super().__init__(categorical_hinge, name, dtype)
