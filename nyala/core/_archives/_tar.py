"""Tar files, read from the front to the end by a reader that trusts nothing in them.

Python's `tarfile` reads a header as long as it says it is, follows sizes that are negative, and
creates links, devices and owners; each of these has been an attack. Here a header is bounded,
numbers are checked, and what a member is decides whoever unpacks it.

Format: IEEE Std 1003.1-2017, "pax", with GNU's long names and large numbers.
"""

from __future__ import annotations

import contextlib
import dataclasses
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NoReturn

from nyala.core._file_limits import ArchiveLimits

_BLOCK = 512
_CHUNK = 1 << 20
# Names of files are shorter than this on every system; longer headers are made to fill the memory.
_LONGEST_HEADER = 1 << 16
_KINDS = {b"0": "file", b"\0": "file", b"7": "file", b"1": "hard link", b"2": "symbolic link",
          b"3": "device", b"4": "device", b"5": "folder", b"6": "pipe"}  # fmt: skip


@dataclasses.dataclass
class TarMember:
    """A file in a tar archive.

    Args:
        name: with slashes, as it stands in the archive.
        kind: `"file"`, `"folder"`, `"hard link"`, `"symbolic link"`, `"device"`, `"pipe"`.
        size: bytes of its content.
        target: what a link points to.
    """

    name: str
    kind: str
    size: int
    target: str


class TarReader:
    """Goes through the members of a tar file, once, in their order.

    Args:
        stream: the file's bytes, unpacked.
        stored: bytes of the file as it is stored.
        what: named in errors.
        limits: of members and sizes; its `error` is raised.
    """

    def __init__(self, stream: BinaryIO, stored: int, what: str, limits: ArchiveLimits):
        self._stream, self._stored, self._what, self._limits = stream, stored, what, limits
        self._read = 0  # bytes so far, unpacked
        self._left = 0  # bytes of the current member and the padding after it
        self._unread = 0  # bytes of the current member
        self._count = 0

    def __iter__(self) -> Iterator[TarMember]:
        common: dict[str, str] = {}  # what a header said for all members after it
        own: dict[str, str] = {}  # what headers said for the next member
        while header := self._next_header():
            kind, size = header[156:157], self._size_in(header)
            if kind in (b"x", b"g", b"L", b"K"):
                self._note_extension(kind, self._extension(size), own, common)
                continue
            yield self._member(header, kind, size, {**common, **own})
            own = {}

    def chunks(self) -> Iterator[bytes]:
        """Yield the current member's content."""
        while self._unread:
            data = self._exactly(min(self._unread, _CHUNK))
            self._unread -= len(data)
            yield data

    def content(self) -> bytes:
        """Return the current member's content."""
        return b"".join(self.chunks())

    def _next_header(self) -> bytes | None:
        self._unread = 0
        while self._left:
            self._exactly(min(self._left, _CHUNK))
        header = self._up_to(_BLOCK)
        if not header.strip(b"\0") and len(header) in (0, _BLOCK):
            if self._count == 0 and not header:
                self._refuse("is empty")
            return None
        self._count += 1
        self._limits.check("archive_members", self._count, f"The number of files in {self._what}")
        if len(header) < _BLOCK or not _sum_is_right(header):
            self._refuse("is not a tar archive, or is damaged: the checksum of a header is wrong")
        return header

    def _member(self, header: bytes, flag: bytes, size: int, said: dict[str, str]) -> TarMember:
        if any(key.startswith("GNU.sparse") for key in said) or flag == b"S":
            self._refuse("holds a file with holes (sparse), which is not unpacked")
        name = _text(header[:100])
        if header[257:263] == b"ustar\0" and header[345] and "path" not in said:
            name = f"{_text(header[345:500])}/{name}"
        name = said.get("path", name)
        kind = _KINDS.get(flag) or self._refuse(f"holds {name!r}, which is of the kind {flag!r}")
        if kind == "file" and name.endswith("/"):  # before kinds were written down
            kind = "folder"
        if "size" in said:
            size = self._number(said["size"])
        # Only files have content: a size that stands at a link or a folder means nothing.
        self._begin(size if kind == "file" else 0)
        return TarMember(name, kind, self._unread, said.get("linkpath", _text(header[157:257])))

    def _begin(self, size: int) -> None:
        """Note that `size` bytes of content follow, and check that there may be so many."""
        self._unread, self._left = size, size + -size % _BLOCK
        total = self._read + self._left
        self._limits.check("archive_bytes", total, f"The unpacked size of {self._what}")
        self._limits.check_expansion(self._stored, total, self._what)

    def _extension(self, size: int) -> bytes:
        if size > _LONGEST_HEADER:
            self._refuse(f"holds a header of {size:,} bytes; {_LONGEST_HEADER:,} are allowed")
        self._begin(size)
        return self.content()

    def _note_extension(
        self, kind: bytes, data: bytes, own: dict[str, str], common: dict[str, str]
    ) -> None:
        if kind == b"L":
            own["path"] = _text(data)
        elif kind == b"K":
            own["linkpath"] = _text(data)
        else:
            (own if kind == b"x" else common).update(self._records(data))

    def _records(self, data: bytes) -> dict[str, str]:
        """Return what lines of the form `length key=value` say."""
        found = {}
        while data.strip(b"\0"):
            length, _, _ = data.partition(b" ")
            count = int(length) if length.isdigit() and len(length) < 10 else 0
            record = data[len(length) + 1 : count]
            key, equals, value = record.partition(b"=")
            if not equals or not value.endswith(b"\n") or count > len(data):
                self._refuse("is damaged: a header does not follow its format")
            found[key.decode("utf-8", "replace")] = value[:-1].decode("utf-8", "surrogateescape")
            data = data[count:]
        return found

    def _size_in(self, header: bytes) -> int:
        field = header[124:136]
        if field[0] & 0x80:  # GNU's way to write numbers that are larger than the field
            if field[0] != 0x80:
                self._refuse("is damaged: a size is negative")
            return int.from_bytes(field[1:], "big")
        digits = field.strip(b" \0")
        if digits.strip(b"01234567"):
            self._refuse("is damaged: a size is not a number")
        return int(digits or b"0", 8)

    def _number(self, text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 20):
            self._refuse(f"is damaged: a size is {text[:40]!r}")
        return int(text)

    def _exactly(self, count: int) -> bytes:
        data = self._up_to(count)
        if len(data) < count:
            self._refuse("is damaged: it ends within a file")
        self._left -= count
        return data

    def _up_to(self, count: int) -> bytes:
        try:
            data = self._stream.read(count)
        except _damage() as error:
            raise self._limits.error(f"{self._what} is damaged: {error}.") from error
        self._read += len(data)
        return data

    def _refuse(self, why: str) -> NoReturn:
        raise self._limits.error(f"{self._what} {why}.")


