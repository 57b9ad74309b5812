"""Means of the crossentropies and of other losses between distributions."""

from __future__ import annotations

from typing import Any

from nyala.core import enrol
from nyala.losses import (
    binary_crossentropy,
    categorical_crossentropy,
    kl_divergence,
    poisson,
    sparse_categorical_crossentropy,
)
from nyala.metrics._mean import FunctionMetric


@enrol("keras.metrics")
class KLDivergence(FunctionMetric):
    """Mean Kullback-Leibler divergence of the predicted from the true distribution.

    Args:
        name: shown in logs.
        dtype: of the result; see `Metric`.

    >>> import nyala
    >>> metric = nyala.metrics.KLDivergence()
    >>> metric.update_state([[0.5, 0.5]], [[0.25, 0.75]])
    >>> round(float(metric.result()), 4)
    0.1438
    """

    _direction = "down"

    def __init__(self, name: str | None = "kl_divergence", dtype: Any = None):
        super().__init__(kl_divergence, name, dtype)


@enrol("keras.metrics")
class Poisson(FunctionMetric):
    """Mean of Poisson's negative log-likelihood of counts.

    Args:
        name: shown in logs.
        dtype: of the result; see `Metric`.

    >>> import nyala
    >>> metric = nyala.metrics.Poisson()
    >>> metric.update_state([[2.0]], [[1.0]])
    >>> round(float(metric.result()), 4)
    1.0
    """

    _direction = "down"

    def __init__(self, name: str | None = "poisson", dtype: Any = None):
        super().__init__(poisson, name, dtype)


@enrol("keras.metrics")
class BinaryCrossentropy(FunctionMetric):
    """Mean crossentropy of labels 0 and 1.

    Args:
        name: shown in logs.
        dtype: of the result; see `Metric`.
        from_logits: whether predictions are before the sigmoid.
        label_smoothing: from 0 to 1; labels become `y·(1 - s) + s/2`.

    >>> import nyala
    >>> metric = nyala.metrics.BinaryCrossentropy()
    >>> metric.update_state([[1.0, 0.0]], [[0.5, 0.5]])
    >>> round(float(metric.result()), 4)
    0.6931
    """

    _direction = "down"

    def __init__(self, name: str | None = "binary_crossentropy", dtype: Any = None,
                 from_logits: bool = False, label_smoothing: float = 0):  # fmt: skip
        super().__init__(
            binary_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
        )


@enrol("keras.metrics")
class CategoricalCrossentropy(FunctionMetric):
    """Mean crossentropy of one-hot labels.

    Args:
        name: shown in logs.
        dtype: of the result; see `Metric`.
        from_logits: whether predictions are before the softmax.
        label_smoothing: from 0 to 1; this share of each label is spread over all classes.
        axis: the axis of the classes.

    >>> import nyala
    >>> metric = nyala.metrics.CategoricalCrossentropy()
    >>> metric.update_state([[0.0, 1.0]], [[0.5, 0.5]])
    >>> round(float(metric.result()), 4)
    0.6931
    """

    _direction = "down"

    def __init__(self, name: str | None = "categorical_crossentropy", dtype: Any = None,
                 from_logits: bool = False, label_smoothing: float = 0,
                 axis: int = -1):  # fmt: skip
        super().__init__(
            categorical_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


@enrol("keras.metrics")
class SparseCategoricalCrossentropy(FunctionMetric):
    """Mean crossentropy of class numbers.

    Args:
        name: shown in logs.
        dtype: of the result; see `Metric`.
        from_logits: whether predictions are before the softmax.
        ignore_class: a class number whose loss is 0. As in Keras, it still counts in the mean
            unless sample weights are given.
        axis: the axis of the classes.

    >>> import nyala
    >>> metric = nyala.metrics.SparseCategoricalCrossentropy()
    >>> metric.update_state([1], [[0.5, 0.5]])
    >>> round(float(metric.result()), 4)
    0.6931
    """

    _direction = "down"

    def __init__(self, name: str | None = "sparse_categorical_crossentropy", dtype: Any = None,
                 from_logits: bool = False, ignore_class: int | None = None,
                 axis: int = -1):  # fmt: skip
        super().__init__(
            sparse_categorical_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )
