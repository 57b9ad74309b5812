"""Scores to probabilities."""

from __future__ import annotations

import warnings
from typing import Any

import jax
import jax.numpy as jnp

from nyala.eager import Array, op


def softmax(x: Any, axis: int | tuple | None = -1) -> Any:
    """Probabilities exp(x) / sum(exp(x)).

    Args:
        x: array of any shape.
        axis: the axis or axes along which the results sum to 1; all of them for `None`.

    Returns:
        A tensor of the same shape.

    >>> import nyala
    >>> nyala.ops.softmax([0.0, 0.0]).numpy()
    array([0.5, 0.5], dtype=float32)
    """
    # Out here because the pure function runs when it is compiled, which may be later or never.
    _warn_of_length_one(getattr(x, "shape", None), axis)
    return _softmax(x, axis)


@op(name="softmax")
def _softmax(x: Array, axis: int | tuple | None = -1) -> Array:
    return jax.nn.softmax(jnp.asarray(x), axis)


def _warn_of_length_one(shape: tuple | None, axis: int | tuple | None) -> None:
    if shape is None or not isinstance(axis, int) or not -len(shape) <= axis < len(shape):
        return
    if shape[axis] == 1:
        warnings.warn(
            f"softmax along axis {axis} of an array of shape {tuple(shape)}: that axis has length "
            "1, so every result is 1. For one score per example use sigmoid.",
            stacklevel=3,
        )


@op
def log_softmax(x: Array, axis: int | tuple | None = -1) -> Array:
    """Logarithms of `softmax`, without loss of precision.

    Args:
        x: array of any shape.
        axis: the axis or axes along which the probabilities sum to 1.

    Returns:
        A tensor of the same shape with values up to 0.

    >>> import nyala
    >>> nyala.ops.log_softmax([0.0, 0.0]).numpy()
    array([-0.6931472, -0.6931472], dtype=float32)
    """
    return jax.nn.log_softmax(jnp.asarray(x), axis)


@op
def sparsemax(x: Array, axis: int = -1) -> Array:
    """Probabilities of which small ones are exactly zero: the nearest point of the simplex.

    After Martins and Astudillo 2016, "From Softmax to Sparsemax" (arXiv:1602.02068).

    Args:
        x: array of any shape.
        axis: the axis along which the results sum to 1.

    Returns:
        A tensor of the same shape.

    >>> import nyala
    >>> nyala.ops.sparsemax([2.0, 1.5, -1.0]).numpy()
    array([0.75, 0.25, 0.  ], dtype=float32)
    """
    scores = jnp.moveaxis(jnp.asarray(x), axis, -1)
    ordered = jnp.flip(jnp.sort(scores, axis=-1), -1)
    above = jnp.cumsum(ordered, axis=-1) - 1
    count = jnp.arange(1, scores.shape[-1] + 1)
    in_support = ordered * count > above
    size = jnp.sum(in_support, axis=-1, keepdims=True)
    threshold = jnp.take_along_axis(above, size - 1, axis=-1) / size
    return jnp.moveaxis(jnp.maximum(scores - threshold, 0), -1, axis).astype(scores.dtype)
