"""What a model file may ask for at most, and the error that says which limit it passed."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from typing import ClassVar

from nyala.core import ArchiveLimits
from nyala.eager import UnfilledVariables


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


def unfilled_model(what: str, stored: int) -> UnfilledVariables:
    """Return the scope in which a model is rebuilt: its weights are not initialised, but bounded.

    Args:
        what: names the file in errors.
        stored: the bytes of its weights in the file.
    """
    declared = 0

    def admit(path: str, size: int) -> None:
        nonlocal declared
        declared += size
        limits.check_expansion(stored, declared, f"{what}: the model up to {path!r}")

    return UnfilledVariables(admit)


@dataclasses.dataclass
class Limits(ArchiveLimits):
    """Bounds on model files that are read, so that a small file cannot exhaust the machine.

    Args:
        archive_members: files in an archive.
        archive_bytes: bytes of an archive's files together, unpacked.
        expansion: how many times larger than stored packed data may be, from `expansion_floor` on.
        expansion_floor: bytes below which that is not looked at.
        json_bytes: bytes of a JSON text.
        json_depth: how deep lists and dicts of JSON may lie in each other.
        hdf5_objects: groups and datasets of an HDF5 file.
        hdf5_depth: how deep groups may lie in each other.

    >>> import nyala
    >>> nyala.saving.limits.json_depth
    200
    """

    error: ClassVar[type[ValueError]] = ModelFileError
    place: ClassVar[str] = "nyala.saving.limits"

    json_bytes: int = 1 << 28
    json_depth: int = 200
    hdf5_objects: int = 1_000_000
    hdf5_depth: int = 100


limits = Limits()
