"""The coefficient of determination."""

from __future__ import annotations

import warnings
from typing import Any

import jax.numpy as jnp

from nyala.core import enrol
from nyala.eager import Array, Arrays, Tensor, in_compiled_code, op, to_tensor
from nyala.losses.shapes import fit_weights, paired
from nyala.metrics._metric import Metric

_SUMS = ("squared_sum", "sum", "total_mse", "count")
_AGGREGATIONS = (None, "uniform_average", "variance_weighted_average")


@op(name="R2Score.update_state")
def _r2_update(
    sums: Arrays, samples: Array, y_true: Array, y_pred: Array, sample_weight: Array | None
) -> tuple:
    dtype = sums[0].dtype
    y_true, y_pred = paired(jnp.asarray(y_true).astype(dtype), jnp.asarray(y_pred).astype(dtype))
    weights = jnp.ones_like(y_true)
    if sample_weight is not None:
        _, fitting = fit_weights(y_true, jnp.asarray(sample_weight).astype(dtype))
        weights = weights * fitting
    parts = [y_true * y_true, y_true, jnp.square(y_true - y_pred), jnp.ones_like(y_true)]
    new = [old + jnp.sum(part * weights, axis=0) for old, part in zip(sums, parts, strict=True)]
    return new, samples + y_true.size


@op
def _r2(sums: Arrays, samples: Array, aggregation: str | None, regressors: int) -> Array:
    squared_sum, total, residual, count = sums
    variation = squared_sum - total * (total / count)
    scores = 1 - residual / variation
    scores = jnp.where(jnp.isinf(scores), 0.0, scores)
    if aggregation == "uniform_average":
        scores = jnp.mean(scores)
    elif aggregation == "variance_weighted_average":
        scores = jnp.sum(variation * scores) / jnp.sum(variation)
    if not regressors:
        return scores
    freedom = samples - regressors - 1
    adjusted = 1 - (1 - scores) * (samples - 1) / jnp.where(freedom > 0, freedom, 1)
    return jnp.where(freedom > 0, adjusted, scores)


@enrol("keras.metrics")
class R2Score(Metric):
    """Coefficient of determination: 1 minus the squared errors over the labels' variation.

    1 is perfect; 0 is what predicting the labels' mean would reach.

    Args:
        class_aggregation: how the outputs' scores become one: `"uniform_average"` (their mean),
            `"variance_weighted_average"` (by the variation of their labels), or `None` (one score
            for each output).
        num_regressors: number of independent variables `p` for the adjusted score
            `1 - (1 - R²)·(n - 1)/(n - p - 1)`; 0 for the plain one.
        name: shown in logs.
        dtype: of the result; see `Metric`.

    Labels have the shape `(batch, outputs)`; the number of outputs is taken from the first batch.

    >>> import nyala
    >>> metric = nyala.metrics.R2Score()
    >>> metric.update_state([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]])
    >>> round(float(metric.result()), 4)
    0.5714
    """

    _direction = "up"

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str | None = "r2_score",
        dtype: Any = None,
    ):
        super().__init__(name=name, dtype=dtype)
        if class_aggregation not in _AGGREGATIONS:
            raise ValueError(
                "R2Score(class_aggregation=...) expects 'uniform_average', "
                f"'variance_weighted_average' or None; got {class_aggregation!r}."
            )
        if num_regressors < 0:
            raise ValueError(
                f"R2Score(num_regressors=...) expects 0 or more; got {num_regressors!r}."
            )
        self.class_aggregation = class_aggregation
        self.num_regressors = num_regressors
        self.num_samples = self._add_zeros("num_samples")
        self._built = False

    def _build(self, y_true: Tensor, y_pred: Tensor) -> None:
        shapes = tuple(y_true.shape), tuple(y_pred.shape)
        if len(shapes[1]) != 2:
            raise ValueError(
                "R2Score expects labels and predictions of shape (batch, outputs); got "
                f"{shapes[0]} and {shapes[1]}."
            )
        for name in _SUMS:
            label = "residual" if name == "total_mse" else name
            setattr(self, name, self._add_zeros(label, (shapes[1][-1],)))
        self._built = True

    def _sums(self) -> list:
        return [getattr(self, name) for name in _SUMS]

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch.

        Args:
            y_true: labels, shape `(batch, outputs)`.
            y_pred: predictions, same shape.
            sample_weight: a scalar, one weight for each sample, or one for each value.
        """
        if not self._built:
            y_true, y_pred = to_tensor(y_true), to_tensor(y_pred)
            self._build(y_true, y_pred)
        new, samples = _r2_update(self._sums(), self.num_samples, y_true, y_pred, sample_weight)
        for variable, value in zip(self._sums(), new, strict=True):
            variable.assign(value)
        self.num_samples.assign(samples)

    def result(self) -> Tensor:
        """Return the score, one for each output without `class_aggregation`."""
        if not self._built:
            raise ValueError(
                f"{self!r} has seen no batch yet, so it does not know the number of outputs: call "
                "update_state() before result()."
            )
        if self.num_regressors and not in_compiled_code():
            self._warn_if_too_few()
        return _r2(self._sums(), self.num_samples, self.class_aggregation, self.num_regressors)

    def _warn_if_too_few(self) -> None:
        samples = int(self.num_samples)
        if samples <= self.num_regressors + 1:
            warnings.warn(
                f"R2Score(num_regressors={self.num_regressors}) needs more than "
                f"{self.num_regressors + 1} values for the adjusted score, and has seen {samples}: "
                "this is the plain score.",
                stacklevel=3,
            )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {
            **super().get_config(),
            "class_aggregation": self.class_aggregation,
            "num_regressors": self.num_regressors,
        }
