"""Single images: from files to arrays and back, through Pillow images."""

from __future__ import annotations

import os
import pathlib
import warnings
from typing import Any

import numpy as np

from nyala.core import atomic_file, did_you_mean, floatx, standardize_data_format
from nyala.data.images import open_image

_RESAMPLING = ("nearest", "bilinear", "bicubic", "hamming", "box", "lanczos")
_COLOR_MODES = ("grayscale", "rgb", "rgba")


def load_img(path: Any, color_mode: str = "rgb", target_size: Any = None,
             interpolation: str = "nearest", keep_aspect_ratio: bool = False) -> Any:  # fmt: skip
    """Return the image in a file, as a Pillow image.

    Args:
        path: a path, or a file open for reading bytes.
        color_mode: `"rgb"`, `"rgba"` or `"grayscale"` (which leaves grey images of 16 and 32 bits
            as they are).
        target_size: height and width to resize to, in pixels; the image's own if `None`.
        interpolation: `"nearest"`, `"bilinear"`, `"bicubic"`, `"lanczos"`, `"box"` or `"hamming"`:
            Pillow's, which take all pixels into account when they make an image smaller.
        keep_aspect_ratio: whether to cut the largest part with the new proportions out of the
            middle, rather than to stretch.

    Raises:
        FileNotFoundError: there is no such file.
        OSError, ValueError: the file is not an image, or a broken one; the error names it.

    >>> import nyala, numpy as np, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "grey.png"
    >>> nyala.utils.save_img(path, np.zeros((4, 6, 1)))
    >>> nyala.utils.load_img(path, target_size=(2, 3)).size
    (3, 2)
    """
    _check("load_img(color_mode=...)", color_mode, _COLOR_MODES)
    source = os.fsdecode(path) if isinstance(path, bytes) else path
    if not isinstance(source, (str, os.PathLike)) and not hasattr(source, "read"):
        raise TypeError(f"load_img expects a path or an open file; got {type(path).__name__}.")
    image = _in_color_mode(open_image(source), color_mode)
    if target_size is None or image.size == (target_size[1], target_size[0]):
        return image
    _check("load_img(interpolation=...)", interpolation, _RESAMPLING)
    return _resized(image, target_size, interpolation, keep_aspect_ratio)


def _in_color_mode(image: Any, color_mode: str) -> Any:
    if color_mode == "grayscale":
        return image if image.mode in ("L", "I;16", "I") else image.convert("L")
    mode = color_mode.upper()
    return image if image.mode == mode else image.convert(mode)


