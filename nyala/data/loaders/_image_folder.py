"""`image_dataset_from_directory`: a folder of images as batches."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala.core import did_you_mean, settings
from nyala.data._specs import TensorSpec
from nyala.data._stage import check_count
from nyala.data.images import FORMATS, INTERPOLATIONS, load_image_into
from nyala.data.loaders._folder_dataset import Folder, load_folder

_CHANNELS = {"grayscale": 1, "rgb": 3, "rgba": 4}


class ImageReader:
    """Makes arrays of one shape of image files.

    Args:
        size: height and width.
        channels: 1, 3 or 4.
        interpolation: how pixels are computed.
        how: `"stretch"`, `"crop"` or `"pad"`.
        channels_first: whether the axis of channels leads.
    """

    def __init__(self, size: tuple[int, int], channels: int, interpolation: str, how: str,
                 channels_first: bool):  # fmt: skip
        self.interpolation, self.how, self.channels_first = interpolation, how, channels_first
        shape = (channels, *size) if channels_first else (*size, channels)
        # The one interpolation that makes no new values leaves them bytes, as in Keras.
        self.spec = TensorSpec(shape, "uint8" if interpolation == "nearest" else "float32")

    def read_into(self, path: str, row: np.ndarray) -> None:
        """Write an image, resized, into an array."""
        frame = np.empty((*row.shape[1:], row.shape[0]), row.dtype) if self.channels_first else row
        load_image_into(path, frame, self.interpolation, self.how)
        if self.channels_first:
            row[...] = np.moveaxis(frame, -1, 0)


def image_dataset_from_directory(
    directory: Any, labels: Any = "inferred", label_mode: str | None = "int",
    class_names: Any = None, color_mode: str = "rgb", batch_size: int | None = 32,
    image_size: Any = (256, 256), shuffle: bool = True, seed: int | None = None,
    validation_split: float | None = None, subset: str | None = None,
    interpolation: str = "bilinear", follow_links: bool = False,
    crop_to_aspect_ratio: bool = False, pad_to_aspect_ratio: bool = False,
    data_format: str | None = None, format: str = "tf", verbose: bool = True,
    on_error: str = "raise",
) -> Any:  # fmt: skip
    """Return a dataset of the images in a directory.

    Files end in `.jpg`, `.jpeg`, `.png`, `.bmp`, `.gif` (the first frame), `.webp`, `.tif` or
    `.tiff`. They are decoded and resized while they are read, by several threads.

    Args:
        directory: with `labels="inferred"`, a folder that holds a folder of images for each class.
        labels: `"inferred"` from the folders; `None` for images alone; or a list of integers, one
            for each file in the order of the sorted paths.
        label_mode: `"int"` for integers, `"categorical"` for one-hot rows, `"binary"` for 0.0 or
            1.0 in shape `(1,)`, `None` for images alone.
        class_names: the folders to use, in the order of their labels; all by name if `None`.
        color_mode: `"rgb"`, `"rgba"` or `"grayscale"`: three, four or one channel.
        batch_size: images of a batch; `None` for single images.
        image_size: height and width to which images are resized, in pixels.
        shuffle: whether files are in random order, another one in each iteration; else by name.
        seed: of the orders and of the split.
        validation_split: the fraction of the files that is kept for validation.
        subset: `"training"`, `"validation"`, or `"both"` for a list of the two.
        interpolation: `"bilinear"`, `"nearest"` (which leaves values uint8), `"bicubic"`, `"area"`,
            `"lanczos3"`, `"lanczos5"`, `"gaussian"` or `"mitchellcubic"`.
        follow_links: whether folders that are links are entered.
        crop_to_aspect_ratio: whether to cut off what does not fit the proportions of `image_size`,
            rather than to stretch.
        pad_to_aspect_ratio: whether to fill up with zeros instead.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` if
            `None`.
        format: accepted for Keras' sake (`"tf"` or `"grain"`): there is one kind of dataset.
        verbose: whether to say how many files were found.
        on_error: what becomes of a broken image: `"raise"` stops with an error that names the
            file; `"skip"` passes it over and notes it in the dataset's `skipped_files`.

    Returns:
        A `Dataset` of float32 images of shape `(batch, height, width, channels)` with values from 0
        to 255, or of pairs of these and labels. It has the attributes `class_names`, `file_paths`
        and `skipped_files`.

    Raises:
        FileNotFoundError: there is no such directory.
        ValueError: it holds no image; arguments that do not fit together.

    >>> import nyala, numpy as np, pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> for name in ("cat", "dog"):
    ...     (folder / name).mkdir()
    ...     nyala.utils.save_img(folder / name / "1.png", np.ones((20, 30, 3)))
    >>> dataset = nyala.utils.image_dataset_from_directory(folder, image_size=(8, 8))
    Found 2 files belonging to 2 classes.
    >>> dataset.class_names
    ['cat', 'dog']
    >>> images, labels = next(iter(dataset))
    >>> images.shape, labels.shape
    ((2, 8, 8, 3), (2,))
    """
    folder = Folder(
        directory, labels, label_mode, class_names, batch_size, shuffle, seed, validation_split,
        subset, follow_links, verbose, format, on_error,
    )  # fmt: skip
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ValueError("Only one of crop_to_aspect_ratio and pad_to_aspect_ratio can be True.")
    how = "crop" if crop_to_aspect_ratio else "pad" if pad_to_aspect_ratio else "stretch"
    reader = ImageReader(
        _checked_size(image_size),
        _CHANNELS[_chosen("color_mode", color_mode, _CHANNELS)],
        _chosen("interpolation", str(interpolation).lower(), INTERPOLATIONS),
        how,
        settings.standardize_data_format(data_format) == "channels_first",
    )
    return load_folder(folder, reader, FORMATS, "images")


def _checked_size(size: Any) -> tuple[int, int]:
    pair = (size, size) if isinstance(size, (int, np.integer)) else size
    if not isinstance(pair, (list, tuple)) or len(pair) != 2:
        raise ValueError(f"image_size expects (height, width) in pixels; got {size!r}.")
    return check_count(pair[0], "image_size[0]"), check_count(pair[1], "image_size[1]")


def _chosen(what: str, value: Any, choices: Any) -> Any:
    if value not in choices:
        raise ValueError(
            f"{what} expects one of {', '.join(map(repr, choices))}; got {value!r}."
            f"{did_you_mean(str(value), list(choices))}"
        )
    return value
