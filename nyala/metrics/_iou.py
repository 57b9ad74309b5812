"""Intersection over union of predicted and true classes, as in segmentation."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from nyala.core import enrol, epsilon
from nyala.eager import Array, Tensor, Variable, op
from nyala.losses.shapes import misfit
from nyala.metrics._metric import Metric


@op(name="IoU.update_state")
def _confusion_matrix_update(
    matrix: Array,
    y_true: Array,
    y_pred: Array,
    sample_weight: Array | None,
    ignore_class: int | None = None,
    true_axis: int | None = None,
    pred_axis: int | None = None,
    threshold: float | None = None,
) -> Array:
    """Return the matrix (true class, predicted class) after a batch.

    Args:
        matrix: what was counted before.
        y_true: class numbers, or scores along `true_axis`.
        y_pred: class numbers, or scores along `pred_axis`, or probabilities of class 1.
        sample_weight: a scalar or one weight for each pair.
        ignore_class: a true class that does not count. Numbers outside the matrix do not either.
        true_axis: the axis of one-hot labels.
        pred_axis: the axis of scores.
        threshold: from which on a probability means class 1.
    """
    classes, dtype = matrix.shape[0], matrix.dtype
    if threshold is not None:
        y_pred = jnp.asarray(y_pred).astype("float32") >= threshold
    true, pred = _class_numbers(y_true, true_axis), _class_numbers(y_pred, pred_axis)
    if true.shape != pred.shape:
        raise misfit(jnp.shape(y_true), jnp.shape(y_pred), "as many labels as predictions")
    counts = (true >= 0) & (true < classes) & (pred >= 0) & (pred < classes)
    if ignore_class is not None:
        counts &= true != ignore_class
    weights = jnp.asarray(1 if sample_weight is None else sample_weight).astype(dtype)
    weights = jnp.broadcast_to(weights.ravel() if weights.ndim else weights, true.shape)
    cell = jnp.where(counts, true * classes + pred, 0)
    sums = jax.ops.segment_sum(jnp.where(counts, weights, 0), cell, classes * classes)
    return matrix + sums.reshape(classes, classes)


def _class_numbers(values: Any, axis: int | None) -> Any:
    values = jnp.asarray(values)
    numbers = values if axis is None else jnp.argmax(values, axis=axis)
    return numbers.astype("int32").ravel()


@op
def _iou(matrix: Array, target_class_ids: tuple[int, ...]) -> Array:
    targets = jnp.asarray(target_class_ids, "int32")
    common = jnp.diag(matrix)
    union = jnp.sum(matrix, axis=0) + jnp.sum(matrix, axis=1) - common
    common, union = common[targets].astype("float32"), union[targets].astype("float32")
    seen = union > 1e-9
    each = jnp.where(seen, common / (union + epsilon()), 0.0)
    return jnp.sum(each) / (jnp.sum(seen.astype("float32")) + epsilon())


@enrol("keras.metrics")
class IoU(Metric):
    """Mean over some classes of `tp / (tp + fp + fn)`, the intersection over the union.

    Args:
        num_classes: how many classes there are. Labels and predictions outside
            `[0, num_classes)` do not count.
        target_class_ids: the classes whose mean is taken; those never seen are left out.
        name: shown in logs.
        dtype: of the counts, int32 by default. Weights are cast to it.
        ignore_class: a true class that does not count.
        sparse_y_true: whether labels are class numbers and not one-hot.
        sparse_y_pred: whether predictions are class numbers and not scores.
        axis: the axis of the classes where they are not class numbers.

    >>> import nyala
    >>> metric = nyala.metrics.IoU(num_classes=2, target_class_ids=[0])
    >>> metric.update_state([0, 0, 1, 1], [0, 1, 0, 1])
    >>> round(float(metric.result()), 4)
    0.3333
    """

    _direction = "up"

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ):
        super().__init__(name=name, dtype=dtype or "int32")
        if max(target_class_ids) >= num_classes:
            raise ValueError(
                f"{type(self).__name__}: target class {max(target_class_ids)} is outside "
                f"[0, {num_classes})."
            )
        self.num_classes = num_classes
        self.target_class_ids = list(target_class_ids)
        self.ignore_class = ignore_class
        self.sparse_y_true = sparse_y_true
        self.sparse_y_pred = sparse_y_pred
        self.axis = axis
        self.total_cm = self._add_zeros(
            "total_confusion_matrix", (num_classes, num_classes), self.dtype
        )

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch.

        Args:
            y_true: class numbers of any shape, or one-hot labels along `axis`.
            y_pred: as many class numbers, or scores along `axis`.
            sample_weight: a scalar or one weight for each pair.
        """
        self._take_in(y_true, y_pred, sample_weight)

    def _take_in(self, y_true: Any, y_pred: Any, sample_weight: Any,
                 threshold: float | None = None) -> Variable:  # fmt: skip
        self._warn_of_lost_fractions(sample_weight)
        new = _confusion_matrix_update(
            self.total_cm,
            y_true,
            y_pred,
            sample_weight,
            self.ignore_class,
            None if self.sparse_y_true else self.axis,
            None if self.sparse_y_pred else self.axis,
            threshold,
        )
        return self.total_cm.assign(new)

    def _warn_of_lost_fractions(self, sample_weight: Any) -> None:
        if self.dtype.is_integer and "float" in str(getattr(sample_weight, "dtype", "")):
            warnings.warn(
                f"{self!r} counts in {self.dtype}, so float weights lose their fractions: pass "
                "dtype='float32' to keep them.",
                stacklevel=4,
            )

    def result(self) -> Tensor:
        """Return the mean over the target classes."""
        return _iou(self.total_cm, tuple(self.target_class_ids))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "target_class_ids": self.target_class_ids,
            "ignore_class": self.ignore_class,
            "sparse_y_true": self.sparse_y_true,
            "sparse_y_pred": self.sparse_y_pred,
            "axis": self.axis,
        }

    def _config_without(self, *names: str) -> dict[str, Any]:
        return {key: value for key, value in IoU.get_config(self).items() if key not in names}


