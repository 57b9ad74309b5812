"""What a model file may ask for at most, and the error that says which limit it passed."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator


class ModelFileError(ValueError):
    """A file is not a model, is damaged, or asks for something that loading never does."""


@contextlib.contextmanager
def rebuilding(what: str) -> Iterator[None]:
    """Turn what classes raise over a config that makes no sense to them into a `ModelFileError`."""
    try:
        yield
    except ModelFileError:
        raise
    except Exception as error:
        raise ModelFileError(f"The model in {what} cannot be rebuilt: {error}") from error


@dataclasses.dataclass
class Limits:
    """Bounds on files that are read, so that a small file cannot exhaust the machine.

    Args:
        json_bytes: bytes of a JSON text.
        json_depth: how deep lists and dicts of JSON may lie in each other.
        archive_members: files in an archive.
        archive_bytes: bytes of an archive's files together, unpacked.
        hdf5_objects: groups and datasets of an HDF5 file.
        hdf5_depth: how deep groups may lie in each other.
        expansion: how many times larger than stored packed data may be, from `expansion_floor` on.
        expansion_floor: bytes below which that is not looked at.

    >>> import nyala
    >>> nyala.saving.limits.json_depth
    200
    """

    json_bytes: int = 1 << 28
    json_depth: int = 200
    archive_members: int = 100_000
    archive_bytes: int = 1 << 44
    hdf5_objects: int = 1_000_000
    hdf5_depth: int = 100
    expansion: int = 100
    expansion_floor: int = 1 << 26

    def check(self, name: str, value: int, what: str) -> None:
        """Raise where `value` exceeds the limit `name`."""
        limit = getattr(self, name)
        if value > limit:
            raise ModelFileError(
                f"{what}: {value:,} exceeds the limit of {limit:,} for files that are read. If you "
                f"trust the file, raise nyala.saving.limits.{name}."
            )

    def check_expansion(self, stored: int, declared: int, what: str) -> None:
        """Raise where data claims to be far larger than what is stored of it."""
        if declared > self.expansion_floor and declared > self.expansion * max(stored, 1):
            raise ModelFileError(
                f"{what} claims {declared:,} bytes, of which only {stored:,} are stored: it looks "
                "made to exhaust memory. If you trust the file, raise "
                "nyala.saving.limits.expansion."
            )


limits = Limits()
