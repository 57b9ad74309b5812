"""Softmax cross-entropy from logits, with the gradient (softmax - target) written out."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from nyala.kernels._mode import use_reference


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
    if use_reference():
        return softmax_crossentropy_reference(logits, targets)
    return _dense(logits, targets)


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
    if use_reference():
        return sparse_softmax_crossentropy_reference(logits, labels)
    return _sparse(logits, labels)


def softmax_crossentropy_reference(logits: Array, targets: Array) -> Array:
    return -(targets * jax.nn.log_softmax(logits)).sum(-1)


def sparse_softmax_crossentropy_reference(logits: Array, labels: Array) -> Array:
    one_hot = jax.nn.one_hot(labels, logits.shape[-1], dtype=logits.dtype)
    return softmax_crossentropy_reference(logits, one_hot)


def _shifted(logits: Array) -> tuple[Array, Array]:
    """Logits less their maximum, and the logarithm of the sum of their exponentials."""
    wide = logits.astype(jnp.promote_types(logits.dtype, jnp.float32))
    shifted = wide - jax.lax.stop_gradient(wide.max(-1, keepdims=True))
    return shifted, jnp.log(jnp.exp(shifted).sum(-1, keepdims=True))


@jax.custom_vjp
def _dense(logits: Array, targets: Array) -> Array:
    return _dense_forward(logits, targets)[0]


def _dense_forward(logits, targets):
    shifted, log_sum = _shifted(logits)
    loss = (targets.astype(shifted.dtype) * (log_sum - shifted)).sum(-1)
    return loss.astype(logits.dtype), (logits, targets)


def _dense_backward(saved, dloss):
    logits, targets = saved
    shifted, log_sum = _shifted(logits)
    wide = targets.astype(shifted.dtype)
    dloss = dloss.astype(shifted.dtype)[..., None]
    softmax = jnp.exp(shifted - log_sum)
    dlogits = dloss * (softmax * wide.sum(-1, keepdims=True) - wide)
    dtargets = dloss * (log_sum - shifted)
    return dlogits.astype(logits.dtype), dtargets.astype(targets.dtype)


_dense.defvjp(_dense_forward, _dense_backward)


@jax.custom_vjp
def _sparse(logits: Array, labels: Array) -> Array:
    return _sparse_forward(logits, labels)[0]


def _sparse_forward(logits, labels):
    shifted, log_sum = _shifted(logits)
    loss = jnp.where(_matches(labels, logits), log_sum - shifted, 0).sum(-1)
    return loss.astype(logits.dtype), (logits, labels)


def _sparse_backward(saved, dloss):
    logits, labels = saved
    shifted, log_sum = _shifted(logits)
    match = _matches(labels, logits)
    dloss = jnp.where(match.any(-1), dloss.astype(shifted.dtype), 0)[..., None]
    dlogits = dloss * (jnp.exp(shifted - log_sum) - match)
    return dlogits.astype(logits.dtype), None


_sparse.defvjp(_sparse_forward, _sparse_backward)


def _matches(labels: Array, logits: Array) -> Array:
    """True at the labelled class: a comparison vectorizes where a gather does not."""
    return labels.astype(jnp.int32)[..., None] == jnp.arange(logits.shape[-1], dtype=jnp.int32)
