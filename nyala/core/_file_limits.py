"""What a file from elsewhere may ask for at most, and the error that says which limit it passed."""

from __future__ import annotations

import dataclasses
from typing import ClassVar


class ArchiveError(ValueError):
    """A file is no archive, is damaged, or would do more than unpack files into a folder."""


@dataclasses.dataclass
class ArchiveLimits:
    """Bounds on archives that are read, so that a small file cannot exhaust the machine.

    Args:
        archive_members: files in an archive.
        archive_bytes: bytes of an archive's files together, unpacked.
        expansion: how many times larger than stored packed data may be, from `expansion_floor` on.
        expansion_floor: bytes below which that is not looked at.
    """

    error: ClassVar[type[ValueError]] = ArchiveError
    place: ClassVar[str] = "nyala.utils.download_limits"

    archive_members: int = 100_000
    archive_bytes: int = 1 << 44
    expansion: int = 100
    expansion_floor: int = 1 << 26

    def check(self, name: str, value: int, what: str) -> None:
        """Raise where `value` exceeds the limit `name`."""
        limit = getattr(self, name)
        if value > limit:
            raise self.error(
                f"{what}: {value:,} exceeds the limit of {limit:,} for files that are read. If you "
                f"trust the file, raise {self.place}.{name}."
            )

    def check_expansion(self, stored: int, declared: int, what: str) -> None:
        """Raise where data claims to be far larger than what is stored of it."""
        if declared > self.expansion_floor and declared > self.expansion * max(stored, 1):
            raise self.error(
                f"{what} claims {declared:,} bytes, of which only {stored:,} are stored: it looks "
                f"made to exhaust memory. If you trust the file, raise {self.place}.expansion."
            )


@dataclasses.dataclass
class DownloadLimits(ArchiveLimits):
    """Bounds on files from the web and on the archives among them.

    Args:
        archive_members, archive_bytes, expansion, expansion_floor: as in `ArchiveLimits`.
        download_bytes: bytes of a file that is fetched.
        redirections: addresses that a server may name before the file comes.

    >>> from nyala.core import download_limits
    >>> download_limits.redirections
    10
    """

    # A dataset that exceeds it exists, but nobody should fetch one without having said so.
    archive_members: int = 10_000_000
    download_bytes: int = 1 << 40
    redirections: int = 10


download_limits = DownloadLimits()
