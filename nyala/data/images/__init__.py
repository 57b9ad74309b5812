"""Images in files: decoding them into pixels, resizing pixels. On the host, without jax."""

from nyala.data.images._decode import FORMATS, BrokenImageError, decode, open_image, pixels_of
from nyala.data.images._fit import Fit, plan_fit
from nyala.data.images._load import load_image_into
from nyala.data.images._resize import resize_into
from nyala.data.images._taps import INTERPOLATIONS, Taps, make_taps

__all__ = [
    "FORMATS",
    "INTERPOLATIONS",
    "BrokenImageError",
    "Fit",
    "Taps",
    "decode",
    "load_image_into",
    "make_taps",
    "open_image",
    "pixels_of",
    "plan_fit",
    "resize_into",
]
