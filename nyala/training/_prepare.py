"""Before the first step: build what the first batch's shapes decide, and check the labels."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala import losses as losses_room
from nyala.core import tree
from nyala.data import InMemoryData
from nyala.eager import wrap_results
from nyala.symbolic import KerasTensor, infer_output_spec
from nyala.training._outputs import per_output
from nyala.training._programs import STEPS, is_overridden
from nyala.training._stages import holds_strings, works_on_host


def build_all(model: Any, batch: tuple, mode: str) -> Any:
    """Build the model, its losses, metrics and optimizer for batches like this one.

    Args:
        model: the model.
        batch: arrays `(x, y, sample_weight)`; only shapes and dtypes are looked at.
        mode: `"train"`, `"test"` or `"predict"`.

    Returns:
        The symbolic outputs, or `None` for a model whose own step decides what it does with a batch
        (everything is then built when the step is first compiled).
    """
    x, y, _ = batch
    training = mode == "train"
    own_step = is_overridden(model, STEPS[mode])
    y_pred = None
    try:
        if not own_step or model._compile_loss or model._compile_metrics:
            y_pred = _symbolic_outputs(model, x)
            _build_compiled(model, _symbolic(y), y_pred)
    except (TypeError, ValueError):
        # A model that brings a step of its own need not be callable on the batch.
        if not own_step:
            raise
        y_pred = None
    if training and model.optimizer is not None and not model.optimizer.built and model.built:
        model.optimizer.build(model.trainable_variables)
    return y_pred


def _build_compiled(model: Any, targets: Any, y_pred: Any) -> None:
    for compiled in (model._compile_loss, model._compile_metrics):
        if compiled is not None and not compiled.built:
            compiled.build(targets, y_pred)


def _symbolic_outputs(model: Any, x: Any) -> Any:
    """Return the outputs as KerasTensors, with the graph's shapes or by abstract evaluation."""
    if not model.built and hasattr(model, "_rebuild"):  # a Sequential that waits for its shape
        first = tree.flatten(x)[0]
        model.build((None, *first.shape[1:]))
    if model.built and model._graph is not None:
        return model._graph._outputs_struct
    if holds_strings(x) or works_on_host(model):
        return _outputs_of_batch(model, x)
    inputs = _symbolic(x, batch=True)
    try:
        outputs = infer_output_spec(lambda value: model(value, training=False), inputs)
    except TypeError as error:
        if "training" not in str(error):
            raise
        outputs = infer_output_spec(lambda value: model(value), inputs)
    model.built = True
    return outputs


def _outputs_of_batch(model: Any, x: Any) -> Any:
    """Return the outputs as KerasTensors by running the model: strings cannot be traced."""
    outputs = model(wrap_results(x))
    return tree.map_structure(
        lambda t: KerasTensor((None, *t.shape[1:]), t.dtype, record_history=False), outputs
    )


def _symbolic(structure: Any, batch: bool = False) -> Any:
    def spec(leaf):
        if leaf is None:
            return None
        shape = tuple(leaf.shape)
        dtype = "string" if leaf.dtype.kind in "OUS" else leaf.dtype.name
        return KerasTensor(shape if not batch else (None, *shape[1:]), dtype, record_history=False)

    return tree.map_structure(spec, structure)


def check_labels(model: Any, data: InMemoryData, y_pred: Any) -> None:
    """Raise `ValueError` for integer labels outside the classes that an output has.

    Compiled code cannot raise; NaN losses much later would say nothing about the cause.
    """
    compiled = model._compile_loss
    if compiled is None or data.y is None or y_pred is None:
        return
    targets = per_output(data.y, compiled.names, "y", y_pred, compiled.aliases)
    outputs = tree.flatten(y_pred)
    for name, loss, target, output in zip(
        compiled.names, compiled.losses, targets, outputs, strict=True
    ):
        if target is None or not _takes_class_indices(loss):
            continue
        if not isinstance(target, np.ndarray) or not target.size:
            continue
        classes = output.shape[-1]
        ignored = getattr(loss, "ignore_class", None)
        _check_range(target, classes, ignored, name if len(outputs) > 1 else None)


def _takes_class_indices(loss: Any) -> bool:
    if isinstance(loss, losses_room.SparseCategoricalCrossentropy):
        return True
    return getattr(loss, "name", None) == "sparse_categorical_crossentropy"


def _check_range(
    labels: np.ndarray, classes: int | None, ignored: int | None, name: str | None
) -> None:
    if classes is None or (labels.min() >= 0 and labels.max() < classes):
        return
    outside = (labels < 0) | (labels >= classes)
    if ignored is not None:
        outside &= labels != ignored
    if not outside.any():
        return
    first = np.argwhere(outside)[0]
    where = (
        int(first[0]) if labels.ndim == 1 or labels.shape[1:] == (1,) else tuple(map(int, first))
    )
    output = f" of the output {name!r}" if name else ""
    raise ValueError(
        f"The labels{output} must lie in [0, {classes}), the classes that the model has, but "
        f"{int(outside.sum())} do not: the first is y[{where}] = {labels[tuple(first)]}."
    )
