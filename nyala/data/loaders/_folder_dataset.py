"""`FolderDataset`: what the loaders return, and how they put it together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nyala.core import did_you_mean
from nyala.data import sources, transforms
from nyala.data._dataset import Dataset
from nyala.data._stage import Stage, check_count
from nyala.data.loaders._directory_index import (
    check_validation_split,
    index_directory,
    split_files,
)
from nyala.data.loaders._file_labels import FileLabels, check_classes, check_labels
from nyala.data.loaders._read_files import ReadFiles

_AHEAD = 2  # batches that are kept ready


def stacked(stage: Stage, batch_size: int) -> Stage:
    """Return batches of elements of one shape."""
    return transforms.Batch(stage, batch_size, drop_remainder=False)


class FolderDataset(Dataset):
    """A dataset of files.

    Attributes:
        class_names: the names of the classes in the order of their labels; `None` without labels.
        file_paths: the files, in the order before any shuffling of an iteration.
        skipped_files: broken files that were passed over so far: what was wrong, by path.
    """

    def __init__(self, stage: Stage, class_names: list[str] | None, file_paths: list[str],
                 skipped_files: dict[str, str]):  # fmt: skip
        super().__init__(stage)
        self.class_names, self.file_paths = class_names, file_paths
        self.skipped_files = skipped_files


@dataclass(frozen=True)
class Folder:
    """What a user said about a folder: the arguments that all loaders have.

    Attributes:
        directory, labels, label_mode, class_names, batch_size, shuffle, seed, validation_split,
            subset, follow_links, verbose, format: as in the public functions.
        on_error: `"raise"` or `"skip"`: what becomes of a broken file.
    """

    directory: Any
    labels: Any
    label_mode: str | None
    class_names: Any
    batch_size: int | None
    shuffle: bool
    seed: int | None
    validation_split: float | None
    subset: str | None
    follow_links: bool
    verbose: bool
    format: str = "tf"
    on_error: str = "raise"

    def check(self) -> None:
        """Raise a `ValueError` or `TypeError` where the arguments do not fit together."""
        check_labels(self.labels, self.label_mode)
        check_validation_split(self.validation_split, self.subset, self.shuffle, self.seed)
        if self.batch_size is not None:
            check_count(self.batch_size, "batch_size")
        for name, value, choices in (
            ("format", self.format, ("tf", "grain")), ("on_error", self.on_error, ("raise", "skip"))
        ):  # fmt: skip
            if value not in choices:
                hint = did_you_mean(str(value), choices)
                raise ValueError(
                    f"{name} expects {' or '.join(map(repr, choices))}; got {value!r}.{hint}"
                )


def load_folder(folder: Folder, reader: Any, formats: tuple[str, ...], what: str,
                read: type[ReadFiles] = ReadFiles,
                batch: Callable[[Stage, int], Stage] = stacked) -> Any:  # fmt: skip
    """Return the dataset of a folder's files, or the list of its two subsets.

    Args:
        folder: what the user said.
        reader: makes arrays of files.
        formats: the endings of the files that count.
        what: what the files are, for errors, in the plural.
        read: the stage that reads with the reader.
        batch: makes batches of a stage's elements.

    Raises:
        ValueError: no file is there; arguments that do not fit together.
    """
    folder.check()
    labels = folder.labels if folder.label_mode is not None else None
    label_mode = folder.label_mode if labels is not None else None
    # Without a seed the order is left to the pipeline, whose saved place tells the seed it drew.
    ordered = folder.shuffle and folder.seed is not None
    paths, values, names = index_directory(
        folder.directory, labels, formats, folder.class_names, ordered, folder.seed,
        folder.follow_links, folder.verbose,
    )  # fmt: skip
    check_classes(label_mode, names)
    made = []
    for subset in ("training", "validation") if folder.subset == "both" else (folder.subset,):
        chosen, chosen_values = split_files(
            paths, values, folder.validation_split, subset, folder.verbose
        )
        if not chosen:
            raise ValueError(_nothing_there(folder, paths, formats, what, subset))
        encoded = None if chosen_values is None else FileLabels(
            chosen_values, str(label_mode), len(names or ()))  # fmt: skip
        shuffled = folder.shuffle and not (folder.subset == "both" and subset == "validation")
        stage, skipped = _stage(folder, reader, chosen, encoded, shuffled, read)
        if folder.batch_size is not None:
            stage = batch(stage, folder.batch_size)
        made.append(FolderDataset(transforms.Prefetch(stage, _AHEAD), names, chosen, skipped))
    return made if folder.subset == "both" else made[0]


def _stage(folder: Folder, reader: Any, paths: list[str], labels: FileLabels | None,
           shuffled: bool, read: type[ReadFiles]) -> tuple[Stage, dict[str, str]]:  # fmt: skip
    """Return single files, and where those that are passed over will be noted."""
    skipped: dict[str, str] = {}
    stage: Stage = sources.Range((len(paths),))
    if shuffled:
        stage = transforms.Shuffle(stage, len(paths), folder.seed, reshuffle=True)
    note = skipped if folder.on_error == "skip" else None
    return read(stage, paths, labels, reader, note), skipped


def _nothing_there(folder: Folder, paths: list[str], formats: tuple[str, ...], what: str,
                   subset: str | None) -> str:  # fmt: skip
    if paths:
        return (
            f"There are no {what} for {subset}: validation_split={folder.validation_split} of "
            f"{len(paths)} files leaves none."
        )
    where = "the class folders of " if isinstance(folder.labels, str) else ""
    return (
        f"There are no {what} in {where}{folder.directory}: no file ends in {', '.join(formats)}."
    )
