"""Cases for every native kernel: a function of arrays that calls it, and the arrays.

The differential test compares values and gradients of each with the reference; `make soak` replays
the native calls that they make under sanitizers. A case is named "kernel: what is special".
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from nyala import kernels

SAME = {"padding": "same"}


class Case(NamedTuple):
    """`run(*arrays)` calls the native kernels whose names start with `targets`."""

    run: Callable[..., Any]
    arrays: tuple[np.ndarray, ...]
    targets: str
    tolerance: float = 1e-5


def cases() -> dict[str, Case]:
    return dict(itertools.chain(_depthwise()))


def _normal(*shape: int, dtype: Any = "float32", seed: int = 7) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return np.asarray(generator.standard_normal(shape), "float32").astype(dtype)


def _depthwise() -> Iterator[tuple[str, Case]]:
    # Image, window, options. 16 lanes at most: 5, 16, 17, 35 channels have all kinds of rests.
    geometries = {
        "3x3 same": ((2, 7, 6, 17), (3, 3, 17, 1), {"padding": "same"}),
        "wide, 16 places at a time": ((1, 4, 37, 5), (3, 3, 5, 1), {"padding": "same"}),
        "stride 2": ((2, 9, 10, 16), (3, 3, 16, 1), {"padding": "same", "strides": 2}),
        "strides 3 and 1": ((1, 8, 7, 35), (2, 5, 35, 1), {"strides": (3, 1)}),
        "stride above the window": ((1, 11, 9, 4), (2, 1, 4, 1), {"strides": (3, 4)}),
        "multiplier": ((2, 5, 5, 3), (3, 2, 3, 4), {"strides": (2, 1)}),
        "dilated": ((1, 11, 13, 8), (3, 3, 8, 1), {"dilation": (2, 5), "padding": "same"}),
        "dilated beyond the image": (
            (1, 4, 4, 8),
            (3, 3, 8, 1),
            {"dilation": 4, "padding": "same"},
        ),
        "explicit": ((1, 5, 6, 8), (3, 2, 8, 1), {"padding": ((4, 1), (0, 3)), "strides": (1, 2)}),
        "cropped": ((1, 7, 8, 8), (3, 3, 8, 1), {"padding": ((-1, 0), (2, -2))}),
        "7x7": ((1, 9, 8, 9), (7, 7, 9, 1), {"padding": "same"}),
        "1x1": ((1, 4, 4, 16), (1, 1, 16, 1), {}),
        "sequence": ((2, 19, 6), (4, 6, 2), {"padding": "causal"}),
        "no image": ((0, 5, 5, 8), (3, 3, 8, 1), {"padding": "same"}),
        "no place": ((2, 2, 2, 8), (3, 3, 8, 1), {}),
        "one of everything": ((1, 1, 1, 1), (1, 1, 1, 1), {}),
        "several parts": ((5, 40, 36, 32), (3, 3, 32, 1), {"padding": "same"}),
        "channels first": (
            (2, 4, 6, 5),
            (3, 3, 4, 1),
            {"padding": "same", "data_format": "channels_first"},
        ),
    }
    for name, (image, window, options) in geometries.items():
        run = partial(kernels.depthwise_conv, **options)
        arrays = _normal(*image), _normal(*window, seed=8)
        yield f"depthwise: {name}", Case(run, arrays, "depthwise")
    run = partial(kernels.depthwise_conv, padding="same")
    for dtype, tolerance in (("bfloat16", 2e-2), ("float16", 2e-3)):
        arrays = _normal(2, 7, 9, 19, dtype=dtype), _normal(3, 3, 19, 1, dtype=dtype, seed=8)
        yield f"depthwise: {dtype}", Case(run, arrays, "depthwise", tolerance)
    image = _normal(1, 6, 6, 16)
    image[0, 2, 3, 4], image[0, 5, 5, 7], image[0, 0, 0, 9] = np.nan, np.inf, -np.inf
    arrays = image, _normal(3, 3, 16, 1, seed=8)
    yield "depthwise: NaN and infinity", Case(run, arrays, "depthwise")
