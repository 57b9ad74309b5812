"""Categories as vectors: which are there, or how often."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala import ops

MODES = ("int", "one_hot", "multi_hot", "count")


def encoded_shape(shape: tuple, mode: str, depth: int | None) -> tuple:
    """Return the shape that `encode_on_host` gives to indices of this shape."""
    shape = tuple(shape)
    if mode == "int":
        return shape
    if mode == "one_hot":
        shape = shape or (1,)
        return (*(shape[:-1] if len(shape) > 1 and shape[-1] == 1 else shape), depth)
    return (*shape[:-1], depth)


def encode_on_host(indices: np.ndarray, mode: str, depth: int, dtype: Any) -> np.ndarray:
    """Return one vector for each index (`"one_hot"`) or for each row of them.

    Args:
        indices: integers of any shape; those outside `[0, depth)` are left out.
        mode: one of `MODES`.
        depth: the length of the vectors.
        dtype: of the result.
    """
    if mode == "int":
        return indices.astype(dtype, copy=False)
    shape = encoded_shape(indices.shape, mode, depth)
    rows = int(np.prod(shape[:-1]))
    flat = indices.reshape(rows, -1)
    within = (flat >= 0) & (flat < depth)
    places = (flat + np.arange(rows)[:, None] * depth)[within]
    if mode == "count":
        return np.bincount(places, minlength=rows * depth).reshape(shape).astype(dtype)
    vectors = np.zeros(rows * depth, dtype)
    vectors[places] = 1
    return vectors.reshape(shape)


def encode(indices: Any, mode: str, depth: int, dtype: Any, weights: Any = None) -> Any:
    """Do the same with operations that can be compiled; rows are reduced over their first axis.

    Args:
        indices: integers of shape `(length,)` or `(batch, length, ...)`, or a single one.
        mode, depth, dtype: as of `encode_on_host`.
        weights: of the indices, in mode `"count"`.
    """
    if mode == "int":
        return ops.cast(indices, dtype)
    if not indices.shape:
        indices = ops.expand_dims(indices, -1)
    if mode == "one_hot" and len(indices.shape) > 1 and indices.shape[-1] == 1:
        indices = ops.squeeze(indices, -1)
    vectors = ops.one_hot(indices, depth, dtype=dtype)
    if mode == "one_hot":
        return vectors
    axis = 1 if len(indices.shape) > 1 else 0
    if mode == "multi_hot":
        return ops.max(vectors, axis=axis)
    if weights is not None:
        vectors = ops.multiply(vectors, ops.expand_dims(weights, -1))
    return ops.sum(vectors, axis=axis)


def check_mode(mode: Any, modes: tuple, who: str) -> str:
    """Return the name of a mode, Keras 2's `"binary"` and `"tf-idf"` in today's spelling."""
    mode = {"binary": "multi_hot", "tf-idf": "tf_idf"}.get(mode, mode)
    if mode not in modes:
        raise ValueError(
            f"{who}: output_mode must be one of {', '.join(map(repr, modes))}; got {mode!r}."
        )
    return mode


def refuse_sparse(sparse: Any, who: str) -> None:
    """Raise where a sparse tensor is asked for."""
    if sparse:
        raise ValueError(
            f"{who}: sparse=True is not possible: tensors are dense here, as they are in Keras on "
            "JAX. Leave it out, or use output_mode='int' with an Embedding."
        )


def check_salt(salt: Any, who: str) -> list[int] | None:
    """Return a salt as two integers."""
    if salt is None:
        return None
    if isinstance(salt, int) and not isinstance(salt, bool):
        return [salt, salt]
    if isinstance(salt, (tuple, list)) and len(salt) == 2:
        return [int(part) for part in salt]
    raise ValueError(f"{who}: salt must be an integer or a pair of them; got {salt!r}.")
