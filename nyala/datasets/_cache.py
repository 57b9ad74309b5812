"""Where the files of datasets are looked for, and how they are fetched."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from nyala.callbacks import Progbar
from nyala.core import DownloadError, download, has_hash, settings


def cached_file(path: str, *, url: str, file_hash: str, keras_names: Iterable[str] = ()) -> Path:
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
        file_hash: hexadecimal digest of the file (sha256, or md5).
        keras_names: other names of the file in Keras' cache.

    Returns:
        The path of a file that exists.

    Raises:
        FileNotFoundError: the file is nowhere and could not be fetched; the message lists every
            place that was tried and says how to place the file by hand.
    """
    tried: list[str] = []
    found = _placed_by_hand(path, tried) or _in_a_cache(path, keras_names, file_hash, tried)
    if found is not None:
        return found
    target = _cache() / path
    try:
        return fetch(url, target, file_hash)
    except DownloadError as error:
        tried.append(str(error))
    except OSError as error:
        tried.append(f"{target}: cannot be written ({error})")
    raise FileNotFoundError(_nowhere(path, url, tried))


def fetch(url: str, target: Path, file_hash: str | None, hash_algorithm: str = "auto") -> Path:
    """Fetch a file, as `download` does, and show how far it is unless logging is off."""
    if not settings.is_interactive_logging_enabled():
        return download(url, target, file_hash=file_hash, hash_algorithm=hash_algorithm)
    print(f"Downloading {url} to {target}", flush=True)
    bar: Progbar | None = None

    def show(done: int, total: int | None) -> None:
        nonlocal bar
        if bar is None:
            bar = Progbar(total, unit_name="byte")
        bar.update(done)

    return download(url, target, file_hash=file_hash, hash_algorithm=hash_algorithm, progress=show)


def keras_home() -> Path:
    """Return Keras' folder for caches: `$KERAS_HOME`, else `~/.keras`."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")


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


def _in_a_cache(
    path: str, keras_names: Iterable[str], file_hash: str, tried: list[str]
) -> Path | None:
    name = os.path.basename(path) if os.path.isabs(path) else path
    keras = [keras_home() / "datasets" / known for known in (name, *keras_names)]
    for candidate in (_cache() / path, *keras):
        if not candidate.is_file():
            tried.append(f"{candidate}: not there")
        elif has_hash(candidate, file_hash):
            return candidate
        else:
            kind = "sha256" if len(file_hash) == 64 else "md5"
            tried.append(f"{candidate}: there, but its {kind} is not {file_hash}")
    return None


def _nowhere(path: str, url: str, tried: list[str]) -> str:
    places = "".join(f"\n  - {place}" for place in dict.fromkeys(tried))
    name = os.path.basename(path) if os.path.isabs(path) else path
    return (
        f"{name} is not on this machine and could not be fetched. Tried:{places}\n"
        f"To place it by hand, get {url} elsewhere and save it as {_cache() / path}; or save it "
        f"as {name} in a folder of your choice and set the environment variable NYALA_DATASETS to "
        "that folder (there a repacked copy will do: its arrays are checked, not its hash)."
    )
