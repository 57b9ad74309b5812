"""Texts and tables to numbers: the layers that TensorFlow's string operations serve in Keras."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.peers import Framework
from benchmarks.timing import stopwatch

# Where Keras works on strings, it is with TensorFlow.
PEERS = ("nyala", "keras-tensorflow")
_WORDS, _LENGTH = 20_000, 200


def documents(count: int) -> list[str]:
    """Return texts of 200 words, few words frequent and many rare, with capitals and points."""
    generator = np.random.default_rng(0)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    words = np.array(["".join(generator.choice(letters, n))
                      for n in generator.integers(2, 10, _WORDS)])  # fmt: skip
    drawn = np.minimum(generator.pareto(0.6, (count, _LENGTH)) * 20, _WORDS - 1).astype(int)
    texts = []
    for row in words[drawn].tolist():
        for i in range(0, _LENGTH, 12):
            row[i], row[i + 5] = row[i].capitalize(), row[i + 5] + ","
            row[i - 1] += "."
        texts.append(" ".join(row))
    return texts


def _dataset(framework: Framework) -> Any:
    room = "nyala" if framework.peer == "nyala" else "tensorflow"
    return importlib.import_module(room).data


def _vectorizer(framework: Framework, texts: list[str]) -> Any:
    layer = framework.keras.layers.TextVectorization(
        max_tokens=_WORDS, output_sequence_length=_LENGTH
    )
    layer.adapt(texts)
    return layer


def called(framework: Framework, tiny: bool) -> Callable[[], float]:
    """Measure `layer(texts)`, for 1,000 documents."""
    texts = documents(40 if tiny else 4_000)
    layer = _vectorizer(framework, texts)
    tensor = framework.keras.ops.convert_to_tensor(texts)
    return stopwatch(lambda: np.asarray(layer(tensor)), len(texts) / 1_000, tiny)


def mapped(framework: Framework, tiny: bool) -> Callable[[], float]:
    """Measure the layer in `Dataset.map`, in batches of 256, for 1,000 documents."""
    texts = documents(40 if tiny else 4_000)
    layer, data = _vectorizer(framework, texts), _dataset(framework)
    dataset = (
        data.Dataset.from_tensor_slices(texts)
        .batch(256)
        .map(layer, num_parallel_calls=data.AUTOTUNE)
        .prefetch(2)
    )

    def call() -> int:
        return sum(len(batch) for batch in dataset)

    return stopwatch(call, len(texts) / 1_000, tiny)


def adapted(framework: Framework, tiny: bool) -> Callable[[], float]:
    """Measure `adapt` on 4,000 documents."""
    texts = documents(40 if tiny else 4_000)
    layer = _vectorizer(framework, texts)
    return stopwatch(lambda: layer.adapt(texts), 1, tiny)


def looked_up(framework: Framework, tiny: bool) -> Callable[[], float]:
    """Measure `StringLookup` on 100,000 strings."""
    keys = np.array([f"user-{n % 5_000}" for n in range(100 if tiny else 100_000)], object)
    layer = framework.keras.layers.StringLookup(vocabulary=sorted(set(keys.tolist()))[::2])
    tensor = framework.keras.ops.convert_to_tensor(keys)
    return stopwatch(lambda: np.asarray(layer(tensor)), 1, tiny)


def hashed(framework: Framework, tiny: bool) -> Callable[[], float]:
    """Measure `Hashing` on 100,000 strings."""
    keys = np.array([f"user-{n}" for n in range(100 if tiny else 100_000)], object)
    layer = framework.keras.layers.Hashing(1_000)
    tensor = framework.keras.ops.convert_to_tensor(keys)
    return stopwatch(lambda: np.asarray(layer(tensor)), 1, tiny)
