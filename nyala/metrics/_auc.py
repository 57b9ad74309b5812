"""The area under the ROC, precision-recall and precision-recall-gain curves."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from nyala import ops
from nyala.core import did_you_mean, enrol, epsilon
from nyala.eager import Array, Tensor, op, to_tensor
from nyala.metrics._confusion import Thresholds, are_even
from nyala.metrics._counts import ALL_COUNTS, ThresholdMetric

_CURVES = ("ROC", "PR", "PRGAIN")
_SUMMATIONS = ("interpolation", "majoring", "minoring")


@enrol("keras.metrics")
class AUC(ThresholdMetric):
    """Area under a curve of two rates, approximated at thresholds.

    The area under the ROC curve is the probability that a random positive gets a higher score than
    a random negative.

    Args:
        num_thresholds: how many thresholds, at least 2; more approximate better.
        curve: `"ROC"` (recall over false positive rate), `"PR"` (precision over recall) or
            `"PRGAIN"` (precision gain over recall gain).
        summation_method: how the area between two thresholds is taken: `"interpolation"` (the
            mean of both heights; for `"PR"` the interpolation of Davis and Goadrich),
            `"majoring"` (the greater) or `"minoring"` (the smaller).
        name: shown in logs.
        dtype: of the result; see `Metric`.
        thresholds: in `[0, 1]`, instead of evenly spaced ones; 0 and 1 are added.
        multi_label: whether each label (last axis) has its own curve, of whose areas the mean is
            the result. Otherwise all predictions make one curve.
        num_labels: with `multi_label`, how many; otherwise taken from the first batch.
        label_weights: one for each label: of the areas with `multi_label`, else of the
            predictions.
        from_logits: whether predictions are before the sigmoid.

    Sources: J. Davis and M. Goadrich, *The Relationship Between Precision-Recall and ROC Curves*,
    2006; P. Flach and M. Kull, *Precision-Recall-Gain Curves*, 2015.

    >>> import nyala
    >>> metric = nyala.metrics.AUC(num_thresholds=3)
    >>> metric.update_state([0, 0, 1, 1], [0, 0.5, 0.3, 0.9])
    >>> float(metric.result())
    0.75
    """

    _direction = "up"
    _counted = ALL_COUNTS

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: Any = None,
        thresholds: Any = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Any = None,
        from_logits: bool = False,
    ):
        super().__init__(name=name, dtype=dtype)
        self.curve = _one_of(str(curve).upper(), _CURVES, "curve")
        self.summation_method = _one_of(
            str(summation_method).lower(), _SUMMATIONS, "summation_method"
        )
        self._init_from_thresholds = thresholds is not None
        self._levels = _levels(num_thresholds, thresholds)
        self.num_thresholds = len(self._levels)
        self.multi_label = multi_label
        self.num_labels = num_labels
        self.label_weights = (
            None if label_weights is None else np.asarray(label_weights, "float64").tolist()
        )
        self.from_logits = from_logits
        if num_labels and not multi_label:
            raise ValueError("AUC(num_labels=...) is for multi_label=True only.")
        self._built = False
        if not multi_label:
            self._build(())
        elif num_labels:
            self._build((num_labels,))

    def _build(self, labels: tuple[int, ...]) -> None:
        self._start(self._levels, (self.num_thresholds, *labels))
        self._built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch.

        Args:
            y_true: labels; anything but 0 is true.
            y_pred: probabilities (logits with `from_logits`), same shape; `(batch, labels)` with
                `multi_label`.
            sample_weight: a scalar, one weight for each sample, or one for each prediction.
        """
        if not self._built:
            y_pred = to_tensor(y_pred)
            if len(y_pred.shape) != 2:
                raise ValueError(
                    "AUC(multi_label=True) expects y_pred of shape (batch, labels); got "
                    f"{tuple(y_pred.shape)}."
                )
            self._build((y_pred.shape[1],))
        label_weights = None if self.multi_label else self._label_weights()
        self._count(y_true, y_pred, sample_weight, label_weights,
                    multi_label=self.multi_label, from_logits=self.from_logits)  # fmt: skip

    def _label_weights(self) -> np.ndarray | None:
        return None if self.label_weights is None else np.asarray(self.label_weights, "float32")

    def result(self) -> Tensor:
        """Return the area; with `multi_label` the (weighted) mean of the areas."""
        return self._result(self.curve, self.summation_method)

    def _result(self, curve: str, summation_method: str) -> Tensor:
        label_weights = self._label_weights() if self.multi_label else None
        return _area(
            self.true_positives,
            self.false_positives,
            self.true_negatives,
            self.false_negatives,
            label_weights,
            curve,
            summation_method,
        )

    def interpolate_pr_auc(self) -> Tensor:
        """Return the area under the interpolated precision-recall curve, whatever `curve` is."""
        return self._result("PR", "interpolation")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        config = {
            **super().get_config(),
            "num_thresholds": self.num_thresholds,
            "curve": self.curve,
            "summation_method": self.summation_method,
            "multi_label": self.multi_label,
            "num_labels": self.num_labels,
            "label_weights": self.label_weights,
            "from_logits": self.from_logits,
        }
        if self._init_from_thresholds:
            # The first and the last were added, as they will be again.
            config["thresholds"] = self.thresholds[1:-1]
        return config

    @classmethod
    def from_config(cls, config: dict) -> AUC:
        """Return a metric from `get_config()`."""
        label_weights = config.get("label_weights")
        if isinstance(label_weights, dict):  # Keras writes them as a tensor.
            config = {**config, "label_weights": label_weights["config"]["value"]}
        return cls(**config)


