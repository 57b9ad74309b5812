"""Archives of model files: zip files and directories with the same members.

Members of a zip are stored unpacked, as Keras stores them, so that weights are read from their
place in the archive. Names that would lead out of the archive are refused before anything is read.
"""

from __future__ import annotations

import contextlib
import functools
import io
import os
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from nyala.core import atomic_directory, atomic_file, leads_outside, open_zip
from nyala.saving._crc import crc32_joined
from nyala.saving._hdf5 import can_share, in_pieces, read_fully
from nyala.saving._limits import ModelFileError, limits
from nyala.saving._pieces import write_pieces

_CHUNK = 1 << 20
_WORTH_SUMMING = 1 << 16


class ZipWriter:
    """Writes members into a zip file, by `zipfile`, but large ones with several threads."""

    def __init__(self, file: Any):
        self._file = file
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_STORED)

    def add(self, name: str, pieces: Iterable[Any]) -> None:
        """Write a member from pieces of its bytes."""
        if not self._file.seekable():
            with self._zip.open(name, "w", force_zip64=True) as stream:
                write_pieces(stream, pieces)
            return
        info = zipfile.ZipInfo(name, time.localtime()[:6])
        info.header_offset, info.CRC = self._file.tell(), 0
        self._write_header(info)
        info.file_size, info.CRC = write_pieces(self._file, pieces)
        info.compress_size = info.file_size
        self._zip.start_dir = self._file.tell()  # where the list of members will begin
        self._file.seek(info.header_offset)
        self._write_header(info)  # once more: it comes first, and says the sum of what follows
        self._file.seek(self._zip.start_dir)
        self._zip.filelist.append(info)
        self._zip.NameToInfo[name] = info

    def _write_header(self, info: zipfile.ZipInfo) -> None:
        self._file.write(info.FileHeader(zip64=True))

    def __enter__(self) -> ZipWriter:
        return self

    def __exit__(self, kind: object, *exc: object) -> None:
        if kind:
            self._zip.fp = None  # or it would write the list of members when it is collected
        self._zip.close()


class FolderWriter:
    """Writes members into a directory."""

    def __init__(self, folder: Path):
        self._folder = folder

    def add(self, name: str, pieces: Iterable[Any]) -> None:
        """Write a member from pieces of its bytes."""
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "wb") as stream:
            write_pieces(stream, pieces)


@contextlib.contextmanager
def new_archive(target: Any, zipped: bool) -> Iterator[Any]:
    """Give a writer of members; what it writes appears at `target` whole, or not at all.

    Args:
        target: a path, or a binary file object (which is written to directly).
        zipped: whether a zip file or a directory is made.
    """
    if hasattr(target, "write"):
        with ZipWriter(target) as writer:
            yield writer
    elif zipped:
        with atomic_file(target, "w+b") as file, ZipWriter(file) as writer:
            yield writer
    else:
        with atomic_directory(target) as folder:
            yield FolderWriter(folder)


class ZipReader:
    """Reads members of a zip file that was checked.

    Raises:
        ModelFileError: damage, names that lead out of the archive, too many or too large members.
    """

    def __init__(self, source: Any, what: str):
        self.what = what
        self._opened = isinstance(source, (str, os.PathLike))
        self._file = open(source, "rb", buffering=0) if self._opened else source  # noqa: SIM115
        try:
            self._zip = open_zip(self._file, what, limits)
        except ModelFileError:
            self.close()
            raise

    def close(self) -> None:
        """Close the file, if it was opened here."""
        if self._opened:
            self._file.close()

    def names(self) -> list[str]:
        """Return the names of the members."""
        return [info.filename for info in self._zip.infolist() if not info.is_dir()]

    def read(self, name: str) -> bytes:
        """Return the bytes of a (small) member."""
        with self._damage_reported(name), self._zip.open(name) as stream:
            info = self._zip.getinfo(name)
            data = stream.read(info.file_size + 1)
            if len(data) > info.file_size:
                raise ModelFileError(f"{name} of {self.what} is longer than it says.")
            return data

    def open(self, name: str) -> Any:
        """Return a binary file object on a large member; unpacked in memory where it is packed."""
        info = self._zip.getinfo(name)
        if info.compress_type != zipfile.ZIP_STORED:
            return io.BytesIO(self.read(name))
        with self._damage_reported(name), self._zip.open(name):
            start = self._start_of(info)
        return Window(self._file, start, info.file_size, info.CRC, f"{name} of {self.what}")

    def verify(self, opened: Any) -> None:
        """Compare the bytes of an opened member with the checksum that was stored with them."""
        if isinstance(opened, Window):  # others were compared when they were unpacked
            with self._damage_reported("a member"):
                opened.check()

    def size_of(self, name: str) -> int:
        """Return the size of a member in the archive; 0 where there is none of this name."""
        return self._zip.getinfo(name).compress_size if name in self._zip.namelist() else 0

    def _start_of(self, info: zipfile.ZipInfo) -> int:
        """Return where a member's bytes begin: after its header, whose length it says itself."""
        header = bytearray(30)
        read_fully(self._file, info.header_offset, memoryview(header))
        lengths = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
        return info.header_offset + 30 + lengths

    @contextlib.contextmanager
    def _damage_reported(self, name: str) -> Iterator[None]:
        try:
            yield
        except ModelFileError:
            raise
        except KeyError:
            raise ModelFileError(f"{self.what} has no member {name!r}.") from None
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError,
                NotImplementedError, ValueError) as error:  # fmt: skip
            raise ModelFileError(f"{name} of {self.what} is damaged: {error}.") from error


