"""What a model file holds, found out without making anything of it."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nyala.core import find_builtin, find_custom
from nyala.saving._archive import open_archive
from nyala.saving._hdf5 import Dataset, Group, H5Reader
from nyala.saving._json import read_json
from nyala.saving._limits import ModelFileError
from nyala.saving._shards import SUFFIX, ShardReader
from nyala.saving._weights_file import WEIGHTS

_HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
_LARGE = 10**8  # a number in a config from which on weights would have gigabytes
_ANY_NUMBER = ("seed", "shared_object_id")
_VALUE_TYPES = ("__numpy__", "__slice__", "__ellipsis__", "__bytes__", "__tensor__", "__tuple__",
                "__keras_tensor__", "__typespec__", "TensorShape", "TypeSpec")  # fmt: skip


@dataclasses.dataclass
class Inspection:
    """What a file holds.

    Args:
        path: the file.
        kind: what it is, in words.
        size: its bytes; of a directory, those of its files.
        version: the Keras whose format it says to have.
        model: class and name of the model.
        compiled: what it was compiled with, by argument.
        layers: `(path, class, what it was made with)` of each layer.
        weights: `(place, shape, dtype, bytes)` of each array.
        members: `(name, bytes)` of the archive's other files.
        custom: classes and functions that nyala does not have.
        suspicious: what an honest file does not hold, and what loading would refuse.
    """

    path: str
    kind: str = "unknown"
    size: int = 0
    version: str = ""
    model: str = ""
    compiled: dict[str, str] = dataclasses.field(default_factory=dict)
    layers: list[tuple[str, str, str]] = dataclasses.field(default_factory=list)
    weights: list[tuple[str, tuple, str, int]] = dataclasses.field(default_factory=list)
    members: list[tuple[str, int]] = dataclasses.field(default_factory=list)
    custom: list[str] = dataclasses.field(default_factory=list)
    suspicious: list[str] = dataclasses.field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return dataclasses.asdict(self)

    def suspect(self, reason: str) -> None:
        """Note something suspicious, once."""
        if reason not in self.suspicious:
            self.suspicious.append(reason)


def inspect_file(path: Any) -> Inspection:
    """Return what a model file holds, without building, importing or running any of it.

    Args:
        path: a `.keras` archive, a directory, an HDF5 file of a model or of weights, a list of
            sharded weights, or JSON.

    Raises:
        FileNotFoundError: there is none.

    >>> import nyala, tempfile, os
    >>> model = nyala.Sequential([nyala.Input((3,)), nyala.layers.Dense(2, name="scores")])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "m.keras")
    ...     model.save(path)
    ...     found = nyala.saving.inspect_file(path)
    >>> found.layers[-1][:2], found.weights[0][1], found.suspicious
    (('scores', 'Dense'), (3, 2), [])
    """
    found = Inspection(os.fspath(path))
    target = Path(path)
    if not target.exists():
        raise FileNotFoundError(f"There is no file {path}.")
    files = [target] if target.is_file() else [p for p in target.rglob("*") if p.is_file()]
    found.size = sum(file.stat().st_size for file in files)
    start = b""
    if target.is_file():
        with open(target, "rb") as file:
            start = file.read(8)
    with _noting(found):
        if target.is_dir() or start[:2] == b"PK":
            found.kind = "Keras archive" if target.is_file() else "directory with a Keras archive"
            _look_into_archive(found)
        elif start == _HDF5_MAGIC:
            _look_into_hdf5(found)
        elif found.path.endswith(SUFFIX):
            found.kind = "weights in several files"
            with ShardReader(found.path) as shards:
                for reader in shards.readers():
                    found.weights += _arrays(reader.file)
        else:
            found.kind = "JSON"
            _look_into_config(found, read_json(target.read_bytes(), found.path))
    return found


@contextlib.contextmanager
def _noting(found: Inspection) -> Iterator[None]:
    try:
        yield
    except ModelFileError as error:
        found.suspect(str(error))


def _look_into_archive(found: Inspection) -> None:
    with open_archive(found.path) as archive:
        names = archive.names()
        found.members = [(name, archive.size_of(name)) for name in names if name != WEIGHTS]
        with _noting(found):
            if "metadata.json" in names:
                metadata = read_json(archive.read("metadata.json"), "metadata.json")
                if isinstance(metadata, dict):
                    found.version = str(metadata.get("keras_version", ""))
        with _noting(found):
            if "config.json" in names:
                _look_into_config(found, read_json(archive.read("config.json"), "config.json"))
            else:
                found.suspect("It has no config.json: no model was saved there.")
        with _noting(found):
            if WEIGHTS in names:
                weights = archive.open(WEIGHTS)
                with H5Reader(weights, WEIGHTS) as reader:
                    found.weights = list(_arrays(reader.file))
                archive.verify(weights)


def _look_into_hdf5(found: Inspection) -> None:
    found.kind = "HDF5"
    with H5Reader(found.path, found.path) as reader:
        root = reader.file
        found.weights = list(_arrays(root))
        version = root.attrs.get("keras_version")
        found.version = version.decode("utf-8", "replace") if isinstance(version, bytes) else ""
        legacy = "model_config" in root.attrs
        old = legacy or any(key.startswith("layer_names") for key in root.attrs)
        found.kind = (
            "HDF5 of a model, Keras 2's layout" if legacy
            else "HDF5 of weights, Keras 2's layout" if old else "HDF5 of weights"
        )  # fmt: skip
        for name in ("model_config", "training_config"):
            text = root.attrs.get(name)
            if isinstance(text, bytes):
                with _noting(found):
                    config = read_json(text, name)
                    if name == "model_config":
                        _look_into_config(found, config)
                    else:
                        _note_compiled(found, config)


def _arrays(group: Group) -> Iterator[tuple[str, tuple, str, int]]:
    for item in group.members.values():
        if isinstance(item, Dataset):
            mark = item.attrs.get("dtype")
            dtype = mark.decode() if isinstance(mark, bytes) else str(item.dtype)
            size = math.prod(item.shape) * item.dtype.itemsize
            yield item.name.strip("/"), item.shape, dtype, size
        elif isinstance(item, Group):
            yield from _arrays(item)


# -- configs -------------------------------------------------------------------------------------


def _look_into_config(found: Inspection, config: Any) -> None:
    if not isinstance(config, dict) or "class_name" not in config:
        found.suspect("Its config does not describe a model.")
        return
    inner = config.get("config")
    name = inner.get("name", "") if isinstance(inner, dict) else ""
    found.model = f"{config['class_name']} {name!r}"
    found.version = found.version or str(config.get("keras_version", ""))
    _note_compiled(found, config.get("compile_config"))
    _note_layers(found, inner, "")
    _note_values(found, config, "")


def _note_compiled(found: Inspection, compiled: Any) -> None:
    if not isinstance(compiled, dict):
        return
    for key, value in compiled.items():
        if value is not None and value not in ([], {}):
            found.compiled[key.removesuffix("_config")] = _brief(value)
    _note_values(found, compiled, "compile")


def _note_layers(found: Inspection, config: Any, path: str) -> None:
    layers = config.get("layers", ()) if isinstance(config, dict) else config
    if not isinstance(layers, list):
        return
    for layer in layers:
        if not isinstance(layer, dict) or "class_name" not in layer:
            continue
        inner = layer.get("config")
        inner = inner if isinstance(inner, dict) else {}
        place = f"{path}/{inner.get('name', '?')}" if path else str(inner.get("name", "?"))
        found.layers.append((place, str(layer["class_name"]), _settings(inner)))
        inside = inner.get("layer")  # of a wrapper
        _note_layers(found, [inside] if isinstance(inside, dict) else inner, place)


def _settings(config: dict) -> str:
    """Return the numbers and short texts of a layer's config."""
    plain = {
        key: value for key, value in config.items()
        if key not in ("name", "trainable", "layers", "input_layers", "output_layers")
        and value not in (None, False, [], {}) and not isinstance(value, dict)
    }  # fmt: skip
    return ", ".join(f"{key}={_brief(value)}" for key, value in plain.items())


