"""`DataFrameIterator`: images whose files and labels stand in the columns of a table."""

from __future__ import annotations

import os
import warnings
from typing import Any

import numpy as np

from nyala.core import floatx, standardize_data_format
from nyala.data.loaders import say
from nyala.preprocessing.image._directory_iterator import check_class_mode
from nyala.preprocessing.image._file_batches import FileIterator, numbered

_WITHOUT_CLASSES = ("input", "multi_output", "raw", None)
_CLASS_MODES = ("binary", "categorical", "sparse", *_WITHOUT_CLASSES)


class DataFrameIterator(FileIterator):
    """Batches of the images that a pandas frame lists, changed at random.

    Args:
        dataframe: the frame (or a dict of columns).
        directory: in front of the names of files that are no whole paths.
        image_data_generator: changes images; `None` leaves them.
        x_col: the column of the names of files.
        y_col: the column of labels: class names (for `"categorical"` also lists of several);
            a list of columns for `"multi_output"`, and possible for `"raw"`.
        weight_col: the column of weights, `None` for none.
        target_size: height and width to which images are resized.
        color_mode: `"rgb"`, `"rgba"` or `"grayscale"`.
        classes: the classes to use, in the order of their labels; rows of others are left out.
        class_mode: `"categorical"` for one-hot labels, `"binary"` and `"sparse"` for numbers,
            `"raw"` for the column's own values, `"multi_output"` for a list of several columns,
            `"input"` for the images themselves, `None` for images alone.
        batch_size, shuffle, seed: as in `Iterator`.
        data_format: where the axis of channels goes.
        save_to_dir, save_prefix, save_format: a folder into which batches are written as images,
            and how these are called.
        subset: `"validation"` (the first rows, as many as the generator's `validation_split` says)
            or `"training"` (the rest).
        interpolation, keep_aspect_ratio: as in `utils.load_img`.
        dtype: of the batches.
        validate_filenames: whether to leave out rows whose file is not there or not an image.

    >>> import nyala, numpy as np, pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> nyala.utils.save_img(folder / "tom.png", np.ones((4, 4, 3)))
    >>> batches = nyala.preprocessing.image.DataFrameIterator(
    ...     {"filename": ["tom.png"], "class": ["cat"]}, folder)
    Found 1 validated image filenames belonging to 1 classes.
    >>> next(batches)[0].shape
    (1, 256, 256, 3)
    """

    allowed_class_modes = frozenset(_CLASS_MODES)

    def __init__(self, dataframe: Any, directory: Any = None, image_data_generator: Any = None,
                 x_col: str = "filename", y_col: Any = "class", weight_col: str | None = None,
                 target_size: Any = (256, 256), color_mode: str = "rgb", classes: Any = None,
                 class_mode: str | None = "categorical", batch_size: int = 32,
                 shuffle: bool = True, seed: int | None = None, data_format: str | None = None,
                 save_to_dir: Any = None, save_prefix: str = "", save_format: str = "png",
                 subset: str | None = None, interpolation: str = "nearest",
                 keep_aspect_ratio: bool = False, dtype: Any = None,
                 validate_filenames: bool = True, **kwargs: Any):  # fmt: skip
        super().__init__(
            image_data_generator, target_size, color_mode, standardize_data_format(data_format),
            save_to_dir, save_prefix, save_format, subset, interpolation, keep_aspect_ratio,
            dtype or floatx(),
        )  # fmt: skip
        check_class_mode(class_mode, _CLASS_MODES)
        self.directory, self.class_mode = os.fspath(directory or ""), class_mode
        names = _names_of_files(dataframe, x_col)
        rows = list(range(len(names)))
        if validate_filenames:
            rows = self._valid(names, x_col)
        if class_mode in _WITHOUT_CLASSES:
            rows = self._take_values(dataframe, y_col, rows, classes)
        else:
            rows = self._take_classes(list(dataframe[y_col]), y_col, rows, classes)
        self.filenames = [names[row] for row in rows]
        self._filepaths = [os.path.join(self.directory, name) for name in self.filenames]
        if weight_col:
            self._sample_weight = _weights(dataframe, weight_col)[rows]
        self._say_what_was_found(validate_filenames)
        self._begin(batch_size, shuffle, seed, **kwargs)

    def _valid(self, names: list[str], x_col: str) -> list[int]:
        valid = [
            row for row, name in enumerate(names)
            if name.lower().endswith(self.white_list_formats)
            and os.path.isfile(os.path.join(self.directory, name))
        ]  # fmt: skip
        if len(valid) < len(names):
            missing = next(n for row, n in enumerate(names) if row not in set(valid))
            warnings.warn(
                f"{len(names) - len(valid)} of {len(names)} names in column {x_col!r} are left "
                f"out: there is no such file, or it is no image; the first is {missing!r}.",
                stacklevel=4,
            )
        return valid

    def _take_values(self, frame: Any, y_col: Any, rows: list[int], classes: Any) -> list[int]:
        """Set the targets that stand in columns as they are; return the rows of the subset."""
        if classes:
            warnings.warn(
                f"classes are not used with class_mode={self.class_mode!r}.", stacklevel=4
            )
        rows = self.part(rows)
        if self.class_mode == "multi_output":
            if not isinstance(y_col, list):
                raise TypeError(
                    f"class_mode='multi_output' expects a list of columns as y_col; got {y_col!r}."
                )
            self._targets = [np.array([list(frame[name])[row] for row in rows]) for name in y_col]
        elif self.class_mode == "raw":
            self._targets = np.asarray(frame[y_col])[rows]
        return rows

    def _take_classes(self, labels: list, y_col: str, rows: list[int],
                      classes: Any) -> list[int]:  # fmt: skip
        """Set the classes and the labels; return the rows of the subset."""
        _check_labels(labels, y_col, self.class_mode)
        if classes:
            names = list(dict.fromkeys(classes))
            kept = {row: _among(labels[row], names) for row in rows}
            rows = [row for row in rows if kept[row]]
        else:
            kept = {row: labels[row] for row in rows}
            names = sorted({name for label in kept.values() for name in _listed(label)})
        if self.class_mode == "binary" and len(names) != 2:
            raise ValueError(
                f"class_mode='binary' needs exactly two classes; there are {len(names)}: {names}."
            )
        self.class_indices = numbered(names)
        rows = self.part(rows)
        self.classes = [self._number(kept[row]) for row in rows]
        return rows

    def _number(self, label: Any) -> Any:
        if isinstance(label, str):
            return self.class_indices[label]
        return [self.class_indices[name] for name in label]

    def _say_what_was_found(self, validated: bool) -> None:
        found = (
            f"Found {len(self.filenames)} {'' if validated else 'non-'}validated image filenames"
        )
        if self.class_mode not in _WITHOUT_CLASSES:
            found += f" belonging to {len(self.class_indices)} classes"
        say(f"{found}.")


def _names_of_files(frame: Any, x_col: str) -> list[str]:
    names = list(frame[x_col])
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"The column x_col={x_col!r} must hold strings; it holds {name!r}.")
    return names


def _weights(frame: Any, weight_col: str) -> np.ndarray:
    weights = np.asarray(frame[weight_col])
    if weights.dtype.kind not in "iufb":
        raise TypeError(f"The column weight_col={weight_col!r} must hold numbers.")
    return weights


def _check_labels(labels: list, y_col: str, class_mode: Any) -> None:
    allowed = (str, list, tuple) if class_mode == "categorical" else (str,)
    for label in labels:
        if not isinstance(label, allowed):
            kinds = " or ".join(kind.__name__ for kind in allowed)
            raise TypeError(
                f"With class_mode={class_mode!r} the column y_col={y_col!r} must hold {kinds}; it "
                f"holds {label!r}. For numbers use class_mode='raw'."
            )


def _listed(label: Any) -> list:
    return [label] if isinstance(label, str) else list(label)


def _among(label: Any, names: list[str]) -> Any:
    """Return what of a label is among the classes, `None` for nothing."""
    if isinstance(label, str):
        return label if label in names else None
    return [name for name in label if name in names] or None