@contextlib.contextmanager
def open_archive(source: Any) -> Iterator[Any]:
    """Give a reader of the members of a zip file (or binary file object), or of a directory."""
    named = isinstance(source, (str, os.PathLike))
    if named and os.path.isdir(source):
        yield FolderReader(Path(source))
        return
    archive = ZipReader(source, str(source) if named else "the archive")
    try:
        yield archive
    finally:
        archive.close()


class FolderReader:
    """Reads members of a directory; links out of it are refused."""

    def __init__(self, folder: Path):
        self.what = str(folder)
        self._folder = Path(folder).resolve()

    def names(self) -> list[str]:
        """Return the names of the members."""
        paths = (path for path in self._folder.rglob("*") if path.is_file())
        return [path.relative_to(self._folder).as_posix() for path in paths]

    def read(self, name: str) -> bytes:
        """Return the bytes of a member."""
        return self._inside(name).read_bytes()

    def open(self, name: str) -> Any:
        """Return the path of a large member."""
        return self._inside(name)

    def verify(self, opened: Any) -> None:
        """Do nothing: a directory holds no checksums, and appears as a whole."""

    def size_of(self, name: str) -> int:
        """Return the size of a member; 0 where there is none of this name."""
        path = self._folder / name
        return path.stat().st_size if path.is_file() else 0

    def _inside(self, name: str) -> Path:
        path = self._folder if leads_outside(name) else (self._folder / name).resolve()
        if path == self._folder or not path.is_relative_to(self._folder):
            raise ModelFileError(f"{self.what}: {name!r} leads out of the directory.")
        if not path.is_file():
            raise ModelFileError(f"{self.what} has no member {name!r}.")
        return path


@contextlib.contextmanager
def extracted(reader: Any, prefix: str) -> Iterator[Path | None]:
    """Give a temporary directory with the members below `prefix`, or `None` where there is none."""
    names = [name for name in reader.names() if name.startswith(prefix + "/")]
    if not names:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            path = Path(folder, name[len(prefix) + 1 :])
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(reader.read(name))
        yield Path(folder)


class Window(io.RawIOBase):
    """A part of a file as a file of its own.

    Args:
        file: an unbuffered file.
        start: where the part begins.
        size: its bytes.
        crc: the CRC-32 of its bytes that was stored with them; `check` compares it.
        what: names the part in errors.
    """

    def __init__(self, file: Any, start: int, size: int, crc: int, what: str):
        self._file, self._start, self.size, self._place = file, start, size, 0
        self._crc, self._what = crc, what
        self._summed: dict[int, tuple[int, int]] = {}

    def read_at(self, offset: int, buffer: memoryview) -> None:
        """Fill `buffer` from `offset` on."""
        if offset < 0 or offset + len(buffer) > self.size:
            raise OSError("an array lies outside the file")
        if len(buffer) < _WORTH_SUMMING:
            read_fully(self._file, self._start + offset, buffer)
        else:
            self._summed[offset] = (len(buffer), self._read_and_sum(offset, buffer))

    def check(self) -> None:
        """Compare all bytes, those that were read and the others, with their checksum.

        Raises:
            ModelFileError: they do not match: a torn or damaged file is not loaded.
        """
        total, place, scratch = 0, 0, bytearray(_CHUNK)
        while place < self.size:
            length, crc = self._summed.get(place, (0, 0))
            if not length:
                following = min((o for o in self._summed if o > place), default=self.size)
                length = min(following - place, _CHUNK)
                crc = self._read_and_sum(place, memoryview(scratch)[:length])
            total, place = crc32_joined(total, crc, length), place + length
        if total != self._crc or place != self.size:
            raise ModelFileError(
                f"{self._what} is damaged: its bytes do not match the checksum that was stored "
                "with them."
            )

    def _read_and_sum(self, offset: int, buffer: memoryview) -> int:
        def read(start: int, end: int) -> tuple[int, int]:
            crc = 0
            for place in range(start, end, _CHUNK):  # summed while they are in the cache
                part = buffer[place : min(place + _CHUNK, end)]
                read_fully(self._file, self._start + offset + place, part)
                crc = zlib.crc32(part, crc)
            return crc, end - start

        size = len(buffer)
        pieces = in_pieces(size, read) if can_share(self._file) else [read(0, size)]
        return functools.reduce(lambda crc, piece: crc32_joined(crc, *piece), pieces, 0)

    def readinto(self, buffer: Any) -> int:
        target = memoryview(buffer).cast("B")
        count = max(0, min(len(target), self.size - self._place))
        read_fully(self._file, self._start + self._place, target[:count])
        self._place += count
        return count

    def seek(self, offset: int, whence: int = 0) -> int:
        self._place = offset + (0, self._place, self.size)[whence]
        return self._place

    def tell(self) -> int:
        return self._place

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True
