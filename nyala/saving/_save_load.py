"""`save_model` and `load_model`: the format follows from the path."""

from __future__ import annotations

import os
from typing import Any

from nyala.core import atomic_file
from nyala.saving._h5_writer import H5Writer
from nyala.saving._hdf5 import H5Reader
from nyala.saving._keras_file import CONFIG, read_keras_file, write_keras_file
from nyala.saving._legacy_h5 import read_legacy_model, write_legacy_model
from nyala.saving._limits import ModelFileError
from nyala.saving._overwrite import may_write
from nyala.saving._pieces import write_pieces
from nyala.saving._rebuild import rebuilding

_HDF5 = (".h5", ".hdf5")
_HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"


def save_model(model: Any, filepath: Any, overwrite: bool = True, zipped: bool | None = None,
               **kwargs: Any) -> None:  # fmt: skip
    """Write a model: its architecture, weights, and what it was compiled with.

    The file appears whole or not at all; one that was there before is replaced only then.

    Args:
        model: the model.
        filepath: ends with `.keras` for Keras 3's archive, with `.h5` or `.hdf5` for Keras 2's
            file; without an ending it becomes a directory with the members of a `.keras` archive.
            A binary file object takes a `.keras` archive.
        overwrite: whether something of that name may be replaced; if not, a terminal is asked.
        zipped: whether an archive (true) or a directory (false) is written; by the path's ending
            by default.
        **kwargs: `include_optimizer` (for `.h5`) and `save_format` of Keras 2.

    Raises:
        FileExistsError: it exists, `overwrite` is false, and there is nobody to ask.
        OSError: the disk is full or refuses; what was there before is unchanged.

    >>> import nyala, tempfile, os
    >>> model = nyala.Sequential([nyala.Input((3,)), nyala.layers.Dense(2)])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "m.keras")
    ...     nyala.saving.save_model(model, path)
    ...     again = nyala.saving.load_model(path)
    >>> bool((again.get_weights()[0] == model.get_weights()[0]).all())
    True
    """
    include_optimizer = kwargs.pop("include_optimizer", True)
    save_format = kwargs.pop("save_format", None)
    for of_tensorflow in ("options", "save_traces", "signatures"):
        kwargs.pop(of_tensorflow, None)
    if kwargs:
        raise TypeError(f"save_model() does not take the argument {sorted(kwargs)[0]!r}.")
    if hasattr(filepath, "write"):
        write_keras_file(model, filepath)
        return
    path = os.fspath(filepath)
    if not may_write(path, overwrite):
        return
    if path.endswith(_HDF5) or save_format == "h5":
        writer = H5Writer()
        write_legacy_model(model, writer, include_optimizer)
        with atomic_file(path) as file:
            write_pieces(file, writer.pieces())
        return
    if zipped is None:
        zipped = path.endswith(".keras")
    write_keras_file(model, path, zipped)


def load_model(filepath: Any, custom_objects: dict | None = None, compile: bool = True,
               safe_mode: bool = True) -> Any:  # fmt: skip
    """Return a model that was saved, by nyala or by Keras 2 or 3.

    Loading is safe: nothing that a file names is imported, called, downloaded or opened. Classes
    and functions come from nyala and from what you registered or pass.

    Args:
        filepath: a `.keras` archive, a directory with the members of one, or a `.h5` file; or a
            binary file object that holds an archive.
        custom_objects: a dict from names to your classes and functions that the model uses.
        compile: whether the model is compiled as it was, with its optimizer's state.
        safe_mode: false lets `Lambda` layers run Python code that stands in the file. Only for
            files that you trust as you trust a program.

    Raises:
        FileNotFoundError: there is no such file.
        ModelFileError: the file is no model, is damaged, or asks for what loading never does.
    """
    rest = {"custom_objects": custom_objects, "compile": compile, "safe_mode": safe_mode}
    if hasattr(filepath, "read"):
        with rebuilding("the archive"):
            return read_keras_file(filepath, **rest)
    path = os.fspath(filepath)
    if os.path.isdir(path):
        return _load_directory(path, rest)
    with open(path, "rb") as file:
        start = file.read(8)
    with rebuilding(path):
        if start != _HDF5_MAGIC:
            return read_keras_file(path, **rest)
        with H5Reader(path, path) as reader:
            return read_legacy_model(reader, **rest)


def _load_directory(path: str, rest: dict) -> Any:
    if os.path.exists(os.path.join(path, CONFIG)):
        with rebuilding(path):
            return read_keras_file(path, **rest)
    if os.path.exists(os.path.join(path, "saved_model.pb")):
        raise ModelFileError(
            f"{path} is a SavedModel, a TensorFlow program. Load it there and save the model as "
            "'.keras' or '.h5'."
        )
    raise ModelFileError(f"{path} is a directory without {CONFIG}: no model was saved there.")
