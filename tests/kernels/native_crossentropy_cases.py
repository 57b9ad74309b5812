"""Cases of cross-entropy: rests of vectors, labels that are no class, scores not finite."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from nyala import kernels
from tests.kernels.native_case import Case, normal


def crossentropies() -> Iterator[tuple[str, Case]]:
    for shape in ((1, 1), (5, 7), (3, 2, 35), (0, 4), (600, 64)):
        yield f"crossentropy: {shape}", _sparse(3 * normal(*shape))
        yield f"crossentropy: {shape} with targets", _dense(3 * normal(*shape))
    logits = normal(4, 9) * 50
    logits[0, 3], logits[1, 8], logits[2, 1] = np.nan, np.inf, -np.inf
    yield "crossentropy: NaN and infinity", _sparse(logits)
    yield "crossentropy: NaN and infinity with targets", _dense(logits)
    for dtype, tolerance in (("bfloat16", 2e-2), ("float16", 2e-3)):
        yield f"crossentropy: {dtype}", _sparse(normal(3, 40, dtype=dtype), tolerance=tolerance)


def _sparse(logits: np.ndarray, **case: Any) -> Case:
    random = np.random.default_rng(6)
    labels = random.integers(-1, logits.shape[-1] + 1, logits.shape[:-1]).astype("int32")
    run = partial(_with_labels, labels=labels)
    return Case(run, (logits,), "crossentropy", **case)


def _with_labels(logits: Any, labels: np.ndarray) -> Any:
    return kernels.sparse_softmax_crossentropy(logits, labels)


def _dense(logits: np.ndarray) -> Case:
    targets = np.random.default_rng(6).random(logits.shape, "float32")
    return Case(kernels.softmax_crossentropy, (logits, targets), "crossentropy")
