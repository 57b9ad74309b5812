"""`load_image_into`: from a file to resized pixels."""

from __future__ import annotations

import numpy as np

from nyala.data.images._decode import decode
from nyala.data.images._fit import plan_fit
from nyala.data.images._resize import resize_into
from nyala.data.images._taps import make_taps
from nyala.kernels import jpeg_shape, resize_jpeg

_JPEG = b"\xff\xd8"


def load_image_into(path: str, out: np.ndarray, interpolation: str = "bilinear",
                    how: str = "stretch") -> None:  # fmt: skip
    """Write the image in a file, resized, into a frame.

    Args:
        path: of the file.
        out: the frame, of shape `(height, width, channels)`.
        interpolation, how: as in `resize_into`.

    Raises:
        FileNotFoundError: there is no such file.
        BrokenImageError: it cannot be read.
    """
    with open(path, "rb") as file:
        data = file.read()
    if data.startswith(_JPEG) and _load_jpeg(data, out, interpolation, how):
        return
    resize_into(decode(data, out.shape[-1], path), out, interpolation, how)


def _load_jpeg(data: bytes, out: np.ndarray, interpolation: str, how: str) -> bool:
    """Decode and resize in one go, without the image between; whether that was possible."""
    shape = jpeg_shape(data)
    if shape is None or shape[2] > out.shape[-1] or _is_suspiciously_large(shape):
        return False
    fit = plan_fit(shape[:2], out.shape[:2], how)
    place = out[fit.place]
    rows, columns = (
        make_taps(interpolation, used.stop - used.start, size).moved(used.start)
        for used, size in zip(fit.crop, place.shape[:2], strict=True)
    )
    if how == "pad":
        out[...] = 0
    return resize_jpeg(data, shape, rows, columns, place)


def _is_suspiciously_large(shape: tuple[int, int, int]) -> bool:
    """Whether Pillow, which has a limit that users set, shall judge the file."""
    from PIL import Image

    limit = Image.MAX_IMAGE_PIXELS
    return limit is not None and shape[0] * shape[1] > limit