@enrol("keras.metrics")
class BinaryIoU(IoU):
    """Intersection over union of two classes, from probabilities of class 1.

    Args:
        target_class_ids: `[0]`, `[1]` or both, whose mean is taken.
        threshold: from which on a probability means class 1.
        name: shown in logs.
        dtype: of the counts, int32 by default.

    >>> import nyala
    >>> metric = nyala.metrics.BinaryIoU(target_class_ids=[1])
    >>> metric.update_state([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7])
    >>> round(float(metric.result()), 4)
    0.5
    """

    def __init__(self, target_class_ids: Sequence[int] = (0, 1), threshold: float = 0.5,
                 name: str | None = None, dtype: Any = None):  # fmt: skip
        super().__init__(2, target_class_ids, name=name, dtype=dtype)
        self.threshold = threshold

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch.

        Args:
            y_true: labels 0 and 1.
            y_pred: as many probabilities.
            sample_weight: a scalar or one weight for each pair.
        """
        self._take_in(y_true, y_pred, sample_weight, self.threshold)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        left_out = ("num_classes", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis")
        return {**self._config_without(*left_out), "threshold": self.threshold}


@enrol("keras.metrics")
class MeanIoU(IoU):
    """Mean over all classes of the intersection over the union.

    Args:
        num_classes: how many classes there are.
        name: shown in logs.
        dtype: of the counts, int32 by default.
        ignore_class: a true class that does not count.
        sparse_y_true: whether labels are class numbers and not one-hot.
        sparse_y_pred: whether predictions are class numbers and not scores.
        axis: the axis of the classes where they are not class numbers.

    >>> import nyala
    >>> metric = nyala.metrics.MeanIoU(num_classes=2)
    >>> metric.update_state([0, 0, 1, 1], [0, 1, 0, 1])
    >>> round(float(metric.result()), 4)
    0.3333
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ):
        super().__init__(
            num_classes,
            range(num_classes),
            name=name,
            dtype=dtype,
            ignore_class=ignore_class,
            sparse_y_true=sparse_y_true,
            sparse_y_pred=sparse_y_pred,
            axis=axis,
        )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return self._config_without("target_class_ids")


@enrol("keras.metrics")
class OneHotIoU(IoU):
    """Intersection over union from one-hot labels.

    Args:
        num_classes: how many classes there are.
        target_class_ids: the classes whose mean is taken.
        name: shown in logs.
        dtype: of the counts, int32 by default.
        ignore_class: a true class that does not count.
        sparse_y_pred: whether predictions are class numbers and not scores.
        axis: the axis of the classes.

    >>> import nyala
    >>> metric = nyala.metrics.OneHotIoU(num_classes=2, target_class_ids=[1])
    >>> metric.update_state([[1, 0], [0, 1]], [[0.4, 0.6], [0.1, 0.9]])
    >>> round(float(metric.result()), 4)
    0.5
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ):
        super().__init__(
            num_classes,
            target_class_ids,
            name=name,
            dtype=dtype,
            ignore_class=ignore_class,
            sparse_y_true=False,
            sparse_y_pred=sparse_y_pred,
            axis=axis,
        )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return self._config_without("sparse_y_true")


@enrol("keras.metrics")
class OneHotMeanIoU(MeanIoU):
    """Mean over all classes of the intersection over the union, from one-hot labels.

    Args:
        num_classes: how many classes there are.
        name: shown in logs.
        dtype: of the counts, int32 by default.
        ignore_class: a true class that does not count.
        sparse_y_pred: whether predictions are class numbers and not scores.
        axis: the axis of the classes.

    >>> import nyala
    >>> metric = nyala.metrics.OneHotMeanIoU(num_classes=2)
    >>> metric.update_state([[1, 0], [0, 1]], [[0.4, 0.6], [0.1, 0.9]])
    >>> round(float(metric.result()), 4)
    0.25
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ):
        super().__init__(
            num_classes,
            name=name,
            dtype=dtype,
            ignore_class=ignore_class,
            sparse_y_true=False,
            sparse_y_pred=sparse_y_pred,
            axis=axis,
        )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return self._config_without("target_class_ids", "sparse_y_true")
