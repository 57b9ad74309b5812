"""`compiled_loss` and `compiled_metrics`: what Keras 2's custom training steps call."""

from __future__ import annotations

from typing import Any

from nyala.core import tree


def in_order(loss_weights: Any, metrics: Any) -> tuple[Any, Any]:
    """Return loss weights and metrics, exchanged where they came in Keras 2's order.

    Keras 2 has metrics as the third argument of `compile`, Keras 3 the loss' weights; names,
    functions and metric objects are no weights.
    """
    leaves = tree.flatten(loss_weights)
    if any(isinstance(leaf, str) or callable(leaf) for leaf in leaves):
        return metrics, loss_weights
    return loss_weights, metrics


class CompiledLoss:
    """The loss of `compile`, as a callable that also notes its mean over the epoch.

    Args:
        model: the compiled model.
    """

    def __init__(self, model: Any):
        self._model = model

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None,
                 regularization_losses: Any = None) -> Any:  # fmt: skip
        """Return the total loss of a batch."""
        model = self._model
        if model._compile_loss is None:
            raise ValueError(
                f"compiled_loss: the model {model.name!r} was compiled without a loss. Pass "
                "loss=... to compile()."
            )
        total = model._compile_loss(y_true, y_pred, sample_weight, regularization_losses)
        rows = next((x.shape[0] for x in tree.flatten(y_pred) if len(x.shape)), 1)
        model._loss_tracker.update_state(total, sample_weight=rows)
        return total

    @property
    def metrics(self) -> list[Any]:
        """The means of the total and of its parts."""
        return [self._model._loss_tracker, *self._model._compile_loss.metrics]

    def reset_state(self) -> None:
        """Reset the means."""
        for metric in self.metrics:
            metric.reset_state()

    reset_states = reset_state


class CompiledMetrics:
    """The metrics of `compile`, under Keras 2's name.

    Args:
        model: the compiled model.
    """

    def __init__(self, model: Any):
        self._model = model

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Let every metric see a batch."""
        self._model.compute_metrics_state(y_true, y_pred, sample_weight)

    @property
    def metrics(self) -> list[Any]:
        """The metric objects."""
        compiled = self._model._compile_metrics
        return [] if compiled is None else compiled.metrics

    def result(self) -> dict[str, Any]:
        """Return the metrics' values by name."""
        compiled = self._model._compile_metrics
        return {} if compiled is None else compiled.result()

    def reset_state(self) -> None:
        """Reset the metrics."""
        for metric in self.metrics:
            metric.reset_state()

    reset_states = reset_state
