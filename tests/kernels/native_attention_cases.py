"""Cases of attention: rests of tiles and blocks, masks and biases of every shape, dropout."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from nyala import kernels
from tests.kernels.native_case import Case, normal

# Batch, queries, keys, heads, key heads, width, width of values. A block has 144 keys, a chunk up
# to 480 queries, a tile three vectors of 16, 8 or 4 lanes, a product 8 or 6 rows.
SIZES = {
    "one of everything": (1, 1, 1, 1, 1, 1, 1),
    "rests of rows and lanes": (2, 21, 13, 3, 3, 5, 7),
    "whole vectors": (2, 32, 48, 2, 2, 16, 16),
    "several blocks of keys": (1, 30, 300, 2, 2, 20, 12),
    "several chunks of queries": (1, 500, 20, 1, 1, 8, 8),
    "grouped heads": (2, 19, 10, 6, 2, 9, 17),
    "no batch": (0, 4, 4, 2, 2, 8, 8),
}
DROPOUT = {"dropout_rate": 0.4, "dropout_key": np.array([3, 9], "uint32")}
MEDIUM = (2, 70, 160, 4, 2, 6, 5)


def attentions() -> Iterator[tuple[str, Case]]:
    for name, sizes in SIZES.items():
        yield f"attention: {name}", _case(sizes)
    yield "attention: causal", _case((1, 300, 310, 2, 1, 6, 4), causal=True)
    for mask, bias in (("b11s", "11ts"), ("11ts", "bn1s"), ("b1t1", "b11s")):
        yield (
            f"attention: mask {mask}, bias {bias}",
            _case(
                MEDIUM, mask=_some(mask) > 0.3, bias=normal(*_shape(bias)), causal=bias == "bn1s"
            ),
        )
    blocks = np.zeros((2, 1, 70, 160), bool)
    blocks[0, :, :30, :20], blocks[1, :, :, 150:] = True, True
    yield "attention: some queries see nothing", _case(MEDIUM, mask=blocks, scale=0.3, **DROPOUT)
    yield (
        "attention: all of it",
        _case(
            MEDIUM, mask=_some("b1ts") > 0.6, bias=normal(*_shape("1nts")), causal=True, **DROPOUT
        ),
    )
    for dtype, tolerance in (("bfloat16", 3e-2), ("float16", 4e-3)):
        yield f"attention: {dtype}", _case(MEDIUM, dtype, tolerance, **DROPOUT)
    yield "attention: few heads, many queries", _case((1, 1100, 33, 2, 1, 4, 3), "bfloat16", 3e-2)
    yield from _not_finite()


def _not_finite() -> Iterator[tuple[str, Case]]:
    case = _case((1, 9, 150, 2, 2, 4, 4))
    q, k, v = case.arrays
    q[0, 1, 0, 0], q[0, 2, 1, 3], k[0, 140, 1, 2], v[0, 149, 0, 1] = np.nan, np.inf, np.inf, np.inf
    yield "attention: NaN and infinity", case
    bias = np.zeros((1, 1, 9, 150), "float32")
    bias[..., 0, :], bias[..., 1, :145], bias[..., 2, 3] = -np.inf, -np.inf, np.inf
    yield "attention: infinite bias", _case((1, 9, 150, 2, 2, 4, 4), bias=bias)


def _case(sizes: tuple, dtype: str = "float32", tolerance: float = 1e-5, **options: Any) -> Case:
    batch, queries, keys, heads, key_heads, width, value_width = sizes
    arrays = [
        normal(batch, queries, heads, width, dtype=dtype, seed=1),
        normal(batch, keys, key_heads, width, dtype=dtype, seed=2),
        normal(batch, keys, key_heads, value_width, dtype=dtype, seed=3),
    ]
    if (bias := options.pop("bias", None)) is None:
        return Case(partial(kernels.attention, **options), tuple(arrays), "attention", tolerance)
    run = lambda q, k, v, bias: kernels.attention(q, k, v, bias=bias, **options)  # noqa: E731
    return Case(run, (*arrays, bias), "attention", tolerance)


def _shape(axes: str) -> tuple[int, ...]:
    """The lengths of the axes of MEDIUM's scores that are named, 1 for the others."""
    lengths = {"b": MEDIUM[0], "n": MEDIUM[3], "t": MEDIUM[1], "s": MEDIUM[2], "1": 1}
    return tuple(lengths[axis] for axis in axes)


def _some(axes: str) -> np.ndarray:
    return np.random.default_rng(4).random(_shape(axes))
