"""Where the files of datasets are looked for, and what they must hold."""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from nyala.core import DownloadError, download, has_hash, settings


def cached_file(path: str, *, url: str, sha256: str) -> Path:
    """Return the local copy of a dataset's file, fetching it the first time.

    Looked for in this order:

    1. `path` itself, where it is absolute and there; else the folder `$NYALA_DATASETS`, for files
       placed by hand. Their hash is not compared, so a repacked copy will do.
    2. nyala's cache, `$NYALA_HOME/datasets` (`~/.nyala/datasets` where the variable is not set).
    3. Keras' cache, `$KERAS_HOME/datasets` (`~/.keras/datasets`), read but never written.
    4. `url`, stored under `path` in nyala's cache.

    Args:
        path: the name in these folders, such as `"mnist.npz"`, or an absolute path.
        url: where the file comes from.
        sha256: hexadecimal digest of the file.

    Returns:
        The path of a file that exists.

    Raises:
        FileNotFoundError: the file is nowhere and could not be fetched; the message lists every
            place that was tried and says how to place the file by hand.
    """
    tried: list[str] = []
    found = _placed_by_hand(path, tried) or _in_a_cache(path, sha256, tried)
    if found is not None:
        return found
    target = _cache() / path
    if settings.is_interactive_logging_enabled():
        print(f"Downloading {url} to {target}")
    try:
        return download(url, target, file_hash=sha256)
    except DownloadError as error:
        tried.append(str(error))
    except OSError as error:
        tried.append(f"{target}: cannot be written ({error})")
    raise FileNotFoundError(_nowhere(path, url, tried))


def load_arrays(
    path: Path, expected: Mapping[str, tuple[tuple[int, ...], str]]
) -> list[np.ndarray]:
    """Read arrays from an `.npz` file and check them; nothing in the file is ever executed.

    Args:
        path: the file.
        expected: for each array its shape and dtype.

    Returns:
        The arrays, in the order of `expected`.

    Raises:
        ValueError: the file is no `.npz` file, or an array is missing or differs.
    """
    try:
        if not zipfile.is_zipfile(path):
            raise ValueError("it is not a zip archive")
        with np.load(path, allow_pickle=False) as file:
            return [_checked(file, name, *kind) for name, kind in expected.items()]
    except (ValueError, EOFError, OSError, zipfile.BadZipFile, zlib.error) as error:
        what = ", ".join(f"{name} {dtype} {shape}" for name, (shape, dtype) in expected.items())
        raise ValueError(
            f"{path} is not the file it should be: {error}. Expected an .npz file with {what}. "
            "Remove or replace it."
        ) from error


def _checked(
    file: Mapping[str, np.ndarray], name: str, shape: tuple[int, ...], dtype: str
) -> np.ndarray:
    if name not in file:
        raise ValueError(f"array {name!r} is missing")
    array = file[name]
    if array.shape != shape or array.dtype != dtype:
        raise ValueError(f"array {name!r} is {array.dtype} {array.shape}")
    return array


def _cache() -> Path:
    return settings.home() / "datasets"


def _placed_by_hand(path: str, tried: list[str]) -> Path | None:
    folder = os.environ.get("NYALA_DATASETS", "")
    if not folder and not os.path.isabs(path):
        return None
    candidate = Path(folder, path)
    if candidate.is_file():
        return candidate
    tried.append(f"{candidate}: not there")
    return None


def _in_a_cache(path: str, sha256: str, tried: list[str]) -> Path | None:
    keras_home = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    for candidate in (_cache() / path, Path(keras_home, "datasets", os.path.basename(path))):
        if not candidate.is_file():
            tried.append(f"{candidate}: not there")
        elif has_hash(candidate, sha256):
            return candidate
        else:
            tried.append(f"{candidate}: there, but its sha256 is not {sha256}")
    return None


def _nowhere(path: str, url: str, tried: list[str]) -> str:
    places = "".join(f"\n  - {place}" for place in dict.fromkeys(tried))
    name = os.path.basename(path)
    return (
        f"{name} is not on this machine and could not be fetched. Tried:{places}\n"
        f"To place it by hand, get {url} elsewhere and save it as {_cache() / path}; or save it "
        f"as {name} in a folder of your choice and set the environment variable NYALA_DATASETS to "
        "that folder (there a repacked copy will do: its arrays are checked, not its hash)."
    )