def _resized(image: Any, target_size: Any, interpolation: str, keep_aspect_ratio: bool) -> Any:
    from PIL import Image

    (height, width), method = target_size, Image.Resampling[interpolation.upper()]
    if not keep_aspect_ratio:
        return image.resize((width, height), method)
    kept_width = min(image.width, image.height * width // height)
    kept_height = min(image.height, image.width * height // width)
    left, top = (image.width - kept_width) // 2, (image.height - kept_height) // 2
    return image.resize((width, height), method, (left, top, left + kept_width, top + kept_height))


def img_to_array(img: Any, data_format: str | None = None, dtype: Any = None) -> np.ndarray:
    """Return the pixels of a Pillow image (or of an array of two or three axes).

    Args:
        img: the image.
        data_format: where the axis of channels goes: `"channels_last"` or `"channels_first"`;
            `config.image_data_format()` if `None`.
        dtype: of the result; `config.floatx()` if `None`. Values are not rescaled.

    Returns:
        Array of shape `(height, width, channels)` or `(channels, height, width)`.

    >>> import nyala
    >>> from PIL import Image
    >>> nyala.utils.img_to_array(Image.new("RGB", (3, 2))).shape
    (2, 3, 3)
    """
    data_format = standardize_data_format(data_format)
    pixels = np.asarray(img, dtype=dtype or floatx())
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    if pixels.ndim != 3:
        raise ValueError(f"img_to_array expects an image; got an array of shape {pixels.shape}.")
    return pixels.transpose(2, 0, 1) if data_format == "channels_first" else pixels


def array_to_img(x: Any, data_format: str | None = None, scale: bool = True,
                 dtype: Any = None) -> Any:  # fmt: skip
    """Return an array of pixels as a Pillow image.

    Args:
        x: of shape `(height, width, channels)` with one, three or four channels.
        data_format: whether channels come last or first; `config.image_data_format()` if `None`.
        scale: whether to stretch the values so that the least becomes 0 and the greatest 255; else
            they must lie from 0 to 255.
        dtype: in which to compute; `config.floatx()` if `None`.

    Raises:
        ValueError: `x` has not three axes, or another number of channels.

    >>> import nyala, numpy as np
    >>> image = nyala.utils.array_to_img(np.eye(4)[:, :, None])
    >>> image.mode, image.getpixel((0, 0))
    ('L', 255)
    """
    from PIL import Image

    x = np.asarray(x, dtype=dtype or floatx())
    if x.ndim != 3:
        raise ValueError(f"array_to_img expects one image, with three axes; got shape {x.shape}.")
    if standardize_data_format(data_format) == "channels_first":
        x = x.transpose(1, 2, 0)
    if x.shape[2] not in (1, 3, 4):
        raise ValueError(
            f"array_to_img expects 1, 3 or 4 channels; got {x.shape[2]} (shape {x.shape} with "
            "channels last)."
        )
    if scale and x.size:
        x = x - x.min()
        x = x / (x.max() or 1) * 255
    if x.shape[2] > 1:
        return Image.fromarray(np.ascontiguousarray(x.astype("uint8")))
    wide = x.size and x.max() > 255
    return Image.fromarray(np.ascontiguousarray(x[:, :, 0].astype("int32" if wide else "uint8")))


def save_img(path: Any, x: Any, data_format: str | None = None, file_format: str | None = None,
             scale: bool = True, **kwargs: Any) -> None:  # fmt: skip
    """Write an array of pixels as an image file; it appears whole or not at all.

    Args:
        path: a path, or a file open for writing bytes.
        x, data_format, scale: as in `array_to_img`.
        file_format: such as `"png"`; that of the path's ending if `None`.
        **kwargs: for Pillow's `Image.save`, such as `quality`.

    Raises:
        ValueError: the format is not known.

    >>> import nyala, numpy as np, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "noise.png"
    >>> nyala.utils.save_img(path, np.random.rand(4, 6, 3))
    >>> nyala.utils.load_img(path).size
    (6, 4)
    """
    is_path = isinstance(path, (str, os.PathLike))
    if file_format is None and is_path:
        file_format = pathlib.Path(path).suffix[1:]
    file_format = (file_format or "").lower()
    if not file_format:
        raise ValueError(f"save_img needs file_format, such as 'png': {path!r} does not tell it.")
    file_format = {"jpg": "jpeg", "tif": "tiff"}.get(file_format, file_format)
    image = array_to_img(x, data_format, scale)
    if image.mode == "RGBA" and file_format == "jpeg":
        warnings.warn(
            "save_img: JPEG has no transparency; the fourth channel is left out.", stacklevel=2
        )
        image = image.convert("RGB")
    if not is_path:
        _save(image, path, file_format, kwargs)
        return
    with atomic_file(path) as file:
        _save(image, file, file_format, kwargs)


def _save(image: Any, file: Any, file_format: str, options: dict) -> None:
    try:
        image.save(file, format=file_format, **options)
    except KeyError:
        raise ValueError(f"save_img: Pillow knows no image format {file_format!r}.") from None


def _check(what: str, value: Any, choices: tuple[str, ...]) -> None:
    if value not in choices:
        hint = did_you_mean(str(value), choices)
        raise ValueError(f"{what} expects one of {', '.join(choices)}; got {value!r}.{hint}")
