"""F-scores: harmonic means of precision and recall."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from nyala.core import did_you_mean, enrol, epsilon
from nyala.eager import Array, Arrays, Tensor, op, to_tensor
from nyala.losses.shapes import fit_weights, misfit
from nyala.metrics._metric import Metric

_AVERAGES = ("micro", "macro", "weighted")
_COUNTS = ("true_positives", "false_positives", "false_negatives", "intermediate_weights")


@op(name="FBetaScore.update_state")
def _f_score_update(
    counts: Arrays,
    y_true: Array,
    y_pred: Array,
    sample_weight: Array | None,
    threshold: float | None,
    over_classes: bool,
) -> list:
    dtype = counts[0].dtype
    if y_true.shape != y_pred.shape:
        raise misfit(y_true.shape, y_pred.shape, "one-hot or multi-hot labels of the same shape")
    y_true, y_pred = y_true.astype(dtype), y_pred.astype(dtype)
    chosen = _chosen(y_pred, threshold).astype(dtype)
    parts = [chosen * y_true, chosen * (1 - y_true), (1 - chosen) * y_true, y_true]
    if sample_weight is not None:
        _, weights = fit_weights(y_true, jnp.asarray(sample_weight).astype(dtype))
        parts = [part * weights for part in parts]
    axis = None if over_classes else 0
    return [old + jnp.sum(part, axis=axis) for old, part in zip(counts, parts, strict=True)]


def _chosen(y_pred: Any, threshold: float | None) -> Any:
    """Return which classes are predicted: the best one, or all above the threshold."""
    if threshold is not None:
        return y_pred > threshold
    best = jnp.max(y_pred, axis=-1, keepdims=True)
    return (y_pred >= best) & (jnp.abs(y_pred) > 1e-9)


@op
def _f_score(counts: Arrays, beta: float, average: str | None) -> Array:
    tp, fp, fn, weights = counts
    precision = tp / (tp + fp + epsilon())
    recall = tp / (tp + fn + epsilon())
    mean = precision * recall / (beta**2 * precision + recall + epsilon())
    score = mean * (1 + beta**2)
    if average == "weighted":
        return jnp.sum(score * weights / (jnp.sum(weights) + epsilon()))
    return score if average is None else jnp.mean(score)


@enrol("keras.metrics")
class FBetaScore(Metric):
    """F-beta score: `(1 + beta²)·precision·recall / (beta²·precision + recall)`.

    Args:
        average: how the classes' scores become one: `"macro"` (their mean), `"weighted"` (by the
            number of labels), `"micro"` (all classes counted together), or `None` (one score for
            each class).
        beta: how many times as important recall is as precision; positive.
        threshold: in `(0, 1]`, above which a class is predicted; by default the greatest score of
            each sample is.
        name: shown in logs.
        dtype: of the result; see `Metric`.

    Labels are one-hot or multi-hot, shape `(batch, classes)`; the number of classes is taken from
    the first batch.

    >>> import nyala
    >>> metric = nyala.metrics.FBetaScore(beta=2.0, average="macro", threshold=0.5)
    >>> metric.update_state([[1, 1], [1, 0]], [[0.2, 0.6], [0.9, 0.1]])
    >>> round(float(metric.result()), 4)
    0.7778
    """

    _direction = "up"

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str | None = "fbeta_score",
        dtype: Any = None,
    ):
        super().__init__(name=name, dtype=dtype)
        who = type(self).__name__
        if average not in (None, *_AVERAGES):
            raise ValueError(
                f"{who}(average=...) expects 'micro', 'macro', 'weighted' or None; got "
                f"{average!r}.{did_you_mean(average, _AVERAGES)}"
            )
        if isinstance(beta, bool) or not isinstance(beta, (int, float)) or beta <= 0:
            raise ValueError(f"{who}(beta=...) expects a positive number; got {beta!r}.")
        if threshold is not None and not (
            isinstance(threshold, (int, float)) and 0 < threshold <= 1
        ):
            raise ValueError(
                f"{who}(threshold=...) expects a number in (0, 1] or None; got {threshold!r}."
            )
        self.average = average
        self.beta = beta
        self.threshold = threshold
        self._built = False

    def _build(self, y_true: Tensor, y_pred: Tensor) -> None:
        if len(y_pred.shape) != 2 or len(y_true.shape) != 2:
            raise ValueError(
                f"{type(self).__name__} expects labels and predictions of shape (batch, classes); "
                f"got {tuple(y_true.shape)} and {tuple(y_pred.shape)}."
            )
        shape = () if self.average == "micro" else (y_pred.shape[-1],)
        for name in _COUNTS:
            setattr(self, name, self._add_zeros(name, shape, self.dtype))
        self._built = True

    def _counts(self) -> list:
        return [getattr(self, name) for name in _COUNTS]

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch.

        Args:
            y_true: one-hot or multi-hot labels, shape `(batch, classes)`.
            y_pred: scores, same shape.
            sample_weight: a scalar or one weight for each sample.
        """
        if not self._built:
            y_true, y_pred = to_tensor(y_true), to_tensor(y_pred)
            self._build(y_true, y_pred)
        new = _f_score_update(
            self._counts(), y_true, y_pred, sample_weight, self.threshold, self.average == "micro"
        )
        for variable, value in zip(self._counts(), new, strict=True):
            variable.assign(value)

    def result(self) -> Tensor:
        """Return a scalar, or one score for each class without `average`."""
        if not self._built:
            raise ValueError(
                f"{self!r} has seen no batch yet, so it does not know the number of classes: call "
                "update_state() before result()."
            )
        return _f_score(self._counts(), float(self.beta), self.average)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {
            **super().get_config(),
            "average": self.average,
            "beta": self.beta,
            "threshold": self.threshold,
        }


@enrol("keras.metrics")
class F1Score(FBetaScore):
    """F1 score: `2·precision·recall / (precision + recall)`.

    Args:
        average: how the classes' scores become one; see `FBetaScore`.
        threshold: in `(0, 1]`, above which a class is predicted; by default the greatest score of
            each sample is.
        name: shown in logs.
        dtype: of the result; see `Metric`.

    >>> import nyala
    >>> metric = nyala.metrics.F1Score(threshold=0.5)
    >>> metric.update_state([[1, 1], [1, 0]], [[0.2, 0.6], [0.9, 0.1]])
    >>> metric.result().numpy().round(4)
    array([0.6667, 1.    ], dtype=float32)
    """

    def __init__(self, average: str | None = None, threshold: float | None = None,
                 name: str | None = "f1_score", dtype: Any = None):  # fmt: skip
        super().__init__(average=average, beta=1.0, threshold=threshold, name=name, dtype=dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        config = super().get_config()
        del config["beta"]
        return config
