"""Digests of files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nyala.core._errors import did_you_mean

# hashlib (OpenSSL) is imported where it is used: `import nyala` must not wait for it.

_ALGORITHMS = ("sha256", "md5")


def hash_file(path: Path, algorithm: str = "sha256") -> str:
    """Return the hexadecimal digest of a file's bytes (`"sha256"` or `"md5"`).

    >>> import tempfile, pathlib
    >>> from nyala.core import hash_file
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "empty")
    ...     path.touch()
    ...     hash_file(path, "md5")
    'd41d8cd98f00b204e9800998ecf8427e'
    """
    import hashlib

    _check(algorithm)
    with open(path, "rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def has_hash(path: Path, file_hash: str, algorithm: str = "auto") -> bool:
    """Whether the file's digest is `file_hash`; `"auto"` tells the algorithm by its length."""
    return hash_file(path, algorithm_of(file_hash, algorithm)) == file_hash.lower()


def algorithm_of(file_hash: str, algorithm: str = "auto") -> str:
    """Return `algorithm`, or for `"auto"` the one whose digests are as long as `file_hash`."""
    if algorithm == "auto":
        return "sha256" if len(file_hash) == 64 else "md5"
    _check(algorithm)
    return algorithm


def new_hash(algorithm: str) -> Any:
    """Return a digest to be updated with bytes."""
    import hashlib

    _check(algorithm)
    return hashlib.new(algorithm, usedforsecurity=False)


def _check(algorithm: str) -> None:
    if algorithm not in _ALGORITHMS:
        hint = did_you_mean(algorithm, _ALGORITHMS)
        raise ValueError(f"hash_algorithm expects 'sha256' or 'md5'; got {algorithm!r}.{hint}")
