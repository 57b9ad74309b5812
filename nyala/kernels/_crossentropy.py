"""Softmax cross-entropy from logits.

JAX's own gradient of `log_softmax` is already `softmax - target` in one pass; writing it out by
hand measured slower (`docs/decisions/0003-kernel-lowerings.md`).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array


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
    # A comparison with every class vectorizes, where a gather and its scatter do not.
    one_hot = jax.nn.one_hot(labels.astype(jnp.int32), logits.shape[-1], dtype=logits.dtype)
    return softmax_crossentropy(logits, one_hot)


def _log_softmax(logits: Array) -> Array:
    """In float32 or wider: thousands of terms of a sum would be lost in half precision."""
    return jax.nn.log_softmax(logits.astype(jnp.promote_types(logits.dtype, jnp.float32)))
