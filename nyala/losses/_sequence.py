"""The loss of sequences whose alignment with their labels is not known."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from nyala.core import enrol
from nyala.eager import Array, op
from nyala.losses._loss import FunctionLoss
from nyala.losses.shapes import floating, misfit

_BLANK = 0
# Stands for log(0): infinity would make gradients NaN where a labelling is impossible.
_LOG_ZERO = -1e5


@enrol("keras.losses")
@op
def ctc(y_true: Array, y_pred: Array) -> Array:
    """Connectionist temporal classification: `-log` of the probability of a label sequence.

    The probability is the sum over all ways to place the labels in the time steps, with repeated
    labels merged and blanks between them.

    Args:
        y_true: labels from 1, padded with 0 at the end, shape `(batch, labels)`.
        y_pred: logits, shape `(batch, steps, classes)`; class 0 is the blank.

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
    labels = y_true.astype("int32")
    lengths = jnp.sum(labels != _BLANK, axis=-1)
    wide = jnp.promote_types(floating(y_pred).dtype, jnp.float32)
    log_probs = jax.nn.log_softmax(y_pred.astype(wide))
    return -_log_likelihood(log_probs, labels, lengths)


def _log_likelihood(log_probs: Any, labels: Any, lengths: Any) -> Any:
    """Run the forward variables of Graves' equations 5 to 8 over the steps."""
    states = _with_blanks(labels)
    emitted = jnp.take_along_axis(log_probs, states[:, None, :], axis=-1)
    # A blank may be left out between two different labels.
    skips = (states != _BLANK) & (states != _shifted(states, 2, _BLANK))
    start = jnp.where(jnp.arange(states.shape[1]) < 2, emitted[:, 0], _LOG_ZERO)

    def step(alpha: Any, emission: Any) -> tuple:
        stay_or_next = jnp.logaddexp(alpha, _shifted(alpha, 1, _LOG_ZERO))
        skip = jnp.where(skips, _shifted(alpha, 2, _LOG_ZERO), _LOG_ZERO)
        return jnp.logaddexp(stay_or_next, skip) + emission, None

    alpha, _ = jax.lax.scan(step, start, jnp.moveaxis(emitted[:, 1:], 1, 0))
    # A sequence ends in its last label or in the blank behind it.
    position = jnp.arange(states.shape[1])
    is_end = (position == 2 * lengths[:, None]) | (position == 2 * lengths[:, None] - 1)
    return jax.nn.logsumexp(jnp.where(is_end, alpha, _LOG_ZERO), axis=-1)


def _with_blanks(labels: Any) -> Any:
    """Return labels with a blank before, between and behind them."""
    batch, count = labels.shape
    pairs = jnp.stack([jnp.full_like(labels, _BLANK), labels], axis=-1)
    last = jnp.full((batch, 1), _BLANK, labels.dtype)
    return jnp.concatenate([pairs.reshape(batch, 2 * count), last], axis=1)


def _shifted(x: Any, by: int, fill: Any) -> Any:
    """Return `x` moved along the last axis by some places, with `fill` in front."""
    return jnp.pad(x, ((0, 0), (by, 0)), constant_values=fill)[:, : x.shape[1]]


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
