"""The loss of a compiled model: one for each output, weighted and summed."""

from __future__ import annotations

import inspect
from typing import Any

from nyala import losses as losses_room
from nyala import metrics as metrics_room
from nyala.core import tree
from nyala.losses import Loss
from nyala.training._outputs import names_of_outputs, per_output


class CompileLoss:
    """The total loss of a model, and the mean of each part over the epoch.

    Args:
        loss: what `compile(loss=...)` was given.
        loss_weights: what `compile(loss_weights=...)` was given.
        output_names: the names of the model's outputs, where it has a graph.
        aliases: the names of the layers that the outputs come out of.
    """

    def __init__(self, loss: Any, loss_weights: Any = None, output_names: list[str] | None = None,
                 aliases: list[str] | None = None):  # fmt: skip
        self.user_loss, self.user_weights = loss, loss_weights
        self.output_names, self.aliases = output_names, aliases
        self.built = False
        self.losses: list[Any] = []
        self.weights: list[float | None] = []
        self.names: list[str] = []
        self.trackers: list[Any] = []
        self._check_early()

    def _check_early(self) -> None:
        """Resolve what needs no data, so that a wrong name is found by `compile`."""
        if not callable(self.user_loss) and not isinstance(self.user_loss, Loss):
            for one in tree.flatten(self.user_loss):
                losses_room.get(one)

    def build(self, y_true: Any, y_pred: Any) -> None:
        """Settle which loss belongs to which output (the shapes are looked at only)."""
        self.names = names_of_outputs(y_pred, self.output_names)
        flat_pred = tree.flatten(y_pred)
        if _is_single(self.user_loss):
            chosen = [self.user_loss] * len(flat_pred)
        else:
            chosen = per_output(self.user_loss, self.names, "loss", y_pred, self.aliases)
        targets = per_output(y_true, self.names, "y", y_pred, self.aliases)
        self.losses = [
            None if one is None else _as_loss(one, target, pred)
            for one, target, pred in zip(chosen, targets, flat_pred, strict=True)
        ]
        weights = self.user_weights
        if isinstance(weights, (int, float)):
            weights = [weights] * len(flat_pred)
        self.weights = per_output(weights, self.names, "loss_weights", y_pred, self.aliases)
        if len([one for one in self.losses if one is not None]) > 1:
            self.trackers = [
                None if one is None else metrics_room.Mean(name=f"{name}_loss")
                for one, name in zip(self.losses, self.names, strict=True)
            ]
        else:
            self.trackers = [None] * len(self.losses)
        for name, one, target, pred in zip(
            self.names, self.losses, targets, flat_pred, strict=True
        ):
            if one is not None and target is not None:
                check_target(name, one, target, pred, len(self.names) > 1)
        self.built = True

    @property
    def metrics(self) -> list[Any]:
        """The means of the parts, where there are several."""
        return [tracker for tracker in self.trackers if tracker is not None]

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None,
                 regularization_losses: Any = None) -> Any:  # fmt: skip
        """Return the weighted sum of the losses, and note each part."""
        if not self.built:
            self.build(y_true, y_pred)
        flat_pred = tree.flatten(y_pred)
        targets = per_output(y_true, self.names, "y", y_pred, self.aliases)
        weights = self._sample_weights(sample_weight, y_pred)
        total = None
        mine = (self.losses, self.weights, self.trackers, self.names)
        rows = zip(*mine, targets, flat_pred, weights, strict=True)
        for one, factor, tracker, name, target, pred, weight in rows:
            if one is None:
                continue
            if target is None:
                raise ValueError(
                    f"No target was given for the output {name!r}, which has a loss. Pass its y, "
                    "or give it no loss in compile()."
                )
            value = one(target, pred, sample_weight=weight)
            if tracker is not None:
                tracker.update_state(value, sample_weight=_batch_size(pred))
            if factor is not None:
                value = value * factor
            total = value if total is None else total + value
        for extra in regularization_losses or ():
            total = extra if total is None else total + extra
        return total

    def _sample_weights(self, sample_weight: Any, y_pred: Any) -> list:
        if sample_weight is None:
            return [None] * len(self.names)
        if not tree.is_nested(sample_weight):
            return [sample_weight] * len(self.names)
        return per_output(sample_weight, self.names, "sample_weight", y_pred, self.aliases)


def _batch_size(pred: Any) -> Any:
    return pred.shape[0] if pred.shape else 1


def _is_single(loss: Any) -> bool:
    if isinstance(loss, dict):
        return {"class_name", "config"} <= set(loss)
    return isinstance(loss, (str, Loss)) or (callable(loss) and not isinstance(loss, list))


def _as_loss(one: Any, y_true: Any, y_pred: Any) -> Any:
    """Return a loss object for what a user may write, `"accuracy"`-like shortcuts included."""
    if isinstance(one, str) and one in ("crossentropy", "ce"):
        one = _crossentropy_for(y_true, y_pred)
    loss = losses_room.get(one)
    if isinstance(loss, Loss):
        return loss
    if inspect.isclass(loss):
        return loss()
    return losses_room.LossFunctionWrapper(loss, name=getattr(loss, "__name__", "loss"))


def _crossentropy_for(y_true: Any, y_pred: Any) -> str:
    if y_pred.shape[-1] == 1:
        return "binary_crossentropy"
    same = y_true is not None and len(y_true.shape) == len(y_pred.shape) and (
        y_true.shape[-1] == y_pred.shape[-1]
    )  # fmt: skip
    return "categorical_crossentropy" if same else "sparse_categorical_crossentropy"


def check_target(name: str, loss: Any, y_true: Any, y_pred: Any, several: bool) -> None:
    """Raise `ValueError` where a target's shape cannot belong to the output under this loss."""
    where = f" for the output {name!r}" if several else ""
    true, pred = tuple(y_true.shape), tuple(y_pred.shape)
    kind = getattr(loss, "name", type(loss).__name__)
    if "sparse_categorical" in kind:
        labels = true[:-1] if len(true) == len(pred) and true[-1:] == (1,) else true
        if len(labels) != len(pred) - 1:
            hint = (
                " One-hot targets need categorical_crossentropy." if len(true) == len(pred) else ""
            )
            raise ValueError(
                f"{kind}{where}: the model outputs shape {pred}, so integer labels of shape "
                f"{pred[:-1]} are expected, but y has shape {true}.{hint}"
            )
    elif kind.startswith("categorical_") and (len(true) != len(pred) or true[-1] != pred[-1]):
        raise ValueError(
            f"{kind}{where}: the model outputs shape {pred}, so one-hot targets of the same shape "
            f"are expected, but y has shape {true}. Integer labels need "
            "sparse_categorical_crossentropy."
        )
    elif len(true) == len(pred) and None not in (true[-1:] + pred[-1:]):
        if len(pred) > 1 and true[-1] != pred[-1] and 1 not in (true[-1], pred[-1]):
            raise ValueError(
                f"{kind}{where}: the model outputs shape {pred}, but y has shape {true}: the last "
                "axes differ."
            )
