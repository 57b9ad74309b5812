"""Unpacking an archive into a folder of its own, and nowhere else."""

from __future__ import annotations

import contextlib
import errno
import posixpath
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from nyala.core._archives._names import leads_outside
from nyala.core._archives._tar import is_tar, open_tar
from nyala.core._archives._zip import open_zip
from nyala.core._atomic import atomic_directory
from nyala.core._errors import did_you_mean
from nyala.core._file_limits import ArchiveError, ArchiveLimits, download_limits

_FORMATS = ("tar", "zip")
_CHUNK = 1 << 20
_LONGEST_LINK = 4096
_NAME_ERRORS = (errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EINVAL)


def extract_archive(path: Path, folder: Path, formats: Iterable[str] = _FORMATS,
                    limits: ArchiveLimits = download_limits) -> None:  # fmt: skip
    """Unpack an archive into `folder`, which appears whole, or not at all.

    A former folder of that name is replaced. Only files and folders are made: a link becomes a copy
    of the file in the archive to which it points. Owners and permissions that the archive states
    are passed over.

    Args:
        path: a zip file, or a tar file, plain or packed with gzip, bzip2 or xz.
        folder: where its files go.
        formats: which of `"tar"` and `"zip"` to try.
        limits: of members and sizes.

    Raises:
        ArchiveError: the file is no such archive, is damaged, exceeds a limit, or holds what is
            never unpacked: a name or a link that leads out of the folder, a name twice, a device.
        ValueError: an unknown format.
        OSError: the disk is full, or refuses.
    """
    formats = tuple(formats)
    for name in formats:
        if name not in _FORMATS:
            hint = did_you_mean(name, _FORMATS)
            raise ValueError(f"An archive's format is 'tar' or 'zip'; got {name!r}.{hint}")
    if "tar" in formats and is_tar(path):
        fill = _fill_from_tar
    elif "zip" in formats and zipfile.is_zipfile(path):
        fill = _fill_from_zip
    else:
        kinds = " or ".join(formats) or "known"
        raise ArchiveError(f"{path} cannot be unpacked: it is not a {kinds} archive.")
    with atomic_directory(folder) as root:
        fill(path, _Folder(root, path, limits))


class _Folder:
    """A new folder that takes the files of an archive.

    It holds no links at any time, so that a name that does not lead upwards leads inside.

    Args:
        root: the folder, empty.
        path: the archive.
        limits: of sizes.
    """

    def __init__(self, root: Path, path: Path, limits: ArchiveLimits):
        self._root, self.path, self.limits = root, path, limits
        self._files: dict[str, int] = {}  # names, and bytes
        self._links: dict[str, tuple[str, str]] = {}  # names, what they point to, as it is said
        self._bytes = 0

    def add_folder(self, name: str) -> None:
        """Make a folder, and those around it."""
        place = self._place(name)
        with self._conflicts_reported(name):
            place.mkdir(parents=True, exist_ok=True)

    def add_file(self, name: str, chunks: Iterable[bytes]) -> None:
        """Write a file."""
        place = self._place(name)
        with self._conflicts_reported(name):
            place.parent.mkdir(parents=True, exist_ok=True)
            with open(place, "xb") as file:
                for chunk in chunks:
                    file.write(chunk)
                size = file.tell()
        self._files[_plain(name)] = size
        self._bytes += size

    def add_link(self, name: str, target: str, hard: bool) -> None:
        """Note a link, for `copy_links`.

        Args:
            name: of the link.
            target: what it points to: from the archive's root for a hard link, else from where the
                link stands.
            hard: whether it is a hard link.
        """
        self._place(name)
        if _plain(name) in self._links:
            raise self.limits.error(f"{self.path} holds {name!r} twice.")
        around = "" if hard else posixpath.dirname(_plain(name))
        meant = posixpath.normpath(posixpath.join(around, target.replace("\\", "/")))
        if not target or leads_outside(meant):
            raise self.limits.error(
                f"{self.path} holds a link {name!r} to {target!r}, which leads out of the archive."
            )
        self._links[_plain(name)] = (meant, target)

    def copy_links(self) -> None:
        """Put a copy of the file to which it points in the place of each link."""
        for name in self._links:
            source = self._end_of(name)
            self._bytes += self._files[source]
            self.limits.check(
                "archive_bytes", self._bytes, f"The size of {self.path} with its links copied"
            )
            self.limits.check_expansion(self.path.stat().st_size, self._bytes, str(self.path))
            place = self._place(name)
            with self._conflicts_reported(name):
                place.parent.mkdir(parents=True, exist_ok=True)
                with open(self._place(source), "rb") as read, open(place, "xb") as written:
                    shutil.copyfileobj(read, written)

    def _end_of(self, name: str) -> str:
        """Return the file at the end of a chain of links."""
        seen: set[str] = set()
        end = name
        while end in self._links and end not in seen:
            seen.add(end)
            end = self._links[end][0]
        if end not in self._files:
            raise self.limits.error(
                f"{self.path} holds a link {name!r} to {self._links[name][1]!r}, which is no file "
                "of the archive."
            )
        return end

    def _place(self, name: str) -> Path:
        if leads_outside(name):
            raise self.limits.error(
                f"{self.path} holds a member named {name!r}, which leads out of the folder."
            )
        return self._root.joinpath(*PurePosixPath(name).parts)

    @contextlib.contextmanager
    def _conflicts_reported(self, name: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno not in _NAME_ERRORS:
                raise
            if error.errno == errno.EEXIST:
                why = "it stands there twice"
            else:
                why = str(error.strerror)
            raise self.limits.error(f"{self.path}: {name!r} cannot be unpacked: {why}.") from error


def _fill_from_tar(path: Path, folder: _Folder) -> None:
    with open_tar(path, folder.limits) as reader:
        for member in reader:
            if member.kind == "file":
                folder.add_file(member.name, reader.chunks())
            elif member.kind == "folder":
                folder.add_folder(member.name)
            elif member.kind.endswith("link"):
                folder.add_link(member.name, member.target, member.kind == "hard link")
            else:
                raise folder.limits.error(
                    f"{path} holds a {member.kind}, {member.name!r}: only files are unpacked."
                )
    folder.copy_links()


def _fill_from_zip(path: Path, folder: _Folder) -> None:
    with open(path, "rb") as file, open_zip(file, str(path), folder.limits) as archive:
        for info in archive.infolist():
            if info.is_dir():
                folder.add_folder(info.filename)
            elif stat.S_ISLNK(info.external_attr >> 16):
                if info.file_size > _LONGEST_LINK:
                    raise folder.limits.error(f"{path}: {info.filename!r} is too long for a link.")
                target = b"".join(_chunks_of(archive, info, folder))
                folder.add_link(info.filename, target.decode("utf-8", "replace"), hard=False)
            else:
                folder.add_file(info.filename, _chunks_of(archive, info, folder))
    folder.copy_links()


def _chunks_of(archive: zipfile.ZipFile, info: zipfile.ZipInfo, folder: _Folder) -> Iterator[bytes]:
    import lzma

    try:
        with archive.open(info) as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, RuntimeError,
            ValueError) as error:  # fmt: skip
        raise folder.limits.error(
            f"{info.filename} of {folder.path} is damaged: {error}."
        ) from error


def _plain(name: str) -> str:
    """Return a name without needless parts, so that equal files have equal names."""
    return str(PurePosixPath(name))
