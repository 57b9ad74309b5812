"""Means and sums over all batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from nyala import ops
from nyala.core import deserialize_keras_object, enrol, serialize_keras_object
from nyala.eager import Array, op
from nyala.losses.shapes import mask_weights, same_rank
from nyala.metrics._metric import Metric


@op(name="Mean.update_state")
def _mean_update(
    total: Array,
    count: Array,
    values: Array,
    sample_weight: Array | None = None,
    mask: Array | None = None,
    values_mask: Array | None = None,
) -> tuple:
    values, weights = _weighed(values, sample_weight, mask, values_mask, total.dtype)
    values, weights = _one_per_sample(values, weights, jnp.mean)
    if weights is not None:
        number = jnp.sum(weights)
    else:
        number = values.shape[0] if values.ndim else 1
    return total + jnp.sum(values), count + number


@op(name="Sum.update_state")
def _sum_update(
    total: Array,
    values: Array,
    sample_weight: Array | None = None,
    values_mask: Array | None = None,
) -> Array:
    values, weights = _weighed(values, sample_weight, None, values_mask, total.dtype)
    values, _ = _one_per_sample(values, weights, jnp.sum)
    return total + jnp.sum(values)


def _weighed(
    values: Any, sample_weight: Any, mask: Any, values_mask: Any, dtype: Any
) -> tuple[Any, Any]:
    weights = None if sample_weight is None else jnp.asarray(sample_weight).astype(dtype)
    if mask is not None:
        weights = mask_weights(weights, mask, dtype)
    # As in Keras, the values' own mask counts beside weights only.
    if weights is not None and values_mask is not None:
        weights = mask_weights(weights, values_mask, dtype)
    return jnp.asarray(values).astype(dtype), weights


def _one_per_sample(values: Any, weights: Any, reduce: Callable) -> tuple[Any, Any]:
    """Return a weighed value, and its weight, for each sample."""
    if weights is not None:
        values, weights = same_rank(values, weights)
        if values.ndim > weights.ndim:
            values = reduce(values, axis=tuple(range(weights.ndim, values.ndim)))
        values, weights = _multiplied(values, weights, reduce)
    if values.ndim > 1:
        values = reduce(values, axis=tuple(range(1, values.ndim)))
    return values, weights


def _multiplied(values: Any, weights: Any, reduce: Callable) -> tuple[Any, Any]:
    try:
        weights = jnp.broadcast_to(weights, values.shape)
    except ValueError:
        raise ValueError(
            f"sample_weight of shape {weights.shape} does not fit values of shape {values.shape}: "
            "expected one weight for each sample, or for each value."
        ) from None
    values = values * weights
    if weights.ndim > 1:
        weights = reduce(weights, axis=tuple(range(1, weights.ndim)))
    return values, weights


@enrol("keras.metrics")
class Mean(Metric):
    """Weighted mean of all values seen.

    Args:
        name: shown in logs.
        dtype: of the result; see `Metric`.

    A value with several axes counts with its mean over all but the first, so that each sample has
    the same weight.

    >>> import nyala
    >>> metric = nyala.metrics.Mean()
    >>> metric.update_state([1.0, 3.0])
    >>> metric.update_state([5.0], sample_weight=[2.0])
    >>> float(metric.result())
    3.5
    """

    def __init__(self, name: str | None = "mean", dtype: Any = None):
        super().__init__(name=name, dtype=dtype)
        self.total = self._add_zeros("total", dtype=self.dtype)
        self.count = self._add_zeros("count", dtype=self.dtype)

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Take in values.

        Args:
            values: an array with samples along the first axis, or a scalar.
            sample_weight: a scalar, one weight for each sample, or one for each value.
        """
        self._accumulate(values, sample_weight)

    def _accumulate(self, values: Any, sample_weight: Any, mask: Any = None) -> None:
        values_mask = getattr(values, "_keras_mask", None)
        total, count = _mean_update(
            self.total, self.count, values, sample_weight, mask, values_mask
        )
        self.total.assign(total)
        self.count.assign(count)

    def result(self) -> Any:
        """Return the mean; 0 where nothing was seen."""
        return ops.divide_no_nan(self.total, self.count)


@enrol("keras.metrics")
class Sum(Metric):
    """Weighted sum of all values seen.

    Args:
        name: shown in logs.
        dtype: of the result; see `Metric`.

    >>> import nyala
    >>> metric = nyala.metrics.Sum()
    >>> metric.update_state([1.0, 3.0])
    >>> metric.update_state([5.0], sample_weight=[2.0])
    >>> float(metric.result())
    14.0
    """

    def __init__(self, name: str | None = "sum", dtype: Any = None):
        super().__init__(name=name, dtype=dtype)
        self.total = self._add_zeros("total", dtype=self.dtype)

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Take in values; arguments as for `Mean`."""
        mask = getattr(values, "_keras_mask", None)
        self.total.assign(_sum_update(self.total, values, sample_weight, mask))

    def result(self) -> Any:
        """Return the sum."""
        return self.total.value


@enrol("keras.metrics")
class MeanMetricWrapper(Mean):
    """Weighted mean of what a function of labels and predictions returns.

    Args:
        fn: a function of `(y_true, y_pred, **kwargs)` that returns a value for each sample or for
            each step of it, or a scalar.
        name: shown in logs; automatic by default.
        dtype: of the result; see `Metric`.
        **kwargs: passed on to `fn`.

    >>> import nyala
    >>> metric = nyala.metrics.MeanMetricWrapper(nyala.losses.huber, name="huber", delta=2.0)
    >>> metric.update_state([[0.0], [0.0]], [[1.0], [3.0]])
    >>> float(metric.result())
    2.25
    """

    def __init__(self, fn: Callable, name: str | None = None, dtype: Any = None, **kwargs: Any):
        super().__init__(name=name, dtype=dtype)
        self._fn = fn
        self._fn_kwargs = kwargs

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch.

        Args:
            y_true: labels.
            y_pred: predictions; where a layer has put a mask on them, masked steps do not count.
            sample_weight: a scalar, one weight for each sample, or one for each value of `fn`.
        """
        mask = getattr(y_pred, "_keras_mask", None)
        values = self._fn(y_true, y_pred, **self._fn_kwargs)
        if not getattr(values, "shape", ()):  # one number for the batch: the function has averaged
            mask = None
        self._accumulate(values, sample_weight, mask)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {
            **super().get_config(),
            "fn": serialize_keras_object(self._fn),
            **serialize_keras_object(self._fn_kwargs),
        }

    @classmethod
    def from_config(cls, config: dict) -> MeanMetricWrapper:
        """Return a metric from `get_config()`."""
        return cls(**deserialize_keras_object(config)) if "fn" in config else cls(**config)


class FunctionMetric(MeanMetricWrapper):
    """Base of the built-in means: the class names the function, the config its arguments."""

    def __init__(self, fn: Callable, name: str | None, dtype: Any, **kwargs: Any):
        super().__init__(fn, name, dtype, **kwargs)
        vars(self).update(kwargs)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {**Metric.get_config(self), **self._fn_kwargs}
