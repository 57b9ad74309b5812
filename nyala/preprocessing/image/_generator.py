"""`ImageDataGenerator`: Keras 2's random changes of images, on the host."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from nyala.core import floatx, standardize_data_format
from nyala.preprocessing.image._affine import apply_affine_transform
from nyala.preprocessing.image._array_iterator import NumpyArrayIterator, check_images
from nyala.preprocessing.image._colors import apply_brightness_shift, apply_channel_shift
from nyala.preprocessing.image._dataframe_iterator import DataFrameIterator
from nyala.preprocessing.image._directory_iterator import DirectoryIterator

_SMALL = 1e-6  # keeps a division by a deviation of zero finite


class ImageDataGenerator:
    """Makes batches of images that are changed at random.

    Keras 3 has preprocessing layers for this (`layers.RandomRotation` and its kin), which run
    compiled, on whole batches and on the device. This class runs image by image, and makes of the
    same NumPy seed the same images as Keras 2.

    Args:
        featurewise_center: whether to subtract the mean of each channel over the images that `fit`
            saw.
        samplewise_center: whether to subtract each image's own mean.
        featurewise_std_normalization: whether to divide by the channels' deviations.
        samplewise_std_normalization: whether to divide by each image's own deviation.
        zca_whitening: whether to take out correlations between pixels (see Krizhevsky, 2009,
            "Learning Multiple Layers of Features from Tiny Images", appendix A).
        zca_epsilon: added to the singular values.
        rotation_range: degrees by which images are rotated to either side at most.
        width_shift_range, height_shift_range: shifts at most: a share of the side below 1, pixels
            from 1 on; or a list of shifts to choose from.
        brightness_range: the least and the greatest factor of the brightness, `None` for none.
        shear_range: the angle of the shear at most, in degrees.
        zoom_range: the least and the greatest zoom, or a number `z` for `(1 - z, 1 + z)`.
        channel_shift_range: what is added to the values at most.
        fill_mode: what lies outside of the image: `"nearest"`, `"constant"`, `"reflect"` or
            `"wrap"`.
        cval: the value outside, for `"constant"`.
        horizontal_flip, vertical_flip: whether half of the images are mirrored.
        rescale: a factor for the values, after all changes and before the normalizations; `None`
            for none.
        preprocessing_function: called with an image (three axes) after the changes; returns one of
            the same shape.
        data_format: where the axis of channels stands; `config.image_data_format()` if `None`.
        validation_split: the share of the images that `subset="validation"` takes.
        interpolation_order: of the spline that interpolates.
        dtype: of the batches; `config.floatx()` if `None`.

    >>> import nyala, numpy as np
    >>> generator = nyala.preprocessing.image.ImageDataGenerator(
    ...     rescale=1 / 255, rotation_range=20, horizontal_flip=True)
    >>> x, y = np.ones((8, 16, 16, 3)), np.arange(8)
    >>> images, labels = next(generator.flow(x, y, batch_size=4, seed=1))
    >>> images.shape, labels.shape
    ((4, 16, 16, 3), (4,))
    """

    def __init__(self, featurewise_center: bool = False, samplewise_center: bool = False,
                 featurewise_std_normalization: bool = False,
                 samplewise_std_normalization: bool = False, zca_whitening: bool = False,
                 zca_epsilon: float = 1e-6, rotation_range: float = 0,
                 width_shift_range: Any = 0.0, height_shift_range: Any = 0.0,
                 brightness_range: Any = None, shear_range: float = 0.0, zoom_range: Any = 0.0,
                 channel_shift_range: float = 0.0, fill_mode: str = "nearest", cval: float = 0.0,
                 horizontal_flip: bool = False, vertical_flip: bool = False,
                 rescale: float | None = None, preprocessing_function: Any = None,
                 data_format: str | None = None, validation_split: float = 0.0,
                 interpolation_order: int = 1, dtype: Any = None):  # fmt: skip
        self.featurewise_center = featurewise_center
        self.samplewise_center = samplewise_center
        self.featurewise_std_normalization = featurewise_std_normalization
        self.samplewise_std_normalization = samplewise_std_normalization
        self.zca_whitening, self.zca_epsilon = zca_whitening, zca_epsilon
        self.rotation_range, self.shear_range = rotation_range, shear_range
        self.width_shift_range, self.height_shift_range = width_shift_range, height_shift_range
        self.brightness_range = _brightness(brightness_range)
        self.zoom_range = _zoom(zoom_range)
        self.channel_shift_range = channel_shift_range
        self.fill_mode, self.cval = fill_mode, cval
        self.horizontal_flip, self.vertical_flip = horizontal_flip, vertical_flip
        self.rescale, self.preprocessing_function = rescale, preprocessing_function
        self.interpolation_order, self.dtype = interpolation_order, dtype or floatx()
        self.data_format = standardize_data_format(data_format)
        # Axes of a batch.
        last = self.data_format == "channels_last"
        self.row_axis, self.col_axis, self.channel_axis = (1, 2, 3) if last else (2, 3, 1)
        if validation_split and not 0 < validation_split < 1:
            raise ValueError(
                f"validation_split must lie between 0 and 1; got {validation_split!r}."
            )
        self._validation_split = validation_split
        self.mean: Any = None
        self.std: Any = None
        self.zca_whitening_matrix: Any = None
        self._settle_what_excludes_what()

    def _settle_what_excludes_what(self) -> None:
        if self.zca_whitening:
            self._switch("featurewise_center", True, "zca_whitening")
            self._switch("featurewise_std_normalization", False, "zca_whitening")
        if self.featurewise_std_normalization:
            self._switch("featurewise_center", True, "featurewise_std_normalization")
        if self.samplewise_std_normalization:
            self._switch("samplewise_center", True, "samplewise_std_normalization")

    def _switch(self, name: str, value: bool, because: str) -> None:
        if getattr(self, name) != value:
            setattr(self, name, value)
            warnings.warn(f"ImageDataGenerator({because}=True) sets {name}={value}.", stacklevel=4)

    # -- batches ----------------------------------------------------------------------------------

    def flow(self, x: Any, y: Any = None, batch_size: int = 32, shuffle: bool = True,
             sample_weight: Any = None, seed: int | None = None, save_to_dir: Any = None,
             save_prefix: str = "", save_format: str = "png", ignore_class_split: bool = False,
             subset: str | None = None) -> NumpyArrayIterator:  # fmt: skip
        """Return batches of the images in an array (see `NumpyArrayIterator`)."""
        return NumpyArrayIterator(
            x, y, self, batch_size, shuffle, sample_weight, seed, self.data_format, save_to_dir,
            save_prefix, save_format, subset, ignore_class_split, self.dtype,
        )  # fmt: skip

    def flow_from_directory(self, directory: Any, target_size: Any = (256, 256),
                            color_mode: str = "rgb", classes: Any = None,
                            class_mode: str | None = "categorical", batch_size: int = 32,
                            shuffle: bool = True, seed: int | None = None,
                            save_to_dir: Any = None, save_prefix: str = "",
                            save_format: str = "png", follow_links: bool = False,
                            subset: str | None = None, interpolation: str = "nearest",
                            keep_aspect_ratio: bool = False) -> DirectoryIterator:  # fmt: skip
        """Return batches of the images in a directory (see `DirectoryIterator`)."""
        return DirectoryIterator(
            directory, self, target_size, color_mode, classes, class_mode, batch_size, shuffle,
            seed, self.data_format, save_to_dir, save_prefix, save_format, follow_links, subset,
            interpolation, keep_aspect_ratio, self.dtype,
        )  # fmt: skip

    def flow_from_dataframe(self, dataframe: Any, directory: Any = None, x_col: str = "filename",
                            y_col: Any = "class", weight_col: str | None = None,
                            target_size: Any = (256, 256), color_mode: str = "rgb",
                            classes: Any = None, class_mode: str | None = "categorical",
                            batch_size: int = 32, shuffle: bool = True, seed: int | None = None,
                            save_to_dir: Any = None, save_prefix: str = "",
                            save_format: str = "png", subset: str | None = None,
                            interpolation: str = "nearest", validate_filenames: bool = True,
                            **kwargs: Any) -> DataFrameIterator:  # fmt: skip
        """Return batches of the images that a pandas frame lists (see `DataFrameIterator`).

        `class_mode="other"`, and the arguments `has_ext`, `sort` and `drop_duplicates`, are of an
        older version; the first means `"raw"`, the others change nothing.
        """
        unknown = set(kwargs) - {"has_ext", "sort", "drop_duplicates"}
        if unknown:
            raise TypeError(f"flow_from_dataframe got unexpected arguments: {sorted(unknown)}.")
        return DataFrameIterator(
            dataframe, directory, self, x_col, y_col, weight_col, target_size, color_mode, classes,
            "raw" if class_mode == "other" else class_mode, batch_size, shuffle, seed,
            self.data_format, save_to_dir, save_prefix, save_format, subset, interpolation,
            dtype=self.dtype, validate_filenames=validate_filenames,
        )  # fmt: skip

    # -- single images ----------------------------------------------------------------------------

    def get_random_transform(self, img_shape: Any, seed: int | None = None) -> dict:
        """Return a random change of an image of this shape, for `apply_transform`."""
        if seed is not None:
            np.random.seed(seed)
        uniform = np.random.uniform
        # In this order, so that a seed means what it means in Keras.
        theta = uniform(-self.rotation_range, self.rotation_range) if self.rotation_range else 0
        tx = _random_shift(self.height_shift_range, img_shape[self.row_axis - 1])
        ty = _random_shift(self.width_shift_range, img_shape[self.col_axis - 1])
        shear = uniform(-self.shear_range, self.shear_range) if self.shear_range else 0
        zx, zy = (1, 1) if self.zoom_range == [1, 1] else uniform(*self.zoom_range, 2)
        flip_horizontal = (np.random.random() < 0.5) * self.horizontal_flip
        flip_vertical = (np.random.random() < 0.5) * self.vertical_flip
        channel_shift = brightness = None
        if self.channel_shift_range != 0:
            channel_shift = uniform(-self.channel_shift_range, self.channel_shift_range)
        if self.brightness_range is not None:
            brightness = uniform(*self.brightness_range)
        return {
            "theta": theta, "tx": tx, "ty": ty, "shear": shear, "zx": zx, "zy": zy,
            "flip_horizontal": flip_horizontal, "flip_vertical": flip_vertical,
            "channel_shift_intensity": channel_shift, "brightness": brightness,
        }  # fmt: skip

    def apply_transform(self, x: np.ndarray, transform_parameters: dict) -> np.ndarray:
        """Return an image changed in the way that a dict says.

        Args:
            x: of three axes.
            transform_parameters: with any of the keys `theta` (degrees), `tx`, `ty` (pixels),
                `shear` (degrees), `zx`, `zy`, `flip_horizontal`, `flip_vertical`,
                `channel_shift_intensity` and `brightness`.
        """
        row, column, channel = self.row_axis - 1, self.col_axis - 1, self.channel_axis - 1
        given = transform_parameters.get
        x = apply_affine_transform(
            x, given("theta", 0), given("tx", 0), given("ty", 0), given("shear", 0),
            given("zx", 1), given("zy", 1), row, column, channel, self.fill_mode, self.cval,
            self.interpolation_order,
        )  # fmt: skip
        if given("channel_shift_intensity") is not None:
            x = apply_channel_shift(x, given("channel_shift_intensity"), channel)
        if given("flip_horizontal"):
            x = np.flip(x, column)
        if given("flip_vertical"):
            x = np.flip(x, row)
        if given("brightness") is not None:
            x = apply_brightness_shift(x, given("brightness"), False)
        return x

    def random_transform(self, x: np.ndarray, seed: int | None = None) -> np.ndarray:
        """Return an image changed at random."""
        return self.apply_transform(x, self.get_random_transform(x.shape, seed))

    def standardize(self, x: np.ndarray) -> np.ndarray:
        """Return an image, or a batch, rescaled and normalized; its memory may be changed."""
        if self.preprocessing_function:
            x = self.preprocessing_function(x)
        if self.rescale:
            x *= self.rescale
        if self.samplewise_center:
            x -= np.mean(x, keepdims=True)
        if self.samplewise_std_normalization:
            x /= np.std(x, keepdims=True) + _SMALL
        if self.featurewise_center and self._was_fit("featurewise_center", self.mean):
            x -= self.mean
        if self.featurewise_std_normalization and self._was_fit(
            "featurewise_std_normalization", self.std
        ):
            x /= self.std + _SMALL
        if self.zca_whitening and self._was_fit("zca_whitening", self.zca_whitening_matrix):
            flat = x.reshape(-1, int(np.prod(x.shape[-3:])))
            x = (flat @ self.zca_whitening_matrix).reshape(x.shape)
        return x

    def _was_fit(self, what: str, statistic: Any) -> bool:
        if statistic is None:
            warnings.warn(
                f"ImageDataGenerator({what}=True) does nothing before fit(images) was called.",
                stacklevel=3,
            )
        return statistic is not None

    def fit(self, x: Any, augment: bool = False, rounds: int = 1, seed: int | None = None) -> None:
        """Learn the means, deviations and correlations that the normalizations need.

        Args:
            x: images of shape `(count, height, width, channels)`.
            augment: whether to learn them from randomly changed images.
            rounds: how often each image is changed then.
            seed: of the changes.
        """
        x = np.array(x, dtype=self.dtype)
        check_images(x, self.data_format, "fit")
        if seed is not None:
            np.random.seed(seed)
        if self.rescale:
            x *= self.rescale
        if augment:
            x = np.stack([self.random_transform(image) for _ in range(rounds) for image in x])
        axes = (0, self.row_axis, self.col_axis)
        if self.featurewise_center:
            self.mean = np.mean(x, axes, keepdims=True)[0]
            x -= self.mean
        if self.featurewise_std_normalization:
            self.std = np.std(x, axes, keepdims=True)[0]
            x /= self.std + _SMALL
        if self.zca_whitening:
            left, singular, _ = np.linalg.svd(x.reshape(len(x), -1).T, full_matrices=False)
            inverse = np.sqrt(len(x)) / (singular + self.zca_epsilon)
            self.zca_whitening_matrix = (left * inverse) @ left.T


def _zoom(zoom_range: Any) -> list:
    if isinstance(zoom_range, (int, float)):
        return [1 - zoom_range, 1 + zoom_range]
    if len(zoom_range) == 2 and all(isinstance(z, (int, float)) for z in zoom_range):
        return list(zoom_range)
    raise ValueError(f"zoom_range expects a number or two; got {zoom_range!r}.")


def _brightness(brightness_range: Any) -> Any:
    if brightness_range is None:
        return None
    if not isinstance(brightness_range, (tuple, list)) or len(brightness_range) != 2:
        raise ValueError(f"brightness_range expects two numbers; got {brightness_range!r}.")
    return brightness_range


def _random_shift(choices: Any, length: int) -> Any:
    """Return a shift in pixels: one of a list, or a number up to a limit, to either side."""
    if np.ndim(choices) == 0 and not choices:
        return 0
    if np.ndim(choices) or isinstance(choices, (int, np.integer)):
        # Of a whole number NumPy chooses among those below it, as of a list.
        shift = np.random.choice(choices) * np.random.choice([-1, 1])
    else:
        shift = np.random.uniform(-choices, choices)
    return shift * length if np.max(choices) < 1 else shift
