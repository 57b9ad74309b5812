"""`tf.nn`: activations, convolutions, losses on logits, normalization."""

from __future__ import annotations

from typing import Any

from nyala import ops, random
from nyala.core import respelled
from nyala.tf._absent import refuse_others
from nyala.tf._convolution import (
    avg_pool,
    avg_pool1d,
    avg_pool2d,
    avg_pool3d,
    conv1d,
    conv2d,
    conv2d_transpose,
    conv3d,
    convolution,
    depthwise_conv2d,
    max_pool,
    max_pool1d,
    max_pool2d,
    max_pool3d,
    separable_conv2d,
)
from nyala.tf._reductions import in_top_k, top_k, zero_fraction
from nyala.tf._seeds import seed_of
from nyala.tf._selecting import gather
from nyala.tf.math import l2_normalize, log_sigmoid, sigmoid, softplus, softsign, tanh

_HINTS = {
    "RNNCellDeviceWrapper": "Use nyala.layers.LSTMCell and its kin.",
    "ctc_beam_search_decoder": "Use nyala.ops.ctc_decode(strategy='beam_search').",
    "ctc_greedy_decoder": "Use nyala.ops.ctc_decode.",
    "nce_loss": "Use nyala.losses.SparseCategoricalCrossentropy.",
    "sampled_softmax_loss": "Use nyala.losses.SparseCategoricalCrossentropy.",
    "static_rnn": "Use nyala.layers.RNN.",
}

elu = respelled("tf.nn.elu", ops.elu, "features")
relu = respelled("tf.nn.relu", ops.relu, "features")
relu6 = respelled("tf.nn.relu6", ops.relu6, "features")
selu = respelled("tf.nn.selu", ops.selu, "features")
leaky_relu = respelled("tf.nn.leaky_relu", ops.leaky_relu, "features", "alpha")


def gelu(features: Any, approximate: bool = False, name: str | None = None) -> Any:
    """Return the Gaussian error linear unit, exact by default (see `nyala.ops.gelu`)."""
    return ops.gelu(features, approximate)


def silu(features: Any, beta: Any = 1.0) -> Any:
    """Return `x sigmoid(beta x)`."""
    if isinstance(beta, (int, float)) and beta == 1:
        return ops.silu(features)
    return ops.multiply(features, ops.sigmoid(ops.multiply(beta, features)))


swish = silu


def crelu(features: Any, axis: int = -1, name: str | None = None) -> Any:
    """Return the positive parts and the negative parts, joined along an axis."""
    return ops.relu(ops.concatenate([features, ops.negative(features)], axis=axis))


def softmax(logits: Any, axis: int | None = None, name: str | None = None) -> Any:
    """Return the softmax along an axis, the last by default."""
    return ops.softmax(logits, -1 if axis is None else axis)


def log_softmax(logits: Any, axis: int | None = None, name: str | None = None) -> Any:
    """Return the logarithm of the softmax along an axis, the last by default."""
    return ops.log_softmax(logits, -1 if axis is None else axis)


def softmax_cross_entropy_with_logits(
    labels: Any, logits: Any, axis: int = -1, name: str | None = None
) -> Any:
    """Return the cross-entropy of distributions and logits, one number for each row.

    >>> import nyala
    >>> nyala.tf.nn.softmax_cross_entropy_with_logits([[1.0, 0.0]], [[0.0, 0.0]]).numpy()
    array([0.6931472], dtype=float32)
    """
    return ops.negative(ops.sum(ops.multiply(labels, ops.log_softmax(logits, axis)), axis))


def sparse_softmax_cross_entropy_with_logits(
    labels: Any, logits: Any, name: str | None = None
) -> Any:
    """Return the cross-entropy of class numbers and logits, one number for each label."""
    return ops.sparse_categorical_crossentropy(labels, logits, from_logits=True)


def sigmoid_cross_entropy_with_logits(
    labels: Any = None, logits: Any = None, name: str | None = None
) -> Any:
    """Return `max(x, 0) - x z + log(1 + exp(-|x|))` for logits `x` and labels `z`."""
    return ops.binary_crossentropy(labels, logits, from_logits=True)


def weighted_cross_entropy_with_logits(
    labels: Any, logits: Any, pos_weight: Any, name: str | None = None
) -> Any:
    """Return the sigmoid cross-entropy in which positive labels count `pos_weight` times."""
    weight = 1 + ops.multiply(ops.subtract(pos_weight, 1), labels)
    negative = ops.multiply(ops.subtract(1, labels), logits)
    return negative + weight * ops.softplus(ops.negative(logits))


def log_poisson_loss(targets: Any, log_input: Any, compute_full_loss: bool = False,
                     name: str | None = None) -> Any:  # fmt: skip
    """Return `exp(c) - z c` for the logarithm `c` of a rate and a count `z`."""
    loss = ops.exp(log_input) - ops.multiply(targets, log_input)
    if not compute_full_loss:
        return loss
    stirling = targets * ops.log(targets) - targets + 0.5 * ops.log(6.283185307179586 * targets)
    return loss + ops.where(ops.greater(targets, 1), stirling, 0.0)


