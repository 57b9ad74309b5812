"""Pooling: the largest or the mean value of windows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import jax.numpy as jnp
import numpy as np

from nyala import kernels
from nyala.core import standardize_data_format
from nyala.eager import Array, op


@op
def max_pool(
    inputs: Array,
    pool_size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Array:
    """Largest value of each window.

    Args:
        inputs: array of shape `(batch, *spatial, channels)`, or channels first.
        pool_size: the window's lengths, one integer or one per spatial axis.
        strides: its steps; `pool_size` by default.
        padding: `"valid"` or `"same"` (windows may reach over the edges).
        data_format: `"channels_last"`, `"channels_first"`, or `None` for the configured one.

    Returns:
        A tensor of shape `(batch, *new spatial, channels)`, or channels first.

    >>> import nyala
    >>> x = nyala.ops.reshape(nyala.ops.arange(4.0), (1, 4, 1))
    >>> nyala.ops.max_pool(x, 2).numpy().ravel()
    array([1., 3.], dtype=float32)
    """
    return kernels.max_pool(
        jnp.asarray(inputs),
        pool_size,
        strides=strides,
        padding=padding,
        data_format=standardize_data_format(data_format),
    )


@op
def average_pool(
    inputs: Array,
    pool_size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Array:
    """Mean of each window; beyond the edges there is nothing to average.

    Args:
        inputs: array of shape `(batch, *spatial, channels)`, or channels first.
        pool_size: the window's lengths, one integer or one per spatial axis.
        strides: its steps; `pool_size` by default.
        padding: `"valid"` or `"same"` (windows may reach over the edges).
        data_format: `"channels_last"`, `"channels_first"`, or `None` for the configured one.

    Returns:
        A tensor of shape `(batch, *new spatial, channels)`, or channels first.

    >>> import nyala
    >>> x = nyala.ops.reshape(nyala.ops.arange(4.0), (1, 4, 1))
    >>> nyala.ops.average_pool(x, 2).numpy().ravel()
    array([0.5, 2.5], dtype=float32)
    """
    return kernels.average_pool(
        jnp.asarray(inputs),
        pool_size,
        strides=strides,
        padding=padding,
        data_format=standardize_data_format(data_format),
    )


@op
def adaptive_max_pool(
    inputs: Array, output_size: int | Sequence[int], data_format: str | None = None
) -> Array:
    """Largest values of windows that are placed so that a given number of them results.

    Args:
        inputs: array of shape `(batch, *spatial, channels)`, or channels first; one to three
            spatial axes.
        output_size: the new spatial lengths, one integer or one per spatial axis.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for the configured one.

    Returns:
        A tensor of shape `(batch, *output_size, channels)`, or channels first.

    >>> import nyala
    >>> x = nyala.ops.reshape(nyala.ops.arange(5.0), (1, 5, 1))
    >>> nyala.ops.adaptive_max_pool(x, 2).numpy().ravel()
    array([2., 4.], dtype=float32)
    """
    return _adaptive(inputs, output_size, data_format, _window_max)


@op
def adaptive_average_pool(
    inputs: Array, output_size: int | Sequence[int], data_format: str | None = None
) -> Array:
    """Means of windows that are placed so that a given number of them results.

    Args:
        inputs: array of shape `(batch, *spatial, channels)`, or channels first; one to three
            spatial axes.
        output_size: the new spatial lengths, one integer or one per spatial axis.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for the configured one.

    Returns:
        A tensor of shape `(batch, *output_size, channels)`, or channels first.

    >>> import nyala
    >>> x = nyala.ops.reshape(nyala.ops.arange(5.0), (1, 5, 1))
    >>> nyala.ops.adaptive_average_pool(x, 2).numpy().ravel()
    array([1., 3.], dtype=float32)
    """
    return _adaptive(inputs, output_size, data_format, _window_mean)


def _adaptive(
    inputs: Array, output_size: int | Sequence[int], data_format: str | None, reduce: Callable
) -> Array:
    inputs = jnp.asarray(inputs)
    rank = inputs.ndim - 2
    sizes = (output_size,) * rank if isinstance(output_size, int) else tuple(output_size)
    if rank not in (1, 2, 3) or len(sizes) != rank:
        raise ValueError(
            f"an input of shape {inputs.shape} has {rank} spatial axes (1 to 3 are possible); "
            f"output_size={output_size!r} must be an integer or have as many entries."
        )
    first = 1 if standardize_data_format(data_format) == "channels_last" else 2
    for axis, size in enumerate(sizes, first):
        inputs = reduce(inputs, axis, size)
    return inputs


def _windows(length: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return where windows begin, and how long each is, so that `count` of them cover an axis.

    Window i reaches from floor(i · length / count) to ceil((i + 1) · length / count).
    """
    starts = np.arange(count) * length // count
    ends = -(-np.arange(1, count + 1) * length // count)
    return starts, ends - starts


def _window_max(x: Array, axis: int, count: int) -> Array:
    starts, lengths = _windows(x.shape[axis], count)
    # A shorter window takes its last element more than once, which does not change its maximum.
    offsets = np.minimum(np.arange(lengths.max()), lengths[:, None] - 1)
    taken = jnp.take(x, jnp.asarray(starts[:, None] + offsets), axis=axis)
    return jnp.max(taken, axis=axis + 1)


def _window_mean(x: Array, axis: int, count: int) -> Array:
    length = x.shape[axis]
    starts, lengths = _windows(length, count)
    position = np.arange(length)
    inside = (position >= starts[:, None]) & (position < (starts + lengths)[:, None])
    weights = jnp.asarray(inside / lengths[:, None], x.dtype)
    # A matrix product: its gradient is one too, where that of gathering would be a scatter.
    means = jnp.matmul(jnp.moveaxis(x, axis, -1), weights.T, precision="highest")
    return jnp.moveaxis(means, -1, axis)
