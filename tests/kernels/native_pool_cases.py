"""Cases for the native pools; whole numbers make ties frequent."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from nyala import kernels
from tests.kernels.native_case import Case, normal

SAME = {"padding": "same"}
# Image, window, options.
POOLS = {
    "2x2": ((2, 6, 8, 17), 2, {}),
    "2x2 with a rest": ((2, 7, 5, 3), 2, {}),
    "2x2 same": ((1, 7, 5, 16), 2, SAME),
    "3x3 stride 2 same": ((2, 7, 18, 35), 3, SAME | {"strides": 2}),
    "3x3 stride 1 same": ((1, 5, 11, 8), 3, SAME | {"strides": 1}),
    "3x2, strides 1 and 3": ((1, 7, 8, 2), (3, 2), {"strides": (1, 3)}),
    "window below stride": ((1, 7, 8, 5), 2, {"strides": 3}),
    "explicit": ((1, 5, 6, 4), 3, {"padding": ((1, 2), (2, 0)), "strides": 2}),
    "8x8": ((1, 16, 8, 9), (8, 8), {}),
    "sequence": ((2, 19, 6), 4, {"strides": 3}),
    "one of everything": ((1, 1, 1, 1), 1, {}),
    "no image": ((0, 4, 4, 8), 2, {}),
    "no place": ((1, 2, 2, 8), 3, {}),
    "several parts": ((5, 40, 36, 32), 3, SAME | {"strides": 2}),
    "channels first": ((2, 3, 6, 5), 2, SAME | {"data_format": "channels_first"}),
}


def pools() -> Iterator[tuple[str, Case]]:
    for pool in (kernels.max_pool, kernels.average_pool):
        name = pool.__name__
        for what, (shape, window, options) in POOLS.items():
            x = np.round(normal(*shape) * 1.5)
            yield f"{name}: {what}", Case(partial(pool, window=window, **options), (x,), name)
        run = partial(pool, window=3, strides=2, **SAME)
        for dtype, tolerance in (("bfloat16", 2e-2), ("float16", 2e-3)):
            x = np.round(normal(2, 7, 9, 19) * 1.5).astype(dtype)
            yield f"{name}: {dtype}", Case(run, (x,), name, tolerance)
        x = normal(1, 6, 6, 16)
        x[0, 2, 3, 4], x[0, 5, 5, 7], x[0, 0, 0, 9] = np.nan, np.inf, -np.inf
        x[0, :, :, 2] = -np.inf
        # Which element of a window takes a NaN's gradient is nobody's promise.
        yield f"{name}: NaN and infinity", Case(run, (x,), name, gradients=False)
