"""Saving and loading: a model of 579 MB, two thirds of it the state of Adam."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers import Framework
from benchmarks.timing import stopwatch

PEERS = ("nyala", "keras-jax", "keras-tensorflow", "keras-torch")


def _trained(keras: Any, tiny: bool) -> Any:
    width, depth = (16, 2) if tiny else (2048, 11)
    layers = [keras.layers.Dense(width) for _ in range(depth)]
    model = keras.Sequential([keras.Input((width,)), *layers, keras.layers.Dense(1000)])
    model.compile("adam", "mse")
    model.train_on_batch(np.zeros((2, width), "float32"), np.zeros((2, 1000), "float32"))
    return model


def _file() -> Path:
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder, "model.keras")


def saved(framework: Framework, tiny: bool) -> Any:
    """Measure `model.save`: nyala's ends when the disk has all of it, Keras' before."""
    model, path = _trained(framework.keras, tiny), _file()
    return stopwatch(lambda: model.save(path), 1, tiny)


def loaded(framework: Framework, tiny: bool) -> Any:
    """Measure `load_model` of that file, which every peer wrote itself."""
    path = _file()
    _trained(framework.keras, tiny).save(path)

    def call():
        model = framework.keras.models.load_model(path)
        return [framework.keras.ops.convert_to_numpy(w[:1]) for w in model.weights]

    return stopwatch(call, 1, tiny)
