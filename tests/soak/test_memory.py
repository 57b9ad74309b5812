"""Memory stays flat over many models, many predictions and long loops (`make soak`)."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import jax
import numpy as np
import pytest

import nyala

pytestmark = pytest.mark.soak

_X = np.random.default_rng(0).random((64, 8), "float32")
_Y = np.random.default_rng(1).integers(0, 3, 64)
# What allocators and caches of a fixed size may still take after the warm-up, in MiB.
_SLACK = 24


def _resident() -> float:
    """Return the process' resident memory in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _state() -> tuple[float, int]:
    gc.collect()
    return _resident(), len(jax.live_arrays())


def _model():
    model = nyala.Sequential([
        nyala.Input((8,)),
        nyala.layers.Dense(16, activation="relu"),
        nyala.layers.Dropout(0.1),
        nyala.layers.Dense(3, activation="softmax"),
    ])  # fmt: skip
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


@pytest.fixture(autouse=True)
def _needs_proc():
    if not Path("/proc/self/statm").exists():
        pytest.skip("reads resident memory from /proc")


def test_models_built_trained_and_deleted_leave_nothing():
    def one_round():
        model = _model()
        model.fit(_X, _Y, batch_size=32, epochs=1, verbose=0)

    for _ in range(40):
        one_round()
    memory, arrays = _state()
    for _ in range(200):
        one_round()
    later, arrays_later = _state()
    assert arrays_later <= arrays
    assert later - memory < _SLACK, f"{later - memory:.1f} MiB more after 200 models"


def test_predictions_leave_nothing():
    model = _model()
    for _ in range(200):
        model.predict(_X[:3], verbose=0)
    memory, arrays = _state()
    for _ in range(10_000):
        model.predict(_X[:3], verbose=0)
    later, arrays_later = _state()
    assert arrays_later <= arrays
    assert later - memory < _SLACK, f"{later - memory:.1f} MiB more after 10,000 predictions"


def test_a_value_that_nobody_looks_at_does_not_grow():
    total = nyala.ops.zeros(())
    batch = nyala.ops.convert_to_tensor(_X)

    def steps(count):
        nonlocal total
        for _ in range(count):
            total = total + nyala.ops.mean(batch * 2.5)

    steps(1000)
    memory, arrays = _state()
    steps(10_000)
    later, arrays_later = _state()
    # A piece of the loop may still be pending, with the values that it computed on.
    assert arrays_later <= arrays + 4
    assert later - memory < _SLACK, f"{later - memory:.1f} MiB more after 10,000 steps"
    assert float(total) == pytest.approx(11_000 * 2.5 * _X.mean(), rel=1e-2)


def test_an_own_loop_with_a_metric_nobody_reads_does_not_grow():
    model = _model()
    optimizer = nyala.optimizers.SGD(1e-3)
    loss_fn = nyala.losses.SparseCategoricalCrossentropy()
    metric = nyala.metrics.SparseCategoricalAccuracy()
    x, y = nyala.ops.convert_to_tensor(_X), nyala.ops.convert_to_tensor(_Y)

    def steps(count):
        for _ in range(count):
            with nyala.GradientTape() as tape:
                predicted = model(x, training=True)
                loss = loss_fn(y, predicted)
            gradients = tape.gradient(loss, model.trainable_weights)
            optimizer.apply_gradients(zip(gradients, model.trainable_weights, strict=True))
            metric.update_state(y, predicted)

    steps(500)
    memory, arrays = _state()
    steps(10_000)
    later, arrays_later = _state()
    assert arrays_later <= arrays + 4
    assert later - memory < _SLACK, f"{later - memory:.1f} MiB more after 10,000 steps"
    assert 0.0 <= float(metric.result()) <= 1.0
