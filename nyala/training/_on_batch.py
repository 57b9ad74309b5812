"""One step at a time: `train_on_batch`, `test_on_batch`, `predict_on_batch`."""

from __future__ import annotations

from typing import Any

from nyala.core import tree
from nyala.data import as_arrays, combined_weights, weights_of_classes
from nyala.eager import as_numpy
from nyala.training._evaluate import as_list
from nyala.training._prepare import build_all


def train(model: Any, x: Any, y: Any, sample_weight: Any, class_weight: dict | None,
          return_dict: bool, reset: bool) -> Any:  # fmt: skip
    """Learn from one batch; see `Trainer.train_on_batch`."""
    if class_weight is not None:
        sample_weight = combined_weights(weights_of_classes(y, class_weight), sample_weight)
    return _run(model, "train", (x, y, sample_weight), return_dict, reset)


def test(model: Any, x: Any, y: Any, sample_weight: Any, return_dict: bool, reset: bool) -> Any:
    """Evaluate one batch; see `Trainer.test_on_batch`."""
    return _run(model, "test", (x, y, sample_weight), return_dict, reset)


def predict(model: Any, x: Any) -> Any:
    """Return the outputs for one batch; see `Trainer.predict_on_batch`."""
    batch = (as_arrays(x), None, None)
    if not model.built:
        build_all(model, batch, "predict")
    return tree.map_structure(as_numpy, model._programs_for("predict").run_batch(batch))


def _run(model: Any, mode: str, batch: tuple, return_dict: bool, reset: bool) -> Any:
    batch = tuple(as_arrays(part) for part in batch)
    build_all(model, batch, mode)
    if reset:
        model.reset_metrics()
    logs = dict(model._programs_for(mode).run_batch(batch))
    return logs if return_dict else as_list(logs)
