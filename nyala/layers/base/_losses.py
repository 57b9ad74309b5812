"""Losses and metrics that a layer adds while it is called."""

from __future__ import annotations

import weakref
from typing import Any

from nyala.core import tree
from nyala.eager import OPERATIONS, current_scope

# Layers that hold losses of an earlier live call: nearly always none, so that clearing is free.
_holding: weakref.WeakSet = weakref.WeakSet()


def add(layer: Any, losses: Any) -> None:
    """Add scalar losses on behalf of `layer`."""
    scope = current_scope()
    for loss in tree.flatten(losses):
        if callable(loss) and not hasattr(loss, "shape"):
            loss = loss()
        if not hasattr(loss, "shape"):
            loss = OPERATIONS["convert_to_tensor"](loss)
        if tuple(loss.shape) != ():
            raise ValueError(
                f"add_loss in layer {layer.name!r}: a loss must be a scalar; got a tensor of shape "
                f"{tuple(loss.shape)}. Reduce it, for example with ops.sum or ops.mean."
            )
        if scope is not None:
            scope.losses.append((layer, loss))
        else:
            layer._loss_values.append(loss)
            _holding.add(layer)


def collect(layer: Any) -> list[Any]:
    """Return the losses of `layer` and of the layers inside it, regularizers last."""
    layers = list(layer._flatten_layers())
    scope = current_scope()
    if scope is not None:
        inside = {id(one) for one in layers}
        added = [loss for one, loss in scope.losses if id(one) in inside]
    else:
        added = [loss for one in layers for loss in one._loss_values]
    return added + layer._regularization_losses()


def clear(layer: Any) -> None:
    """Forget what the layers in `layer` added in an earlier call."""
    scope = current_scope()
    if scope is not None:
        if scope.losses:
            inside = {id(one) for one in layer._flatten_layers()}
            scope.losses[:] = [pair for pair in scope.losses if id(pair[0]) not in inside]
        return
    if _holding:
        for one in layer._flatten_layers():
            one._loss_values.clear()
            _holding.discard(one)


def add_metric(layer: Any, value: Any, name: str | None) -> None:
    """Track the mean of a value under `name`, in a metric that the layer keeps."""
    from nyala.metrics import Mean

    known = {metric.name: metric for metric in layer._metrics}
    metric = known.get(name)
    if metric is None:
        metric = Mean(name=name)
        layer._tracker.track(metric)
    metric.update_state(value)
