"""The best value of one rate while another keeps a bound, over thresholds."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from nyala.core import enrol
from nyala.eager import Array, Tensor, op
from nyala.metrics._confusion import Thresholds, share
from nyala.metrics._counts import ALL_COUNTS, ThresholdMetric

_SENSITIVITY = ("true_positives", "false_negatives")
_SPECIFICITY = ("true_negatives", "false_positives")
_PRECISION = ("true_positives", "false_positives")


@op
def _best_at(
    bounded_part: Array, bounded_rest: Array, wanted_part: Array, wanted_rest: Array, bound: float
) -> Array:
    bounded = jnp.atleast_1d(share.pure(bounded_part, bounded_rest))
    wanted = jnp.atleast_1d(share.pure(wanted_part, wanted_rest))
    return jnp.max(jnp.where(bounded >= bound, wanted, 0.0), initial=0.0)


class OperatingPoint(ThresholdMetric):
    """Base: `_wanted` is maximized over the thresholds at which `_bounded` reaches the bound."""

    _direction = "up"
    _counted = ALL_COUNTS
    _argument: str
    _bounded: tuple[str, str]
    _wanted: tuple[str, str]

    def __init__(self, value: float, num_thresholds: int, class_id: int | None,
                 name: str | None, dtype: Any):  # fmt: skip
        if not 0 <= value <= 1:
            raise ValueError(
                f"{type(self).__name__}({self._argument}=...) expects a share from 0 to 1; got "
                f"{value!r}."
            )
        if num_thresholds <= 0:
            raise ValueError(
                f"{type(self).__name__}(num_thresholds=...) expects a positive integer; got "
                f"{num_thresholds!r}."
            )
        super().__init__(name=name, dtype=dtype)
        self.value = value
        self.num_thresholds = num_thresholds
        self.class_id = class_id
        setattr(self, self._argument, value)
        single = num_thresholds == 1
        levels = [0.5] if single else np.linspace(0.0, 1.0, num_thresholds).tolist()
        self._start(Thresholds(tuple(levels), even=not single))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch.

        Args:
            y_true: labels; anything but 0 is true.
            y_pred: probabilities, same shape.
            sample_weight: a scalar, one weight for each sample, or one for each prediction.
        """
        self._count(y_true, y_pred, sample_weight, class_id=self.class_id)

    def result(self) -> Tensor:
        """Return the best value; 0 where no threshold keeps the bound."""
        counts = [getattr(self, attribute) for attribute in (*self._bounded, *self._wanted)]
        return _best_at(*counts, bound=self.value)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {
            **super().get_config(),
            "class_id": self.class_id,
            "num_thresholds": self.num_thresholds,
            self._argument: self.value,
        }


@enrol("keras.metrics")
class SensitivityAtSpecificity(OperatingPoint):
    """Greatest sensitivity `tp / (tp + fn)` at a specificity `tn / (tn + fp)` of at least a bound.

    Args:
        specificity: the bound, from 0 to 1.
        num_thresholds: how many thresholds are tried.
        class_id: only this entry of the last axis counts.
        name: shown in logs.
        dtype: of the result; see `Metric`.

    >>> import nyala
    >>> metric = nyala.metrics.SensitivityAtSpecificity(0.5)
    >>> metric.update_state([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8])
    >>> float(metric.result())
    0.5
    """

    _argument, _bounded, _wanted = "specificity", _SPECIFICITY, _SENSITIVITY

    def __init__(self, specificity: float, num_thresholds: int = 200,
                 class_id: int | None = None, name: str | None = None,
                 dtype: Any = None):  # fmt: skip
        super().__init__(specificity, num_thresholds, class_id, name, dtype)


@enrol("keras.metrics")
class SpecificityAtSensitivity(OperatingPoint):
    """Greatest specificity `tn / (tn + fp)` at a sensitivity `tp / (tp + fn)` of at least a bound.

    Args:
        sensitivity: the bound, from 0 to 1.
        num_thresholds: how many thresholds are tried.
        class_id: only this entry of the last axis counts.
        name: shown in logs.
        dtype: of the result; see `Metric`.

    >>> import nyala
    >>> metric = nyala.metrics.SpecificityAtSensitivity(0.5)
    >>> metric.update_state([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8])
    >>> round(float(metric.result()), 4)
    0.6667
    """

    _argument, _bounded, _wanted = "sensitivity", _SENSITIVITY, _SPECIFICITY

    def __init__(self, sensitivity: float, num_thresholds: int = 200,
                 class_id: int | None = None, name: str | None = None,
                 dtype: Any = None):  # fmt: skip
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)


@enrol("keras.metrics")
class PrecisionAtRecall(OperatingPoint):
    """Greatest precision `tp / (tp + fp)` at a recall `tp / (tp + fn)` of at least a bound.

    Args:
        recall: the bound, from 0 to 1.
        num_thresholds: how many thresholds are tried.
        class_id: only this entry of the last axis counts.
        name: shown in logs.
        dtype: of the result; see `Metric`.

    >>> import nyala
    >>> metric = nyala.metrics.PrecisionAtRecall(0.5)
    >>> metric.update_state([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8])
    >>> float(metric.result())
    0.5
    """

    _argument, _bounded, _wanted = "recall", _SENSITIVITY, _PRECISION

    def __init__(self, recall: float, num_thresholds: int = 200, class_id: int | None = None,
                 name: str | None = None, dtype: Any = None):  # fmt: skip
        super().__init__(recall, num_thresholds, class_id, name, dtype)


@enrol("keras.metrics")
class RecallAtPrecision(OperatingPoint):
    """Greatest recall `tp / (tp + fn)` at a precision `tp / (tp + fp)` of at least a bound.

    Args:
        precision: the bound, from 0 to 1.
        num_thresholds: how many thresholds are tried.
        class_id: only this entry of the last axis counts.
        name: shown in logs.
        dtype: of the result; see `Metric`.

    >>> import nyala
    >>> metric = nyala.metrics.RecallAtPrecision(0.8)
    >>> metric.update_state([0, 0, 1, 1], [0, 0.5, 0.3, 0.9])
    >>> float(metric.result())
    0.5
    """

    _argument, _bounded, _wanted = "precision", _PRECISION, _SENSITIVITY

    def __init__(self, precision: float, num_thresholds: int = 200, class_id: int | None = None,
                 name: str | None = None, dtype: Any = None):  # fmt: skip
        super().__init__(precision, num_thresholds, class_id, name, dtype)
