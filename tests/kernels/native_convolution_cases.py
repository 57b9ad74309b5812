"""Cases for the native convolutions, depthwise and full."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from nyala import kernels
from tests.kernels.native_case import Case, normal

SAME = {"padding": "same"}


def depthwise() -> Iterator[tuple[str, Case]]:
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
        arrays = normal(*image), normal(*window, seed=8)
        yield f"depthwise: {name}", Case(run, arrays, "depthwise")
    run = partial(kernels.depthwise_conv, padding="same")
    for dtype, tolerance in (("bfloat16", 2e-2), ("float16", 2e-3)):
        arrays = normal(2, 7, 9, 19, dtype=dtype), normal(3, 3, 19, 1, dtype=dtype, seed=8)
        yield f"depthwise: {dtype}", Case(run, arrays, "depthwise", tolerance)
    image = normal(1, 6, 6, 16)
    image[0, 2, 3, 4], image[0, 5, 5, 7], image[0, 0, 0, 9] = np.nan, np.inf, -np.inf
    arrays = image, normal(3, 3, 16, 1, seed=8)
    yield "depthwise: NaN and infinity", Case(run, arrays, "depthwise")


def convolution() -> Iterator[tuple[str, Case]]:
    geometries = {
        "3x3 same": ((2, 7, 6, 5), (3, 3, 5, 17), SAME),
        "3x3 stride 2": ((2, 9, 8, 16), (3, 3, 16, 33), SAME | {"strides": 2}),
        "7x7 stride 2 of an image": ((1, 19, 18, 3), (7, 7, 3, 50), SAME | {"strides": 2}),
        "1x1": ((2, 5, 7, 24), (1, 1, 24, 40), {}),
        "1x1 stride 2": ((2, 5, 7, 9), (1, 1, 9, 100), {"strides": 2}),
        "dilated": ((1, 9, 8, 3), (3, 2, 3, 4), SAME | {"dilation": (2, 3)}),
        "explicit": ((1, 5, 6, 2), (3, 2, 2, 3), {"padding": ((4, 1), (0, 3)), "strides": (1, 2)}),
        "cropped": ((1, 7, 8, 8), (3, 3, 8, 8), {"padding": ((-1, 0), (2, -2))}),
        "sequence": ((2, 19, 6), (4, 6, 20), {"padding": "causal", "dilation": 2}),
        "no image": ((0, 5, 5, 8), (3, 3, 8, 4), SAME),
        "no place": ((2, 2, 2, 8), (3, 3, 8, 4), {}),
        "one of everything": ((1, 1, 1, 1), (1, 1, 1, 1), {}),
        "summed in parts": ((4, 24, 24, 16), (3, 3, 16, 48), SAME),
        "cut into pieces": ((2, 4, 5, 96), (3, 3, 96, 130), SAME),
        "stride 3 and dilation 2": ((1, 11, 10, 4), (4, 3, 4, 9), {"strides": 3, "dilation": 2}),
        "stride above the window": ((1, 11, 9, 4), (2, 1, 4, 5), {"strides": (3, 4)}),
        "dilated beyond the image": ((1, 4, 4, 3), (3, 3, 3, 2), SAME | {"dilation": 4}),
        "one channel": ((3, 13, 11, 1), (3, 3, 1, 32), SAME),
        "one filter": ((1, 6, 7, 20), (3, 3, 20, 1), SAME),
        "groups": ((2, 7, 6, 12), (3, 3, 4, 21), SAME | {"groups": 3}),
        "groups, stride 2": ((1, 9, 8, 34), (3, 3, 17, 36), SAME | {"groups": 2, "strides": 2}),
    }
    for name, (image, window, options) in geometries.items():
        run = partial(kernels.conv, **options)
        arrays = normal(*image), normal(*window, seed=8)
        yield f"conv: {name}", Case(run, arrays, "conv")
    image = normal(1, 6, 6, 5)
    image[0, 2, 3, 4], image[0, 5, 5, 2], image[0, 0, 0, 0] = np.nan, np.inf, -np.inf
    run = partial(kernels.conv, **SAME)
    yield "conv: NaN and infinity", Case(run, (image, normal(3, 3, 5, 18, seed=8)), "conv")
    for dtype, tolerance in (("bfloat16", 2e-2), ("float16", 2e-3)):
        arrays = normal(2, 7, 9, 5, dtype=dtype), normal(3, 3, 5, 19, dtype=dtype, seed=8)
        yield f"conv: {dtype}", Case(run, arrays, "conv", tolerance)


def transposed_convolution() -> Iterator[tuple[str, Case]]:
    geometries = {
        "2x": ((2, 5, 4, 6), (3, 3, 20, 6), SAME | {"strides": 2}),
        "window without overlap": ((1, 4, 5, 17), (2, 2, 9, 17), {"strides": 2}),
        "gaps and output padding": (
            (1, 4, 3, 5),
            (2, 3, 4, 5),
            {"strides": (4, 2), "output_padding": (2, 1)},
        ),
        "dilated": ((1, 5, 6, 3), (3, 2, 7, 3), {"dilation": (2, 3)}),
        "sequence": ((2, 9, 6), (4, 18, 6), SAME | {"strides": 3}),
        "no image": ((0, 3, 3, 2), (3, 3, 4, 2), SAME),
    }
    for name, (image, window, options) in geometries.items():
        run = partial(kernels.conv_transpose, **options)
        yield f"conv_transpose: {name}", Case(run, (normal(*image), normal(*window)), "conv")
