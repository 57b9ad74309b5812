"""Rectangles in images, drawn at random."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from nyala import random
from nyala.eager import Array, op
from nyala.layers.preprocessing.image._seeds import Seeds


def random_interval(length: int, part: Any, seeds: Seeds) -> tuple[Any, Any]:
    """Return where intervals within `length` begin and end.

    Args:
        length: of the whole, in pixels.
        part: how long the intervals are as a part of it, of shape `(batch,)`.
        seeds: gives the random key.
    """
    own = part * float(length)
    start = random.uniform(tuple(part.shape), seed=seeds.next()) * (float(length) - own)
    return start, start + own


@op(name="rectangles")
def rectangles(x0: Array, x1: Array, y0: Array, y1: Array, height: int, width: int,
               channels_first: bool) -> Array:  # fmt: skip
    """Return which pixels lie in the rectangle of each image, with one channel."""
    x, y = jnp.arange(width, dtype=x0.dtype), jnp.arange(height, dtype=y0.dtype)
    across = (x >= x0[:, None]) & (x < x1[:, None])
    down = (y >= y0[:, None]) & (y < y1[:, None])
    return jnp.expand_dims(down[:, :, None] & across[:, None, :], 1 if channels_first else 3)
