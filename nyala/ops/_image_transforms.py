"""Images bent, turned and moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from nyala.eager import Array, draw_seed, op
from nyala.ops._dtypes import as_float
from nyala.ops._image_filters import blurred
from nyala.ops._image_layout import as_batch, check_choice
from nyala.ops._image_sampling import FILL_MODES, INTERPOLATIONS, sample

_METHODS = (
    "linear", "bilinear", "trilinear", "cubic", "bicubic", "tricubic", "lanczos3", "lanczos5",
)  # fmt: skip


@op
def affine_transform(
    images: Array,
    transform: Array,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0,
    data_format: str | None = None,
) -> Array:
    """Moves each pixel by an affine or projective map.

    Args:
        images: array of shape `(height, width, channels)` or with a batch axis in front, or
            channels first.
        transform: eight numbers `[a0, a1, a2, b0, b1, b2, c0, c1]`, or an array of shape
            `(batch, 8)`. The pixel (x, y) of the result is taken from the place
            ((a0 · x + a1 · y + a2) / k, (b0 · x + b1 · y + b2) / k) with k = c0 · x + c1 · y + 1.
        interpolation: `"bilinear"` or `"nearest"`.
        fill_mode: what lies beyond the edges; see `map_coordinates`.
        fill_value: for `"constant"`.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for the configured one.

    Returns:
        A tensor of the shape and dtype of `images`.

    >>> import nyala
    >>> row = nyala.ops.reshape(nyala.ops.arange(4.0), (1, 4, 1))
    >>> one_to_the_left = [1, 0, 1, 0, 1, 0, 0, 0]
    >>> nyala.ops.image.affine_transform(row, one_to_the_left).numpy().ravel()
    array([1., 2., 3., 0.], dtype=float32)
    """
    check_choice("interpolation", interpolation, INTERPOLATIONS)
    check_choice("fill_mode", fill_mode, FILL_MODES)
    images, undo = as_batch(images, data_format)
    transform = as_float(transform)
    if transform.ndim not in (1, 2) or transform.shape[-1] != 8:
        raise ValueError(
            f"transform needs the shape (8,) or (batch, 8); got the shape {transform.shape}."
        )
    y, x = _projected(jnp.atleast_2d(transform), images)
    return undo(sample(images, y, x, interpolation, fill_mode, fill_value))


@op
def perspective_transform(
    images: Array,
    start_points: Array,
    end_points: Array,
    interpolation: str = "bilinear",
    fill_value: float = 0,
    data_format: str | None = None,
) -> Array:
    """Moves four points of an image to four others, and everything else with them.

    Args:
        images: array of shape `(height, width, channels)` or with a batch axis in front, or
            channels first.
        start_points: four points (x, y) of the images: shape `(4, 2)` or `(batch, 4, 2)`.
        end_points: where they are to lie in the result, of the same shape.
        interpolation: `"bilinear"` or `"nearest"`.
        fill_value: what lies beyond the edges.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for the configured one.

    Returns:
        A tensor of the shape and dtype of `images`.

    >>> import nyala
    >>> corners = [[0.0, 0.0], [3.0, 0.0], [0.0, 3.0], [3.0, 3.0]]
    >>> image = nyala.ops.ones((4, 4, 1))
    >>> bool((nyala.ops.image.perspective_transform(image, corners, corners) == image).all())
    True
    """
    check_choice("interpolation", interpolation, INTERPOLATIONS)
    start_points, end_points = (
        jnp.asarray(points).astype("float32") for points in (start_points, end_points)
    )
    shape = start_points.shape
    if shape[-2:] != (4, 2) or len(shape) not in (2, 3) or shape != end_points.shape:
        raise ValueError(
            "start_points and end_points need the same shape, (4, 2) or (batch, 4, 2); got "
            f"{shape} and {end_points.shape}."
        )
    images, undo = as_batch(images, data_format)
    transform = _homography(start_points.reshape(-1, 4, 2), end_points.reshape(-1, 4, 2))
    y, x = _projected(transform, images)
    return undo(sample(images, y, x, interpolation, "constant", fill_value))


def _projected(transform: Array, images: Array) -> tuple[Array, Array]:
    """Return the rows and columns that the pixels of the result come from."""
    batch, height, width, _ = images.shape
    y, x = jnp.meshgrid(
        jnp.arange(height, dtype=transform.dtype),
        jnp.arange(width, dtype=transform.dtype),
        indexing="ij",
    )
    a0, a1, a2, b0, b1, b2, c0, c1 = (transform[:, i, None, None] for i in range(8))
    k = c0 * x + c1 * y + 1.0
    shape = (batch, height, width)
    rows = jnp.broadcast_to((b0 * x + b1 * y + b2) / k, shape)
    return rows, jnp.broadcast_to((a0 * x + a1 * y + a2) / k, shape)


def _homography(start: Array, end: Array) -> Array:
    """Return the eight numbers of the projective map from the end points to the start points."""
    x, y = end[..., 0], end[..., 1]
    zero, one = jnp.zeros_like(x), jnp.ones_like(x)

    def rows(first: list, target: Array) -> Array:
        return jnp.stack([*first, -target * x, -target * y], axis=-1)

    upper = rows([x, y, one, zero, zero, zero], start[..., 0])
    lower = rows([zero, zero, zero, x, y, one], start[..., 1])
    targets = jnp.concatenate([start[..., 0], start[..., 1]], axis=-1)
    return jnp.linalg.solve(jnp.concatenate([upper, lower], axis=1), targets[..., None])[..., 0]


def elastic_transform(
    images: Any,
    alpha: Any = 20.0,
    sigma: float = 5.0,
    interpolation: str = "bilinear",
    fill_mode: str = "reflect",
    fill_value: float = 0.0,
    seed: Any = None,
    data_format: str | None = None,
) -> Any:
    """Moves pixels at random, neighbours alike.

    After Simard et al. 2003, "Best practices for convolutional neural networks applied to visual
    document analysis".

    Args:
        images: array of shape `(height, width, channels)` or with a batch axis in front, or
            channels first.
        alpha: how far pixels move.
        sigma: over how many pixels movements are alike (the deviation of a Gaussian).
        interpolation: `"bilinear"` or `"nearest"`.
        fill_mode: what lies beyond the edges; see `map_coordinates`.
        fill_value: for `"constant"`.
        seed: an integer, a `SeedGenerator`, or `None` for the global one.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for the configured one.

    Returns:
        A tensor of the shape and dtype of `images`.

    >>> import nyala
    >>> nyala.ops.image.elastic_transform(nyala.ops.ones((4, 4, 3)), seed=1).shape
    (4, 4, 3)
    """
    check_choice("interpolation", interpolation, INTERPOLATIONS)
    check_choice("fill_mode", fill_mode, FILL_MODES)
    return _elastic(
        images, draw_seed(seed), alpha, float(sigma), interpolation, fill_mode, fill_value,
        data_format,
    )  # fmt: skip


@op(name="_elastic_transform")
def _elastic(
    images: Array,
    key: Array,
    alpha: Array,
    sigma: float,
    interpolation: str,
    fill_mode: str,
    fill_value: float,
    data_format: str | None,
) -> Array:
    images, undo = as_batch(images, data_format)
    batch, height, width, _ = images.shape
    # Two channels: how far each pixel moves down and right.
    noise = sigma * jax.random.normal(key, (batch, height, width, 2))
    taps = int(6 * sigma) | 1
    shift = alpha * blurred(noise, (taps, taps), (sigma, sigma))
    y = jnp.arange(height)[:, None] + shift[..., 0]
    x = jnp.arange(width) + shift[..., 1]
    return undo(sample(images, y, x, interpolation, fill_mode, fill_value))


@op
def scale_and_translate(
    images: Array,
    output_shape: Sequence[int],
    scale: Array,
    translation: Array,
    spatial_dims: Sequence[int],
    method: str,
    antialias: bool = True,
) -> Array:
    """Scales an array along some axes, then moves it.

    Args:
        images: array of any shape.
        output_shape: the shape of the result.
        scale: a factor for each of `spatial_dims`.
        translation: by how many new pixels it is moved along each of them.
        spatial_dims: the axes.
        method: `"linear"` (also `"bilinear"`, `"trilinear"`), `"cubic"` (also `"bicubic"`,
            `"tricubic"`), `"lanczos3"` or `"lanczos5"`.
        antialias: whether the kernel is widened when the array gets smaller.

    Returns:
        A tensor of `output_shape`; 0 where nothing lies.

    >>> import nyala
    >>> x = nyala.ops.ones((4, 4))
    >>> y = nyala.ops.image.scale_and_translate(
    ...     x, (2, 2), [0.5, 0.5], [0.0, 0.0], (0, 1), "linear")
    >>> y.shape
    (2, 2)
    """
    check_choice("method", method, _METHODS)
    return jax.image.scale_and_translate(
        images,
        output_shape,
        spatial_dims,
        as_float(scale),
        as_float(translation),
        method,
        antialias,
    )
