"""Evaluating with averaged weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala.callbacks._callback import Callback
from nyala.callbacks._rates import single_optimizers


class SwapEMAWeights(Callback):
    """Evaluates and predicts with the moving averages of the weights (Polyak averaging).

    The optimizer keeps the averages: it must be made with `use_ema=True`. They take the weights'
    place before validation, `evaluate` and `predict`, and give it back afterwards.

    Args:
        swap_on_epoch: whether the averages also stand in the model from the end of an epoch to the
            beginning of the next, for callbacks after this one that look at its weights, such as
            one that saves them.

    Raises:
        ValueError: (when used) the model's optimizer keeps no averages.

    Source: Polyak and Juditsky, "Acceleration of stochastic approximation by averaging" (1992).

    >>> import nyala
    >>> optimizer = nyala.optimizers.SGD(1.0, use_ema=True, ema_momentum=0.5)
    >>> weight = nyala.Variable(0.0)
    >>> for gradient in (0.0, -4.0):
    ...     optimizer.apply([nyala.ops.convert_to_tensor(gradient)], [weight])
    >>> class Model: pass
    >>> model = Model()
    >>> model.optimizer = optimizer
    >>> swap = nyala.callbacks.SwapEMAWeights()
    >>> swap.set_model(model)
    >>> swap.on_test_begin()
    >>> float(weight)
    2.0
    >>> swap.on_test_end()
    >>> float(weight)
    4.0
    """

    def __init__(self, swap_on_epoch: bool = False):
        super().__init__()
        self.swap_on_epoch = swap_on_epoch
        self._averages_in_model = False

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Put the weights back that training goes on with."""
        if self.swap_on_epoch:
            self._put_averages_in_model(False)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Put the averages into the model."""
        if not self.swap_on_epoch:
            return
        self._put_averages_in_model(True)
        # `fit` ends by giving the model the optimizer's averages, which must then be averages.
        if epoch == self.params["epochs"] - 1 or self.model.stop_training:
            for variable, average in self._pairs():
                average.assign(np.array(variable))

    def on_test_begin(self, logs: Any = None) -> None:
        """Put the averages into the model."""
        self._put_averages_in_model(True)

    def on_test_end(self, logs: Any = None) -> None:
        """Put the weights back."""
        self._put_averages_in_model(False)

    def on_predict_begin(self, logs: Any = None) -> None:
        """Put the averages into the model."""
        self._put_averages_in_model(True)

    def on_predict_end(self, logs: Any = None) -> None:
        """Put the weights back."""
        self._put_averages_in_model(False)

    def get_state(self) -> dict:
        """Return whether the averages stand in the model."""
        return {"averages_in_model": self._averages_in_model}

    def set_state(self, state: dict) -> None:
        """Take what `get_state` returned, together with the weights of then."""
        self._averages_in_model = state["averages_in_model"]

    def _put_averages_in_model(self, wanted: bool) -> None:
        if self._averages_in_model is wanted:
            return
        for variable, average in self._pairs():
            # Through copies: two variables must not share a buffer, which a step gives away.
            weights = np.array(variable)
            variable.assign(np.array(average))
            average.assign(weights)
        self._averages_in_model = wanted

    def _pairs(self) -> list[tuple[Any, Any]]:
        """Return the trained variables with their averages."""
        optimizers = [
            getattr(optimizer, "inner_optimizer", optimizer)
            for optimizer in single_optimizers(self.model)
        ]
        if not any(getattr(optimizer, "use_ema", False) for optimizer in optimizers):
            raise ValueError(
                "SwapEMAWeights needs an optimizer that keeps moving averages of the weights: make "
                f"it with use_ema=True; the model has {self.model.optimizer!r}."
            )
        pairs: list[tuple[Any, Any]] = []
        for optimizer in optimizers:  # one that has not made a step keeps no averages yet
            averages = getattr(optimizer, "_model_variables_moving_average", ())
            if getattr(optimizer, "use_ema", False) and averages:
                pairs += zip(optimizer._trainable_variables, averages, strict=True)
        return [(variable, average) for variable, average in pairs if average is not None]
