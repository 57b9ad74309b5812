"""`FileIterator`: images that are read from files, with labels of several kinds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from nyala.preprocessing.image._iterator import Iterator, check_subset, save_batch
from nyala.utils import img_to_array, load_img

_CHANNELS = {"rgb": 3, "rgba": 4, "grayscale": 1}


class FileIterator(Iterator):
    """Batches of images in files, changed at random.

    A subclass sets `filenames`, `_filepaths`, `class_mode` and, where there are labels, `classes`
    with `class_indices`, or `_targets`; then it calls `_begin`.

    Args:
        image_data_generator: changes images; `None` leaves them.
        target_size: height and width to which images are resized.
        color_mode: `"rgb"`, `"rgba"` or `"grayscale"`.
        data_format: where the axis of channels goes.
        save_to_dir, save_prefix, save_format: a folder into which batches are written as images,
            and how these are called.
        subset: `"validation"` (the first of the files, as many as the generator's
            `validation_split` says) or `"training"` (the rest).
        interpolation, keep_aspect_ratio: as in `utils.load_img`.
        dtype: of the batches.
    """

    class_mode: str | None
    filenames: list[str]
    _filepaths: list[str]
    classes: Any = None
    class_indices: dict[str, int]
    _targets: Any = None
    _sample_weight: Any = None

    def __init__(self, image_data_generator: Any, target_size: Any, color_mode: str,
                 data_format: str, save_to_dir: Any, save_prefix: str, save_format: str,
                 subset: str | None, interpolation: str, keep_aspect_ratio: bool,
                 dtype: Any):  # fmt: skip
        if color_mode not in _CHANNELS:
            raise ValueError(
                f"color_mode expects one of {', '.join(_CHANNELS)}; got {color_mode!r}."
            )
        check_subset(subset)
        self.image_data_generator = image_data_generator
        self.target_size = (int(target_size[0]), int(target_size[1]))
        self.color_mode, self.data_format = color_mode, data_format
        self.save_to_dir, self.save_prefix = save_to_dir, save_prefix
        self.save_format, self.subset = save_format, subset
        self.interpolation, self.keep_aspect_ratio = interpolation, keep_aspect_ratio
        self.dtype = dtype
        channels = (_CHANNELS[color_mode],)
        first = data_format == "channels_first"
        self.image_shape = channels + self.target_size if first else self.target_size + channels
        share = None if subset is None else image_data_generator._validation_split
        self.split = {"validation": (0, share), "training": (share, 1), None: None}[subset]

    def _begin(self, batch_size: int, shuffle: bool, seed: int | None, **kwargs: Any) -> None:
        self.samples = len(self.filenames)
        super().__init__(self.samples, batch_size, shuffle, seed, **kwargs)

    def part(self, items: list) -> list:
        """Return those of a list that belong to the subset."""
        if self.split is None:
            return items
        start, stop = (int(share * len(items)) for share in self.split)
        return items[start:stop]

    @property
    def filepaths(self) -> list[str]:
        """The paths of the files."""
        return self._filepaths

    @property
    def labels(self) -> Any:
        """The labels of the files."""
        return self._targets if self.class_mode in ("multi_output", "raw") else self.classes

    @property
    def sample_weight(self) -> Any:
        """The weights of the files, `None` for none."""
        return self._sample_weight

    def _get_batches_of_transformed_samples(self, index_array: np.ndarray) -> Any:
        batch = np.zeros((len(index_array), *self.image_shape), self.dtype)
        for place, number in enumerate(index_array):
            batch[place] = self._image(self.filepaths[number])
        if self.save_to_dir:
            save_batch(self, batch, index_array, 1e7)
        if self.class_mode is None:
            return batch
        targets = batch.copy() if self.class_mode == "input" else self._labels_of(index_array)
        if self.sample_weight is None:
            return batch, targets
        return batch, targets, self.sample_weight[index_array]

    def _image(self, path: str) -> np.ndarray:
        image = load_img(
            path, self.color_mode, self.target_size, self.interpolation, self.keep_aspect_ratio
        )
        x = img_to_array(image, self.data_format)
        generator = self.image_data_generator
        if generator is None:
            return x
        x = generator.apply_transform(x, generator.get_random_transform(x.shape))
        return generator.standardize(x)

    def _labels_of(self, index_array: np.ndarray) -> Any:
        if self.class_mode == "multi_output":
            return [output[index_array] for output in self.labels]
        if self.class_mode == "raw":
            return self.labels[index_array]
        if self.class_mode in ("binary", "sparse"):
            return np.array([self.classes[number] for number in index_array], self.dtype)
        rows = np.zeros((len(index_array), len(self.class_indices)), self.dtype)
        for row, number in zip(rows, index_array, strict=True):
            row[self.classes[number]] = 1
        return rows


def numbered(names: Iterable[str]) -> dict[str, int]:
    """Return the number of each class."""
    return {name: number for number, name in enumerate(names)}
