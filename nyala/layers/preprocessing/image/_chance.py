"""Which images of a batch a change is applied to."""

from __future__ import annotations

from typing import Any

from nyala import random
from nyala.layers.preprocessing.image._seeds import Seeds


def applied(batch: int, factor: tuple, seeds: Seeds) -> Any:
    """Return booleans of shape `(batch,)`; each image has a probability of its own.

    Args:
        batch: how many images there are.
        factor: the numbers between which the probabilities are drawn.
        seeds: gives the random keys.
    """
    probability = random.uniform((batch,), *factor, seed=seeds.next())
    return random.uniform((batch,), seed=seeds.next()) < probability
