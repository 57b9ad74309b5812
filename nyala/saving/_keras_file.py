"""The `.keras` format: a zip archive, or a directory, of config, weights and assets."""

from __future__ import annotations

import datetime
import json
import tempfile
import warnings
from pathlib import Path
from typing import Any

from nyala.core import (
    CustomObjectScope,
    deserialize_keras_object,
    serialize_keras_object,
    sharing_objects,
)
from nyala.saving._archive import extracted, new_archive, open_archive
from nyala.saving._h5_writer import H5Writer
from nyala.saving._hdf5 import H5Reader
from nyala.saving._json import read_json
from nyala.saving._keras2 import from_keras2
from nyala.saving._limits import ModelFileError
from nyala.saving._rebuild import rebuilding, unfilled_model
from nyala.saving._state import read_state, write_state
from nyala.saving._walk import Order, walk
from nyala.saving._weights_file import WEIGHTS

CONFIG, METADATA, ASSETS = "config.json", "metadata.json", "assets"
# The version of Keras whose format this is; Keras itself only records it.
_KERAS_VERSION = "3.15.1"


def write_keras_file(model: Any, target: Any, zipped: bool = True) -> None:
    """Write a model as a `.keras` archive, or as a directory with the archive's members."""
    if not getattr(model, "built", True):
        warnings.warn(
            f"Model {model.name!r} is saved before it was built, so without weights. Call it on "
            "data first.",
            stacklevel=3,
        )
    with sharing_objects():
        config = json.dumps(serialize_keras_object(model))
    date = datetime.datetime.now().strftime("%Y-%m-%d@%H:%M:%S")
    metadata = json.dumps({"keras_version": _KERAS_VERSION, "date_saved": date})
    weights = H5Writer()
    write_state(model, weights)
    with new_archive(target, zipped) as archive:
        for name, text in ((METADATA, metadata), (CONFIG, config)):
            archive.add(name, [text.encode()])
        archive.add(WEIGHTS, weights.pieces())
        _write_assets(model, archive)


def read_keras_file(source: Any, custom_objects: dict | None = None, compile: bool = True,
                    safe_mode: bool = True) -> Any:  # fmt: skip
    """Return the model of a `.keras` archive or of a directory with its members."""
    with open_archive(source) as archive:
        with unfilled_model(archive.what, archive.size_of(WEIGHTS)) as unfilled:
            model = _read_model(archive, custom_objects, compile, safe_mode)
        weights = archive.open(WEIGHTS)
        with H5Reader(weights, f"{WEIGHTS} of {archive.what}") as reader:
            order = read_state(model, reader)
        archive.verify(weights)
        _read_assets(model, archive, order)
        unfilled.fill()
        return model


def _read_model(archive: Any, custom_objects: dict | None, compile: bool, safe_mode: bool) -> Any:
    config = read_json(archive.read(CONFIG), f"{CONFIG} of {archive.what}")
    if not isinstance(config, dict) or "class_name" not in config:
        raise ModelFileError(f"{CONFIG} of {archive.what} does not describe a model.")
    if not compile:
        config["compile_config"] = None
    if _keras_version(archive).startswith("2."):
        with CustomObjectScope(custom_objects):
            config = from_keras2(config)
    with rebuilding(archive.what), sharing_objects():
        return deserialize_keras_object(config, custom_objects=custom_objects, safe_mode=safe_mode)


def _keras_version(archive: Any) -> str:
    """Return the version of Keras that wrote the archive; nothing where that is not said."""
    if METADATA not in archive.names():
        return ""
    metadata = read_json(archive.read(METADATA), f"{METADATA} of {archive.what}")
    return str(metadata.get("keras_version", "")) if isinstance(metadata, dict) else ""


def _write_assets(model: Any, archive: Any) -> None:
    for path, owner in walk(model):
        if not hasattr(owner, "save_assets"):
            continue
        with tempfile.TemporaryDirectory() as folder:
            owner.save_assets(folder)
            for file in sorted(p for p in Path(folder).rglob("*") if p.is_file()):
                name = "/".join(
                    part for part in (ASSETS, path, file.relative_to(folder).as_posix()) if part
                )
                archive.add(name, [file.read_bytes()])


def _read_assets(model: Any, archive: Any, order: Order) -> None:
    for path, owner in walk(model, order=order):
        if hasattr(owner, "load_assets"):
            with extracted(archive, f"{ASSETS}/{path}" if path else ASSETS) as folder:
                if folder is not None:
                    owner.load_assets(str(folder))
