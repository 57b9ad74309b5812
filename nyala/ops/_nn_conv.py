"""Convolutions. How each is computed is chosen by `nyala.kernels`."""

from __future__ import annotations

import math
from collections.abc import Sequence

import jax.numpy as jnp

from nyala import kernels
from nyala.core import standardize_data_format
from nyala.eager import Array, op


@op
def conv(
    inputs: Array,
    kernel: Array,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Array:
    """Convolution over one, two or three spatial axes.

    Args:
        inputs: array of shape `(batch, *spatial, channels)`, or `(batch, channels, *spatial)` with
            `data_format="channels_first"`.
        kernel: array of shape `(*window, channels / groups, filters)`; where it takes fewer
            channels than there are, they are convolved in groups.
        strides: steps of the window, one integer or one per spatial axis.
        padding: `"valid"` (none), `"same"` (zeros on both sides so that, with strides 1, the
            lengths stay) or `"causal"` (one axis; zeros in front).
        data_format: `"channels_last"`, `"channels_first"`, or `None` for the configured one.
        dilation_rate: distances between the elements of the window.

    Returns:
        A tensor of shape `(batch, *new spatial, filters)` or channels first, in the kernel's dtype.

    Raises:
        ValueError: the channels do not fit the kernel, or the window is larger than the input.

    >>> import nyala
    >>> x, kernel = nyala.ops.ones((1, 4, 4, 2)), nyala.ops.ones((3, 3, 2, 8))
    >>> nyala.ops.conv(x, kernel, strides=2, padding="same").shape
    (1, 2, 2, 8)
    """
    kernel = jnp.asarray(kernel)
    inputs = jnp.asarray(inputs, kernel.dtype)
    data_format = standardize_data_format(data_format)
    channels = _channels(inputs, data_format)
    if channels % kernel.shape[-2]:
        raise ValueError(
            f"the input has {channels} channels, which is no multiple of the "
            f"{kernel.shape[-2]} that the kernel takes. Check data_format={data_format!r}."
        )
    outputs = kernels.conv(
        inputs,
        kernel,
        strides=strides,
        padding=padding,
        dilation=dilation_rate,
        groups=channels // kernel.shape[-2],
        data_format=data_format,
    )
    _refuse_empty(inputs, outputs, kernel)
    return outputs


@op
def depthwise_conv(
    inputs: Array,
    kernel: Array,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Array:
    """Convolution of each channel by itself.

    Args:
        inputs: array of shape `(batch, *spatial, channels)`, or channels first; one or two spatial
            axes.
        kernel: array of shape `(*window, channels, multiplier)`.
        strides: steps of the window, one integer or one per spatial axis.
        padding: `"valid"` or `"same"`.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for the configured one.
        dilation_rate: distances between the elements of the window.

    Returns:
        A tensor of shape `(batch, *new spatial, channels · multiplier)`, or channels first.

    >>> import nyala
    >>> x, kernel = nyala.ops.ones((1, 4, 4, 2)), nyala.ops.ones((3, 3, 2, 3))
    >>> nyala.ops.depthwise_conv(x, kernel).shape
    (1, 2, 2, 6)
    """
    inputs, kernel = _same_dtype(inputs, kernel)
    data_format = standardize_data_format(data_format)
    return _depthwise(inputs, kernel, strides, padding, data_format, dilation_rate)


@op
def separable_conv(
    inputs: Array,
    depthwise_kernel: Array,
    pointwise_kernel: Array,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Array:
    """Convolution of each channel by itself, then of all channels at each place.

    Args:
        inputs: array of shape `(batch, *spatial, channels)`, or channels first; one or two spatial
            axes.
        depthwise_kernel: array of shape `(*window, channels, multiplier)`.
        pointwise_kernel: array of shape `(1, …, 1, channels · multiplier, filters)`.
        strides: steps of the window, one integer or one per spatial axis.
        padding: `"valid"` or `"same"`.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for the configured one.
        dilation_rate: distances between the elements of the window.

    Returns:
        A tensor of shape `(batch, *new spatial, filters)`, or channels first.

    >>> import nyala
    >>> x, depthwise = nyala.ops.ones((1, 4, 4, 2)), nyala.ops.ones((3, 3, 2, 3))
    >>> nyala.ops.separable_conv(x, depthwise, nyala.ops.ones((1, 1, 6, 5))).shape
    (1, 2, 2, 5)
    """
    inputs, depthwise_kernel = _same_dtype(inputs, depthwise_kernel)
    data_format = standardize_data_format(data_format)
    spread = _depthwise(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    spread, pointwise_kernel = _same_dtype(spread, pointwise_kernel)
    return kernels.conv(spread, pointwise_kernel, data_format=data_format)


@op
def conv_transpose(
    inputs: Array,
    kernel: Array,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    output_padding: int | Sequence[int] | None = None,
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Array:
    """Transposed convolution: the gradient of a convolution, which enlarges its input.

    Args:
        inputs: array of shape `(batch, *spatial, channels)`, or channels first.
        kernel: array of shape `(*window, filters, channels)`.
        strides: by how much it enlarges, one integer or one per spatial axis.
        padding: `"valid"` or `"same"`.
        output_padding: lengths added at the end of the spatial axes; by default as many as make
            them those that a convolution with the same arguments would come from.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for the configured one.
        dilation_rate: distances between the elements of the window.

    Returns:
        A tensor of shape `(batch, *new spatial, filters)`, or channels first.

    >>> import nyala
    >>> x, kernel = nyala.ops.ones((1, 2, 2, 3)), nyala.ops.ones((3, 3, 8, 3))
    >>> nyala.ops.conv_transpose(x, kernel, strides=2, padding="same").shape
    (1, 4, 4, 8)
    """
    inputs, kernel = _same_dtype(inputs, kernel)
    data_format = standardize_data_format(data_format)
    channels = _channels(inputs, data_format)
    if channels != kernel.shape[-1]:
        raise ValueError(
            f"the input has {channels} channels, but the kernel of shape {kernel.shape} takes "
            f"{kernel.shape[-1]}. Check data_format={data_format!r}."
        )
    return kernels.conv_transpose(
        inputs,
        kernel,
        strides=strides,
        padding=padding,
        output_padding=output_padding,
        dilation=dilation_rate,
        data_format=data_format,
    )


def _depthwise(inputs, kernel, strides, padding, data_format, dilation_rate):
    channels = _channels(inputs, data_format)
    if channels != kernel.shape[-2]:
        raise ValueError(
            f"the input has {channels} channels, but the depthwise kernel of shape {kernel.shape} "
            f"takes {kernel.shape[-2]}. Check data_format={data_format!r}."
        )
    return kernels.depthwise_conv(
        inputs,
        kernel,
        strides=strides,
        padding=padding,
        dilation=dilation_rate,
        data_format=data_format,
    )


def _channels(inputs: Array, data_format: str) -> int:
    return inputs.shape[-1 if data_format == "channels_last" else 1]


def _same_dtype(*arrays: Array) -> list:
    dtype = jnp.result_type(*arrays)
    return [jnp.asarray(a, dtype) for a in arrays]


def _refuse_empty(inputs: Array, outputs: Array, kernel: Array) -> None:
    if math.prod(outputs.shape) == 0 and math.prod(inputs.shape) != 0:
        raise ValueError(
            f"the result of shape {outputs.shape} is empty: an input of shape {inputs.shape} is "
            f"smaller than the window {kernel.shape[:-2]} with its dilation. Use padding='same' or "
            "a larger input."
        )
