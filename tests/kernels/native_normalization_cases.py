"""Cases for the native normalizations."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from nyala import kernels
from tests.kernels.native_case import Case, normal

# Shape, axes.
ROWS = {
    "rest of a vector": ((2, 3, 37), -1),
    "long rows": ((3, 200), -1),
    "several parts": ((700, 99), -1),
    "two axes": ((4, 5, 7), (1, 2)),
    "one row": ((1, 5), -1),
    "no row": ((0, 16), -1),
}
# Shape, groups, axis of the channels.
GROUPS = {
    "three groups": ((2, 5, 7, 24), 3, -1),
    "several parts": ((3, 41, 35, 20), 5, -1),
    "channels first": ((2, 6, 5, 7), 2, 1),
    "a vector": ((5, 12), 4, -1),
    "no channel": ((2, 3, 0), 1, -1),
}
# Shape, axis of the channels.
BATCHES = {
    "rest of a vector": ((2, 3, 5, 17), -1),
    "many channels": ((5, 1, 3, 202), -1),
    "several parts": ((9, 31, 13, 24), -1),
    "channels first": ((3, 5, 15, 11), 1),
    "one place": ((1, 16), -1),
    "no channel": ((4, 0), -1),
}


def normalizations() -> Iterator[tuple[str, Case]]:
    yield from _batch_norm()
    yield from _layer_norm()
    yield from _group_norm()


def _batch_norm() -> Iterator[tuple[str, Case]]:
    for what, (shape, axis) in BATCHES.items():
        run = partial(kernels.batch_norm_train, axis=axis)
        yield f"batch_norm: {what}", Case(run, _arrays(shape, axis), "norm_moments")
    x, gamma, beta = _arrays((4, 9, 35), -1)
    mask = np.arange(9) < np.array([9, 2, 0, 5])[:, None]
    run = partial(kernels.batch_norm_train, mask=mask)
    yield "batch_norm: mask", Case(run, (x, gamma, beta), "norm_weighted_moments")
    for dtype, tolerance in (("bfloat16", 2e-2), ("float16", 2e-3)):
        arrays = (x.astype(dtype), gamma, beta)
        run = kernels.batch_norm_train
        yield f"batch_norm: {dtype}", Case(run, arrays, "norm_moments", tolerance)
    run = lambda *arrays: kernels.batch_norm_train(*arrays)[0]  # noqa: E731
    far = _arrays((2000, 20), -1, offset=1000.0)
    # The gradient for x is a difference that rounding takes the last digits of.
    yield "batch_norm: far from zero", Case(run, far, "norm_moments", 1e-3)
    x = normal(6, 40)
    x[1, 3], x[4, 8], x[0, 37] = np.nan, np.inf, -np.inf
    yield "batch_norm: NaN and infinity", Case(run, (x, *_arrays(x.shape, -1)[1:]), "norm_moments")


def _layer_norm() -> Iterator[tuple[str, Case]]:
    for what, (shape, axis) in ROWS.items():
        run = partial(kernels.layer_norm, axis=axis)
        weights = shape[1:] if axis == (1, 2) else shape[-1:]
        arrays = normal(*shape) + 2, normal(*weights, seed=8), normal(*weights, seed=9)
        yield f"layer_norm: {what}", Case(run, arrays, "norm_rows")
    x, gamma, beta = _arrays((9, 50), -1)
    for dtype, tolerance in (("bfloat16", 2e-2), ("float16", 2e-3)):
        arrays = (x.astype(dtype), gamma, beta)
        yield f"layer_norm: {dtype}", Case(kernels.layer_norm, arrays, "norm_rows", tolerance)
    yield "rms_norm", Case(kernels.rms_norm, (x, gamma), "norm_rows")
    run = lambda x: kernels.layer_norm(x, None, None)  # noqa: E731
    x = normal(6, 40)
    x[1, 3], x[4, 8], x[0, 37] = np.nan, np.inf, -np.inf
    yield "layer_norm: NaN and infinity", Case(run, (x,), "norm_rows")


def _group_norm() -> Iterator[tuple[str, Case]]:
    for what, (shape, groups, axis) in GROUPS.items():
        run = partial(kernels.group_norm, groups=groups, axis=axis)
        yield f"group_norm: {what}", Case(run, _arrays(shape, axis), "norm_moments")
    x, gamma, beta = _arrays((2, 9, 6), -1)
    run = partial(kernels.group_norm, groups=2)
    yield "group_norm: float16", Case(run, (x.astype("float16"), gamma, beta), "norm_moments", 2e-3)


def _arrays(shape: tuple[int, ...], axis: int, offset: float = 2.0) -> tuple[np.ndarray, ...]:
    channels = shape[axis]
    x = normal(*shape) * 3 + offset
    return x.astype("float32"), normal(channels, seed=8), normal(channels, seed=9)
