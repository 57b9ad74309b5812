"""What a model file may ask for at most, and the error that says which limit it passed."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from nyala.core import ArchiveLimits


class ModelFileError(ValueError):
    """A file is not a model, is damaged, or asks for something that loading never does."""


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
        new_weights_bytes: bytes of the weights of a model made from JSON, which stores none.

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
    new_weights_bytes: int = 1 << 36


limits = Limits()
