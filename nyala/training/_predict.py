"""`predict`: outputs for data, as NumPy arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala.core import tree
from nyala.data import as_arrays, check_batch_size
from nyala.eager import Tensor, as_numpy
from nyala.training import _setup
from nyala.training._feeds import make_feed
from nyala.training._prepare import build_all
from nyala.training._run import Listeners, run_pass


def predict(model: Any, x: Any, *, batch_size: int | None, verbose: Any, steps: int | None,
            callbacks: Any) -> Any:  # fmt: skip
    """Predict with `model`; see `Trainer.predict`."""
    if callbacks is None and steps is None and not verbose:
        outputs = _one_batch(model, x, batch_size)
        if outputs is not None:
            return outputs
    steps = _setup.capped(steps)
    data = _setup.make_data(x, None, None, batch_size)
    _setup.check_ends(data, steps, "predict()", "steps")
    if not model.built:
        build_all(model, data.head(), "predict")
    feed = make_feed(data, model._programs_for("predict"), fused=False)
    callback_list = _setup.as_callback_list(callbacks, model, verbose, epochs=1,
                                          steps=steps or feed.steps)  # fmt: skip
    pieces: list[Any] = []
    callback_list.on_predict_begin()
    try:
        listeners = Listeners(callback_list, "predict")
        done, _ = run_pass(model, feed, listeners, steps, each=pieces.append)
    finally:
        feed.close()
    if not done:
        raise ValueError("The data to predict for is empty: it yielded no batch.")
    callback_list.on_predict_end()
    return joined(pieces)


def _one_batch(model: Any, x: Any, batch_size: int | None) -> Any:
    """Return the outputs for arrays that fit into one batch, or `None` for anything else.

    The way of a server that predicts a few rows at a time: no feed, no callbacks.
    """
    if not isinstance(x, (np.ndarray, Tensor)) or not model.built or not x.shape:
        return None
    if not 0 < x.shape[0] <= check_batch_size(batch_size):
        return None
    outputs = model._programs_for("predict").run_batch((as_arrays(x), None, None))
    return tree.map_structure(as_numpy, outputs) if tree.is_nested(outputs) else as_numpy(outputs)


def joined(pieces: list) -> Any:
    """Concatenate the outputs of batches along the first axis."""
    if len(pieces) == 1:
        return tree.map_structure(as_numpy, pieces[0])
    return tree.map_structure(lambda *parts: np.concatenate([as_numpy(p) for p in parts]), *pieces)
