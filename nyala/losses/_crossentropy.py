"""Crossentropies of binary, one-hot and numbered classes."""

from __future__ import annotations

import warnings
from typing import Any

import jax.numpy as jnp

from nyala import kernels
from nyala.core import enrol, epsilon
from nyala.eager import Array, Tensor, op
from nyala.losses._labels import check_labels
from nyala.losses._loss import FunctionLoss
from nyala.losses.shapes import paired_classes, paired_exactly


def bounded(probabilities: Any) -> Any:
    """Return probabilities at least `config.epsilon()` away from 0 and 1."""
    return jnp.clip(probabilities, epsilon(), 1.0 - epsilon())


def smoothed(one_hot: Any, label_smoothing: float, axis: int = -1) -> Any:
    """Return labels of which the share `label_smoothing` is spread over all classes."""
    if not label_smoothing:
        return one_hot
    return one_hot * (1.0 - label_smoothing) + label_smoothing / one_hot.shape[axis]


def smoothed_binary(labels: Any, label_smoothing: float) -> Any:
    """Return labels 0 and 1 moved by half of `label_smoothing` towards each other."""
    return labels * (1.0 - label_smoothing) + 0.5 * label_smoothing if label_smoothing else labels


def binary_terms(y_true: Any, y_pred: Any, from_logits: bool) -> Any:
    """Return the crossentropy of each element with its label."""
    if from_logits:
        # log(1 + exp(x)) - x·y, in the form that neither overflows nor cancels.
        magnitude = jnp.log1p(jnp.exp(-jnp.abs(y_pred)))
        return jnp.maximum(y_pred, 0.0) - y_pred * y_true + magnitude
    p = bounded(y_pred)
    return -(y_true * jnp.log(p) + (1.0 - y_true) * jnp.log(1.0 - p))


def one_hot_pair(y_true: Any, y_pred: Any, axis: int, who: str) -> tuple[Any, Any]:
    """Return one-hot labels and class scores of one shape; warn where there is one class only."""
    if isinstance(axis, bool):
        raise ValueError(f"{who}: axis must be an integer; got {axis}.")
    hint = " Labels are one-hot here; for class numbers use 'sparse_categorical_crossentropy'."
    y_true, y_pred = paired_exactly(y_true, y_pred, hint)
    if y_pred.ndim and y_pred.shape[axis] == 1:
        warnings.warn(
            f"{who} of a single class (y_pred has shape {y_pred.shape}) is always 0: use "
            "'binary_crossentropy' for two classes in one output.",
            SyntaxWarning,
            stacklevel=2,
        )
    return y_true, y_pred


