"""`text_dataset_from_directory`: a folder of texts as batches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from nyala.data._specs import TensorSpec
from nyala.data._stage import check_count
from nyala.data.loaders._folder_dataset import Folder, load_folder

_FORMATS = (".txt",)


class TextReader:
    """Makes strings of text files.

    Args:
        max_length: characters that are kept; all if `None`.
    """

    spec = TensorSpec((), "string")

    def __init__(self, max_length: int | None):
        self.max_length = max_length

    def read_into(self, path: str, row: np.ndarray) -> None:
        """Put a file's text into an array without axes."""
        data = Path(path).read_bytes()
        try:
            row[()] = data.decode("utf-8")[: self.max_length]
        except UnicodeDecodeError as error:
            raise ValueError(
                f"{path} cannot be read: the byte {data[error.start]:#04x} at {error.start} is not "
                "UTF-8 text. Convert the file, or pass on_error='skip'."
            ) from None


def text_dataset_from_directory(
    directory: Any, labels: Any = "inferred", label_mode: str | None = "int",
    class_names: Any = None, batch_size: int | None = 32, max_length: int | None = None,
    shuffle: bool = True, seed: int | None = None, validation_split: float | None = None,
    subset: str | None = None, follow_links: bool = False, format: str = "tf",
    verbose: bool = True, on_error: str = "raise",
) -> Any:  # fmt: skip
    """Return a dataset of the texts in a directory.

    Files end in `.txt` and hold text in UTF-8.

    Args:
        directory: with `labels="inferred"`, a folder that holds a folder of texts for each class.
        labels: `"inferred"` from the folders; `None` for texts alone; or a list of integers, one
            for each file in the order of the sorted paths.
        label_mode: `"int"` for integers, `"categorical"` for one-hot rows, `"binary"` for 0.0 or
            1.0 in shape `(1,)`, `None` for texts alone.
        class_names: the folders to use, in the order of their labels; all by name if `None`.
        batch_size: texts of a batch; `None` for single texts.
        max_length: characters after which texts are cut off.
        shuffle: whether files are in random order, another one in each iteration; else by name.
        seed: of the orders and of the split.
        validation_split: the fraction of the files that is kept for validation.
        subset: `"training"`, `"validation"`, or `"both"` for a list of the two.
        follow_links: whether folders that are links are entered.
        format: accepted for Keras' sake (`"tf"` or `"grain"`): there is one kind of dataset.
        verbose: whether to say how many files were found.
        on_error: what becomes of a broken file: `"raise"` stops with an error that names it;
            `"skip"` passes it over and notes it in the dataset's `skipped_files`.

    Returns:
        A `Dataset` of strings of shape `(batch,)`, or of pairs of these and labels. It has the
        attributes `class_names`, `file_paths` and `skipped_files`.

    Raises:
        FileNotFoundError: there is no such directory.
        ValueError: it holds no text; arguments that do not fit together.

    >>> import nyala, pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> for name in ("bad", "good"):
    ...     (folder / name).mkdir()
    ...     _ = (folder / name / "1.txt").write_text(f"a {name} film")
    >>> dataset = nyala.utils.text_dataset_from_directory(folder, shuffle=False)
    Found 2 files belonging to 2 classes.
    >>> texts, labels = next(iter(dataset))
    >>> int(nyala.tf.strings.length(texts)[0]), labels.numpy()
    (10, array([0, 1], dtype=int32))
    """
    folder = Folder(
        directory, labels, label_mode, class_names, batch_size, shuffle, seed, validation_split,
        subset, follow_links, verbose, format, on_error,
    )  # fmt: skip
    if max_length is not None:
        max_length = check_count(max_length, "max_length", least=0)
    return load_folder(folder, TextReader(max_length), _FORMATS, "texts")
