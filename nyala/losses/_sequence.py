"""The loss of sequences whose alignment with their labels is not known."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from nyala import ops
from nyala.core import enrol
from nyala.eager import Array, op
from nyala.losses._loss import FunctionLoss
from nyala.losses.shapes import floating, misfit


@enrol("keras.losses")
@op
def ctc(y_true: Array, y_pred: Array) -> Array:
    """Connectionist temporal classification: `-log` of the probability of a label sequence.

    The probability is the sum over all ways to place the labels in the time steps, with repeated
    labels merged and blanks between them.

    Args:
        y_true: labels from 1, padded with 0 at the end, shape `(batch, labels)`.
        y_pred: logits, shape `(batch, steps, classes)`; class 0 is the blank, and all steps count
            (`ops.ctc_loss` takes lengths).

    Returns:
        Nats, shape `(batch,)`; about 100,000 where the labels do not fit into the steps.

    Raises:
        ValueError: `y_true` does not have two axes, or `y_pred` does not have three.

    Source: A. Graves et al., *Connectionist Temporal Classification*, 2006.

    >>> import nyala
    >>> nyala.losses.ctc([[1]], [[[0.0, 0.0]]]).numpy().round(4)
    array([0.6931], dtype=float32)
    """
    if y_true.ndim != 2 or y_pred.ndim != 3 or y_true.shape[0] != y_pred.shape[0]:
        expected = "y_true of shape (batch, labels) and y_pred of shape (batch, steps, classes)"
        raise misfit(y_true.shape, y_pred.shape, expected)
    labels, logits = y_true.astype("int32"), floating(y_pred)
    label_counts = jnp.sum(labels != 0, axis=-1)
    step_counts = jnp.full(logits.shape[:1], logits.shape[1])
    return ops.ctc_loss.pure(labels, logits, label_counts, step_counts)


@enrol("keras.losses")
class CTC(FunctionLoss):
    """Connectionist temporal classification; see `ctc`.

    Args:
        reduction: how the values of the samples become one number; see `Loss`.
        name: shown in logs.
        dtype: in which the loss is computed; see `Loss`.

    >>> import nyala
    >>> round(float(nyala.losses.CTC()([[1]], [[[0.0, 0.0]]])), 4)
    0.6931
    """

    def __init__(self, reduction: str | None = "sum_over_batch_size",
                 name: str | None = "ctc", dtype: Any = None):  # fmt: skip
        super().__init__(ctc, reduction, name, dtype)
