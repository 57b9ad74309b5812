"""Image files as arrays of pixels: the one decoder of nyala.

Pillow reads them: JPEG, PNG, BMP, GIF (the first frame), PPM, WebP and TIFF, and no other format,
whatever a file calls itself. It releases Python's lock while it decodes, so that several threads
decode at once.
"""

from __future__ import annotations

import contextlib
import io
import os
from typing import Any

import numpy as np

from nyala.data.images._pillow_memory import view_of

FORMATS = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
"""The endings of the files that can be read."""

_READERS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
_WIDE_GREY = ("I;16", "I;16L", "I;16B", "I;16N")


class BrokenImageError(OSError, ValueError):
    """A file is not an image that can be read, or not a whole one."""


def open_image(source: Any, name: str | None = None) -> Any:
    """Return a Pillow image, decoded.

    Args:
        source: a path, bytes, or a file open for reading.
        name: what errors call it; the path by default.

    Raises:
        FileNotFoundError: there is no such file.
        BrokenImageError: it cannot be read, or declares more pixels than Pillow's limit against
            decompression bombs (`PIL.Image.MAX_IMAGE_PIXELS`, twice).
    """
    from PIL import Image, UnidentifiedImageError

    name = name or _name_of(source)
    data = _bytes_of(source)
    try:
        image = Image.open(io.BytesIO(data), formats=_READERS)
        image.load()
    except UnidentifiedImageError:
        raise BrokenImageError(
            f"{name} is not an image in one of the formats {', '.join(_READERS)}: {len(data)} "
            f"bytes that begin with {bytes(data[:8])!r}."
        ) from None
    except Image.DecompressionBombError as error:
        raise BrokenImageError(
            f"{name} declares more pixels than an image of {len(data)} bytes should have: {error} "
            "Raise PIL.Image.MAX_IMAGE_PIXELS if you trust the file."
        ) from None
    except (OSError, ValueError, SyntaxError, EOFError, IndexError) as error:
        # What Pillow's readers raise where a file contradicts itself or ends too early.
        raise BrokenImageError(f"{name} is a broken image: {error}.") from None
    return image


def decode(source: Any, channels: int | None = None, name: str | None = None) -> np.ndarray:
    """Return the pixels of an image file.

    Args:
        source: a path, bytes, or a file open for reading.
        channels: 1 (grey), 3 (red, green, blue) or 4 (and alpha); `None` takes the file's own.
        name: what errors call it.

    Returns:
        uint8 of shape `(height, width, at least channels)`: the first `channels` ones count. It
        may be a view of Pillow's memory, read-only.
    """
    return pixels_of(open_image(source, name), channels)


def pixels_of(image: Any, channels: int | None = None) -> np.ndarray:
    """Return the pixels of a Pillow image, as `decode` does."""
    image = converted(image, channels)
    pixels = view_of(image)
    if channels is None and pixels.ndim == 3:
        pixels = pixels[..., : len(image.getbands())]
    return pixels if pixels.ndim == 3 else pixels[..., None]


def converted(image: Any, channels: int | None) -> Any:
    """Return a Pillow image of one, three or four bytes a pixel."""
    from PIL import Image

    if image.mode in _WIDE_GREY or image.mode in ("I", "F"):
        image = Image.fromarray(_as_bytes(np.asarray(image), image.mode))
    if channels is None:
        if image.mode in _MODES.values():
            return image
        channels = 4 if "transparency" in image.info or image.mode in ("LA", "PA", "La") else 3
        channels = 1 if image.mode == "1" else channels
    if image.mode == _MODES[channels]:
        return image
    if image.mode == "P" and isinstance(image.info.get("transparency"), bytes):
        # Pillow wants a palette with transparent colors to be resolved first.
        image = image.convert("RGBA")
    return image if image.mode == _MODES[channels] else image.convert(_MODES[channels])


def _as_bytes(grey: np.ndarray, mode: str) -> np.ndarray:
    """Return grey values of 16 bits, or in a float's own range, as 8 bits."""
    if mode in _WIDE_GREY:
        return (grey >> 8).astype(np.uint8)
    with np.errstate(invalid="ignore"):
        return np.clip(np.nan_to_num(grey), 0, 255).astype(np.uint8)


def _name_of(source: Any) -> str:
    if isinstance(source, (str, os.PathLike)):
        return os.fspath(source)
    return getattr(source, "name", None) or "The image"


def _bytes_of(source: Any) -> bytes:
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source)
    if isinstance(source, (str, os.PathLike)):
        with open(source, "rb") as file:
            return file.read()
    with contextlib.suppress(OSError, AttributeError):
        source.seek(0)
    return source.read()
