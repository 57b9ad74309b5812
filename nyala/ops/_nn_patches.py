"""Sliding windows of images, and blocks of pixels turned into channels."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from nyala.eager import Array, op


def windows_along(x: Array, axis: int, size: int, stride: int, dilation: int = 1) -> Array:
    """Return `x` with `axis` replaced by two: the places of a window, and its `size` elements."""
    extent = (size - 1) * dilation + 1
    count = (x.shape[axis] - extent) // stride + 1
    if count < 1:
        raise ValueError(
            f"a window that reaches over {extent} elements does not fit into the length "
            f"{x.shape[axis]} of axis {axis}."
        )
    if stride == size and dilation == 1:
        whole = jax.lax.slice_in_dim(x, 0, count * size, axis=axis)
        return whole.reshape(*x.shape[:axis], count, size, *x.shape[axis + 1 :])
    index = np.arange(count)[:, None] * stride + np.arange(size) * dilation
    return jnp.take(x, index, axis=axis)


@op
def unfold(
    x: Array,
    kernel_size: int | Sequence[int],
    dilation: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    stride: int | Sequence[int] = 1,
) -> Array:
    """Sliding windows of images as columns.

    Args:
        x: array of shape `(batch, channels, height, width)`.
        kernel_size: height and width of the window.
        dilation: distances between its elements.
        padding: zeros added on both sides.
        stride: its steps.

    Returns:
        A tensor of shape `(batch, channels · kernel height · kernel width, places)`.

    >>> import nyala
    >>> nyala.ops.unfold(nyala.ops.ones((1, 2, 4, 4)), 2, stride=2).shape
    (1, 8, 4)
    """
    if x.ndim != 4:
        raise ValueError(f"expected the axes (batch, channels, height, width); got {x.shape}.")
    (p, q), (k, m), (s, t), (d, e) = map(_pair, (padding, kernel_size, stride, dilation))
    padded = jnp.pad(x, ((0, 0), (0, 0), (p, p), (q, q)))
    rows = windows_along(padded, 2, k, s, d)
    both = windows_along(rows, 4, m, t, e)
    # (batch, channels, places, kernel, places, kernel) to (batch, channels · kernel, places).
    columns = jnp.transpose(both, (0, 1, 3, 5, 2, 4))
    return columns.reshape(x.shape[0], x.shape[1] * k * m, -1)


@op
def fold(
    x: Array,
    output_size: int | Sequence[int],
    kernel_size: int | Sequence[int],
    dilation: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    stride: int | Sequence[int] = 1,
) -> Array:
    """Adds columns up into images: the transpose of `unfold`, of which windows may overlap.

    Args:
        x: array of shape `(batch, channels · kernel height · kernel width, places)`.
        output_size: height and width of the images.
        kernel_size: height and width of the window.
        dilation: distances between its elements.
        padding: how many elements on each side of the images are left out.
        stride: its steps.

    Returns:
        A tensor of shape `(batch, channels, *output_size)`.

    >>> import nyala
    >>> nyala.ops.fold(nyala.ops.ones((1, 8, 4)), 4, 2, stride=2).shape
    (1, 2, 4, 4)
    """
    if x.ndim != 3:
        raise ValueError(f"expected the axes (batch, channels · kernel, places); got {x.shape}.")
    window = np.prod(_pair(kernel_size))
    image = jax.ShapeDtypeStruct(
        (x.shape[0], int(x.shape[1] // window), *_pair(output_size)), x.dtype
    )

    def columns_of(images):
        return unfold.pure(images, kernel_size, dilation, padding, stride)

    return jax.linear_transpose(columns_of, image)(x)[0]


def _pair(value: int | Sequence[int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else tuple(value)


@op
def depth_to_space(x: Array, block_size: int, data_format: str = "channels_last") -> Array:
    """Spreads channels over blocks of pixels, also called pixel shuffle.

    Args:
        x: array of shape `(batch, height, width, channels)`, or channels first.
        block_size: the side of a block.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        A tensor of shape `(batch, height · block, width · block, channels / block²)`, or channels
        first.

    >>> import nyala
    >>> nyala.ops.depth_to_space(nyala.ops.ones((1, 2, 2, 8)), 2).shape
    (1, 4, 4, 2)
    """
    b = _checked_block(x, block_size)
    if data_format == "channels_last":
        n, h, w, c = x.shape
        blocks = x.reshape(n, h, w, b, b, c // b**2).transpose(0, 1, 3, 2, 4, 5)
        return blocks.reshape(n, h * b, w * b, c // b**2)
    n, c, h, w = x.shape
    blocks = x.reshape(n, c // b**2, b, b, h, w).transpose(0, 1, 4, 2, 5, 3)
    return blocks.reshape(n, c // b**2, h * b, w * b)


@op
def space_to_depth(x: Array, block_size: int, data_format: str = "channels_last") -> Array:
    """Gathers blocks of pixels into channels, also called pixel unshuffle.

    Args:
        x: array of shape `(batch, height, width, channels)`, or channels first; `block_size`
            divides height and width.
        block_size: the side of a block.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        A tensor of shape `(batch, height / block, width / block, channels · block²)`, or channels
        first.

    >>> import nyala
    >>> nyala.ops.space_to_depth(nyala.ops.ones((1, 4, 4, 2)), 2).shape
    (1, 2, 2, 8)
    """
    b = _checked_block(x, block_size)
    if data_format == "channels_last":
        n, h, w, c = x.shape
        blocks = x.reshape(n, h // b, b, w // b, b, c).transpose(0, 1, 3, 2, 4, 5)
        return blocks.reshape(n, h // b, w // b, c * b**2)
    n, c, h, w = x.shape
    blocks = x.reshape(n, c, h // b, b, w // b, b).transpose(0, 1, 3, 5, 2, 4)
    return blocks.reshape(n, c * b**2, h // b, w // b)


def _checked_block(x: Array, block_size: int) -> int:
    if x.ndim != 4 or block_size < 1:
        raise ValueError(
            f"expected images with four axes and a positive block_size; got the shape {x.shape} "
            f"and {block_size}."
        )
    return block_size
