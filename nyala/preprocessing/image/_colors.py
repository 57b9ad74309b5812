"""Shifting the colors and the brightness of an image."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala.utils import array_to_img, img_to_array


def apply_channel_shift(x: Any, intensity: float, channel_axis: int = 0) -> np.ndarray:
    """Return an image with a number added to its values, which stay in the range that they had.

    Args:
        x: of three axes.
        intensity: the number.
        channel_axis: accepted for Keras' sake: all channels are shifted alike.

    >>> import nyala, numpy as np
    >>> nyala.preprocessing.image.apply_channel_shift(np.array([[[0.0, 2.0, 5.0]]]), 1.0)
    array([[[1., 3., 5.]]])
    """
    x = np.asarray(x)
    return np.clip(x + intensity, x.min(), x.max())


def apply_brightness_shift(x: Any, brightness: float, scale: bool = True) -> np.ndarray:
    """Return an image made brighter or darker.

    Args:
        x: of shape `(height, width, channels)`.
        brightness: 0 makes it black, 1 leaves it.
        scale: whether to stretch the values from 0 to 255 first; where they lie outside of that
            range they always are, and come back to their own when `scale` is off.

    >>> import nyala, numpy as np
    >>> pixels = np.full((1, 1, 3), 100.0)
    >>> nyala.preprocessing.image.apply_brightness_shift(pixels, 0.5, scale=False)
    array([[[50., 50., 50.]]], dtype=float32)
    """
    from PIL import ImageEnhance

    least, greatest = np.min(x), np.max(x)
    outside = least < 0 or greatest > 255
    image = ImageEnhance.Brightness(array_to_img(x, scale=outside or scale)).enhance(brightness)
    pixels = img_to_array(image)
    return pixels / 255 * (greatest - least) + least if outside and not scale else pixels
