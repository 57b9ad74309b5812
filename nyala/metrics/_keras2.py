"""Metrics that Keras 2 had and Keras 3 has not."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from nyala import ops
from nyala.core import enrol
from nyala.eager import Array, Tensor, op, to_tensor
from nyala.losses.shapes import fit_weights, paired
from nyala.metrics._mean import Mean
from nyala.metrics._metric import Metric


@op(name="MeanRelativeError.update_state")
def _relative_errors(y_true: Array, y_pred: Array, normalizer: Array) -> Array:
    y_true, y_pred = paired(y_true, y_pred)
    return ops.divide_no_nan.pure(jnp.abs(y_true - y_pred), normalizer.astype(y_pred.dtype))


@enrol("keras.metrics")
class MeanRelativeError(Mean):
    """Mean of `|y_true - y_pred| / normalizer`.

    Args:
        normalizer: numbers, broadcastable to the labels; where one is 0 the error counts as 0.
        name: shown in logs.
        dtype: of the result; see `Metric`.

    >>> import nyala
    >>> metric = nyala.metrics.MeanRelativeError(normalizer=[1.0, 2.0, 4.0])
    >>> metric.update_state([1.0, 2.0, 4.0], [2.0, 2.0, 6.0])
    >>> float(metric.result())
    0.5
    """

    _direction = "down"

    def __init__(self, normalizer: Any, name: str | None = None, dtype: Any = None):
        super().__init__(name=name, dtype=dtype)
        self.normalizer = np.asarray(normalizer, dtype="float32")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch of labels and predictions."""
        self._accumulate(_relative_errors(y_true, y_pred, self.normalizer), sample_weight)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {**super().get_config(), "normalizer": self.normalizer.tolist()}


@op(name="MeanTensor.update_state")
def _tensor_update(total: Array, count: Array, values: Array, sample_weight: Array | None) -> tuple:
    values = jnp.asarray(values).astype(total.dtype)
    if values.shape != total.shape:
        raise ValueError(
            f"MeanTensor began with values of shape {total.shape}; got values of shape "
            f"{values.shape}."
        )
    weights = jnp.ones_like(values)
    if sample_weight is not None:
        _, fitting = fit_weights(values, jnp.asarray(sample_weight).astype(values.dtype))
        weights = weights * fitting
    return total + values * weights, count + weights


@enrol("keras.metrics")
class MeanTensor(Metric):
    """Weighted mean of arrays of one shape, element by element.

    Args:
        name: shown in logs.
        dtype: of the result; see `Metric`.
        shape: of the arrays; taken from the first one by default.

    >>> import nyala
    >>> metric = nyala.metrics.MeanTensor()
    >>> metric.update_state([0.0, 1.0])
    >>> metric.update_state([2.0, 3.0])
    >>> metric.result().numpy()
    array([1., 2.], dtype=float32)
    """

    def __init__(self, name: str | None = "mean_tensor", dtype: Any = None, shape: Any = None):
        super().__init__(name=name, dtype=dtype)
        self.total = self.count = None
        if shape is not None:
            self._build(tuple(shape))

    def _build(self, shape: tuple[int, ...]) -> None:
        self.total = self._add_zeros("total", shape, self.dtype)
        self.count = self._add_zeros("count", shape, self.dtype)

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Take in an array.

        Args:
            values: of the metric's shape.
            sample_weight: a scalar, one weight for each row, or one for each value.
        """
        values = to_tensor(values)
        if self.total is None:
            self._build(tuple(values.shape))
        total, count = _tensor_update(self.total, self.count, values, sample_weight)
        self.total.assign(total)
        self.count.assign(count)

    def result(self) -> Tensor:
        """Return the mean of each element."""
        if self.total is None:
            raise ValueError(f"{self!r} has seen nothing yet: call update_state() before result().")
        return ops.divide_no_nan(self.total, self.count)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        shape = None if self.total is None else list(self.total.shape)
        return {**super().get_config(), "shape": shape}
