"""The metrics of a compiled model: lists of them for each output."""

from __future__ import annotations

from typing import Any

from nyala import metrics as metrics_room
from nyala.core import tree
from nyala.metrics import Metric
from nyala.training._outputs import names_of_outputs, per_output

# Names whose meaning depends on the shapes of targets and outputs.
_BY_SHAPE = ("accuracy", "acc", "crossentropy", "ce")


class CompileMetrics:
    """The metrics of each output, with and without sample weights.

    Args:
        metrics: what `compile(metrics=...)` was given.
        weighted_metrics: what `compile(weighted_metrics=...)` was given.
        output_names: the names of the model's outputs, where it has a graph.
        aliases: the names of the layers that the outputs come out of.
    """

    def __init__(
        self,
        metrics: Any,
        weighted_metrics: Any = None,
        output_names: list[str] | None = None,
        aliases: list[str] | None = None,
    ):
        self.user_metrics, self.user_weighted = metrics, weighted_metrics
        self.output_names, self.aliases = output_names, aliases
        self.built = False
        self.names: list[str] = []
        self._plain: list[list[Metric]] = []
        self._weighted: list[list[Metric]] = []
        self._labels: dict[int, str] = {}
        self._check_early()

    def _check_early(self) -> None:
        for one in tree.flatten([self.user_metrics, self.user_weighted]):
            if isinstance(one, str) and one not in _BY_SHAPE:
                metrics_room.get(one)
            elif one is not None and not callable(one) and not isinstance(one, (Metric, str)):
                raise ValueError(
                    f"compile(metrics=...): expected metrics, names or functions; got {one!r}."
                )

    def build(self, y_true: Any, y_pred: Any) -> None:
        """Make the metric objects (the shapes are looked at only)."""
        self.names = names_of_outputs(y_pred, self.output_names)
        flat_pred = tree.flatten(y_pred)
        targets = per_output(y_true, self.names, "y", y_pred, self.aliases)
        self._plain, self._weighted = (
            [
                [_as_metric(one, target, pred) for one in _as_list(entry)]
                for entry, target, pred in zip(
                    self._entries(given, what), targets, flat_pred, strict=True
                )
            ]
            for given, what in (
                (self.user_metrics, "metrics"),
                (self.user_weighted, "weighted_metrics"),
            )
        )
        for lists in (self._plain, self._weighted):
            for name, metrics in zip(self.names, lists, strict=True):
                for metric in metrics:
                    several = len(self.names) > 1
                    self._labels[id(metric)] = f"{name}_{metric.name}" if several else metric.name
        self.built = True

    def _entries(self, given: Any, what: str) -> list:
        """Return what was given for each output; a flat list goes to every output, as in Keras."""
        count = len(self.names)
        if given is None or isinstance(given, dict):
            return per_output(given, self.names, what, None, self.aliases)
        if not isinstance(given, (list, tuple)):
            given = [given]
        if count == 1:
            nested = len(given) == 1 and isinstance(given[0], (list, tuple))
            return [given[0] if nested else list(given)]
        if len(given) == count and any(isinstance(g, (list, tuple)) or g is None for g in given):
            return list(given)
        if any(isinstance(g, (list, tuple)) for g in given):
            return per_output(given, self.names, what)
        if len(given) == count and all(isinstance(g, (str, Metric)) or callable(g) for g in given):
            return [[g] for g in given]
        return [list(given) for _ in range(count)]

    @property
    def metrics(self) -> list[Metric]:
        """All metric objects, each once."""
        found: dict[int, Metric] = {}
        for lists in (self._plain, self._weighted):
            for metrics in lists:
                for metric in metrics:
                    found.setdefault(id(metric), metric)
        return list(found.values())

    @property
    def variables(self) -> list[Any]:
        """The variables of all metrics."""
        return [v for metric in self.metrics for v in metric.variables]

    def label(self, metric: Metric) -> str:
        """Return the name under which a metric is logged."""
        return self._labels.get(id(metric), metric.name)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Let every metric see a batch."""
        if not self.built:
            self.build(y_true, y_pred)
        flat_pred = tree.flatten(y_pred)
        targets = per_output(y_true, self.names, "y", y_pred, self.aliases)
        if sample_weight is not None and not tree.is_nested(sample_weight):
            weights = [sample_weight] * len(self.names)
        else:
            weights = per_output(sample_weight, self.names, "sample_weight", y_pred, self.aliases)
        for lists, weighted in ((self._plain, False), (self._weighted, True)):
            for metrics, target, pred, weight in zip(
                lists, targets, flat_pred, weights, strict=True
            ):
                for metric in metrics if target is not None else ():
                    if weighted:
                        metric.update_state(target, pred, sample_weight=weight)
                    else:
                        metric.update_state(target, pred)

    def reset_state(self) -> None:
        """Reset every metric."""
        for metric in self.metrics:
            metric.reset_state()

    reset_states = reset_state

    def result(self) -> dict[str, Any]:
        """Return the metrics' values by the names under which they are logged."""
        results: dict[str, Any] = {}
        for metric in self.metrics:
            value = metric.result()
            if isinstance(value, dict):
                results.update(value)
            else:
                results[_unused(self.label(metric), results)] = value
        return results


def _unused(name: str, taken: dict) -> str:
    count, own = 1, name
    while own in taken:
        own = f"{name}_{count}"
        count += 1
    return own


def _as_list(entry: Any) -> list:
    if entry is None:
        return []
    entries = list(entry) if isinstance(entry, (list, tuple)) else [entry]
    return [one for one in entries if one is not None]


def _as_metric(one: Any, y_true: Any, y_pred: Any) -> Metric:
    """Return a metric object for what a user may write; `"accuracy"` goes by the shapes.

    A metric given by a string is logged under that string.
    """
    if isinstance(one, Metric):
        return one
    chosen = one
    if isinstance(one, str) and one in _BY_SHAPE:
        true_shape = tuple(y_pred.shape) if y_true is None else tuple(y_true.shape)
        chosen = metrics_room.resolve_accuracy(true_shape, tuple(y_pred.shape), which=one)
    metric = metrics_room.get(chosen)
    if isinstance(metric, type):
        metric = metric()
    if not isinstance(metric, Metric):
        metric = metrics_room.MeanMetricWrapper(metric, name=getattr(metric, "__name__", "metric"))
    if isinstance(one, str):
        metric.name = one
    return metric
