"""Images augmented: a flip, a rotation and a zoom, called on batches and inside a model."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.peers import Framework
from benchmarks.timing import stopwatch

PEERS = ("nyala", "keras-jax", "keras-tensorflow", "keras-torch")


def _images(tiny: bool) -> np.ndarray:
    shape = (2, 32, 32, 3) if tiny else (64, 180, 180, 3)
    return np.random.default_rng(0).uniform(0, 255, shape).astype("float32")


def _layers(keras: Any) -> list[Any]:
    layers = keras.layers
    return [layers.RandomFlip("horizontal"), layers.RandomRotation(0.1), layers.RandomZoom(0.1)]


def called(framework: Framework, tiny: bool) -> Any:
    """Measure a call of the three layers on a batch of 64 images of 180×180."""
    keras, images = framework.keras, _images(tiny)
    augment = keras.Sequential(_layers(keras))
    return stopwatch(lambda: keras.ops.convert_to_numpy(augment(images, training=True)), 1, tiny)


def fitted(framework: Framework, tiny: bool) -> Any:
    """Measure a step of `fit` on such a batch, of a model with one convolution behind them."""
    keras, images = framework.keras, _images(tiny)
    layers = keras.layers
    model = keras.Sequential([
        *_layers(keras), layers.Rescaling(1 / 255), layers.Conv2D(8, 3, strides=2),
        layers.GlobalAveragePooling2D(), layers.Dense(1),
    ])  # fmt: skip
    model.compile("sgd", "mse")
    targets = np.zeros((len(images), 1), "float32")
    steps = 2 if tiny else 4
    images, targets = np.tile(images, (steps, 1, 1, 1)), np.tile(targets, (steps, 1))
    batch = len(images) // steps
    return stopwatch(
        lambda: model.fit(images, targets, batch_size=batch, epochs=1, verbose=0), steps, tiny
    )
