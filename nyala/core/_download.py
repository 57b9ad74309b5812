"""Files from the web, fetched so that a name never holds half a file or the wrong one."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from nyala.core._atomic import atomic_file
from nyala.core._errors import DownloadError
from nyala.core._file_limits import DownloadLimits, download_limits
from nyala.core._hashes import algorithm_of, new_hash

_CHUNK = 1 << 20

Progress = Callable[[int, int | None], None]


def download(
    url: str,
    target: Path,
    *,
    file_hash: str | None = None,
    hash_algorithm: str = "auto",
    patience: float = 10.0,
    progress: Progress | None = None,
    limits: DownloadLimits = download_limits,
) -> Path:
    """Fetch `url` into the file `target`, which appears whole and checked, or not at all.

    The bytes go to a temporary file in the same folder, are flushed to the disk and compared
    with `file_hash`; only then does the file get its name, replacing one that was there.

    Args:
        url: an `http`, `https` or `file` address. A server may send us on to another web address,
            but not to a `file`, and not from `https` to `http`.
        target: the file to write; its folder is made where it is missing.
        file_hash: hexadecimal digest of the whole file, or `None` to accept anything.
        hash_algorithm: `"sha256"`, `"md5"`, or `"auto"` (told apart by the digest's length).
        patience: seconds until the server must have answered, looking up its name included.
        progress: called with the bytes that came so far and the total (`None`: unknown).
        limits: of bytes and redirections.

    Returns:
        `target`.

    Raises:
        DownloadError: no answer in time, an error status, a connection that broke off, too many
            bytes, or a digest that differs.
        ValueError: `url` is not such an address, or an unknown hash algorithm.
    """
    scheme = urlsplit(url).scheme
    if scheme not in ("http", "https", "file"):
        raise ValueError(f"An http, https or file address is expected; got {url!r}.")
    digest = new_hash(algorithm_of(file_hash or "", hash_algorithm))
    opened = _local_file(url) if scheme == "file" else _answer(url, patience, limits)
    with opened as (source, total), atomic_file(target) as file:
        for done, chunk in _chunks(source, url, total, limits):
            file.write(chunk)
            digest.update(chunk)
            if progress is not None:
                progress(done, total)
        if file_hash is not None and digest.hexdigest() != file_hash.lower():
            raise DownloadError(
                f"{url} gave a file whose {digest.name} is {digest.hexdigest()}; expected "
                f"{file_hash}. It was discarded: it is damaged, or was changed on its way or at "
                "its source."
            )
    return target


@contextlib.contextmanager
def _answer(url: str, patience: float, limits: DownloadLimits) -> Iterator[tuple[Any, int | None]]:
    # Here: `import nyala` must not wait for urllib.request and http.client.
    from nyala.core._web import open_address

    with contextlib.closing(open_address(url, patience, limits)) as response:
        length = response.headers.get("Content-Length", "")
        yield response, int(length) if length.isdecimal() else None


@contextlib.contextmanager
def _local_file(url: str) -> Iterator[tuple[BinaryIO, int]]:
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost"):
        raise ValueError(
            f"A file address is expected to have no host, as file:///a/b; got {url!r}."
        )
    from urllib.request import url2pathname

    path = Path(url2pathname(parts.path))
    try:
        file = open(path, "rb")  # noqa: SIM115
    except OSError as error:
        raise DownloadError(f"{url}: {error.strerror}.") from error
    with file:
        yield file, path.stat().st_size


def _chunks(source: Any, url: str, total: int | None,
            limits: DownloadLimits) -> Iterator[tuple[int, bytes]]:  # fmt: skip
    """Yield the bytes read so far and a part of the file, up to its end."""
    from nyala.core._web import BROKEN_OFF, reason_of

    _require_room(total or 0, url, limits)
    done = 0
    while True:
        try:
            chunk = source.read(_CHUNK)
        except BROKEN_OFF as error:
            why = reason_of(error)
            raise DownloadError(f"{url}: broke off after {done} bytes ({why}).") from error
        if not chunk:
            break
        done += len(chunk)
        _require_room(done, url, limits)
        yield done, chunk
    if total is not None and done != total:
        raise DownloadError(f"{url}: broke off after {done} of {total} bytes.")


def _require_room(size: int, url: str, limits: DownloadLimits) -> None:
    if size > limits.download_bytes:
        raise DownloadError(
            f"{url}: {size:,} bytes exceed the limit of {limits.download_bytes:,}. If you want the "
            f"file, raise {limits.place}.download_bytes."
        )
