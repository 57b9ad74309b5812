"""Cases of recurrent layers: cells, directions, masks, rests of vectors and of a part's rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nyala import kernels

GATES = {"lstm": 4, "gru": 3, "simple_rnn": 1}


def recurrent_arguments() -> Iterator[tuple[str, Callable[..., Any], tuple[np.ndarray, ...]]]:
    """Names, functions that call a native kernel, and their arrays."""
    # Batch, time, features, units. Parts have 8 rows, vectors 16, 8 or 4 lanes, blocks go in pairs.
    shapes = {
        "one of everything": (1, 1, 1, 1),
        "rests of rows and lanes": (13, 4, 5, 23),
        "whole vectors": (8, 3, 4, 32),
        "an odd number of blocks": (3, 5, 2, 40),
        "more rows to a part": (70, 2, 3, 200),
        "no rows": (0, 3, 2, 5),
    }
    for cell in GATES:
        for name, shape in shapes.items():
            yield f"{cell}: {name}", *_arguments(cell, shape)
        backwards = {"go_backwards": True}
        yield f"{cell}: backwards", *_arguments(cell, (5, 6, 3, 10), **backwards)
        mask = np.random.default_rng(3).random((5, 6)) > 0.4
        for options in ({}, backwards, {"zero_output_for_mask": True}):
            names = ", ".join(["masked", *options])
            yield f"{cell}: {names}", *_arguments(cell, (5, 6, 3, 10), mask=mask, **options)
        yield f"{cell}: no bias", *_arguments(cell, (4, 3, 3, 7), bias=False)
        run, (x, *rest) = _arguments(cell, (9, 4, 3, 18))
        x[2, 1, 0], x[8, 3, 1] = np.nan, np.inf
        yield f"{cell}: NaN and infinity", run, (x, *rest)


def _arguments(cell: str, shape: tuple, bias: bool = True, **options: Any) -> tuple:
    batch, time, features, units = shape
    random, width = np.random.default_rng(5), GATES[cell] * units
    normal = lambda *s: random.normal(0, 0.5, s).astype("float32")  # noqa: E731
    weights = [normal(features, width), normal(units, width)]
    if bias:
        weights.append(normal(2, width) if cell == "gru" else normal(width))
    states = [normal(batch, units) for _ in range(2 if cell == "lstm" else 1)]

    def run(x, kernel, recurrent, *rest):
        rest = rest if bias else (None, *rest)
        outputs, carry = getattr(kernels, cell)(x, kernel, recurrent, *rest, **options)
        return outputs, carry

    return run, (normal(batch, time, features), *weights, *states)
