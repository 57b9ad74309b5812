"""`get_file`: a file from the web, and what an archive holds."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from nyala.core import (
    ArchiveError,
    atomic_file,
    did_you_mean,
    extract_archive,
    has_hash,
    leads_outside,
    settings,
)
from nyala.datasets._cache import fetch, keras_home

_FORMATS = ("tar", "zip")


def get_file(fname: Any = None, origin: str | None = None, untar: bool = False,
             md5_hash: str | None = None, file_hash: str | None = None,
             cache_subdir: str = "datasets", hash_algorithm: str = "auto", extract: bool = False,
             archive_format: Any = "auto", cache_dir: Any = None,
             force_download: bool = False) -> str:  # fmt: skip
    """Return the path of a file from the web, fetched the first time and then found in a cache.

    The file appears in the cache whole and checked, or not at all. An archive is unpacked into a
    folder of its own, which appears in the same way: names and links that lead out of it, devices
    and names that stand there twice are refused, and so is what exceeds
    `nyala.utils.download_limits`. Give a `file_hash` where you know one: nothing else tells that
    the file is the one that you mean.

    Args:
        fname: the file's name in the cache; the last part of the address if `None`.
        origin: an `http`, `https` or `file` address.
        untar: whether the file is a tar archive to unpack; the older spelling of `extract`.
        md5_hash: the older spelling of `file_hash`.
        file_hash: hexadecimal digest of the file (sha256, or md5).
        cache_subdir: folder in the cache; an absolute path stands for itself.
        hash_algorithm: `"sha256"`, `"md5"`, or `"auto"` to tell by the digest's length.
        extract: whether to unpack the file.
        archive_format: `"tar"` (plain, or packed with gzip, bzip2 or xz), `"zip"`, a list of these,
            or `"auto"` for both.
        cache_dir: the cache; by default `$NYALA_HOME`, else `~/.nyala`. A file of which the hash is
            given is also taken from Keras' cache.
        force_download: whether to fetch the file although it is there.

    Returns:
        The file's path. For an archive that of the folder with its files: `fname` where it has no
        dot, else what is before the dot with `_extracted` behind it.

    Raises:
        DownloadError: (an `OSError`) the file could not be fetched, or has another hash.
        ArchiveError: (a `ValueError`) it is no archive, or one that does more than hold files.
        FileExistsError: the folder to unpack into holds files from elsewhere.
        ValueError: no `origin`; a name that is a path; an unknown format.

    >>> import nyala, pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "there.txt").write_text("text")
    >>> path = nyala.utils.get_file(
    ...     "here.txt", (folder / "there.txt").as_uri(), cache_dir=folder,
    ...     md5_hash="1cb251ec0d568de6a929b520c4aed8d1")
    Downloading file:///.../there.txt to .../datasets/here.txt
    ...
    >>> pathlib.Path(path).read_text()
    'text'
    """
    if origin is None:
        raise ValueError("get_file needs the address of the file: origin='https://...'.")
    name = _name_of(fname, origin)
    formats = ("tar",) if untar else _formats_of(archive_format) if extract else ()
    if file_hash is None and md5_hash is not None:
        file_hash, hash_algorithm = md5_hash, "md5"
    home = settings.home() if cache_dir is None else Path(cache_dir).expanduser()
    target, folder = _places(home / cache_subdir, name, bool(fname), bool(formats))
    source = target
    known = not force_download and _is_there(target, file_hash, hash_algorithm)
    if not known and cache_dir is None and file_hash and not force_download:
        source = keras_home() / cache_subdir / target.name
        known = _is_there(source, file_hash, hash_algorithm)
    if not known:
        source = fetch(origin, target, file_hash, hash_algorithm)
    if not formats:
        return str(source)
    _unpack_once(source, folder, formats, fetched=not known)
    return str(folder)


def _places(cache: Path, name: str, given: bool, unpacked: bool) -> tuple[Path, Path]:
    """Return where a file lies, and the folder into which it is unpacked: as Keras 3 has them."""
    if unpacked and given and "." in name:
        return cache / name, cache / f"{name.partition('.')[0]}_extracted"
    return cache / (f"{name}_archive" if unpacked else name), cache / name


def _name_of(fname: Any, origin: str) -> str:
    name = os.fspath(fname) if fname else urlsplit(origin).path.rpartition("/")[2]
    if not name:
        raise ValueError(f"The address {origin!r} does not end in a file's name; pass fname.")
    if leads_outside(name) or "/" in name or "\\" in name or name == ".":
        whose = "fname" if fname else f"The address {origin!r}: the name at its end"
        raise ValueError(
            f"{whose} must be a name, not a path; got {name!r}. Pass the folder as cache_dir and "
            "cache_subdir."
        )
    return name


def _formats_of(archive_format: Any) -> tuple[str, ...]:
    if archive_format == "auto":
        return _FORMATS
    formats = (archive_format,) if isinstance(archive_format, str) else tuple(archive_format or ())
    for name in formats:
        if name not in _FORMATS:
            hint = did_you_mean(str(name), ("auto", *_FORMATS))
            raise ValueError(
                f"archive_format expects 'auto', 'tar', 'zip' or a list; got {name!r}.{hint}"
            )
    if not formats:
        raise ValueError(
            f"extract=True with archive_format={archive_format!r} would unpack nothing: pass "
            "archive_format='auto', or leave extract out."
        )
    return formats


def _is_there(path: Path, file_hash: str | None, hash_algorithm: str) -> bool:
    return path.is_file() and (file_hash is None or has_hash(path, file_hash, hash_algorithm))


def _unpack_once(archive: Path, folder: Path, formats: tuple[str, ...], fetched: bool) -> None:
    """Unpack an archive unless that was done before.

    A file beside the folder says of which archive it was made: only a folder that was made here is
    ever replaced.
    """
    note = folder.with_name(f".{folder.name}.unpacked")
    status = archive.stat()
    made_of = [str(archive), status.st_size, status.st_mtime_ns]
    before = _noted(note)
    if folder.is_dir() and any(folder.iterdir()):
        if before == made_of:
            return
        if before is None and not fetched:
            return  # unpacked by Keras, or by the user
        if before is None:
            raise FileExistsError(
                f"{archive} cannot be unpacked into {folder}: that holds files that do not come "
                "from it. Move them away, or pass another fname."
            )
    elif folder.is_file():
        raise FileExistsError(f"{archive} cannot be unpacked into {folder}, which is a file.")
    try:
        extract_archive(archive, folder, formats)
    except ArchiveError as error:
        hint = "" if len(formats) > 1 else f" (archive_format={formats[0]!r} was asked for.)"
        raise ArchiveError(f"{error}{hint}") from error
    with atomic_file(note, "w", encoding="utf-8") as file:
        json.dump(made_of, file)


def _noted(note: Path) -> list | None:
    try:
        return json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
