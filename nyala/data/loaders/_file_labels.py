"""Labels of files, encoded as `label_mode` says, batch by batch."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala.core import did_you_mean
from nyala.data._specs import TensorSpec

LABEL_MODES = ("int", "binary", "categorical")


class FileLabels:
    """The labels of files.

    Args:
        values: one a file: what `index_directory` returned.
        mode: `"int"` leaves them as they are; `"binary"` makes each 0.0 or 1.0 of shape `(1,)`,
            `"categorical"` a one-hot row. They are encoded when they are asked for, so that a
            million files with a thousand classes cost no matrix.
        classes: how many classes there are.
    """

    def __init__(self, values: np.ndarray, mode: str, classes: int):
        self.values, self.mode, self.classes = values, mode, classes

    @property
    def spec(self) -> TensorSpec:
        """The spec of one label."""
        return TensorSpec(self.rows(np.zeros(1, int)).shape[1:], self.rows(slice(0)).dtype)

    def rows(self, index: Any) -> np.ndarray:
        """Return the labels of the files at these places."""
        values = self.values[index]
        if self.mode == "binary":
            return values.astype("float32")[:, None]
        if self.mode == "categorical":
            return (values[:, None] == np.arange(self.classes)).astype("float32")
        return values


def check_labels(labels: Any, label_mode: Any) -> None:
    """Check what a user said about labels.

    Raises:
        ValueError, TypeError: the arguments do not fit together.
    """
    if isinstance(labels, str) and labels != "inferred":
        hint = did_you_mean(labels, ["inferred"])
        raise ValueError(
            f"labels expects 'inferred', None or a list of labels; got {labels!r}.{hint}"
        )
    if not (labels is None or isinstance(labels, (str, list, tuple, np.ndarray))):
        raise TypeError(
            "labels expects 'inferred' (the folders are the classes), None (no labels) or a list "
            f"with a label for each file; got {labels!r}."
        )
    if label_mode not in (*LABEL_MODES, None):
        hint = did_you_mean(str(label_mode), LABEL_MODES)
        raise ValueError(
            f"label_mode expects 'int', 'binary', 'categorical' or None; got {label_mode!r}.{hint}"
        )


def check_classes(label_mode: Any, class_names: Any) -> None:
    """Check that the classes that were found fit the mode.

    Raises:
        ValueError: `"binary"` with another number of classes than two.
    """
    if label_mode == "binary" and len(class_names) != 2:
        raise ValueError(
            f"label_mode='binary' needs exactly two classes; there are {len(class_names)}: "
            f"{class_names}. Use label_mode='int' or 'categorical'."
        )
