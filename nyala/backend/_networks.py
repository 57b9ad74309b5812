"""Convolutions, pooling, normalization, cross-entropies, CTC, with Keras 2's argument names."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala import ops, random
from nyala.core import epsilon, respelled, standardize_data_format

conv1d = respelled("keras.backend.conv1d", ops.conv, "x", "kernel")
conv2d = respelled("keras.backend.conv2d", ops.conv, "x", "kernel")
conv3d = respelled("keras.backend.conv3d", ops.conv, "x", "kernel")
depthwise_conv2d = respelled(
    "keras.backend.depthwise_conv2d", ops.depthwise_conv, "x", "depthwise_kernel"
)
separable_conv2d = respelled(
    "keras.backend.separable_conv2d",
    ops.separable_conv,
    "x",
    "depthwise_kernel",
    "pointwise_kernel",
)
binary_crossentropy = respelled("keras.backend.binary_crossentropy", ops.binary_crossentropy)
categorical_crossentropy = respelled(
    "keras.backend.categorical_crossentropy", ops.categorical_crossentropy
)


def conv2d_transpose(x: Any, kernel: Any, output_shape: Any, strides: Any = (1, 1),
                     padding: str = "valid", data_format: str | None = None,
                     dilation_rate: Any = (1, 1)) -> Any:  # fmt: skip
    """Return the transposed convolution, whose shape must be `output_shape` (`None` fits any)."""
    result = ops.conv_transpose(x, kernel, strides, padding, None, data_format, dilation_rate)
    result.set_shape([None, *output_shape[1:]])
    return result


def pool2d(x: Any, pool_size: Any, strides: Any = (1, 1), padding: str = "valid",
           data_format: str | None = None, pool_mode: str = "max") -> Any:  # fmt: skip
    """Return the greatest elements (or the means, `"avg"`) of windows of images."""
    return _pool(pool_mode)(x, pool_size, strides, padding, data_format)


def pool3d(x: Any, pool_size: Any, strides: Any = (1, 1, 1), padding: str = "valid",
           data_format: str | None = None, pool_mode: str = "max") -> Any:  # fmt: skip
    """Return the greatest elements (or the means, `"avg"`) of windows of volumes."""
    return _pool(pool_mode)(x, pool_size, strides, padding, data_format)


def _pool(mode: str) -> Any:
    if mode not in ("max", "avg"):
        raise ValueError(f"pool_mode expects 'max' or 'avg'; got {mode!r}.")
    return ops.max_pool if mode == "max" else ops.average_pool


def local_conv1d(
    inputs: Any, kernel: Any, kernel_size: Any, strides: Any, data_format: str | None = None
) -> Any:
    """Return a convolution of sequences whose kernel differs from step to step.

    Args:
        inputs: array of shape `(batch, steps, channels)`.
        kernel: array of shape `(output steps, kernel size · channels, filters)`.
        kernel_size: a tuple of one integer.
        strides: a tuple of one integer.
        data_format: where the channels are.
    """
    (size,), (stride,) = kernel_size, strides
    return _local(inputs, kernel, (size,), (stride,), (int(kernel.shape[0]),), data_format)


def local_conv2d(inputs: Any, kernel: Any, kernel_size: Any, strides: Any, output_shape: Any,
                 data_format: str | None = None) -> Any:  # fmt: skip
    """Return a convolution of images whose kernel differs from place to place.

    Args:
        inputs: array of shape `(batch, height, width, channels)`.
        kernel: array of shape `(output pixels, kernel pixels · channels, filters)`.
        kernel_size: a pair of integers.
        strides: a pair of integers.
        output_shape: height and width of the result.
        data_format: where the channels are.
    """
    return _local(
        inputs, kernel, tuple(kernel_size), tuple(strides), tuple(output_shape), data_format
    )


def _local(
    inputs: Any, kernel: Any, size: tuple, strides: tuple, out: tuple, data_format: Any
) -> Any:
    first = standardize_data_format(data_format) == "channels_first"
    patches = []
    for place in np.ndindex(*out):
        window = tuple(
            slice(at * step, at * step + length)
            for at, step, length in zip(place, strides, size, strict=True)
        )
        key = (slice(None), slice(None), *window) if first else (slice(None), *window)
        patches.append(ops.reshape(inputs[key], (-1, kernel.shape[1])))
    result = ops.einsum("pbf,pfo->bpo", ops.stack(patches), kernel)
    result = ops.reshape(result, (-1, *out, kernel.shape[-1]))
    return ops.moveaxis(result, -1, 1) if first else result


def batch_normalization(x: Any, mean: Any, var: Any, beta: Any, gamma: Any, axis: int = -1,
                        epsilon: float = 1e-3) -> Any:  # fmt: skip
    """Return `(x - mean) / sqrt(var + epsilon) * gamma + beta` along an axis."""
    flat = [None if one is None else ops.reshape(one, (-1,)) for one in (mean, var, beta, gamma)]
    return ops.batch_normalization(x, flat[0], flat[1], axis, flat[2], flat[3], epsilon)


def normalize_batch_in_training(
    x: Any, gamma: Any, beta: Any, reduction_axes: Any, epsilon: float = 1e-3
) -> tuple:
    """Return `x` normalized by its own mean and variance, and those two."""
    mean, variance = ops.moments(x, tuple(reduction_axes), keepdims=True)
    shape = mean.shape
    gamma, beta = (one if one is None else ops.reshape(one, shape) for one in (gamma, beta))
    result = (x - mean) * ops.rsqrt(variance + epsilon)
    result = result if gamma is None else result * gamma
    result = result if beta is None else result + beta
    axes = tuple(reduction_axes)
    return result, ops.squeeze(mean, axes), ops.squeeze(variance, axes)


def dropout(x: Any, level: float, noise_shape: Any = None, seed: Any = None) -> Any:
    """Return the array with a part of its elements set to 0 and the others made greater."""
    return random.dropout(x, level, noise_shape, seed)


def sparse_categorical_crossentropy(
    target: Any,
    output: Any,
    from_logits: bool = False,
    axis: int = -1,
    ignore_class: int | None = None,
) -> Any:
    """Return the cross-entropy of class numbers and probabilities; 0 for a class to ignore."""
    if ignore_class is None:
        return ops.sparse_categorical_crossentropy(target, output, from_logits, axis)
    target = ops.cast(target, "int32")
    ignored = ops.equal(target, ignore_class)
    loss = ops.sparse_categorical_crossentropy(
        ops.where(ignored, 0, target), output, from_logits, axis
    )
    return ops.where(ops.reshape(ignored, loss.shape), 0.0, loss)


def binary_focal_crossentropy(target: Any, output: Any, apply_class_balancing: bool = False,
                              alpha: float = 0.25, gamma: float = 2.0,
                              from_logits: bool = False) -> Any:  # fmt: skip
    """Return the binary cross-entropy times `(1 - p)^gamma`, `p` the probability of the true class.

    Lin et al. 2017, "Focal loss for dense object detection".
    """
    probability = ops.sigmoid(output) if from_logits else ops.convert_to_tensor(output)
    target = ops.cast(target, probability.dtype)
    of_truth = target * probability + (1 - target) * (1 - probability)
    loss = ops.power(1.0 - of_truth, gamma) * ops.binary_crossentropy(target, probability)
    return loss * (target * alpha + (1 - target) * (1 - alpha)) if apply_class_balancing else loss


def categorical_focal_crossentropy(target: Any, output: Any, alpha: Any = 0.25, gamma: float = 2.0,
                                   from_logits: bool = False, axis: int = -1) -> Any:  # fmt: skip
    """Return `-alpha (1 - p)^gamma target log(p)` summed over the classes."""
    probability = ops.softmax(output, axis) if from_logits else ops.convert_to_tensor(output)
    probability = probability / ops.sum(probability, axis, keepdims=True)
    probability = ops.clip(probability, epsilon(), 1.0 - epsilon())
    crossentropy = ops.negative(ops.multiply(target, ops.log(probability)))
    return ops.sum(alpha * ops.power(1.0 - probability, gamma) * crossentropy, axis)


def ctc_batch_cost(y_true: Any, y_pred: Any, input_length: Any, label_length: Any) -> Any:
    """Return the connectionist temporal classification loss of each row, shape `(batch, 1)`.

    Args:
        y_true: labels, integers of shape `(batch, longest label)`.
        y_pred: probabilities of shape `(batch, steps, classes)`; the last class means "no label".
        input_length: integers of shape `(batch, 1)`: how many steps count.
        label_length: integers of shape `(batch, 1)`: how long each label is.
    """
    loss = ops.ctc_loss(
        ops.cast(y_true, "int32"),
        ops.log(ops.add(y_pred, epsilon())),
        ops.cast(ops.reshape(label_length, (-1,)), "int32"),
        ops.cast(ops.reshape(input_length, (-1,)), "int32"),
        mask_index=_last_class(y_pred),
    )
    return ops.expand_dims(loss, 1)


def _last_class(x: Any) -> int:

    return int(x.shape[-1]) - 1


def ctc_decode(y_pred: Any, input_length: Any, greedy: bool = True, beam_width: int = 100,
               top_paths: int = 1) -> tuple:  # fmt: skip
    """Return the most probable label sequences and their scores.

    Args:
        y_pred: probabilities of shape `(batch, steps, classes)`; the last class means "no label".
        input_length: integers of shape `(batch,)`: how many steps count.
        greedy: whether the best class of each step is taken, instead of a beam search.
        beam_width: how many sequences the beam search keeps.
        top_paths: how many sequences it returns.

    Returns:
        A list of integer arrays filled up with -1, and scores of shape `(batch, paths)`.
    """
    sequences, scores = ops.ctc_decode(
        ops.log(ops.add(y_pred, epsilon())),
        ops.cast(input_length, "int32"),
        "greedy" if greedy else "beam_search",
        beam_width,
        top_paths,
        mask_index=_last_class(y_pred),
    )
    return list(ops.unstack(sequences)), scores


def ctc_label_dense_to_sparse(labels: Any, label_lengths: Any) -> Any:
    """Return labels with -1 behind their ends: dense, as all tensors are."""
    labels = ops.convert_to_tensor(labels)
    inside = ops.arange(labels.shape[1]) < ops.reshape(label_lengths, (-1, 1))
    return ops.where(inside, labels, -1)


__all__ = [
    "batch_normalization", "binary_crossentropy", "binary_focal_crossentropy",
    "categorical_crossentropy", "categorical_focal_crossentropy", "conv1d", "conv2d",
    "conv2d_transpose", "conv3d", "ctc_batch_cost", "ctc_decode", "ctc_label_dense_to_sparse",
    "depthwise_conv2d", "dropout", "local_conv1d", "local_conv2d", "normalize_batch_in_training",
    "pool2d", "pool3d", "separable_conv2d", "sparse_categorical_crossentropy",
]  # fmt: skip
