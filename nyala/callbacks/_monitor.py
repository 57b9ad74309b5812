"""What callbacks share that watch one value."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from nyala.callbacks._callback import Callback
from nyala.core import did_you_mean

_MODES = ("auto", "min", "max")


class MonitorCallback(Callback):
    """Watches one value of the logs and says when it has improved.

    Args:
        monitor: the name of the value.
        mode: `"min"` if less is better, `"max"` if more is, `"auto"` to tell by the metric.
        baseline: the value to beat at first; by default the first one seen.
        min_delta: how much better a value must be to count as an improvement.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        mode: str = "auto",
        baseline: float | None = None,
        min_delta: float = 0,
    ):
        super().__init__()
        if mode not in _MODES:
            warnings.warn(
                f"{type(self).__name__}(mode={mode!r}) is not known; 'auto' is used. Modes are "
                f"{', '.join(map(repr, _MODES))}.{did_you_mean(mode, _MODES)}",
                stacklevel=3,
            )
            mode = "auto"
        self.monitor = monitor
        self.mode = mode
        self.best = baseline
        self.min_delta = abs(min_delta)
        self._more_is_better: bool | None = None

    def get_monitor_value(self, logs: Any) -> Any:
        """Return the watched value, or warn and return `None` where the logs do not have it."""
        logs = logs or {}
        value = logs.get(self.monitor)
        if value is None:
            names = ", ".join(logs) or "none"
            hint = did_you_mean(self.monitor, logs)
            if self.monitor.startswith("val_") and not any(n.startswith("val_") for n in logs):
                hint += " Names with 'val_' need validation_data or validation_split in fit()."
            warnings.warn(
                f"{type(self).__name__} watches {self.monitor!r}, which this epoch did not "
                f"measure, so it does nothing. Available: {names}.{hint}",
                stacklevel=3,
            )
        return value

    def _is_improvement(self, value: Any, reference: Any) -> bool:
        """Whether `value` beats `reference` by more than `min_delta`.

        A reference that is missing or NaN is beaten by every number, and NaN beats only a missing
        one: an epoch that failed is never the best of several.
        """
        if reference is None:
            return True
        if math.isnan(reference):
            return not math.isnan(value)
        # Logs are float32. In float64, 0.7 + 0.1 < 0.8 is an improvement made of rounding alone.
        if self._wants_more():
            return bool(np.float32(value - self.min_delta) > np.float32(reference))
        return bool(np.float32(value + self.min_delta) < np.float32(reference))

    def _wants_more(self) -> bool:
        if self._more_is_better is None:
            self._more_is_better = self._find_direction()
        return self._more_is_better

    def _find_direction(self) -> bool:
        """Return whether more is better, by the mode or by the metric of that name."""
        if self.mode != "auto":
            return self.mode == "max"
        name = self.monitor.removeprefix("val_")
        if name == "loss":
            return False
        direction = getattr(metrics_by_name(self.model).get(name), "_direction", None)
        if direction is not None:
            return direction == "up"
        if name.endswith("_loss"):  # of one output
            return False
        raise ValueError(
            f"{type(self).__name__}(monitor={self.monitor!r}, mode='auto') cannot tell whether "
            "more or less of that metric is better. Pass mode='max' or mode='min'."
        )


def metrics_by_name(model: Any) -> dict[str, Any]:
    """Return a model's metrics under their own names and those under which they are logged."""
    metrics = list(getattr(model, "metrics", ()))
    found = {inner.name: inner for metric in metrics for inner in [metric, *_inside(metric)]}
    names = getattr(model, "metrics_names", ())
    if len(names) == len(metrics):
        found.update(zip(names, metrics, strict=True))
    return found


def _inside(metric: Any) -> list[Any]:
    return list(getattr(metric, "metrics", None) or ())
