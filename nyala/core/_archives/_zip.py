"""Zip files whose list of members was checked."""

from __future__ import annotations

import os
import zipfile
from typing import BinaryIO

from nyala.core._archives._names import leads_outside
from nyala.core._file_limits import ArchiveLimits


def open_zip(file: BinaryIO, what: str, limits: ArchiveLimits) -> zipfile.ZipFile:
    """Return a zip file after checking what it lists: names, numbers, sizes, no encryption.

    Args:
        file: a binary file object.
        what: named in errors.
        limits: of members and sizes; its `error` is raised.

    Raises:
        ArchiveError: or what `limits.error` says: the file is no zip archive or damaged, a name
            leads out of it or stands twice, a member is encrypted, or a limit is exceeded.
    """
    try:
        stored = file.seek(0, os.SEEK_END)
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise limits.error(f"{what} is not a zip archive, or is damaged: {error}.") from error
    _check(archive, stored, what, limits)
    return archive


def _check(archive: zipfile.ZipFile, stored: int, what: str, limits: ArchiveLimits) -> None:
    members = archive.infolist()
    limits.check("archive_members", len(members), f"The number of files in {what}")
    names: set[str] = set()
    for info in members:
        if leads_outside(info.filename):
            raise limits.error(
                f"{what} holds a member named {info.filename!r}, which leads out of it."
            )
        if info.filename in names:
            raise limits.error(f"{what} holds {info.filename!r} twice.")
        names.add(info.filename)
        if info.flag_bits & 1:
            raise limits.error(f"{what}: {info.filename!r} is encrypted.")
        member = f"{what}: the member {info.filename!r}"
        limits.check_expansion(info.compress_size, info.file_size, member)
    total = sum(info.file_size for info in members)
    limits.check("archive_bytes", total, f"The unpacked size of {what}")
    # Members whose packed bytes overlap are each small enough, and together a bomb.
    limits.check_expansion(stored, total, what)
