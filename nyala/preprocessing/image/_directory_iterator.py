"""`DirectoryIterator`: images in a folder for each class."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from nyala.core import did_you_mean, floatx, standardize_data_format
from nyala.data.loaders import files_below, say
from nyala.preprocessing.image._file_batches import FileIterator, numbered

_CLASS_MODES = ("categorical", "binary", "sparse", "input", None)


class DirectoryIterator(FileIterator):
    """Batches of the images in a directory, changed at random.

    Args:
        directory: holds a folder of images for each class.
        image_data_generator: changes images; `None` leaves them.
        target_size: height and width to which images are resized.
        color_mode: `"rgb"`, `"rgba"` or `"grayscale"`.
        classes: the folders to use, in the order of their labels; all by name if `None`.
        class_mode: `"categorical"` for one-hot labels, `"binary"` and `"sparse"` for numbers,
            `"input"` for the images themselves, `None` for images alone.
        batch_size, shuffle, seed: as in `Iterator`.
        data_format: where the axis of channels goes.
        save_to_dir, save_prefix, save_format: a folder into which batches are written as images,
            and how these are called.
        follow_links: whether folders that are links are entered.
        subset: `"validation"` (the first files of each class, as many as the generator's
            `validation_split` says) or `"training"` (the rest).
        interpolation, keep_aspect_ratio: as in `utils.load_img`.
        dtype: of the batches.

    Attributes:
        class_indices: the label of each class.
        classes: the label of each file.
        filenames: the files, below `directory`.

    >>> import nyala, numpy as np, pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> (folder / "cats").mkdir()
    >>> nyala.utils.save_img(folder / "cats" / "tom.png", np.ones((4, 4, 3)))
    >>> batches = nyala.preprocessing.image.DirectoryIterator(folder, None, target_size=(2, 2))
    Found 1 images belonging to 1 classes.
    >>> x, y = next(batches)
    >>> x.shape, y
    ((1, 2, 2, 3), array([[1.]], dtype=float32))
    """

    allowed_class_modes = frozenset(_CLASS_MODES)

    def __init__(self, directory: Any, image_data_generator: Any, target_size: Any = (256, 256),
                 color_mode: str = "rgb", classes: Any = None,
                 class_mode: str | None = "categorical", batch_size: int = 32,
                 shuffle: bool = True, seed: int | None = None, data_format: str | None = None,
                 save_to_dir: Any = None, save_prefix: str = "", save_format: str = "png",
                 follow_links: bool = False, subset: str | None = None,
                 interpolation: str = "nearest", keep_aspect_ratio: bool = False,
                 dtype: Any = None, **kwargs: Any):  # fmt: skip
        super().__init__(
            image_data_generator, target_size, color_mode, standardize_data_format(data_format),
            save_to_dir, save_prefix, save_format, subset, interpolation, keep_aspect_ratio,
            dtype or floatx(),
        )  # fmt: skip
        check_class_mode(class_mode, _CLASS_MODES)
        self.directory, self.class_mode = os.fspath(directory), class_mode
        names = list(classes) if classes else self._folders()
        self.num_classes, self.class_indices = len(names), numbered(names)
        self._find(names, follow_links)
        say(f"Found {len(self.filenames)} images belonging to {self.num_classes} classes.")
        self._begin(batch_size, shuffle, seed, **kwargs)

    def _folders(self) -> list[str]:
        entries = sorted(os.listdir(self.directory))
        return [name for name in entries if os.path.isdir(os.path.join(self.directory, name))]

    def _find(self, names: list[str], follow_links: bool) -> None:
        self._filepaths, labels = [], []
        for name in names:
            folder = os.path.join(self.directory, name)
            found = files_below(folder, self.white_list_formats, follow_links)
            paths = self.part(list(found))
            self._filepaths += paths
            labels += [self.class_indices[name]] * len(paths)
        self.filenames = [os.path.relpath(path, self.directory) for path in self._filepaths]
        self.classes = np.array(labels, "int32")


def check_class_mode(class_mode: Any, choices: tuple) -> None:
    """Raise a `ValueError` where it is none of the choices."""
    if class_mode not in choices:
        hint = did_you_mean(str(class_mode), [c for c in choices if c])
        raise ValueError(
            f"class_mode expects one of {', '.join(map(repr, choices))}; got {class_mode!r}.{hint}"
        )
