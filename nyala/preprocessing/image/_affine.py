"""Rotating, shifting, shearing and zooming an image in one resampling."""

from __future__ import annotations

from typing import Any

import numpy as np


def apply_affine_transform(x: np.ndarray, theta: float = 0, tx: float = 0, ty: float = 0,
                           shear: float = 0, zx: float = 1, zy: float = 1, row_axis: int = 1,
                           col_axis: int = 2, channel_axis: int = 0, fill_mode: str = "nearest",
                           cval: float = 0.0, order: int = 1) -> np.ndarray:  # fmt: skip
    """Return an image rotated, shifted, sheared and zoomed around its middle.

    Args:
        x: of three axes.
        theta: the rotation in degrees.
        tx, ty: the shifts along rows and columns, in pixels.
        shear: the angle of the shear in degrees.
        zx, zy: the zoom along rows and columns; below 1 enlarges.
        row_axis, col_axis, channel_axis: which axis is which; channels come first or last.
        fill_mode: what lies outside of the image: `"nearest"`, `"constant"` (`cval`), `"reflect"`
            or `"wrap"`.
        cval: the value outside, for `"constant"`.
        order: of the spline that interpolates, 0 to 5.

    Raises:
        ValueError: `x` has not three axes, or they are named wrongly.

    >>> import nyala, numpy as np
    >>> image = np.arange(4.0).reshape(2, 2, 1)
    >>> turned = nyala.preprocessing.image.apply_affine_transform(
    ...     image, theta=90, row_axis=0, col_axis=1, channel_axis=2)
    >>> turned[:, :, 0].round(3)
    array([[1., 3.],
           [0., 2.]])
    """
    if x.ndim != 3:
        raise ValueError(f"apply_affine_transform expects an image of three axes; got {x.shape}.")
    if sorted((row_axis, col_axis, channel_axis)) != [0, 1, 2] or channel_axis == 1:
        raise ValueError(
            "row_axis, col_axis and channel_axis must be 0, 1 and 2 in some order, with channels "
            f"first or last; got {row_axis}, {col_axis} and {channel_axis}."
        )
    matrix = _composed(theta, tx, ty, shear, zx, zy)
    if matrix is None:
        return x
    matrix = _around_middle(matrix, x.shape[row_axis], x.shape[col_axis])
    if col_axis > row_axis:
        matrix = matrix[[1, 0, 2]][:, [1, 0, 2]]
    return _resampled(x, matrix, channel_axis, order=order, mode=fill_mode, cval=cval)


def _composed(theta: float, tx: float, ty: float, shear: float, zx: float,
              zy: float) -> np.ndarray | None:  # fmt: skip
    """Return the product of the transforms that change something, `None` where none does."""
    factors = []
    if theta != 0:
        sine, cosine = np.sin(np.deg2rad(theta)), np.cos(np.deg2rad(theta))
        factors.append([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])
    if tx != 0 or ty != 0:
        factors.append([[1, 0, tx], [0, 1, ty], [0, 0, 1]])
    if shear != 0:
        sine, cosine = np.sin(np.deg2rad(shear)), np.cos(np.deg2rad(shear))
        factors.append([[1, -sine, 0], [0, cosine, 0], [0, 0, 1]])
    if zx != 1 or zy != 1:
        factors.append([[zx, 0, 0], [0, zy, 0], [0, 0, 1]])
    if not factors:
        return None
    matrix = np.array(factors[0], float)
    for factor in factors[1:]:
        matrix = matrix @ np.array(factor, float)
    return matrix


def _around_middle(matrix: np.ndarray, height: int, width: int) -> np.ndarray:
    row, column = height / 2 - 0.5, width / 2 - 0.5
    there = np.array([[1, 0, row], [0, 1, column], [0, 0, 1]])
    back = np.array([[1, 0, -row], [0, 1, -column], [0, 0, 1]])
    return there @ matrix @ back


def _resampled(x: np.ndarray, matrix: np.ndarray, channel_axis: int, **options: Any) -> np.ndarray:
    from scipy import ndimage  # comes with jax; here, because most users never need it

    channels = [
        ndimage.affine_transform(channel, matrix[:2, :2], matrix[:2, 2], **options)
        for channel in np.moveaxis(x, channel_axis, 0)
    ]
    return np.stack(channels, axis=channel_axis)
