"""Patches of images and volumes as vectors."""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp

from nyala.core import standardize_data_format
from nyala.eager import Array, op
from nyala.ops._image_layout import check_choice
from nyala.ops._nn_patches import windows_along


@op
def extract_patches(
    images: Array,
    size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    dilation_rate: int | Sequence[int] = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Array:
    """Cuts images into patches, each flattened into the channels.

    Args:
        images: array of shape `(height, width, channels)` or with a batch axis in front, or
            channels first; with three entries in `size`, volumes as in `extract_patches_3d`.
        size: the patches' height and width.
        strides: the steps between patches; `size` by default.
        dilation_rate: distances between the pixels of a patch.
        padding: `"valid"` or `"same"` (zeros around the images).
        data_format: `"channels_last"`, `"channels_first"`, or `None` for the configured one.

    Returns:
        A tensor of shape `(rows of patches, columns, patch height · patch width · channels)` or
        with the batch axis, or channels first.

    >>> import nyala
    >>> nyala.ops.image.extract_patches(nyala.ops.ones((2, 8, 8, 3)), 4).shape
    (2, 2, 2, 48)
    """
    rank = 2 if isinstance(size, int) else len(size)
    if rank not in (2, 3):
        raise ValueError(f"size expects an integer, or two or three of them; got {size!r}.")
    return _patches(images, rank, size, strides, dilation_rate, padding, data_format)


@op
def extract_patches_3d(
    volumes: Array,
    size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    dilation_rate: int | Sequence[int] = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Array:
    """Cuts volumes into blocks, each flattened into the channels.

    Args:
        volumes: array of shape `(depth, height, width, channels)` or with a batch axis in front, or
            channels first.
        size: the blocks' depth, height and width.
        strides: the steps between blocks; `size` by default.
        dilation_rate: distances between the elements of a block.
        padding: `"valid"` or `"same"` (zeros around the volumes).
        data_format: `"channels_last"`, `"channels_first"`, or `None` for the configured one.

    Returns:
        A tensor of shape `(*places, elements of a block · channels)` or with the batch axis, or
        channels first.

    >>> import nyala
    >>> nyala.ops.image.extract_patches_3d(nyala.ops.ones((4, 4, 4, 3)), 2).shape
    (2, 2, 2, 24)
    """
    return _patches(volumes, 3, size, strides, dilation_rate, padding, data_format)


def _patches(x, rank, size, strides, dilation_rate, padding, data_format):
    """Return patches of the `rank` spatial axes."""
    check_choice("padding", padding.lower(), ("valid", "same"))
    size = _per_axis("size", size, rank)
    strides = _per_axis("strides", strides or size, rank)
    dilation = _per_axis("dilation_rate", dilation_rate, rank)
    x = jnp.asarray(x)
    if x.ndim not in (rank + 1, rank + 2):
        raise ValueError(f"expected {rank + 1} or {rank + 2} axes; got the shape {x.shape}.")
    first = standardize_data_format(data_format) == "channels_first"
    single = x.ndim == rank + 1
    x = x[None] if single else x
    x = jnp.moveaxis(x, 1, -1) if first else x
    if padding.lower() == "same":
        x = _padded(x, size, strides, dilation)
    for i in range(rank):
        # The axes of the windows already made lie between: each spatial axis has become two.
        x = windows_along(x, 1 + 2 * i, size[i], strides[i], dilation[i])
    places, inside = range(1, 2 * rank, 2), range(2, 2 * rank + 1, 2)
    x = jnp.transpose(x, (0, *places, *inside, 2 * rank + 1))
    x = x.reshape(*x.shape[: rank + 1], -1)
    x = jnp.moveaxis(x, -1, 1) if first else x
    return x[0] if single else x


def _padded(x: Array, size: tuple, strides: tuple, dilation: tuple) -> Array:
    widths = [(0, 0)]
    for length, n, stride, step in zip(x.shape[1:-1], size, strides, dilation, strict=True):
        total = max((-(-length // stride) - 1) * stride + (n - 1) * step + 1 - length, 0)
        widths.append((total // 2, total - total // 2))
    return jnp.pad(x, [*widths, (0, 0)])


def _per_axis(name: str, value: int | Sequence[int], rank: int) -> tuple[int, ...]:
    values = (value,) * rank if isinstance(value, int) else tuple(value)
    if len(values) != rank or min(values) < 1:
        raise ValueError(
            f"{name} expects a positive integer or {rank} of them, one per spatial axis; got "
            f"{value!r}."
        )
    return values
