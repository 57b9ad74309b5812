"""Crossentropies that give hard samples or noisy labels another weight."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from nyala.core import enrol
from nyala.eager import Array, op
from nyala.losses._crossentropy import (
    binary_terms,
    bounded,
    one_hot_pair,
    smoothed,
    smoothed_binary,
)
from nyala.losses._loss import FunctionLoss
from nyala.losses.shapes import paired_classes, paired_exactly


@enrol("keras.losses")
@op
def binary_focal_crossentropy(
    y_true: Array,
    y_pred: Array,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Array:
    """Binary crossentropy times `(1 - p)^gamma`, with `p` the probability of the true class.

    Args:
        y_true: labels 0 and 1, shape `(batch, d0, .., dN)`.
        y_pred: probabilities, or logits; same shape.
        apply_class_balancing: whether class 1 weighs `alpha` and class 0 `1 - alpha`.
        alpha: weight of class 1.
        gamma: how much less easy samples count; 0 gives the plain crossentropy.
        from_logits: whether `y_pred` is before the sigmoid.
        label_smoothing: from 0 to 1; labels become `y·(1 - s) + s/2`.
        axis: the axis over which the mean is taken.

    Returns:
        The shape without `axis`.

    Source: T.-Y. Lin et al., *Focal Loss for Dense Object Detection*, 2017.

    >>> import nyala
    >>> nyala.losses.binary_focal_crossentropy([[1.0]], [[0.5]]).numpy().round(4)
    array([0.1733], dtype=float32)
    """
    y_true, y_pred = paired_exactly(y_true, y_pred)
    y_true = smoothed_binary(y_true, label_smoothing)
    p = jax.nn.sigmoid(y_pred) if from_logits else y_pred
    p_true = y_true * p + (1.0 - y_true) * (1.0 - p)
    terms = jnp.power(1.0 - p_true, gamma) * binary_terms(y_true, p, from_logits=False)
    if apply_class_balancing:
        terms = terms * (y_true * alpha + (1.0 - y_true) * (1.0 - alpha))
    return jnp.mean(terms, axis=axis) if terms.ndim else terms


@enrol("keras.losses")
@op
def categorical_focal_crossentropy(
    y_true: Array,
    y_pred: Array,
    alpha: float | tuple[float, ...] = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Array:
    """Categorical crossentropy times `alpha·(1 - p)^gamma`.

    Args:
        y_true: one-hot labels, shape `(batch, .., classes)`.
        y_pred: probabilities (they are divided by their sum), or logits; same shape.
        alpha: a weight for all classes, or one for each.
        gamma: how much less easy samples count.
        from_logits: whether `y_pred` is before the softmax.
        label_smoothing: from 0 to 1; this share of each label is spread over all classes.
        axis: the axis of the classes.

    Returns:
        The shape without `axis`.

    Source: T.-Y. Lin et al., *Focal Loss for Dense Object Detection*, 2017.

    >>> import nyala
    >>> y_true, y_pred = [[0.0, 1.0]], [[0.5, 0.5]]
    >>> nyala.losses.categorical_focal_crossentropy(y_true, y_pred).numpy().round(4)
    array([0.0433], dtype=float32)
    """
    y_true, y_pred = one_hot_pair(y_true, y_pred, axis, "categorical_focal_crossentropy")
    y_true = smoothed(y_true, label_smoothing, axis)
    p = jax.nn.softmax(y_pred, axis=axis) if from_logits else y_pred
    p = bounded(p / jnp.sum(p, axis=axis, keepdims=True))
    weight = jnp.power(1.0 - p, gamma) * jnp.asarray(alpha, p.dtype)
    return -jnp.sum(weight * y_true * jnp.log(p), axis=axis)


@enrol("keras.losses")
@op
def categorical_generalized_cross_entropy(y_true: Array, y_pred: Array, q: float) -> Array:
    """Return `(1 - p^q) / q`, with `p` the probability of the class that a label numbers.

    It lies between the crossentropy (`q` to 0) and the absolute error (`q = 1`), and withstands
    wrong labels better than the former.

    Args:
        y_true: class numbers, shape `(batch, ..)` or `(batch, .., 1)`.
        y_pred: probabilities, shape `(batch, .., classes)`.
        q: between 0 and 1.

    Returns:
        Shape `(batch, ..)`.

    Source: Z. Zhang and M. R. Sabuncu, *Generalized Cross Entropy Loss for Training Deep Neural
    Networks with Noisy Labels*, 2018.

    >>> import nyala
    >>> y_pred = [[0.75, 0.25]]
    >>> nyala.losses.categorical_generalized_cross_entropy([1], y_pred, q=0.5).numpy()
    array([1.], dtype=float32)
    """
    y_true, y_pred = paired_classes(y_true, y_pred)
    is_label = y_true.astype("int32")[..., None] == jnp.arange(y_pred.shape[-1])
    p = jnp.sum(jnp.where(is_label, y_pred, 0.0), axis=-1)
    # p = 0 has an infinite slope; the value there is exact, its gradient is left out.
    is_zero = p == 0
    return jnp.where(is_zero, 1.0, 1.0 - jnp.power(jnp.where(is_zero, 1.0, p), q)) / q


@enrol("keras.losses")
class BinaryFocalCrossentropy(FunctionLoss):
    """Binary crossentropy in which hard samples count more; see `binary_focal_crossentropy`.

    Args:
        apply_class_balancing: whether class 1 weighs `alpha` and class 0 `1 - alpha`.
        alpha: weight of class 1.
        gamma: how much less easy samples count.
        from_logits: whether predictions are before the sigmoid.
        label_smoothing: from 0 to 1; labels become `y·(1 - s) + s/2`.
        axis: the axis over which the mean is taken before `reduction`.
        reduction: how the values of the samples become one number; see `Loss`.
        name: shown in logs.
        dtype: in which the loss is computed; see `Loss`.

    >>> import nyala
    >>> round(float(nyala.losses.BinaryFocalCrossentropy(gamma=2.0)([[1.0]], [[0.5]])), 4)
    0.1733
    """

    def __init__(self, apply_class_balancing: bool = False, alpha: float = 0.25,
                 gamma: float = 2.0, from_logits: bool = False, label_smoothing: float = 0.0,
                 axis: int = -1, reduction: str | None = "sum_over_batch_size",
                 name: str | None = "binary_focal_crossentropy",
                 dtype: Any = None):  # fmt: skip
        super().__init__(binary_focal_crossentropy, reduction, name, dtype, axis=axis,
                         apply_class_balancing=apply_class_balancing, alpha=alpha, gamma=gamma,
                         from_logits=from_logits, label_smoothing=label_smoothing)  # fmt: skip


@enrol("keras.losses")
class CategoricalFocalCrossentropy(FunctionLoss):
    """Categorical crossentropy in which hard samples count more.

    Args:
        alpha: a weight for all classes, or one for each.
        gamma: how much less easy samples count.
        from_logits: whether predictions are before the softmax.
        label_smoothing: from 0 to 1; this share of each label is spread over all classes.
        axis: the axis of the classes.
        reduction: how the values of the samples become one number; see `Loss`.
        name: shown in logs.
        dtype: in which the loss is computed; see `Loss`.

    >>> import nyala
    >>> loss = nyala.losses.CategoricalFocalCrossentropy()
    >>> round(float(loss([[0.0, 1.0]], [[0.5, 0.5]])), 4)
    0.0433
    """

    def __init__(self, alpha: Any = 0.25, gamma: float = 2.0, from_logits: bool = False,
                 label_smoothing: float = 0.0, axis: int = -1,
                 reduction: str | None = "sum_over_batch_size",
                 name: str | None = "categorical_focal_crossentropy",
                 dtype: Any = None):  # fmt: skip
        super().__init__(categorical_focal_crossentropy, reduction, name, dtype, alpha=alpha,
                         gamma=gamma, from_logits=from_logits, label_smoothing=label_smoothing,
                         axis=axis)  # fmt: skip


@enrol("keras.losses")
class CategoricalGeneralizedCrossEntropy(FunctionLoss):
    """Loss of class numbers that withstands wrong labels.

    See `categorical_generalized_cross_entropy` for the formula and its source.

    Args:
        q: between 0 (like the crossentropy) and 1 (like the absolute error), both excluded.
        reduction: how the values of the samples become one number; see `Loss`.
        name: shown in logs.
        dtype: in which the loss is computed; see `Loss`.

    Raises:
        ValueError: `q` is not between 0 and 1.

    >>> import nyala
    >>> loss = nyala.losses.CategoricalGeneralizedCrossEntropy(q=0.5)
    >>> float(loss([1], [[0.75, 0.25]]))
    1.0
    """

    def __init__(self, q: float = 0.5, reduction: str | None = "sum_over_batch_size",
                 name: str | None = "categorical_generalized_cross_entropy",
                 dtype: Any = None):  # fmt: skip
        if not 0 < q < 1:
            raise ValueError(f"CategoricalGeneralizedCrossEntropy expects 0 < q < 1; got q={q!r}.")
        super().__init__(categorical_generalized_cross_entropy, reduction, name, dtype, q=q)
