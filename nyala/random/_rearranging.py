"""Values dropped or shuffled at random."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax

from nyala import kernels
from nyala.eager import Array, draw_seed, op
from nyala.ops._dtypes import as_float


def dropout(
    inputs: Any, rate: float, noise_shape: Sequence[int | None] | None = None, seed: Any = None
) -> Any:
    """Sets a random part of the values to zero and scales the others up, keeping the mean.

    After Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from
    overfitting".

    Args:
        inputs: array of any shape.
        rate: the part that is set to zero, from 0 to 1.
        noise_shape: the shape of the random choice, which is broadcast to that of `inputs`; `None`
            in it stands for the length there.
        seed: an integer, a `SeedGenerator`, or `None` for the global one.

    Returns:
        A tensor of the shape of `inputs`.

    >>> import nyala
    >>> x = nyala.random.dropout(nyala.ops.ones((1000,)), 0.5, seed=1)
    >>> sorted(set(x.tolist()))
    [0.0, 2.0]
    """
    if not 0 <= rate <= 1:
        raise ValueError(f"random.dropout(rate=...) expects a number from 0 to 1; got {rate}.")
    return _dropout(inputs, draw_seed(seed), rate, noise_shape)


@op(name="_random_dropout")
def _dropout(x: Array, key: Array, rate: float, noise_shape: tuple | None) -> Array:
    return kernels.dropout(as_float(x), rate, key, noise_shape=noise_shape)


def shuffle(x: Any, axis: int = 0, seed: Any = None) -> Any:
    """Permutes the values along an axis, each line along it by itself.

    Args:
        x: array of any shape.
        axis: the axis along which values change places.
        seed: an integer, a `SeedGenerator`, or `None` for the global one.

    Returns:
        A tensor of the same shape.

    >>> import nyala
    >>> sorted(nyala.random.shuffle([3, 1, 2], seed=1).tolist())
    [1, 2, 3]
    """
    return _shuffle(draw_seed(seed), x, axis)


@op(name="_random_shuffle")
def _shuffle(key: Array, x: Array, axis: int) -> Array:
    return jax.random.permutation(key, x, axis, independent=True)
