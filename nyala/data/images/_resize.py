"""Resizing one image of any size, natively or in NumPy: no new size has to be compiled."""

from __future__ import annotations

import numpy as np

from nyala.data.images._fit import plan_fit
from nyala.data.images._taps import Taps, make_taps
from nyala.kernels import resize_image


def resize_into(pixels: np.ndarray, out: np.ndarray, interpolation: str = "bilinear",
                how: str = "stretch") -> None:  # fmt: skip
    """Write an image, resized, into a frame.

    Args:
        pixels: of shape `(height, width, channels)`; channels beyond those of `out` are left out.
        out: the frame, of shape `(height, width, channels)`, float32 or the dtype of `pixels`.
        interpolation: one of `INTERPOLATIONS`.
        how: `"stretch"`, `"crop"` or `"pad"`; see `plan_fit`.
    """
    fit = plan_fit(pixels.shape[:2], out.shape[:2], how)
    if how == "pad":
        out[...] = 0
    _resize(pixels[fit.crop], out[fit.place], interpolation)


def _resize(pixels: np.ndarray, out: np.ndarray, interpolation: str) -> None:
    rows = make_taps(interpolation, pixels.shape[0], out.shape[0])
    columns = make_taps(interpolation, pixels.shape[1], out.shape[1])
    if pixels.dtype == np.uint8 and resize_image(pixels, rows, columns, out):
        return
    pixels = pixels[..., : out.shape[-1]]
    if interpolation == "nearest":
        out[...] = pixels[rows.index, columns.index[:, 0]]
        return
    # The axis that loses most pixels goes first: the other then has fewer to go through.
    if out.shape[0] * pixels.shape[1] <= pixels.shape[0] * out.shape[1]:
        out[...] = _along(_along(pixels, rows, 0), columns, 1)
    else:
        out[...] = _along(_along(pixels, columns, 1), rows, 0)


def _along(pixels: np.ndarray, taps: Taps, axis: int) -> np.ndarray:
    """Return the pixels with one axis resized, in float32."""
    weights = taps.weight[:, :, None] if axis else taps.weight[:, :, None, None]
    total = None
    for tap in range(taps.index.shape[1]):
        # Widened at once: a product of mixed types takes NumPy twice as long.
        part = np.take(pixels, taps.index[:, tap], axis).astype(np.float32)
        part *= weights[:, tap]
        total = part if total is None else np.add(total, part, out=total)
    return total