@enrol("keras.losses")
@op
def binary_crossentropy(
    y_true: Array,
    y_pred: Array,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Array:
    """Mean over `axis` of `-y·log(p) - (1 - y)·log(1 - p)`.

    Args:
        y_true: labels 0 and 1 (or probabilities), shape `(batch, d0, .., dN)`.
        y_pred: probabilities, or logits; same shape. A last axis of length 1 may be missing in
            either.
        from_logits: whether `y_pred` is before the sigmoid (more exact than after it).
        label_smoothing: from 0 to 1; labels become `y·(1 - s) + s/2`.
        axis: the axis over which the mean is taken.

    Returns:
        Nats, the shape without `axis`.

    >>> import nyala
    >>> nyala.losses.binary_crossentropy([[1.0, 0.0]], [[0.5, 0.5]]).numpy().round(4)
    array([0.6931], dtype=float32)
    """
    y_true, y_pred = paired_exactly(y_true, y_pred)
    terms = binary_terms(smoothed_binary(y_true, label_smoothing), y_pred, from_logits)
    return jnp.mean(terms, axis=axis) if terms.ndim else terms


@enrol("keras.losses")
@op
def categorical_crossentropy(
    y_true: Array,
    y_pred: Array,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Array:
    """Sum over `axis` of `-y·log(p)`.

    Args:
        y_true: one-hot labels or probabilities, shape `(batch, .., classes)`.
        y_pred: probabilities (they are divided by their sum), or logits; same shape.
        from_logits: whether `y_pred` is before the softmax (faster and more exact than after it).
        label_smoothing: from 0 to 1; this share of each label is spread over all classes.
        axis: the axis of the classes.

    Returns:
        Nats, the shape without `axis`.

    Raises:
        ValueError: the shapes differ.

    >>> import nyala
    >>> nyala.losses.categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).numpy().round(4)
    array([0.6931], dtype=float32)
    """
    y_true, y_pred = one_hot_pair(y_true, y_pred, axis, "categorical_crossentropy")
    y_true = smoothed(y_true, label_smoothing, axis)
    if from_logits:
        return kernels.softmax_crossentropy(
            jnp.moveaxis(y_pred, axis, -1), jnp.moveaxis(y_true, axis, -1)
        )
    p = bounded(y_pred / jnp.sum(y_pred, axis=axis, keepdims=True))
    return -jnp.sum(y_true * jnp.log(p), axis=axis)


def sparse_categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    ignore_class: int | None = None,
    axis: int = -1,
) -> Any:
    """Return `-log(p)` of the class that each label numbers.

    Args:
        y_true: class numbers of any dtype, the shape of `y_pred` without `axis`, or with length
            1 there. A number outside `[0, classes)` gives 0 in compiled code;
            `SparseCategoricalCrossentropy` refuses it where the labels are known.
        y_pred: probabilities (they are divided by their sum) or logits, classes along `axis`.
        from_logits: whether `y_pred` is before the softmax (faster and more exact than after it).
        ignore_class: a class number that does not count: its loss is 0, and the result carries a
            mask that takes it out of the mean.
        axis: the axis of the classes.

    Returns:
        Nats, the shape of `y_pred` without `axis`.

    Raises:
        ValueError: the shapes do not belong together.

    >>> import nyala
    >>> y_pred = [[0.5, 0.5], [0.2, 0.8]]
    >>> nyala.losses.sparse_categorical_crossentropy([0, 1], y_pred).numpy().round(4)
    array([0.6931, 0.2231], dtype=float32)
    """
    if ignore_class is None:
        return _sparse_crossentropy(y_true, y_pred, from_logits, axis)
    loss, counts = _ignoring_crossentropy(y_true, y_pred, ignore_class, from_logits, axis)
    if isinstance(loss, Tensor):  # jax's own values, under its transformations, carry no mask
        loss._keras_mask = counts
    return loss


enrol("keras.losses")(sparse_categorical_crossentropy)


@op(name="sparse_categorical_crossentropy")
def _sparse_crossentropy(y_true: Array, y_pred: Array, from_logits: bool, axis: int) -> Array:
    y_true, y_pred = paired_classes(y_true, y_pred, axis)
    return _of_labels(y_true.astype("int32"), y_pred, from_logits, axis)


@op(name="sparse_categorical_crossentropy")
def _ignoring_crossentropy(
    y_true: Array, y_pred: Array, ignore_class: int, from_logits: bool, axis: int
) -> tuple:
    y_true, y_pred = paired_classes(y_true, y_pred, axis)
    labels = y_true.astype("int32")
    counts = labels != ignore_class
    # What is ignored may be NaN; it must not reach the gradient either.
    y_pred = jnp.where(jnp.expand_dims(counts, axis), y_pred, 1.0)
    loss = _of_labels(jnp.where(counts, labels, 0), y_pred, from_logits, axis)
    return jnp.where(counts, loss, 0.0), counts


def _of_labels(labels: Any, y_pred: Any, from_logits: bool, axis: int) -> Any:
    y_pred = jnp.moveaxis(y_pred, axis, -1)
    if from_logits:
        return kernels.sparse_softmax_crossentropy(y_pred, labels)
    # A comparison and a sum, not a gather: XLA fuses them, and the gradient is no scatter.
    is_label = labels[..., None] == jnp.arange(y_pred.shape[-1])
    p = jnp.sum(jnp.where(is_label, y_pred, 0.0), axis=-1) / jnp.sum(y_pred, axis=-1)
    return jnp.where(is_label.any(axis=-1), -jnp.log(bounded(p)), 0.0)


@enrol("keras.losses")
class BinaryCrossentropy(FunctionLoss):
    """Crossentropy of labels 0 and 1 with one probability each.

    Args:
        from_logits: whether predictions are before the sigmoid.
        label_smoothing: from 0 to 1; labels become `y·(1 - s) + s/2`.
        axis: the axis over which the mean is taken before `reduction`.
        reduction: how the values of the samples become one number; see `Loss`.
        name: shown in logs.
        dtype: in which the loss is computed; see `Loss`.

    >>> import nyala
    >>> loss = nyala.losses.BinaryCrossentropy(from_logits=True)
    >>> round(float(loss([1.0, 0.0], [[0.0], [0.0]])), 4)
    0.6931
    """

    def __init__(self, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1,
                 reduction: str | None = "sum_over_batch_size",
                 name: str | None = "binary_crossentropy", dtype: Any = None):  # fmt: skip
        super().__init__(binary_crossentropy, reduction, name, dtype, from_logits=from_logits,
                         label_smoothing=label_smoothing, axis=axis)  # fmt: skip


@enrol("keras.losses")
class CategoricalCrossentropy(FunctionLoss):
    """Crossentropy of one-hot labels with the predicted distribution.

    Args:
        from_logits: whether predictions are before the softmax.
        label_smoothing: from 0 to 1; this share of each label is spread over all classes.
        axis: the axis of the classes.
        reduction: how the values of the samples become one number; see `Loss`.
        name: shown in logs.
        dtype: in which the loss is computed; see `Loss`.

    >>> import nyala
    >>> loss = nyala.losses.CategoricalCrossentropy()
    >>> round(float(loss([[0.0, 1.0]], [[0.5, 0.5]])), 4)
    0.6931
    """

    def __init__(self, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1,
                 reduction: str | None = "sum_over_batch_size",
                 name: str | None = "categorical_crossentropy", dtype: Any = None):  # fmt: skip
        super().__init__(categorical_crossentropy, reduction, name, dtype, axis=axis,
                         from_logits=from_logits, label_smoothing=label_smoothing)  # fmt: skip


@enrol("keras.losses")
class SparseCategoricalCrossentropy(FunctionLoss):
    """Crossentropy of class numbers with the predicted distribution.

    Args:
        from_logits: whether predictions are before the softmax.
        ignore_class: a class number that does not count, such as -1 or 255 in segmentation.
        reduction: how the values of the samples become one number; see `Loss`.
        axis: the axis of the classes.
        name: shown in logs.
        dtype: in which the loss is computed; see `Loss`.

    >>> import nyala
    >>> loss = nyala.losses.SparseCategoricalCrossentropy()
    >>> round(float(loss([0, 1], [[0.5, 0.5], [0.5, 0.5]])), 4)
    0.6931
    """

    def __init__(self, from_logits: bool = False, ignore_class: int | None = None,
                 reduction: str | None = "sum_over_batch_size", axis: int = -1,
                 name: str | None = "sparse_categorical_crossentropy",
                 dtype: Any = None):  # fmt: skip
        super().__init__(sparse_categorical_crossentropy, reduction, name, dtype, axis=axis,
                         from_logits=from_logits, ignore_class=ignore_class)  # fmt: skip

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Return the reduced loss; a label that is no class is refused where it can be seen."""
        shape = getattr(y_pred, "shape", None)
        if shape:
            check_labels(y_true, shape[self.axis], self.ignore_class)
        return super().__call__(y_true, y_pred, sample_weight)
