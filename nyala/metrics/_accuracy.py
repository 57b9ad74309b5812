"""How often predictions are right."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from nyala.core import enrol, floatx
from nyala.eager import Array, op
from nyala.losses.shapes import misfit, paired, paired_classes, same_rank
from nyala.metrics._mean import FunctionMetric


def _as_floats(matches: Any) -> Any:
    return matches.astype(floatx())


def _is_class(labels: Any, classes: Any) -> Any:
    """Compare labels of any dtype with class numbers, in a dtype that holds both."""
    if jnp.issubdtype(labels.dtype, jnp.floating):
        return labels.astype(jnp.promote_types(labels.dtype, jnp.float32)) == classes
    return labels.astype("int32") == classes


@op
def accuracy(y_true: Array, y_pred: Array) -> Array:
    """1 where a prediction equals its label, else 0."""
    y_pred = jnp.asarray(y_pred)
    y_true, y_pred = same_rank(jnp.asarray(y_true).astype(y_pred.dtype), y_pred)
    if y_true.shape != y_pred.shape:
        raise misfit(y_true.shape, y_pred.shape, "the same shape")
    return _as_floats(y_true == y_pred)


@enrol("keras.metrics")
@op
def binary_accuracy(y_true: Array, y_pred: Array, threshold: float = 0.5) -> Array:
    """1 where a prediction lies on its label's side of `threshold`, else 0.

    Args:
        y_true: labels 0 and 1, any shape.
        y_pred: probabilities, same shape; a last axis of length 1 may be missing in either.
        threshold: above it a prediction counts as 1.

    Returns:
        The common shape.

    >>> import nyala
    >>> nyala.metrics.binary_accuracy([1, 0], [0.7, 0.6]).numpy()
    array([1., 0.], dtype=float32)
    """
    y_true, y_pred = paired(y_true, y_pred)
    return _as_floats(y_true == (y_pred > threshold))


@enrol("keras.metrics")
@op
def categorical_accuracy(y_true: Array, y_pred: Array) -> Array:
    """1 where the greatest score is that of the label's class, else 0.

    Args:
        y_true: one-hot labels, shape `(batch, .., classes)`.
        y_pred: scores, same shape.

    Returns:
        Shape `(batch, ..)`.

    >>> import nyala
    >>> nyala.metrics.categorical_accuracy([[0, 1], [1, 0]], [[0.2, 0.8], [0.4, 0.6]]).numpy()
    array([1., 0.], dtype=float32)
    """
    y_true, y_pred = jnp.asarray(y_true), jnp.asarray(y_pred)
    if y_true.shape != y_pred.shape:
        raise misfit(y_true.shape, y_pred.shape, "one-hot labels of the same shape")
    return _as_floats(jnp.argmax(y_true, axis=-1) == jnp.argmax(y_pred, axis=-1))


@enrol("keras.metrics")
@op
def sparse_categorical_accuracy(y_true: Array, y_pred: Array) -> Array:
    """1 where the greatest score is that of the class that the label numbers, else 0.

    Args:
        y_true: class numbers, shape `(batch, ..)` or `(batch, .., 1)`.
        y_pred: scores, shape `(batch, .., classes)`.

    Returns:
        Shape `(batch, ..)`.

    >>> import nyala
    >>> nyala.metrics.sparse_categorical_accuracy([1, 0], [[0.2, 0.8], [0.4, 0.6]]).numpy()
    array([1., 0.], dtype=float32)
    """
    y_true, y_pred = paired_classes(y_true, y_pred)
    return _as_floats(_is_class(y_true, jnp.argmax(y_pred, axis=-1)))


@enrol("keras.metrics")
@op
def top_k_categorical_accuracy(y_true: Array, y_pred: Array, k: int = 5) -> Array:
    """1 where the label's class is among the `k` greatest scores, else 0.

    Args:
        y_true: one-hot labels, shape `(batch, .., classes)`.
        y_pred: scores, same shape.
        k: how many classes may be named.

    Returns:
        Shape `(batch, ..)`.

    >>> import nyala
    >>> y_pred = [[0.5, 0.3, 0.2]]
    >>> nyala.metrics.top_k_categorical_accuracy([[0, 1, 0]], y_pred, k=2).numpy()
    array([1.], dtype=float32)
    """
    y_true, y_pred = jnp.asarray(y_true), jnp.asarray(y_pred)
    if y_true.shape != y_pred.shape:
        raise misfit(y_true.shape, y_pred.shape, "one-hot labels of the same shape")
    return _as_floats(_in_top_k(jnp.argmax(y_true, axis=-1), y_pred, k))


@enrol("keras.metrics")
@op
def sparse_top_k_categorical_accuracy(
    y_true: Array, y_pred: Array, k: int = 5, from_sorted_ids: bool = False
) -> Array:
    """1 where the class that the label numbers is among the `k` best, else 0.

    Args:
        y_true: class numbers, shape `(batch, ..)`.
        y_pred: scores, shape `(batch, .., classes)`; or, with `from_sorted_ids`, class numbers
            from the best to the worst.
        k: how many classes may be named.
        from_sorted_ids: whether `y_pred` holds class numbers and not scores.

    Returns:
        Shape `(batch, ..)`.

    >>> import nyala
    >>> y_pred = [[0.5, 0.3, 0.2]]
    >>> nyala.metrics.sparse_top_k_categorical_accuracy([2], y_pred, k=2).numpy()
    array([0.], dtype=float32)
    """
    y_true, y_pred = paired_classes(y_true, y_pred)
    if from_sorted_ids:
        return _as_floats(jnp.any(y_true[..., None] == y_pred[..., :k], axis=-1))
    return _as_floats(_in_top_k(y_true.astype("int32"), y_pred, k))


def _in_top_k(classes: Any, scores: Any, k: int) -> Any:
    own = jnp.take_along_axis(scores, classes[..., None], axis=-1)
    own = jnp.where(jnp.isnan(own), -jnp.inf, own)
    return jnp.sum(scores > own, axis=-1) < k


@enrol("keras.metrics")
class Accuracy(FunctionMetric):
    """How often predictions equal labels.

    Args:
        name: shown in logs.
        dtype: of the result; see `Metric`.

    >>> import nyala
    >>> metric = nyala.metrics.Accuracy()
    >>> metric.update_state([1, 2, 3, 4], [0, 2, 3, 4])
    >>> float(metric.result())
    0.75
    """

    _direction = "up"

    def __init__(self, name: str | None = "accuracy", dtype: Any = None):
        super().__init__(accuracy, name, dtype)


@enrol("keras.metrics")
class BinaryAccuracy(FunctionMetric):
    """How often predictions lie on their label's side of a threshold.

    Args:
        name: shown in logs.
        dtype: of the result; see `Metric`.
        threshold: above it a prediction counts as 1.

    >>> import nyala
    >>> metric = nyala.metrics.BinaryAccuracy()
    >>> metric.update_state([[1], [0]], [[0.7], [0.6]])
    >>> float(metric.result())
    0.5
    """

    _direction = "up"

    def __init__(self, name: str | None = "binary_accuracy", dtype: Any = None,
                 threshold: float = 0.5):  # fmt: skip
        super().__init__(binary_accuracy, name, dtype, threshold=threshold)


@enrol("keras.metrics")
class CategoricalAccuracy(FunctionMetric):
    """How often the greatest score is that of the one-hot label's class.

    Args:
        name: shown in logs.
        dtype: of the result; see `Metric`.

    >>> import nyala
    >>> metric = nyala.metrics.CategoricalAccuracy()
    >>> metric.update_state([[0, 1], [1, 0]], [[0.2, 0.8], [0.4, 0.6]])
    >>> float(metric.result())
    0.5
    """

    _direction = "up"

    def __init__(self, name: str | None = "categorical_accuracy", dtype: Any = None):
        super().__init__(categorical_accuracy, name, dtype)


@enrol("keras.metrics")
class SparseCategoricalAccuracy(FunctionMetric):
    """How often the greatest score is that of the class that the label numbers.

    Args:
        name: shown in logs.
        dtype: of the result; see `Metric`.

    >>> import nyala
    >>> metric = nyala.metrics.SparseCategoricalAccuracy()
    >>> metric.update_state([1, 0], [[0.2, 0.8], [0.4, 0.6]])
    >>> float(metric.result())
    0.5
    """

    _direction = "up"

    def __init__(self, name: str | None = "sparse_categorical_accuracy", dtype: Any = None):
        super().__init__(sparse_categorical_accuracy, name, dtype)


@enrol("keras.metrics")
class TopKCategoricalAccuracy(FunctionMetric):
    """How often the one-hot label's class is among the `k` greatest scores.

    Args:
        k: how many classes may be named.
        name: shown in logs.
        dtype: of the result; see `Metric`.

    >>> import nyala
    >>> metric = nyala.metrics.TopKCategoricalAccuracy(k=2)
    >>> metric.update_state([[0, 1, 0]], [[0.5, 0.3, 0.2]])
    >>> float(metric.result())
    1.0
    """

    _direction = "up"

    def __init__(self, k: int = 5, name: str | None = "top_k_categorical_accuracy",
                 dtype: Any = None):  # fmt: skip
        super().__init__(top_k_categorical_accuracy, name, dtype, k=k)


@enrol("keras.metrics")
class SparseTopKCategoricalAccuracy(FunctionMetric):
    """How often the class that the label numbers is among the `k` best.

    Args:
        k: how many classes may be named.
        name: shown in logs.
        dtype: of the result; see `Metric`.
        from_sorted_ids: whether predictions are class numbers from the best to the worst.

    >>> import nyala
    >>> metric = nyala.metrics.SparseTopKCategoricalAccuracy(k=2)
    >>> metric.update_state([2, 1], [[0.5, 0.3, 0.2], [0.5, 0.3, 0.2]])
    >>> float(metric.result())
    0.5
    """

    _direction = "up"

    def __init__(self, k: int = 5, name: str | None = "sparse_top_k_categorical_accuracy",
                 dtype: Any = None, from_sorted_ids: bool = False):  # fmt: skip
        super().__init__(sparse_top_k_categorical_accuracy, name, dtype, k=k,
                         from_sorted_ids=from_sorted_ids)  # fmt: skip
