"""What `Dataset.save` wrote."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from nyala.core import atomic_file, did_you_mean, tree
from nyala.data._encoding import describe, rebuild
from nyala.data._record_file import RecordFile, RecordWriter
from nyala.data._specs import DatasetSpec, TensorSpec
from nyala.data._stage import Pass, Stage, StageIterator
from nyala.data.sources._elements import ElementsIterator

_FILE = "elements.nyala"
_SPEC = "spec.json"
_COMPRESSIONS = ("NONE", "GZIP")


class Saved(Stage):
    """The elements of a saved dataset.

    Args:
        path: the folder.

    Raises:
        FileNotFoundError: nothing was saved there.
    """

    def __init__(self, path: Any):
        file = os.path.join(os.fspath(path), _FILE)
        if not os.path.isfile(file):
            raise FileNotFoundError(f"Dataset.load: no dataset was saved in {os.fspath(path)!r}.")
        self.elements = RecordFile(file)

    @property
    def spec(self) -> Any:
        """The spec of the dataset that was saved."""
        described = json.loads((self.elements.path.parent / _SPEC).read_text("utf-8"))
        leaves = [leaf and TensorSpec(*leaf) for leaf in described["leaves"]]
        return rebuild(described["nesting"], leaves)

    @property
    def length(self) -> int:
        """The number of elements."""
        return len(self.elements)

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator that reads the file."""
        return ElementsIterator(self.elements)


def save_elements(stage: Stage, path: Any, compression: str | None) -> None:
    """Write the elements of a stage into a folder; they appear when all are written."""
    compression = "NONE" if compression in (None, "") else compression
    if compression not in _COMPRESSIONS:
        raise ValueError(
            f"save: compression must be None or 'GZIP'; got {compression!r}."
            f"{did_you_mean(str(compression), _COMPRESSIONS)}"
        )
    leaves = tree.flatten(stage.spec)
    if any(isinstance(leaf, DatasetSpec) for leaf in leaves):
        raise ValueError(
            "save: elements that are datasets (windows) cannot be saved; batch them first."
        )
    writer = RecordWriter(os.path.join(os.fspath(path), _FILE), compression == "GZIP")
    iterator = stage.iterate(Pass())
    try:
        for element in iterator:
            writer.append(element)
        specs = [leaf and [leaf.shape, leaf.dtype] for leaf in leaves]
        text = json.dumps({"nesting": describe(stage.spec), "leaves": specs})
        with atomic_file(Path(path) / _SPEC, "w", encoding="utf-8") as file:
            file.write(text)
        writer.finish()
    finally:
        iterator.close()
        writer.discard()
