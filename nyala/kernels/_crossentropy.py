"""Softmax cross-entropy from logits.

XLA writes logarithms of probabilities, or exponentials, to memory and reads them again, also for
one-hot targets; a native kernel reads each row once while it is in cache, forward and for the
gradient. Without it, JAX's own gradient of `log_softmax` is already `softmax - target`; writing it
out by hand measured slower (`docs/decisions/0003-kernel-lowerings.md`).
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
from jax import Array

from nyala.kernels._native import NATIVE_FLOATS, native

# Alone it is faster from 10 classes on; so few XLA may fuse with what is around.
_FEWEST_CLASSES = 32


def softmax_crossentropy(logits: Array, targets: Array) -> Array:
    """Cross-entropy of given probabilities and the softmax of logits over the last axis.

    Args:
        logits: `(..., classes)`, unbounded.
        targets: `(..., classes)`, the probability of each class (one-hot, or smoothed).

    Returns:
        `(...)`: `-sum(targets * log_softmax(logits))`, finite for any finite logits.

    Example:
        >>> import jax.numpy as jnp
        >>> from nyala import kernels
        >>> kernels.softmax_crossentropy(jnp.zeros((1, 2)), jnp.array([[1.0, 0.0]]))
        Array([0.693...], dtype=float32)
    """
    if logits.shape == targets.shape and _is_native(logits):
        wide = targets.astype(jnp.float32)
        return _native(logits, jnp.zeros((0,), jnp.int32), wide.reshape(-1, logits.shape[-1]))
    log_probabilities = _log_softmax(logits)
    loss = -(targets.astype(log_probabilities.dtype) * log_probabilities).sum(-1)
    return loss.astype(logits.dtype)


def sparse_softmax_crossentropy(logits: Array, labels: Array) -> Array:
    """Cross-entropy of class numbers and the softmax of logits over the last axis.

    Args:
        logits: `(..., classes)`, unbounded.
        labels: `(...)` integers from 0 to `classes - 1`. Another number matches no class, so
            that its loss is 0 and its gradient vanishes.

    Returns:
        `(...)`: `-log_softmax(logits)[label]`.

    Example:
        >>> import jax.numpy as jnp
        >>> from nyala import kernels
        >>> kernels.sparse_softmax_crossentropy(jnp.zeros((1, 2)), jnp.array([1]))
        Array([0.693...], dtype=float32)
    """
    labels = labels.astype(jnp.int32)
    if labels.shape == logits.shape[:-1] and _is_native(logits):
        return _native(logits, labels.reshape(-1), jnp.zeros((0,)))
    # A comparison with every class vectorizes, where a gather and its scatter do not.
    one_hot = jax.nn.one_hot(labels, logits.shape[-1], dtype=logits.dtype)
    log_probabilities = _log_softmax(logits)
    loss = -(one_hot.astype(log_probabilities.dtype) * log_probabilities).sum(-1)
    return loss.astype(logits.dtype)


def _log_softmax(logits: Array) -> Array:
    """In float32 or wider: thousands of terms of a sum would be lost in half precision."""
    return jax.nn.log_softmax(logits.astype(jnp.promote_types(logits.dtype, jnp.float32)))


# -- native ---------------------------------------------------------------------------------------


def _is_native(logits: Array) -> bool:
    able = logits.dtype in NATIVE_FLOATS and logits.shape[-1] > 0
    return able and _forward.chosen(logits.shape[-1] >= _FEWEST_CLASSES)


def _native(logits: Array, labels: Array, targets: Array) -> Array:
    rows = logits.reshape(math.prod(logits.shape[:-1]), logits.shape[-1])
    loss = _rows_loss(rows, labels, targets)
    return loss.reshape(logits.shape[:-1]).astype(logits.dtype)


@jax.custom_vjp
def _rows_loss(logits, labels, targets):
    return _forward(logits, labels, targets)[0]


def _rows_loss_forward(logits, labels, targets):
    loss, stats = _forward(logits, labels, targets)
    return loss, (logits, labels, targets, stats)


def _rows_loss_backward(saved, dloss):
    logits, labels, targets, stats = saved
    dtargets = None
    if targets.ndim == 2:  # seldom used, and left out of the program then
        dtargets = -_log_softmax(logits) * dloss[:, None]
    return _backward(logits, labels, targets, stats, dloss), None, dtargets


_rows_loss.defvjp(_rows_loss_forward, _rows_loss_backward)


@native("crossentropy_forward")
def _forward(logits: Array, labels: Array, targets: Array) -> tuple[Array, Array]:
    """The losses, and of each row: its maximum, 1 / its sum of exponentials, its targets' sum."""
    below, exponentials = _exponentials(logits, jax.lax.stop_gradient(_maximum(logits)))
    weights = _targets(logits, labels, targets)
    sums, total = exponentials.sum(-1), weights.sum(-1)
    weighed = weights * below if targets.ndim == 2 else jnp.where(weights > 0, below, 0)
    loss = total * jnp.log(sums) - weighed.sum(-1)
    stats = jax.lax.stop_gradient(_maximum(logits)), 1 / sums, total
    return loss, jnp.stack(stats, axis=-1)


@native("crossentropy_backward")
def _backward(logits: Array, labels: Array, targets: Array, stats: Array, dloss: Array) -> Array:
    """The gradient of the logits."""
    _, exponentials = _exponentials(logits, stats[:, 0])
    probabilities = exponentials * (stats[:, 1] * stats[:, 2])[:, None]
    gradient = (probabilities - _targets(logits, labels, targets)) * dloss[:, None]
    return gradient.astype(logits.dtype)


def _maximum(logits: Array) -> Array:
    return logits.max(-1).astype(jnp.float32)


def _exponentials(logits: Array, maximum: Array) -> tuple[Array, Array]:
    below = logits.astype(jnp.float32) - maximum[:, None]
    return below, jnp.exp(below)


def _targets(logits: Array, labels: Array, targets: Array) -> Array:
    if targets.ndim == 2:
        return targets
    return jax.nn.one_hot(labels, logits.shape[-1], dtype=jnp.float32)
