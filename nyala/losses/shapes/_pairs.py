"""How labels and predictions are brought to one shape. Pure: jax arrays in, jax arrays out."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from nyala.core import floatx


def floating(x: Any) -> Any:
    """Return `x` as an array of real floating-point numbers; integers and booleans as floatx."""
    x = jnp.asarray(x)
    return x if jnp.issubdtype(x.dtype, jnp.floating) else x.astype(floatx())


def same_rank(a: Any, b: Any, expand_rank_1: bool = True) -> tuple[Any, Any]:
    """Add or drop a last axis of length 1 that only one of two arrays has.

    `(n,)` against `(n, 1)` becomes `(n, 1)` twice; `(n, t)` against `(n, t, 1)` becomes `(n, t)`
    twice. Without this, broadcasting would pair every label with every prediction.
    """
    if a.ndim == b.ndim + 1 and a.shape[-1] == 1:
        if b.ndim == 1 and expand_rank_1:
            return a, b[:, None]
        return a[..., 0], b
    if b.ndim == a.ndim + 1 and b.shape[-1] == 1:
        if a.ndim == 1 and expand_rank_1:
            return a[:, None], b
        return a, b[..., 0]
    return a, b


def paired(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Return labels and predictions in the predictions' dtype, aligned and checked.

    One of them may be a scalar, or may be repeated along axes where its length is 1. Shapes that
    would make both grow (an outer product), or that pair a vector with a matrix, are refused.
    """
    y_pred = floating(y_pred)
    y_true = jnp.asarray(y_true).astype(y_pred.dtype)
    y_true, y_pred = same_rank(y_true, y_pred)
    if not _one_broadcasts_to_other(y_true.shape, y_pred.shape):
        raise misfit(y_true.shape, y_pred.shape, "the same shape")
    return y_true, y_pred


def _one_broadcasts_to_other(a: tuple, b: tuple) -> bool:
    if a == b or not a or not b:
        return True
    if len(a) != len(b) and min(len(a), len(b)) == 1:
        return False
    try:
        return jnp.broadcast_shapes(a, b) in (a, b)
    except ValueError:
        return False


def paired_exactly(y_true: Any, y_pred: Any, hint: str = "") -> tuple[Any, Any]:
    """Return labels and predictions in the predictions' dtype; their shapes must be equal."""
    y_pred = floating(y_pred)
    y_true = jnp.asarray(y_true).astype(y_pred.dtype)
    y_true, y_pred = same_rank(y_true, y_pred)
    if y_true.shape != y_pred.shape:
        raise misfit(y_true.shape, y_pred.shape, "the same shape", hint)
    return y_true, y_pred


def paired_classes(y_true: Any, y_pred: Any, axis: int = -1) -> tuple[Any, Any]:
    """Return class numbers, one for each vector of `y_pred` along `axis`, and the predictions.

    The class numbers may keep the axis with length 1.
    """
    y_true, y_pred = jnp.asarray(y_true), floating(y_pred)
    if y_pred.ndim == 0:
        raise misfit(y_true.shape, y_pred.shape, "class scores in y_pred, not a single number")
    wanted = list(y_pred.shape)
    del wanted[axis]
    if y_true.ndim == y_pred.ndim and y_true.shape[axis] == 1:
        y_true = jnp.squeeze(y_true, axis)
    if list(y_true.shape) != wanted:
        raise misfit(
            y_true.shape,
            y_pred.shape,
            f"one class number for each prediction, so y_true of shape {tuple(wanted)}",
            " For one-hot labels use the categorical form (such as 'categorical_crossentropy').",
        )
    return y_true, y_pred


def misfit(true_shape: tuple, pred_shape: tuple, expected: str, hint: str = "") -> ValueError:
    """Return the error for labels and predictions that do not belong together."""
    return ValueError(
        f"y_true of shape {tuple(true_shape)} does not fit y_pred of shape {tuple(pred_shape)}: "
        f"expected {expected}.{hint} Compare the model's output shape with the labels' shape."
    )
