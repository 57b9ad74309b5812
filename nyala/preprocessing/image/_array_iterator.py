"""`NumpyArrayIterator`: images that lie in an array."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from nyala.core import floatx, standardize_data_format
from nyala.preprocessing.image._iterator import Iterator, check_subset, save_batch


class NumpyArrayIterator(Iterator):
    """Batches of images in an array, changed at random.

    Args:
        x: images of shape `(count, height, width, channels)`; or a pair of these and an array (or a
            list of arrays) that goes with them unchanged.
        y: labels, or `None`.
        image_data_generator: changes images.
        batch_size, shuffle, seed: as in `Iterator`.
        sample_weight: of each image, or `None`.
        data_format: where the axis of channels stands.
        save_to_dir, save_prefix, save_format: a folder into which batches are written as images,
            and how these are called.
        subset: `"validation"` (the first images, as many as the generator's `validation_split`
            says) or `"training"` (the rest).
        ignore_class_split: whether the two subsets may hold different classes.
        dtype: of the batches.

    >>> import nyala, numpy as np
    >>> generator = nyala.preprocessing.image.ImageDataGenerator(rescale=0.5)
    >>> batches = nyala.preprocessing.image.NumpyArrayIterator(
    ...     np.ones((5, 4, 4, 3)), np.arange(5), generator, batch_size=2)
    >>> x, y = batches[0]
    >>> x.shape, float(x.max()), y
    ((2, 4, 4, 3), 0.5, array([0, 1]))
    """

    def __init__(self, x: Any, y: Any, image_data_generator: Any, batch_size: int = 32,
                 shuffle: bool = False, sample_weight: Any = None, seed: int | None = None,
                 data_format: str | None = None, save_to_dir: Any = None, save_prefix: str = "",
                 save_format: str = "png", subset: str | None = None,
                 ignore_class_split: bool = False, dtype: Any = None, **kwargs: Any):  # fmt: skip
        check_subset(subset)
        self.dtype = dtype or floatx()
        self.data_format = standardize_data_format(data_format)
        x, others = _separated(x)
        beside = {f"x[1][{i}]": other for i, other in enumerate(others)}
        _check_lengths(x, {"y": y, "sample_weight": sample_weight, **beside})
        part = slice(None)
        if subset is not None:
            cut = int(len(x) * image_data_generator._validation_split)
            _check_classes(y, cut, ignore_class_split)
            part = slice(cut) if subset == "validation" else slice(cut, None)
        self.x = np.asarray(x[part], dtype=self.dtype)
        self.x_misc = [other[part] for other in others]
        self.y = None if y is None else np.asarray(y)[part]
        self.sample_weight = None if sample_weight is None else np.asarray(sample_weight)[part]
        check_images(self.x, self.data_format, "flow")
        self.image_data_generator = image_data_generator
        self.save_to_dir, self.save_prefix = save_to_dir, save_prefix
        self.save_format = save_format
        super().__init__(len(self.x), batch_size, shuffle, seed, **kwargs)

    def _get_batches_of_transformed_samples(self, index_array: np.ndarray) -> Any:
        batch = np.zeros((len(index_array), *self.x.shape[1:]), self.dtype)
        generator = self.image_data_generator
        for place, number in enumerate(index_array):
            params = generator.get_random_transform(self.x.shape[1:])
            changed = generator.apply_transform(self.x[number].astype(self.dtype), params)
            batch[place] = generator.standardize(changed)
        if self.save_to_dir:
            save_batch(self, batch, index_array, 1e4)
        others = [other[index_array] for other in self.x_misc]
        x = [batch, *others] if others else batch
        if self.y is None:
            return x
        if self.sample_weight is None:
            return x, self.y[index_array]
        return x, self.y[index_array], self.sample_weight[index_array]


def _separated(x: Any) -> tuple[Any, list[np.ndarray]]:
    if not isinstance(x, (tuple, list)):
        return x, []
    others = x[1] if isinstance(x[1], list) else [x[1]]
    return x[0], [np.asarray(other) for other in others]


def _check_lengths(x: Any, others: dict[str, Any]) -> None:
    for name, other in others.items():
        if other is not None and len(other) != len(x):
            raise ValueError(
                f"flow: there are {len(x)} images, but {name} has length {len(other)}."
            )


def _check_classes(y: Any, cut: int, ignored: bool) -> None:
    if y is None or ignored or np.array_equal(np.unique(y[:cut]), np.unique(y[cut:])):
        return
    raise ValueError(
        "flow(subset=...): the training and the validation images have different classes, as "
        "happens where the arrays are sorted by class. Shuffle them first, or pass "
        "ignore_class_split=True."
    )


def check_images(x: np.ndarray, data_format: str, who: str) -> None:
    """Check a batch of images.

    Raises:
        ValueError: it has not four axes.
    """
    if x.ndim != 4:
        raise ValueError(f"{who} expects images of shape (count, height, width, channels); got "
                         f"shape {x.shape}.")  # fmt: skip
    channels = x.shape[3 if data_format == "channels_last" else 1]
    if channels not in (1, 3, 4):
        warnings.warn(
            f"{who}: images of shape {x.shape} have {channels} channels with data_format="
            f"'{data_format}'; 1, 3 or 4 are usual.",
            stacklevel=3,
        )
