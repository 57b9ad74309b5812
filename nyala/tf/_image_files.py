"""Pictures as bytes: reading them into tensors and writing tensors as files."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from nyala import ops
from nyala.data.images import open_image, pixels_of
from nyala.tf._text import one_text


def decode_image(contents: Any, channels: int | None = None, dtype: Any = "uint8",
                 name: str | None = None, expand_animations: bool = True) -> Any:  # fmt: skip
    """Return the pixels of a JPEG, PNG, BMP, GIF, WebP or TIFF file.

    Args:
        contents: the file's bytes.
        channels: 1 (grey), 3 (red, green, blue) or 4 (and alpha); 0 or `None` takes the file's own.
        dtype: `"uint8"`, or a float type for values from 0 to 1.
        name: accepted for TensorFlow's sake.
        expand_animations: whether a GIF gives all its frames, in a leading axis.

    Returns:
        A tensor of shape `(height, width, channels)`; with a leading axis for a GIF's frames.

    Raises:
        ValueError: the bytes are not a picture that can be read.

    >>> import nyala
    >>> png = nyala.tf.io.encode_png(nyala.tf.zeros((2, 3, 3), "uint8"))
    >>> nyala.tf.io.decode_image(png).shape
    (2, 3, 3)
    """
    from PIL import ImageSequence

    if channels not in (None, 0, 1, 3, 4):
        raise ValueError(f"tf.io.decode_*: channels expects 0, 1, 3 or 4; got {channels}.")
    image = open_image(_bytes_of(contents), "tf.io.decode_*: the picture")
    if image.format == "GIF" and expand_animations:
        frames = [_pixels(frame, channels or 3) for frame in ImageSequence.Iterator(image)]
        pixels = np.stack(frames)
    else:
        pixels = _pixels(image, channels or None)
    tensor = ops.convert_to_tensor(pixels)
    return tensor if dtype == "uint8" else ops.cast(tensor, dtype) / 255.0


def _bytes_of(contents: Any) -> bytes:
    data = one_text(contents)
    return data.encode("latin-1") if isinstance(data, str) else data


def _pixels(image: Any, channels: int | None) -> np.ndarray:
    # A copy: the tensor outlives Pillow's image.
    return np.array(pixels_of(image, channels)[..., :channels])


def decode_jpeg(contents: Any, channels: int = 0, ratio: int = 1, fancy_upscaling: bool = True,
                try_recover_truncated: bool = False, acceptable_fraction: float = 1.0,
                dct_method: str = "", name: str | None = None) -> Any:  # fmt: skip
    """Return the pixels of a JPEG file (or another picture), uint8 (see `decode_image`)."""
    return decode_image(contents, channels, expand_animations=False)


def decode_png(
    contents: Any, channels: int = 0, dtype: Any = "uint8", name: str | None = None
) -> Any:
    """Return the pixels of a PNG file (or another picture; see `decode_image`)."""
    return decode_image(contents, channels, dtype, expand_animations=False)


def decode_bmp(contents: Any, channels: int = 0, name: str | None = None) -> Any:
    """Return the pixels of a BMP file (see `decode_image`)."""
    return decode_image(contents, channels, expand_animations=False)


def decode_gif(contents: Any, name: str | None = None) -> Any:
    """Return the frames of a GIF file, of shape `(frames, height, width, 3)`."""
    return decode_image(contents, 3)


def encode_png(image: Any, compression: int = -1, name: str | None = None) -> Any:
    """Return the bytes of a PNG file of pixels, uint8 of shape `(height, width, channels)`."""
    options = {} if compression < 0 else {"compress_level": int(compression)}
    return _encoded(image, "PNG", options)


def encode_jpeg(image: Any, format: str = "", quality: int = 95, progressive: bool = False,
                optimize_size: bool = False, chroma_downsampling: bool = True,
                density_unit: str = "in", x_density: int = 300, y_density: int = 300,
                xmp_metadata: str = "", name: str | None = None) -> Any:  # fmt: skip
    """Return the bytes of a JPEG file of pixels, uint8 of shape `(height, width, channels)`."""
    options = {
        "quality": int(quality),
        "progressive": progressive,
        "optimize": optimize_size,
        "subsampling": -1 if chroma_downsampling else 0,
        "dpi": (x_density, y_density),
    }
    return _encoded(image, "JPEG", options)


def _encoded(image: Any, format: str, options: dict) -> Any:
    from PIL import Image

    pixels = np.asarray(image)
    if pixels.dtype != np.uint8:
        raise TypeError(
            f"tf.io.encode_{format.lower()}: expected uint8 pixels; got {pixels.dtype}."
        )
    file = io.BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(
        file, format, **options
    )
    return ops.convert_to_tensor(file.getvalue())
