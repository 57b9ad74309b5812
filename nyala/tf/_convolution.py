"""Convolutions and pooling with TensorFlow's arguments."""

from __future__ import annotations

from typing import Any

from nyala import ops

_CHANNELS_FIRST = ("NCW", "NCHW", "NCDHW")


def _format(data_format: str | None) -> str:
    return "channels_first" if data_format in _CHANNELS_FIRST else "channels_last"


def _spatial(value: Any, rank: int, data_format: str | None) -> Any:
    """Return what a number or a list of 1, `rank` or `rank + 2` says of the spatial axes."""
    if value is None or isinstance(value, int):
        return 1 if value is None else value
    value = [int(n) for n in value]
    if len(value) == rank + 2:
        return tuple(value[2:] if data_format in _CHANNELS_FIRST else value[1:-1])
    return value[0] if len(value) == 1 else tuple(value)


def _convolution(rank: int) -> Any:
    def convolve(
        input: Any,
        filters: Any,
        strides: Any,
        padding: str,
        data_format: str | None = None,
        dilations: Any = None,
        name: str | None = None,
    ) -> Any:
        return ops.conv(
            input,
            filters,
            _spatial(strides, rank, data_format),
            padding.lower(),
            _format(data_format),
            _spatial(dilations, rank, data_format),
        )

    convolve.__name__ = convolve.__qualname__ = f"conv{rank}d"
    convolve.__doc__ = f"Return the convolution along {rank} axes (see `nyala.ops.conv`)."
    return convolve


conv1d, conv2d, conv3d = _convolution(1), _convolution(2), _convolution(3)


def convolution(
    input: Any,
    filters: Any,
    strides: Any = None,
    padding: str = "VALID",
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """Return the convolution along all axes but the batch and the channels."""
    rank = len(filters.shape) - 2
    return _convolution(rank)(input, filters, strides, padding, data_format, dilations)


def conv2d_transpose(input: Any, filters: Any, output_shape: Any, strides: Any,
                     padding: str = "SAME", data_format: str = "NHWC", dilations: Any = None,
                     name: str | None = None) -> Any:  # fmt: skip
    """Return the transposed convolution: the gradient of `conv2d` by its input.

    Args:
        input: images.
        filters: tensor of shape `(height, width, output channels, input channels)`.
        output_shape: the result's shape; `nyala.ops.conv_transpose` works it out from the strides
            and the padding, and it is checked against that.
        strides: one number or those of the axes.
        padding: `"SAME"` or `"VALID"`.
        data_format: `"NHWC"` or `"NCHW"`.
        dilations: one number or those of the axes.
        name: accepted for TensorFlow's sake.
    """
    result = ops.conv_transpose(
        input,
        filters,
        _spatial(strides, 2, data_format),
        padding.lower(),
        None,
        _format(data_format),
        _spatial(dilations, 2, data_format),
    )
    result.set_shape([None, *[int(n) for n in output_shape][1:]])
    return result


def depthwise_conv2d(input: Any, filter: Any, strides: Any, padding: str,
                     data_format: str | None = None, dilations: Any = None,
                     name: str | None = None) -> Any:  # fmt: skip
    """Return each channel convolved for itself (see `nyala.ops.depthwise_conv`)."""
    return ops.depthwise_conv(
        input,
        filter,
        _spatial(strides, 2, data_format),
        padding.lower(),
        _format(data_format),
        _spatial(dilations, 2, data_format),
    )


def separable_conv2d(input: Any, depthwise_filter: Any, pointwise_filter: Any, strides: Any,
                     padding: str, data_format: str | None = None, dilations: Any = None,
                     name: str | None = None) -> Any:  # fmt: skip
    """Return a depthwise convolution followed by one of 1×1 (see `nyala.ops.separable_conv`)."""
    return ops.separable_conv(
        input,
        depthwise_filter,
        pointwise_filter,
        _spatial(strides, 2, data_format),
        padding.lower(),
        _format(data_format),
        _spatial(dilations, 2, data_format),
    )


def _pooling(name: str, pool: Any, rank: int, what: str) -> Any:
    def pooled(input: Any, ksize: Any, strides: Any, padding: str, data_format: str | None = None,
               name: str | None = None) -> Any:  # fmt: skip
        return pool(
            input,
            _spatial(ksize, rank, data_format),
            _spatial(strides, rank, data_format),
            padding.lower(),
            _format(data_format),
        )

    pooled.__name__ = pooled.__qualname__ = name
    pooled.__doc__ = (
        f"Return the {what} of windows along {rank} axes (see `nyala.ops.{pool.__name__}`)."
    )
    return pooled


max_pool1d = _pooling("max_pool1d", ops.max_pool, 1, "greatest elements")
max_pool2d = _pooling("max_pool2d", ops.max_pool, 2, "greatest elements")
max_pool3d = _pooling("max_pool3d", ops.max_pool, 3, "greatest elements")
avg_pool1d = _pooling("avg_pool1d", ops.average_pool, 1, "means")
avg_pool2d = _pooling("avg_pool2d", ops.average_pool, 2, "means")
avg_pool3d = _pooling("avg_pool3d", ops.average_pool, 3, "means")
max_pool, avg_pool = max_pool2d, avg_pool2d

__all__ = [
    "avg_pool", "avg_pool1d", "avg_pool2d", "avg_pool3d", "conv1d", "conv2d", "conv2d_transpose",
    "conv3d", "convolution", "depthwise_conv2d", "max_pool", "max_pool1d", "max_pool2d",
    "max_pool3d", "separable_conv2d",
]  # fmt: skip