def _brief(value: Any) -> str:
    if isinstance(value, dict) and "class_name" in value:
        name = value["config"] if value["class_name"] == "function" else value["class_name"]
        return str(name)[:60]
    if isinstance(value, list):
        text = "[" + ", ".join(_brief(item) for item in value[:6]) + (", …" if value[6:] else "]")
    elif isinstance(value, dict):
        text = "{" + ", ".join(f"{k}: {_brief(v)}" for k, v in list(value.items())[:6]) + "}"
    else:
        text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _note_values(found: Inspection, value: Any, path: str) -> None:
    """Note what is custom or suspicious in a config, wherever it stands."""
    waiting = [(value, path)]
    while waiting:
        value, path = waiting.pop()
        if isinstance(value, dict):
            if isinstance(value.get("class_name"), str) and "config" in value:
                _note_object(found, value, path)
            if "safe_mode" in value:
                found.suspect(f"{path or 'the config'} sets safe_mode, which only a caller may.")
            waiting += [(item, f"{path}/{key}".strip("/")) for key, item in value.items()
                        if key not in _ANY_NUMBER]  # fmt: skip
        elif isinstance(value, list):
            waiting += [(item, path) for item in value]
        elif isinstance(value, str):
            if "://" in value or value.startswith(("/", "~", "..")):
                found.suspect(f"{path} names a file or address: {value[:80]!r}.")
        elif isinstance(value, (int, float)) and not isinstance(value, bool) and value >= _LARGE:
            found.suspect(f"{path} declares {value:,}.")


def _note_object(found: Inspection, entry: dict, path: str) -> None:
    name, module = entry["class_name"], entry.get("module")
    if name == "__lambda__":
        inner = entry["config"]
        code = inner.get("code", "") if isinstance(inner, dict) else ""
        found.suspect(
            f"{path} holds Python bytecode ({len(str(code)) * 3 // 4:,} bytes), which "
            "safe_mode=False would run."
        )
        return
    if name in _VALUE_TYPES:
        return
    meant = entry["config"] if name in ("function", "type") else name
    registered = entry.get("registered_name")
    known = isinstance(meant, str) and (
        find_builtin(None, meant.removeprefix("Custom>")) is not None
    )
    if known and not (isinstance(registered, str) and ">" in registered):
        return
    label = str(registered or meant)[:80]
    state = "known here" if find_custom(str(registered or meant)) is not None else "not known here"
    line = f"{label} (module {module}, {state})"
    if line not in found.custom:
        found.custom.append(line)
    if isinstance(module, str) and module.split(".")[0] in _DANGEROUS:
        found.suspect(f"{path} names {module}.{meant}, which is no part of a model.")


# Modules whose functions attackers have named in model files.
_DANGEROUS = frozenset(
    ("os", "posix", "nt", "sys", "subprocess", "builtins", "importlib", "shutil", "socket",
     "pickle", "marshal", "ctypes", "runpy", "code", "pty", "webbrowser", "urllib", "http",
     "tempfile")
)  # fmt: skip
