"""What all operations on images share: one image or a batch, channels last or first."""

from __future__ import annotations

from collections.abc import Callable

import jax.numpy as jnp

from nyala.core import did_you_mean, standardize_data_format
from nyala.eager import Array


def check_rank(images: Array) -> Array:
    """Return an array that is one image (three axes) or a batch (four)."""
    images = jnp.asarray(images)
    if images.ndim not in (3, 4):
        raise ValueError(
            "expected one image (three axes) or a batch of them (four axes); got the shape "
            f"{images.shape}."
        )
    return images


def channel_axis(data_format: str | None) -> int:
    """Return the axis of the channels, counted from the end."""
    return -1 if standardize_data_format(data_format) == "channels_last" else -3


def spatial_axes(data_format: str | None) -> tuple[int, int]:
    """Return the axes of height and width, counted from the end."""
    return (-3, -2) if standardize_data_format(data_format) == "channels_last" else (-2, -1)


def as_batch(images: Array, data_format: str | None) -> tuple[Array, Callable[[Array], Array]]:
    """Return images as `(batch, height, width, channels)`, and how to undo that."""
    images = check_rank(images)
    single = images.ndim == 3
    first = standardize_data_format(data_format) == "channels_first"
    batch = images[None] if single else images
    batch = jnp.moveaxis(batch, 1, -1) if first else batch

    def undo(result: Array) -> Array:
        result = jnp.moveaxis(result, -1, 1) if first else result
        return result[0] if single else result

    return batch, undo


def check_choice(argument: str, value: object, options: tuple) -> None:
    """Raise a `ValueError` that names the options unless `value` is one."""
    if value not in options:
        raise ValueError(
            f"{argument} expects one of {', '.join(map(repr, options))}; got {value!r}."
            f"{did_you_mean(value, map(str, options))}"
        )
