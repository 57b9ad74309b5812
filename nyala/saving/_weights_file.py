"""Weights alone: `.weights.h5`, and what Keras 2 wrote under other names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import h5py

from nyala.core import atomic_file
from nyala.saving._h5_reader import H5Reader
from nyala.saving._h5_writer import H5Writer
from nyala.saving._legacy_h5 import read_legacy_weights, write_legacy_weights
from nyala.saving._state import read_state, write_state

_SUFFIX = ".weights.h5"


def save_weights(model: Any, filepath: Any, overwrite: bool = True) -> None:
    """Write the weights of a model, and its optimizer's state, into a file.

    Args:
        model: a model that was built.
        filepath: ends with `.weights.h5`; with `.h5` or `.hdf5`, Keras 2's layout is written; with
            none of these, `.weights.h5` is added, so that Keras 2's prefixes go on working.
        overwrite: whether a file of that name may be replaced.

    Raises:
        FileExistsError: it exists, and `overwrite` is false.
    """
    if not getattr(model, "built", True):
        raise ValueError(
            f"The weights of model {model.name!r} do not exist yet: build it, or call it on data, "
            "before saving them."
        )
    path = os.fspath(filepath)
    legacy = path.endswith((".h5", ".hdf5", ".keras")) and not path.endswith(_SUFFIX)
    if path.endswith(".keras"):
        raise ValueError(
            f"save_weights({path!r}): '.keras' holds whole models. Use a name that ends with "
            "'.weights.h5', or model.save(...)."
        )
    if not legacy and not path.endswith(_SUFFIX):
        path += _SUFFIX
    check_free(path, overwrite)
    writer = H5Writer()
    if legacy:
        write_legacy_weights(model, writer.file, writer)
    else:
        write_state(model, writer)
    with atomic_file(path) as file:
        writer.write_to(file)


def load_weights(
    model: Any, filepath: Any, skip_mismatch: bool = False, by_name: bool = False
) -> None:
    """Set the weights of a model from a file.

    Args:
        model: a model that was built.
        filepath: a file that `save_weights` wrote, of nyala, Keras 3 or Keras 2 (`.h5`); a whole
            model (`.h5`) serves as well.
        skip_mismatch: whether what does not fit is left out, with a warning that shows it.
        by_name: whether layers are matched by their names (Keras 2's files only) instead of by
            their order.

    Raises:
        FileNotFoundError: there is no such file.
        ModelFileError: it does not fit the model; the error shows where.
    """
    path = _existing(os.fspath(filepath))
    with H5Reader(path, path) as reader:
        if is_legacy(reader.file):
            read_legacy_weights(model, reader, skip_mismatch=skip_mismatch, by_name=by_name)
            return
        if by_name:
            raise ValueError(
                f"load_weights({path!r}, by_name=True): only Keras 2's '.h5' files name their "
                "layers. Without by_name, skip_mismatch=True loads what fits."
            )
        has_optimizer = getattr(model, "optimizer", None) is not None
        read_state(model, reader, skip_mismatch=skip_mismatch, with_optimizer=has_optimizer)


def is_legacy(file: h5py.File) -> bool:
    """Whether an HDF5 file has Keras 2's layout."""
    return "layer_names" in file.attrs or "model_weights" in file


def check_free(path: Any, overwrite: bool) -> None:
    """Raise where something exists at `path` that must not be replaced."""
    if not overwrite and os.path.exists(path):
        raise FileExistsError(
            f"{path} exists. Pass overwrite=True to replace it, or choose another name."
        )


def _existing(path: str) -> str:
    for candidate in (path, path + _SUFFIX):
        if Path(candidate).is_file():
            return candidate
    raise FileNotFoundError(f"There is no weights file {path} (nor {path}{_SUFFIX}).")
