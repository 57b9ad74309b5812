"""Counts of right and wrong decisions, precision and recall."""

from __future__ import annotations

from typing import Any

from nyala.core import enrol
from nyala.eager import Tensor
from nyala.metrics._confusion import NEVER, Thresholds, confusion_update, share
from nyala.metrics._metric import Metric

ALL_COUNTS = (
    ("tp", "true_positives"),
    ("fp", "false_positives"),
    ("tn", "true_negatives"),
    ("fn", "false_negatives"),
)


class ThresholdMetric(Metric):
    """Base of the metrics that count decisions at thresholds.

    Subclasses say in `_counted` which counts they keep: pairs of a key and the attribute that
    holds the variable.
    """

    _counted: tuple[tuple[str, str], ...]

    def _start(self, thresholds: Thresholds, shape: tuple | None = None) -> None:
        self._levels = thresholds
        for _, attribute in self._counted:
            variable = self._add_zeros(attribute, shape or (len(thresholds),))
            setattr(self, attribute, variable)

    @property
    def thresholds(self) -> list[float]:
        """Above which a prediction counts as positive."""
        return list(self._levels.values)

    def _count(self, y_true: Any, y_pred: Any, sample_weight: Any, label_weights: Any = None,
               **options: Any) -> None:  # fmt: skip
        variables = {key: getattr(self, attribute) for key, attribute in self._counted}
        counts = confusion_update(
            variables, y_true, y_pred, sample_weight, label_weights, self._levels, **options
        )
        for key, variable in variables.items():
            variable.assign(counts[key])


class _Counter(ThresholdMetric):
    def __init__(self, thresholds: Any = None, name: str | None = None, dtype: Any = None):
        super().__init__(name=name, dtype=dtype)
        self.init_thresholds = thresholds
        self._start(Thresholds.parse(thresholds))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch.

        Args:
            y_true: labels; anything but 0 is true.
            y_pred: probabilities, same shape.
            sample_weight: a scalar, one weight for each sample, or one for each prediction.
        """
        self._count(y_true, y_pred, sample_weight)

    def result(self) -> Tensor:
        """Return the count: a scalar, or one for each threshold where several were given."""
        value = self.accumulator.value
        return value[0] if len(self._levels) == 1 else value

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {**super().get_config(), "thresholds": self.init_thresholds}


@enrol("keras.metrics")
class FalsePositives(_Counter):
    """Number (or weight) of predictions above a threshold whose label is false.

    Args:
        thresholds: in `[0, 1]`; one or several. 0.5 by default.
        name: shown in logs.
        dtype: of the result; see `Metric`.

    >>> import nyala
    >>> metric = nyala.metrics.FalsePositives()
    >>> metric.update_state([0, 1, 0, 0], [0, 0, 1, 1])
    >>> float(metric.result())
    2.0
    """

    _direction = "down"
    _counted = (("fp", "accumulator"),)


@enrol("keras.metrics")
class FalseNegatives(_Counter):
    """Number (or weight) of predictions not above a threshold whose label is true.

    Args:
        thresholds: in `[0, 1]`; one or several. 0.5 by default.
        name: shown in logs.
        dtype: of the result; see `Metric`.

    >>> import nyala
    >>> metric = nyala.metrics.FalseNegatives()
    >>> metric.update_state([0, 1, 1, 1], [0, 1, 0, 0])
    >>> float(metric.result())
    2.0
    """

    _direction = "down"
    _counted = (("fn", "accumulator"),)


@enrol("keras.metrics")
class TrueNegatives(_Counter):
    """Number (or weight) of predictions not above a threshold whose label is false.

    Args:
        thresholds: in `[0, 1]`; one or several. 0.5 by default.
        name: shown in logs.
        dtype: of the result; see `Metric`.

    >>> import nyala
    >>> metric = nyala.metrics.TrueNegatives()
    >>> metric.update_state([0, 1, 0, 0], [1, 1, 0, 0])
    >>> float(metric.result())
    2.0
    """

    _direction = "up"
    _counted = (("tn", "accumulator"),)


@enrol("keras.metrics")
class TruePositives(_Counter):
    """Number (or weight) of predictions above a threshold whose label is true.

    Args:
        thresholds: in `[0, 1]`; one or several. 0.5 by default.
        name: shown in logs.
        dtype: of the result; see `Metric`.

    >>> import nyala
    >>> metric = nyala.metrics.TruePositives(thresholds=[0.2, 0.8])
    >>> metric.update_state([0, 1, 1, 1], [0.1, 0.9, 0.6, 0.3])
    >>> metric.result().numpy()
    array([3., 1.], dtype=float32)
    """

    _direction = "up"
    _counted = (("tp", "accumulator"),)


class _Quotient(ThresholdMetric):
    def __init__(
        self,
        thresholds: Any = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ):
        super().__init__(name=name, dtype=dtype)
        self.init_thresholds = thresholds
        self.top_k = top_k
        self.class_id = class_id
        # With top_k alone every one of the k counts as positive, however small.
        self._start(Thresholds.parse(thresholds, default=0.5 if top_k is None else NEVER))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch.

        Args:
            y_true: labels; anything but 0 is true. Multi-hot with `top_k` or `class_id`.
            y_pred: probabilities, same shape.
            sample_weight: a scalar, one weight for each sample, or one for each prediction.
        """
        self._count(y_true, y_pred, sample_weight, top_k=self.top_k, class_id=self.class_id)

    def result(self) -> Tensor:
        """Return a scalar, or a value for each threshold where several were given."""
        part, rest = (getattr(self, attribute) for _, attribute in self._counted)
        return share(part, rest)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {
            **super().get_config(),
            "thresholds": self.init_thresholds,
            "top_k": self.top_k,
            "class_id": self.class_id,
        }


@enrol("keras.metrics")
class Precision(_Quotient):
    """Share of the positive predictions that are right: `tp / (tp + fp)`.

    Args:
        thresholds: in `[0, 1]`, above which a prediction is positive; one or several. 0.5 by
            default, or none with `top_k`.
        top_k: only the k greatest of the last axis can be positive.
        class_id: only this entry of the last axis counts.
        name: shown in logs.
        dtype: of the result; see `Metric`.

    >>> import nyala
    >>> metric = nyala.metrics.Precision()
    >>> metric.update_state([0, 1, 1, 1], [1, 0, 1, 1])
    >>> round(float(metric.result()), 4)
    0.6667
    """

    _direction = "up"
    _counted = (("tp", "true_positives"), ("fp", "false_positives"))


@enrol("keras.metrics")
class Recall(_Quotient):
    """Share of the true labels that are found: `tp / (tp + fn)`.

    Args:
        thresholds: in `[0, 1]`, above which a prediction is positive; one or several. 0.5 by
            default, or none with `top_k`.
        top_k: only the k greatest of the last axis can be positive.
        class_id: only this entry of the last axis counts.
        name: shown in logs.
        dtype: of the result; see `Metric`.

    >>> import nyala
    >>> metric = nyala.metrics.Recall()
    >>> metric.update_state([0, 1, 1, 1], [1, 0, 1, 1])
    >>> round(float(metric.result()), 4)
    0.6667
    """

    _direction = "up"
    _counted = (("tp", "true_positives"), ("fn", "false_negatives"))
