"""Which files a directory holds, in which order, with which labels and in which split.

The one index behind the loaders of images, texts and sounds. Order, shuffle and split are Keras',
so that a seed means the same files here and there.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from nyala.core import did_you_mean, settings

Index = tuple[list[str], np.ndarray | None, list[str] | None]
"""The paths of files, their labels and the names of the classes."""

_logger = logging.getLogger("nyala")


def index_directory(directory: Any, labels: Any, formats: tuple[str, ...],
                    class_names: Any = None, shuffle: bool = True, seed: int | None = None,
                    follow_links: bool = False,
                    verbose: bool = True) -> Index:  # fmt: skip
    """Return the files of a directory, their labels and the names of the classes.

    Args:
        directory: a path. For `labels="inferred"` it holds a folder a class; folders inside these
            are searched too.
        labels: `"inferred"`; `None` for files without labels; or a list with a label for each file,
            in the order of the sorted paths.
        formats: the endings of the files that count, in lower case, with the dot.
        class_names: for `labels="inferred"` the folders that count, in the order of their labels;
            all in alphabetic order by default.
        shuffle: whether the order is random; else the paths are sorted class by class.
        seed: of the order; drawn from NumPy's global random numbers if `None`.
        follow_links: whether folders that are links are entered. One that leads back to a folder
            around it is passed over.
        verbose: whether to say how many files were found.

    Returns:
        The paths (beginning with `directory`); the labels as an array of the same length (int32 for
        integers), or `None`; the class names, or `None` where there are no labels.

    Raises:
        FileNotFoundError, NotADirectoryError: there is no such directory.
        ValueError: class names that are no folders, or another number of labels than of files.
    """
    directory = _existing(directory)
    if isinstance(labels, str) and labels == "inferred":
        names = _class_folders(directory, class_names)
        paths, values = _files_of_classes(directory, names, formats, follow_links)
    else:
        _refuse_class_names(labels, class_names)
        paths = list(files_below(directory, formats, follow_links))
        names, values = None, None
        if labels is not None:
            values = _given_labels(labels, len(paths), directory)
            names = [str(label) for label in sorted(set(labels))]
    if verbose:
        belonging = "" if names is None else f" belonging to {len(names)} classes"
        say(f"Found {len(paths)} files{belonging}.")
    if shuffle:
        order = _shuffled_order(len(paths), seed)
        paths = [paths[i] for i in order]
        values = None if values is None else values[order]
    return paths, values, names


def check_validation_split(validation_split: Any, subset: Any, shuffle: bool, seed: Any) -> None:
    """Check the arguments that cut files into training and validation.

    Args:
        validation_split: the fraction of the files for validation, or `None`.
        subset: `"training"`, `"validation"`, `"both"` or `None`.
        shuffle: whether the order is random.
        seed: of the order.

    Raises:
        ValueError: one is out of range, or missing beside another.
    """
    if validation_split and not 0 < validation_split < 1:
        raise ValueError(f"validation_split must lie between 0 and 1; got {validation_split!r}.")
    if subset not in ("training", "validation", "both", None):
        hint = did_you_mean(subset, ["training", "validation", "both"])
        raise ValueError(
            f"subset expects 'training', 'validation', 'both' or None; got {subset!r}.{hint}"
        )
    if bool(validation_split) != bool(subset):
        given, missing = ("validation_split", "subset") if validation_split else (
            "subset", "validation_split")  # fmt: skip
        raise ValueError(f"{given} was given without {missing}: the two go together.")
    if validation_split and shuffle and seed is None:
        raise ValueError(
            "validation_split of shuffled files needs a seed: without one, files of the training "
            "subset would also be in the validation subset. Pass the same seed for both, or "
            "shuffle=False."
        )


def split_files(paths: list[str], labels: np.ndarray | None, validation_split: float | None,
                subset: str | None,
                verbose: bool = True) -> tuple[list[str], np.ndarray | None]:  # fmt: skip
    """Return the files and labels of one subset: validation takes the last ones.

    Args:
        paths, labels: what `index_directory` returned.
        validation_split: the fraction of the files for validation; `None` or 0 for no split.
        subset: `"training"` or `"validation"`.
        verbose: whether to say how many files are used.
    """
    if not validation_split:
        return paths, labels
    first_of_validation = len(paths) - int(validation_split * len(paths))
    part = slice(first_of_validation) if subset == "training" else slice(first_of_validation, None)
    if verbose:
        say(f"Using {len(paths[part])} files for {subset}.")
    return paths[part], None if labels is None else labels[part]


def say(message: str) -> None:
    """Print a line, or log it where interactive logging is off."""
    if settings.is_interactive_logging_enabled():
        print(message, flush=True)
    else:
        _logger.info(message)


def _existing(directory: Any) -> str:
    directory = os.fspath(directory)
    if not os.path.exists(directory):
        raise FileNotFoundError(f"There is no directory {directory!r}.")
    if not os.path.isdir(directory):
        raise NotADirectoryError(f"{directory!r} is a file; a directory is expected.")
    return directory


def _class_folders(directory: str, class_names: Any) -> list[str]:
    folders = sorted(
        name for name in os.listdir(directory)
        if not name.startswith(".") and os.path.isdir(os.path.join(directory, name))
    )  # fmt: skip
    if class_names is None:
        return folders
    names = list(class_names)
    unknown = [name for name in names if name not in folders]
    if unknown:
        hint = did_you_mean(str(unknown[0]), folders)
        raise ValueError(
            f"class_names must be folders of {directory!r}, which are {folders}; got "
            f"{unknown}.{hint}"
        )
    if len(set(names)) < len(names):
        raise ValueError(f"class_names must differ from each other; got {names}.")
    return names


def _files_of_classes(directory: str, names: list[str], formats: tuple[str, ...],
                      follow_links: bool) -> tuple[list[str], np.ndarray]:  # fmt: skip
    paths: list[str] = []
    counts = []
    for name in names:
        folder = os.path.join(directory, name)
        found = list(files_below(folder, formats, follow_links))
        paths += found
        counts.append(len(found))
    empty = [name for name, count in zip(names, counts, strict=True) if not count]
    if empty and paths:
        warnings.warn(
            f"{directory}: the class folder{'s' * (len(empty) > 1)} {', '.join(map(repr, empty))} "
            f"without files of the formats {', '.join(formats)} will have no examples.",
            stacklevel=4,
        )
    return paths, np.repeat(np.arange(len(names), dtype="int32"), counts)


def files_below(directory: str, formats: tuple[str, ...], follow_links: bool) -> Iterator[str]:
    """Yield the paths of the files in and below a folder.

    Folders come sorted by their whole path, the files of each by name.

    Args:
        directory: the folder.
        formats: the endings of the files that count, in lower case.
        follow_links: whether folders that are links are entered.
    """
    found = sorted(_walk(directory, follow_links, ()), key=lambda folder: folder[0])
    for folder, names in found:
        for name in sorted(names):
            if name.lower().endswith(formats):
                yield os.path.join(folder, name)


def _walk(folder: str, follow_links: bool,
          around: tuple) -> Iterator[tuple[str, list[str]]]:  # fmt: skip
    """Yield each folder with the names of its files.

    Args:
        folder: where to begin.
        follow_links: whether to enter linked folders.
        around: device and inode of the folders on the way here: a link to one of them is a loop.
    """
    status = os.stat(folder)
    here = (status.st_dev, status.st_ino)
    if here in around:
        return
    files, folders = [], []
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.is_dir():
                files.append(entry.name)
            elif follow_links or not entry.is_symlink():
                folders.append(entry.path)
    yield folder, files
    for inner in folders:
        yield from _walk(inner, follow_links, (*around, here))


def _refuse_class_names(labels: Any, class_names: Any) -> None:
    if class_names is None:
        return
    why = (
        "without labels there are no classes" if labels is None
        else "with a list of labels, the labels are the classes"
    )  # fmt: skip
    raise ValueError(f"class_names goes with labels='inferred' only: {why}.")


def _given_labels(labels: Any, count: int, directory: str) -> np.ndarray:
    if len(labels) != count:
        raise ValueError(
            f"labels needs one label for each file: there are {count} files in {directory!r}, and "
            f"{len(labels)} labels."
        )
    values = np.asarray(labels)
    return values.astype("int32") if values.dtype.kind in "iub" else values


def _shuffled_order(count: int, seed: int | None) -> np.ndarray:
    if seed is None:
        seed = np.random.randint(1_000_000)
    order = np.arange(count)
    # The old generator: the one that gives the order that Keras gives.
    np.random.RandomState(seed).shuffle(order)
    return order