@contextlib.contextmanager
def open_tar(path: Path, limits: ArchiveLimits) -> Iterator[TarReader]:
    """Give a reader of a tar file, plain or packed with gzip, bzip2 or xz."""
    with _unpacked(path) as stream:
        yield TarReader(stream, path.stat().st_size, str(path), limits)


def is_tar(path: Path) -> bool:
    """Whether a file, packed or not, begins as a tar file does."""
    with _unpacked(path) as stream:
        try:
            header = stream.read(_BLOCK)
        except _damage():
            return False
    return len(header) == _BLOCK and (not header.strip(b"\0") or _sum_is_right(header))


def _unpacked(path: Path) -> BinaryIO:
    with open(path, "rb") as file:
        begin = file.read(6)
    if begin.startswith(b"\x1f\x8b"):
        import gzip

        return gzip.open(path, "rb")  # type: ignore[return-value]
    if begin.startswith(b"BZh"):
        import bz2

        return bz2.open(path, "rb")  # type: ignore[return-value]
    if begin == b"\xfd7zXZ\0":
        import lzma

        return lzma.open(path, "rb")  # type: ignore[return-value]
    return open(path, "rb")


def _damage() -> tuple[type[Exception], ...]:
    """Return what reading raises where packed bytes are damaged."""
    import lzma

    return (OSError, EOFError, zlib.error, lzma.LZMAError)


def _sum_is_right(header: bytes) -> bool:
    digits = header[148:156].strip(b" \0")
    if not digits or digits.strip(b"01234567"):
        return False
    return int(digits, 8) == sum(header) - sum(header[148:156]) + 8 * ord(" ")


def _text(field: bytes) -> str:
    return field.split(b"\0", 1)[0].decode("utf-8", "surrogateescape")
