"""Random changes of single images, drawn from NumPy's global random numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala.preprocessing.image._affine import apply_affine_transform
from nyala.preprocessing.image._colors import apply_brightness_shift, apply_channel_shift


def random_rotation(x: np.ndarray, rg: float, row_axis: int = 1, col_axis: int = 2,
                    channel_axis: int = 0, fill_mode: str = "nearest", cval: float = 0.0,
                    interpolation_order: int = 1) -> np.ndarray:  # fmt: skip
    """Return an image rotated by up to `rg` degrees to either side.

    The other arguments are those of `apply_affine_transform`.

    >>> import nyala, numpy as np
    >>> nyala.preprocessing.image.random_rotation(np.ones((3, 8, 8)), 20).shape
    (3, 8, 8)
    """
    return apply_affine_transform(
        x, theta=np.random.uniform(-rg, rg), row_axis=row_axis, col_axis=col_axis,
        channel_axis=channel_axis, fill_mode=fill_mode, cval=cval, order=interpolation_order,
    )  # fmt: skip


def random_shift(x: np.ndarray, wrg: float, hrg: float, row_axis: int = 1, col_axis: int = 2,
                 channel_axis: int = 0, fill_mode: str = "nearest", cval: float = 0.0,
                 interpolation_order: int = 1) -> np.ndarray:  # fmt: skip
    """Return an image shifted by up to the shares `wrg` of its width and `hrg` of its height.

    The other arguments are those of `apply_affine_transform`.

    >>> import nyala, numpy as np
    >>> nyala.preprocessing.image.random_shift(np.ones((3, 8, 8)), 0.2, 0.1).shape
    (3, 8, 8)
    """
    tx = np.random.uniform(-hrg, hrg) * x.shape[row_axis]
    ty = np.random.uniform(-wrg, wrg) * x.shape[col_axis]
    return apply_affine_transform(
        x, tx=tx, ty=ty, row_axis=row_axis, col_axis=col_axis, channel_axis=channel_axis,
        fill_mode=fill_mode, cval=cval, order=interpolation_order,
    )  # fmt: skip


def random_shear(x: np.ndarray, intensity: float, row_axis: int = 1, col_axis: int = 2,
                 channel_axis: int = 0, fill_mode: str = "nearest", cval: float = 0.0,
                 interpolation_order: int = 1) -> np.ndarray:  # fmt: skip
    """Return an image sheared by up to `intensity` degrees to either side.

    The other arguments are those of `apply_affine_transform`.

    >>> import nyala, numpy as np
    >>> nyala.preprocessing.image.random_shear(np.ones((3, 8, 8)), 10).shape
    (3, 8, 8)
    """
    return apply_affine_transform(
        x, shear=np.random.uniform(-intensity, intensity), row_axis=row_axis, col_axis=col_axis,
        channel_axis=channel_axis, fill_mode=fill_mode, cval=cval, order=interpolation_order,
    )  # fmt: skip


def random_zoom(x: np.ndarray, zoom_range: Any, row_axis: int = 1, col_axis: int = 2,
                channel_axis: int = 0, fill_mode: str = "nearest", cval: float = 0.0,
                interpolation_order: int = 1) -> np.ndarray:  # fmt: skip
    """Return an image zoomed, along each side by a factor between the two of `zoom_range`.

    The other arguments are those of `apply_affine_transform`.

    >>> import nyala, numpy as np
    >>> nyala.preprocessing.image.random_zoom(np.ones((3, 8, 8)), (0.8, 1.2)).shape
    (3, 8, 8)
    """
    low, high = _two("zoom_range", zoom_range)
    zx, zy = (1, 1) if low == high == 1 else np.random.uniform(low, high, 2)
    return apply_affine_transform(
        x, zx=zx, zy=zy, row_axis=row_axis, col_axis=col_axis, channel_axis=channel_axis,
        fill_mode=fill_mode, cval=cval, order=interpolation_order,
    )  # fmt: skip


def random_channel_shift(x: Any, intensity_range: float, channel_axis: int = 0) -> np.ndarray:
    """Return an image with up to `intensity_range` added to or taken from its values.

    >>> import nyala, numpy as np
    >>> nyala.preprocessing.image.random_channel_shift(np.eye(4)[None], 0.5).shape
    (1, 4, 4)
    """
    return apply_channel_shift(x, np.random.uniform(-intensity_range, intensity_range))


def random_brightness(x: Any, brightness_range: Any, scale: bool = True) -> np.ndarray:
    """Return an image whose brightness changes by a factor between the two of a range.

    Args:
        x: of shape `(height, width, channels)`.
        brightness_range: the least and the greatest factor.
        scale: as in `apply_brightness_shift`.

    >>> import nyala, numpy as np
    >>> nyala.preprocessing.image.random_brightness(np.ones((8, 8, 3)), (0.5, 1.5)).shape
    (8, 8, 3)
    """
    low, high = _two("brightness_range", brightness_range)
    return apply_brightness_shift(x, np.random.uniform(low, high), scale)


def _two(what: str, value: Any) -> Any:
    if len(value) != 2:
        raise ValueError(f"{what} must be two numbers; got {value!r}.")
    return value
