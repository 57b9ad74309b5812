"""The metrics whose meaning depends on the shapes of labels and predictions."""

from __future__ import annotations

from collections.abc import Sequence

from nyala.losses import (
    binary_crossentropy,
    categorical_crossentropy,
    resolve_crossentropy,
    sparse_categorical_crossentropy,
)
from nyala.metrics._accuracy import BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy
from nyala.metrics._metric import Metric
from nyala.metrics._probabilistic import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
)

_ACCURACIES = {
    binary_crossentropy: BinaryAccuracy,
    categorical_crossentropy: CategoricalAccuracy,
    sparse_categorical_crossentropy: SparseCategoricalAccuracy,
}
_CROSSENTROPIES = {
    binary_crossentropy: BinaryCrossentropy,
    categorical_crossentropy: CategoricalCrossentropy,
    sparse_categorical_crossentropy: SparseCategoricalCrossentropy,
}


def resolve_accuracy(
    y_true_shape: Sequence[int | None],
    y_pred_shape: Sequence[int | None],
    which: str = "accuracy",
) -> Metric:
    """Return the metric that `which` means for labels and predictions of these shapes.

    Args:
        y_true_shape: the labels' shape, the batch included; unknown lengths are `None`.
        y_pred_shape: the predictions' shape.
        which: `"accuracy"` or `"acc"`, or Keras 2's `"crossentropy"` or `"ce"`, in any case. It
            becomes the metric's name.

    Returns:
        The binary metric for one output, else the sparse one where the labels lack the axis of
        the classes, else the categorical one.

    >>> import nyala
    >>> type(nyala.metrics.resolve_accuracy((None,), (None, 10))).__name__
    'SparseCategoricalAccuracy'
    """
    kinds = {"accuracy": _ACCURACIES, "acc": _ACCURACIES,
             "crossentropy": _CROSSENTROPIES, "ce": _CROSSENTROPIES}  # fmt: skip
    if which.lower() not in kinds:
        raise ValueError(f"resolve_accuracy: expected one of {list(kinds)}; got {which!r}.")
    return kinds[which.lower()][resolve_crossentropy(y_true_shape, y_pred_shape)](name=which)