def _one_of(value: str, options: tuple[str, ...], argument: str) -> str:
    value = value.rpartition(".")[2]  # Keras' enumeration prints as AUCCurve.ROC.
    for option in options:
        if value.lower() == option.lower():
            return option
    raise ValueError(
        f"AUC({argument}=...) expects one of {', '.join(map(repr, options))}; got {value!r}."
        f"{did_you_mean(value, options)}"
    )


def _levels(num_thresholds: int, thresholds: Any) -> Thresholds:
    if thresholds is not None:
        inner = sorted(Thresholds.parse(thresholds).values)
        even = are_even([0.0, *inner, 1.0])
    else:
        if num_thresholds <= 1:
            raise ValueError(f"AUC(num_thresholds=...) expects at least 2; got {num_thresholds!r}.")
        inner = np.linspace(0.0, 1.0, num_thresholds)[1:-1].tolist()
        even = True
    # Predictions of exactly 0 and 1 must lie above the first and not above the last.
    return Thresholds((-epsilon(), *inner, 1.0 + epsilon()), even)


@op
def _area(
    tp: Array,
    fp: Array,
    tn: Array,
    fn: Array,
    label_weights: Array | None,
    curve: str,
    summation_method: str,
) -> Array:
    if curve == "PR" and summation_method == "interpolation":
        terms = _interpolated_pr(tp, fp, fn)
    else:
        x, y = _curve(tp, fp, tn, fn, curve)
        terms = (x[:-1] - x[1:]) * _heights(y, summation_method)
    areas = jnp.sum(terms, axis=0)
    if label_weights is None:
        return jnp.mean(areas)
    return _ratio(jnp.sum(areas * label_weights), jnp.sum(label_weights))


def _ratio(a: Any, b: Any) -> Any:
    return ops.divide_no_nan.pure(a, b)


def _curve(tp: Any, fp: Any, tn: Any, fn: Any, curve: str) -> tuple[Any, Any]:
    if curve == "ROC":
        return _ratio(fp, fp + tn), _ratio(tp, tp + fn)
    if curve == "PR":
        return _ratio(tp, tp + fn), _ratio(tp, tp + fp)
    odds = _ratio(tp + fn, tn + fp)
    recall_gain = jnp.where(tp == 0, 0.0, 1.0 - odds * _ratio(fn, tp))
    precision_gain = jnp.where(tp == 0, 1.0, 1.0 - odds * _ratio(fp, tp))
    return jnp.maximum(recall_gain, 0.0), precision_gain


def _heights(y: Any, summation_method: str) -> Any:
    if summation_method == "interpolation":
        return (y[:-1] + y[1:]) / 2.0
    if summation_method == "minoring":
        return jnp.minimum(y[:-1], y[1:])
    return jnp.maximum(y[:-1], y[1:])


def _interpolated_pr(tp: Any, fp: Any, fn: Any) -> Any:
    """Return the areas under precision between thresholds, with tp a line in tp + fp there.

    With `precision = (intercept + slope·P) / P`, the integral over the recall is
    `slope·(dTP + intercept·log(P0 / P1)) / (tp + fn)`.
    """
    predicted = tp + fp
    gained = tp[:-1] - tp[1:]
    slope = _ratio(gained, jnp.maximum(predicted[:-1] - predicted[1:], 0))
    intercept = tp[1:] - slope * predicted[1:]
    both = (predicted[:-1] > 0) & (predicted[1:] > 0)
    growth = jnp.where(both, _ratio(predicted[:-1], predicted[1:]), 1.0)
    area = slope * (gained + intercept * jnp.log(growth))
    return _ratio(area, tp[1:] + fn[1:])
