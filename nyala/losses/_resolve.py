"""The loss whose meaning depends on the shapes of labels and predictions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nyala.losses._crossentropy import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)


def resolve_crossentropy(
    y_true_shape: Sequence[int | None], y_pred_shape: Sequence[int | None]
) -> Callable:
    """Return what the loss `"crossentropy"` (or `"ce"`) means for these shapes.

    Args:
        y_true_shape: the labels' shape, the batch included; unknown lengths are `None`.
        y_pred_shape: the predictions' shape.

    Returns:
        `binary_crossentropy` for one output, else `sparse_categorical_crossentropy` where the
        labels lack the axis of the classes, else `categorical_crossentropy`.

    >>> import nyala
    >>> nyala.losses.resolve_crossentropy((None,), (None, 10)).__name__
    'sparse_categorical_crossentropy'
    """
    if len(y_pred_shape) < 2 or y_pred_shape[-1] == 1:
        return binary_crossentropy
    if len(y_true_shape) < len(y_pred_shape) or y_true_shape[-1] == 1:
        return sparse_categorical_crossentropy
    return categorical_crossentropy
