"""Files that appear whole or not at all: the one way in which nyala writes to disk.

What is written goes to a temporary name in the same directory, is flushed down to the disk, and
only then takes the name that was asked for. A process that is killed at any instant leaves the
previous file as it was; what it left of the new one is removed when the same name is written next,
or by `remove_stale_in`.

Unfinished writes are named `.<name>.<process>.<random>.part`. Where the system cannot swap two
directories in one step, the one to be replaced waits as `….aside` and is put back after a kill.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_MANY = 200  # files of a directory that are flushed one by one
_UNFINISHED = re.compile(r"\.(?P<name>.+)\.(?P<pid>\d+)\.[0-9a-f]{8}\.(?P<kind>part|aside)")

# What this process is writing now: another that had its number before may have left files too.
_at_work: set[Path] = set()


@contextlib.contextmanager
def atomic_file(path: str | os.PathLike, mode: str = "wb", **options: Any) -> Iterator[IO]:
    """Open a file for writing that takes its name when the block ends without an error.

    Args:
        path: the file's name; the directories above it are made where they are missing.
        mode: `"wb"` or `"w"`; `"w+b"` to read back as well.
        **options: passed to `open`, such as `encoding`.

    Raises:
        OSError: the disk is full, or refuses; with the path and the free space. A file that was
            there before is untouched.

    >>> import tempfile, pathlib
    >>> from nyala.core import atomic_file
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with atomic_file(pathlib.Path(folder, "a.txt"), "w") as file:
    ...         _ = file.write("whole")
    ...     pathlib.Path(folder, "a.txt").read_text()
    'whole'
    """
    target = Path(path).absolute()
    with _reported(target), _temporary(target) as temporary:
        with open(temporary, mode.replace("w", "x"), **options) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
        _sync_directory(target.parent)


class PendingFile:
    """A file that is written for longer than a block, and takes its name by `finish`.

    Args:
        path, mode, **options: as of `atomic_file`.

    Attributes:
        file: the open file.

    >>> import tempfile, pathlib
    >>> from nyala.core import PendingFile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     pending = PendingFile(pathlib.Path(folder, "a.txt"), "w")
    ...     _ = pending.file.write("whole")
    ...     before = os.path.exists(pathlib.Path(folder, "a.txt"))
    ...     pending.finish()
    ...     before, pathlib.Path(folder, "a.txt").read_text()
    (False, 'whole')
    """

    def __init__(self, path: str | os.PathLike, mode: str = "wb", **options: Any):
        self._context = atomic_file(path, mode, **options)
        self.file = self._context.__enter__()

    def finish(self) -> None:
        """Flush the file to the disk, close it and put it into its place."""
        self._context.__exit__(None, None, None)

    def discard(self) -> None:
        """Close the file and remove it; what was there before under its name stays."""
        with contextlib.suppress(_Discarded):
            self._context.__exit__(_Discarded, _Discarded(), None)


class _Discarded(Exception):
    """Ends the block in which a file is written, so that it does not get its name."""


@contextlib.contextmanager
def atomic_directory(path: str | os.PathLike) -> Iterator[Path]:
    """Give an empty directory to fill that takes its name, whole, when the block ends well.

    A directory of that name that was there before is replaced as a whole: a reader finds either the
    files of before or those of now, never some of both.

    Raises:
        OSError: as `atomic_file`.
    """
    target = Path(path).absolute()
    with _reported(target), _temporary(target) as temporary:
        temporary.mkdir()
        yield temporary
        _sync_tree(temporary)
        _put_in_place(temporary, target)
        _sync_directory(target.parent)


def remove_at_once(path: str | os.PathLike) -> None:
    """Remove a file or directory so that its name is free in one step, whatever happens next."""
    target = Path(path).absolute()
    with contextlib.suppress(FileNotFoundError), _temporary(target) as temporary:
        os.rename(target, temporary)


def remove_stale_in(folder: str | os.PathLike) -> None:
    """Remove what processes that no longer run left of unfinished writes in a folder.

    A directory that one of them had set aside, and that nothing has replaced, is put back.
    """
    _remove_stale(Path(folder).absolute(), None)


def _remove_stale(folder: Path, only: str | None) -> None:
    with contextlib.suppress(OSError):
        for path in sorted(folder.iterdir()):
            match = _UNFINISHED.fullmatch(path.name)
            if not match or only not in (None, match["name"]) or _is_at_work(path, match["pid"]):
                continue
            target = folder / match["name"]
            if match["kind"] == "aside" and not target.exists():
                os.rename(path, target)
            else:
                _remove(path)


@contextlib.contextmanager
def _temporary(target: Path) -> Iterator[Path]:
    """Give a free name beside `target`; whatever bears it in the end is removed."""
    _make_folder(target.parent)
    _remove_stale(target.parent, target.name)
    temporary = _free_name(target, "part")
    _at_work.add(temporary)
    try:
        yield temporary
    finally:
        _remove(temporary)
        _at_work.discard(temporary)


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, so that their names last through a power cut too."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_directory(folder.parent)


def _free_name(target: Path, kind: str) -> Path:
    return target.with_name(f".{target.name}.{os.getpid()}.{os.urandom(4).hex()}.{kind}")


def _is_at_work(path: Path, pid: str) -> bool:
    return path in _at_work if int(pid) == os.getpid() else _is_running(int(pid))


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it runs under another user, or the system cannot tell
    return True


def _put_in_place(temporary: Path, target: Path) -> None:
    if not target.exists():
        os.rename(temporary, target)
        return
    if _exchange(temporary, target):
        return  # the old files have the temporary name now
    aside = _free_name(target, "aside")
    _at_work.add(aside)
    os.rename(target, aside)
    try:
        os.rename(temporary, target)
    except OSError:
        os.rename(aside, target)
        raise
    finally:
        _at_work.discard(aside)
    _remove(aside)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two names in one step; false where the system has no call for it."""
    if not sys.platform.startswith("linux"):
        return False
    import ctypes  # here: `import nyala` must not wait for it

    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    names = (os.fsencode(one), os.fsencode(other))
    return rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _sync_tree(folder: Path) -> None:
    if sys.platform == "linux" and _has_many_files(folder):
        os.sync()  # waits until all is written, in a fraction of the time of file after file
        return
    for parent, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(parent, name), "rb") as file:
                os.fsync(file.fileno())
        _sync_directory(Path(parent))


def _has_many_files(folder: Path) -> bool:
    count = 0
    for _, _, names in os.walk(folder):
        count += len(names)
        if count > _MANY:
            return True
    return False


def _sync_directory(folder: Path) -> None:
    """Make names last through a power cut; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _reported(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno is None:  # raised by nyala, worded already
            raise
        message = (
            f"{error.strerror} while writing {target} ({_free_space(target.parent)}). What was "
            "there before under this name is unchanged."
        )
        raise type(error)(error.errno, message) from error


def _free_space(folder: Path) -> str:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        return f"{shutil.disk_usage(folder).free / 1e6:,.1f} MB free there"
    except OSError:
        return "free space unknown"
