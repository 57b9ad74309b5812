"""Cross-entropy between what should be and what was predicted."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from nyala import kernels
from nyala.core import epsilon
from nyala.eager import Array, op
from nyala.ops._dtypes import as_float, float_operands


@op
def binary_crossentropy(target: Array, output: Array, from_logits: bool = False) -> Array:
    """Cross-entropy of independent yes/no decisions.

    Args:
        target: array of zeros and ones, or of probabilities.
        output: array of the same shape: predicted probabilities, or scores.
        from_logits: whether `output` are scores, of which the sigmoid is the probability.

    Returns:
        A tensor of that shape: -(target · log(p) + (1 - target) · log(1 - p)). Probabilities are
        first clipped away from 0 and 1 by `config.epsilon()`.

    >>> import nyala
    >>> nyala.ops.binary_crossentropy([0.0, 1.0], [0.5, 0.5]).numpy()
    array([0.6931472, 0.6931472], dtype=float32)
    """
    target, output = float_operands(target, output)
    _same_shapes(target, output)
    if from_logits:
        return -(target * jax.nn.log_sigmoid(output) + (1.0 - target) * jax.nn.log_sigmoid(-output))
    p = _clipped(output)
    return -(target * jnp.log(p) + (1.0 - target) * jnp.log(1.0 - p))


@op
def categorical_crossentropy(
    target: Array, output: Array, from_logits: bool = False, axis: int = -1
) -> Array:
    """Cross-entropy of one choice among classes, the targets being probabilities.

    Args:
        target: array of probabilities along `axis`, such as one-hot vectors.
        output: array of the same shape: predicted probabilities, or scores.
        from_logits: whether `output` are scores, of which the softmax are the probabilities.
        axis: the axis of the classes.

    Returns:
        A tensor of that shape without `axis`: -sum(target · log(p)). Probabilities are first
        scaled to sum to 1, and clipped away from 0 and 1 by `config.epsilon()`.

    >>> import nyala
    >>> nyala.ops.categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).numpy()
    array([0.6931472], dtype=float32)
    """
    target, output = float_operands(target, output)
    _same_shapes(target, output)
    if target.ndim < 1:
        raise ValueError("target and output need an axis of classes; got scalars.")
    target, output = jnp.moveaxis(target, axis, -1), jnp.moveaxis(output, axis, -1)
    if from_logits:
        return kernels.softmax_crossentropy(output, target)
    return -jnp.sum(target * _log_probabilities(output), axis=-1)


@op
def sparse_categorical_crossentropy(
    target: Array, output: Array, from_logits: bool = False, axis: int = -1
) -> Array:
    """Cross-entropy of one choice among classes, the targets being class numbers.

    Args:
        target: integers of the shape of `output` without the classes; a last axis of length 1 may
            follow. A number that is no class costs 0.
        output: predicted probabilities, or scores.
        from_logits: whether `output` are scores, of which the softmax are the probabilities.
        axis: the axis of the classes in `output`.

    Returns:
        A tensor of the shape of `output` without `axis`, in at least single precision: -log(p of
        the class). Probabilities are first scaled to sum to 1, and clipped away from 0 and 1 by
        `config.epsilon()`.

    >>> import nyala
    >>> nyala.ops.sparse_categorical_crossentropy([1], [[0.5, 0.5]]).numpy()
    array([0.6931472], dtype=float32)
    """
    target, output = jnp.asarray(target), as_float(output)
    if output.ndim < 1:
        raise ValueError("output needs an axis of classes; got a scalar.")
    if target.ndim == output.ndim and target.shape[-1] == 1:
        target = jnp.squeeze(target, -1)
    output = jnp.moveaxis(output, axis, -1)
    if target.shape != output.shape[:-1]:
        raise ValueError(
            f"target must have the shape of output without the classes, {output.shape[:-1]}; got "
            f"{target.shape}. For one-hot targets use categorical_crossentropy."
        )
    target = target.astype("int32")
    # In at least single precision, as the product with one-hot vectors is in Keras.
    output = output.astype(jnp.promote_types(output.dtype, "float32"))
    if from_logits:
        return kernels.sparse_softmax_crossentropy(output, target)
    chosen = jax.nn.one_hot(target, output.shape[-1], dtype=output.dtype)
    return -jnp.sum(chosen * _log_probabilities(output), axis=-1)


def _log_probabilities(output: Array) -> Array:
    return jnp.log(_clipped(output / jnp.sum(output, axis=-1, keepdims=True)))


def _clipped(p: Array) -> Array:
    return jnp.clip(p, epsilon(), 1.0 - epsilon())


def _same_shapes(target: Array, output: Array) -> None:
    if target.shape != output.shape:
        raise ValueError(
            f"target and output must have the same shape; got {target.shape} and {output.shape}."
        )
