"""Files from the web, fetched so that a name never holds half a file or the wrong one."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from http.client import HTTPResponse

# urllib.request, http.client and hashlib (OpenSSL) are imported where they are used: `import nyala`
# must not wait for them.

_CHUNK = 1 << 20
# Once the first bytes came, a pause of this many seconds means that the other side is gone.
_STALL_SECONDS = 30.0


class DownloadError(OSError):
    """A file could not be fetched, or what came is not what was asked for."""


def download(
    url: str,
    target: Path,
    *,
    file_hash: str | None = None,
    hash_algorithm: str = "auto",
    patience: float = 3.0,
    progress: Callable[[int, int | None], None] | None = None,
) -> Path:
    """Fetch `url` into the file `target`, which appears whole and checked, or not at all.

    The bytes go to a temporary file in the same folder, are flushed to the disk and compared
    with `file_hash`; only then does the file get its name, replacing one that was there.

    Args:
        url: an `http` or `https` address.
        target: the file to write; its folder is made where it is missing.
        file_hash: hexadecimal digest of the whole file, or `None` to accept anything.
        hash_algorithm: `"sha256"`, `"md5"`, or `"auto"` (told apart by the digest's length).
        patience: seconds until the server must have answered, looking up its name included.
        progress: called with the bytes that came so far and the total (`None`: unknown).

    Returns:
        `target`.

    Raises:
        DownloadError: no answer in time, an error status, a connection that broke off, or a
            digest that differs.
        ValueError: `url` is not a web address.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise ValueError(f"download expects an http or https address; got {url!r}.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(_open(url, patience)) as response, _aside(target) as temporary:
        with open(temporary, "xb") as file:
            _copy(response, file, url, progress)
            file.flush()
            os.fsync(file.fileno())
        if file_hash is not None:
            _require_hash(temporary, file_hash, hash_algorithm, url)
    return target


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

    if algorithm not in ("sha256", "md5"):
        raise ValueError(f"hash_file expects 'sha256' or 'md5'; got {algorithm!r}.")
    with open(path, "rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def has_hash(path: Path, file_hash: str, algorithm: str = "auto") -> bool:
    """Whether the file's digest is `file_hash`; `"auto"` tells the algorithm by its length."""
    return hash_file(path, _algorithm(file_hash, algorithm)) == file_hash.lower()


def _algorithm(file_hash: str, algorithm: str) -> str:
    if algorithm != "auto":
        return algorithm
    return "sha256" if len(file_hash) == 64 else "md5"


def _require_hash(path: Path, file_hash: str, algorithm: str, url: str) -> None:
    algorithm = _algorithm(file_hash, algorithm)
    found = hash_file(path, algorithm)
    if found != file_hash.lower():
        raise DownloadError(
            f"{url} gave a file whose {algorithm} is {found}; expected {file_hash}. "
            "It was discarded: it is damaged, or was changed on its way or at its source."
        )


def _open(url: str, patience: float) -> HTTPResponse:
    """Open `url`, or give up after `patience` seconds.

    A socket's time limit does not cover the look-up of a name, which the operating system may
    try for a minute and which cannot be broken off. So another thread waits, and is left behind.
    """
    answers: queue.SimpleQueue = queue.SimpleQueue()
    given_up = threading.Event()

    def ask() -> None:
        answers.put(_ask(url))
        if given_up.is_set():
            _close_all(answers)

    threading.Thread(target=ask, name="nyala-download", daemon=True).start()
    try:
        answer = answers.get(timeout=patience)
    except queue.Empty:
        given_up.set()
        _close_all(answers)
        raise DownloadError(f"{url}: no answer within {patience:g} seconds.") from None
    if isinstance(answer, Exception):
        raise DownloadError(f"{url}: {_reason(answer)}.") from answer
    return answer


def _ask(url: str) -> HTTPResponse | Exception:
    from urllib.request import Request, urlopen

    try:
        return urlopen(Request(url, headers={"User-Agent": "nyala"}), timeout=_STALL_SECONDS)
    except Exception as error:  # it crosses a thread; `_open` raises it
        if hasattr(error, "close"):  # an error status comes with an open connection
            error.close()
        return error


def _close_all(answers: queue.SimpleQueue) -> None:
    """Close what came too late; called by both threads, so that one of them finds it."""
    with contextlib.suppress(queue.Empty):
        while True:
            late = answers.get_nowait()
            if not isinstance(late, Exception):
                late.close()


def _reason(error: Exception) -> str:
    if hasattr(error, "code"):
        return f"the server answered {error.code}"
    return str(getattr(error, "reason", None) or error or type(error).__name__).rstrip(".")


def _copy(
    response: HTTPResponse,
    file: BinaryIO,
    url: str,
    progress: Callable[[int, int | None], None] | None,
) -> None:
    from http.client import HTTPException

    length = response.headers.get("Content-Length", "")
    total = int(length) if length.isdecimal() else None
    done = 0
    try:
        while chunk := response.read(_CHUNK):
            file.write(chunk)
            done += len(chunk)
            if progress is not None:
                progress(done, total)
    except (HTTPException, TimeoutError, ConnectionError) as error:
        raise DownloadError(f"{url}: broke off after {done} bytes ({_reason(error)}).") from error
    if total is not None and done != total:
        raise DownloadError(f"{url}: broke off after {done} of {total} bytes.")


@contextlib.contextmanager
def _aside(target: Path) -> Iterator[Path]:
    """Give a free name in the same folder; it becomes `target` if the block ends without error."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        yield temporary
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