def l2_loss(t: Any, name: str | None = None) -> Any:
    """Return half the sum of squares."""
    return ops.sum(ops.square(t)) / 2


def dropout(x: Any, rate: float, noise_shape: Any = None, seed: Any = None,
            name: str | None = None) -> Any:  # fmt: skip
    """Return the tensor with a part of its elements set to 0 and the others made greater."""
    return random.dropout(x, rate, noise_shape, seed_of(seed))


def bias_add(value: Any, bias: Any, data_format: str | None = None, name: str | None = None) -> Any:
    """Return the tensor plus a number for each channel."""
    if data_format is not None and data_format.startswith("NC"):
        bias = ops.reshape(bias, (-1, *[1] * (len(value.shape) - 2)))
    return ops.add(value, bias)


def moments(x: Any, axes: Any, shift: Any = None, keepdims: bool = False,
            name: str | None = None) -> tuple:  # fmt: skip
    """Return mean and variance along axes."""
    return ops.moments(x, axes, keepdims)


def batch_normalization(x: Any, mean: Any, variance: Any, offset: Any, scale: Any,
                        variance_epsilon: float, name: str | None = None) -> Any:  # fmt: skip
    """Return `(x - mean) / sqrt(variance + variance_epsilon) * scale + offset`."""
    factor = ops.rsqrt(ops.add(variance, variance_epsilon))
    factor = factor if scale is None else ops.multiply(factor, scale)
    shift = ops.negative(ops.multiply(mean, factor))
    shift = shift if offset is None else ops.add(shift, offset)
    return ops.add(ops.multiply(x, factor), shift)


def local_response_normalization(
    input: Any,
    depth_radius: int = 5,
    bias: float = 1.0,
    alpha: float = 1.0,
    beta: float = 0.5,
    name: str | None = None,
) -> Any:
    """Return each element divided by a power of the squares of its neighbours along the channels.

    Krizhevsky et al. 2012, "ImageNet classification with deep convolutional neural networks", §3.3.
    """
    squares = ops.square(input)
    channels = squares.shape[-1]
    border = [(0, 0)] * (len(squares.shape) - 1) + [(depth_radius, depth_radius)]
    padded = ops.pad(squares, border)
    total = sum(padded[..., i : i + channels] for i in range(2 * depth_radius + 1))
    return ops.true_divide(input, ops.power(bias + alpha * total, beta))


lrn = local_response_normalization


def space_to_depth(input: Any, block_size: int, data_format: str = "NHWC",
                   name: str | None = None) -> Any:  # fmt: skip
    """Return blocks of pixels moved into the channels."""
    return ops.space_to_depth(input, block_size, _format(data_format))


def depth_to_space(input: Any, block_size: int, data_format: str = "NHWC",
                   name: str | None = None) -> Any:  # fmt: skip
    """Return channels moved into blocks of pixels."""
    return ops.depth_to_space(input, block_size, _format(data_format))


def _format(data_format: str) -> str:
    return "channels_first" if data_format == "NCHW" else "channels_last"


def embedding_lookup(params: Any, ids: Any, max_norm: Any = None, name: str | None = None) -> Any:
    """Return the rows of a table at integer positions."""
    return gather(params, ids)


def ctc_loss(labels: Any, logits: Any, label_length: Any, logit_length: Any,
             logits_time_major: bool = True, unique: Any = None, blank_index: int = 0,
             name: str | None = None) -> Any:  # fmt: skip
    """Return the connectionist temporal classification loss of each row.

    See `nyala.ops.ctc_loss`.
    """
    logits = ops.swapaxes(logits, 0, 1) if logits_time_major else logits
    return ops.ctc_loss(labels, logits, label_length, logit_length, blank_index or 0)


__all__ = [
    "avg_pool", "avg_pool1d", "avg_pool2d", "avg_pool3d", "batch_normalization", "bias_add",
    "conv1d", "conv2d", "conv2d_transpose", "conv3d", "convolution", "crelu", "ctc_loss",
    "depth_to_space", "depthwise_conv2d", "dropout", "elu", "embedding_lookup", "gelu", "in_top_k",
    "l2_loss", "l2_normalize", "leaky_relu", "local_response_normalization", "log_poisson_loss",
    "log_sigmoid", "log_softmax", "lrn", "max_pool", "max_pool1d", "max_pool2d", "max_pool3d",
    "moments", "relu", "relu6", "selu", "separable_conv2d", "sigmoid",
    "sigmoid_cross_entropy_with_logits", "silu", "softmax", "softmax_cross_entropy_with_logits",
    "softplus", "softsign", "space_to_depth", "sparse_softmax_cross_entropy_with_logits", "swish",
    "tanh", "top_k", "weighted_cross_entropy_with_logits", "zero_fraction",
]  # fmt: skip

__getattr__ = refuse_others("tf.nn", __all__, _HINTS)
