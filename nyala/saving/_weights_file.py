"""Weights alone: `.weights.h5`, in one file or several, and what Keras 2 wrote."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nyala.core import atomic_file
from nyala.saving._archive import open_archive
from nyala.saving._h5_writer import H5Writer
from nyala.saving._hdf5 import Group, H5Reader
from nyala.saving._legacy_weights import read_legacy_weights, write_legacy_weights
from nyala.saving._limits import ModelFileError
from nyala.saving._overwrite import may_write
from nyala.saving._pieces import write_pieces
from nyala.saving._shards import SUFFIX as _LIST_SUFFIX
from nyala.saving._shards import ShardReader, ShardWriter
from nyala.saving._state import read_state, write_state

WEIGHTS = "model.weights.h5"  # the member of a model's archive
_SUFFIX = ".weights.h5"
_HDF5 = (".h5", ".hdf5")


def save_weights(model: Any, filepath: Any, overwrite: bool = True,
                 max_shard_size: float | None = None, **kwargs: Any) -> None:  # fmt: skip
    """Write the weights of a model, and its optimizer's state, into a file.

    Args:
        model: a model that was built.
        filepath: ends with `.weights.h5`; with `.h5` or `.hdf5`, Keras 2's layout is written; with
            none of these, `.weights.h5` is added, so that Keras 2's prefixes go on working. With
            `max_shard_size`, it ends with `.weights.json`.
        overwrite: whether a file of that name may be replaced; if not, a terminal is asked.
        max_shard_size: GiB of arrays in one file; the weights are then spread over files beside
            the one at `filepath`, which lists them. One file by default.
        **kwargs: `objects_to_skip`: layers (or the optimizer) whose state is left out.

    Raises:
        FileExistsError: it exists, `overwrite` is false, and there is nobody to ask.
    """
    skipped = _objects_to_skip(kwargs, "save_weights")
    if not getattr(model, "built", True):
        raise ValueError(
            f"The weights of model {model.name!r} do not exist yet: build it, or call it on data, "
            "before saving them."
        )
    path = os.fspath(filepath)
    if path.endswith(".keras"):
        raise ValueError(
            f"save_weights({path!r}): '.keras' holds whole models. Use a name that ends with "
            "'.weights.h5', or model.save(...)."
        )
    if max_shard_size is not None:
        path = _list_name(path)
    elif not path.endswith(_HDF5):
        path += _SUFFIX
    if not may_write(path, overwrite):
        return
    if max_shard_size is not None:
        shards = ShardWriter(path, max_shard_size)
        write_state(model, shards, skipped)
        shards.write()
        return
    writer = H5Writer()
    if path.endswith(_SUFFIX):
        write_state(model, writer, skipped)
    else:
        write_legacy_weights(model, writer.file, writer)
    with atomic_file(path) as file:
        write_pieces(file, writer.pieces())


def load_weights(model: Any, filepath: Any, skip_mismatch: bool = False,
                 **kwargs: Any) -> None:  # fmt: skip
    """Set the weights of a model from a file.

    Args:
        model: a model that was built.
        filepath: what `save_weights` wrote, of nyala, Keras 3 or Keras 2 (`.h5`): a file, the list
            of several (`.weights.json`), or a prefix. A whole model serves as well.
        skip_mismatch: whether what does not fit is left out, with a warning that shows it.
        **kwargs: `by_name`: whether layers are matched by their names instead of by their order
            (`.h5` of Keras 2's layout only). `objects_to_skip`: layers (or the optimizer) that
            keep their state.

    Raises:
        FileNotFoundError: there is no such file.
        ModelFileError: it does not fit the model; the error shows where.
    """
    by_name = kwargs.pop("by_name", False)
    skipped = _objects_to_skip(kwargs, "load_weights")
    path = _existing(os.fspath(filepath))
    with _opened(path) as reader:
        if isinstance(reader, H5Reader) and is_legacy(reader.file):
            read_legacy_weights(model, reader, skip_mismatch=skip_mismatch, by_name=by_name)
            return
        if by_name:
            raise ValueError(
                f"load_weights({path!r}, by_name=True): only Keras 2's '.h5' files name their "
                "layers. Without by_name, skip_mismatch=True loads what fits."
            )
        read_state(model, reader, skip_mismatch=skip_mismatch, skipped=skipped)


@contextlib.contextmanager
def _opened(path: str) -> Iterator[Any]:
    """Give a reader of the weights at `path`: in a file, in several, or in a model's archive."""
    if path.endswith(_LIST_SUFFIX):
        with ShardReader(path) as reader:
            yield reader
    elif os.path.isdir(path) or path.endswith(".keras"):
        with open_archive(path) as archive:
            weights = archive.open(WEIGHTS)
            archive.verify(weights)  # before anything of the model changes
            with H5Reader(weights, f"{WEIGHTS} of {path}") as reader:
                yield reader
    else:
        with H5Reader(path, path) as reader:
            yield reader


def is_legacy(file: Group) -> bool:
    """Whether an HDF5 file has Keras 2's layout."""
    return (
        any(key in file.attrs for key in ("layer_names", "layer_names0")) or "model_weights" in file
    )


def _objects_to_skip(kwargs: dict, function: str) -> list:
    skipped = kwargs.pop("objects_to_skip", None)
    if kwargs:
        raise TypeError(f"{function}() does not take the argument {sorted(kwargs)[0]!r}.")
    return list(skipped or ())


def _list_name(path: str) -> str:
    for suffix in (_LIST_SUFFIX, _SUFFIX):
        path = path.removesuffix(suffix)
    return path + _LIST_SUFFIX


def _existing(path: str) -> str:
    for candidate in (path, path + _SUFFIX, path + _LIST_SUFFIX):
        if Path(candidate).is_file():
            return candidate
    if Path(path, WEIGHTS).is_file():
        return path
    if Path(path + ".index").is_file():
        raise ModelFileError(
            f"{path} is the prefix of a TensorFlow checkpoint. Load it there and save the weights "
            "as '.weights.h5' or '.h5'."
        )
    raise FileNotFoundError(f"There is no weights file {path} (nor {path}{_SUFFIX}).")
