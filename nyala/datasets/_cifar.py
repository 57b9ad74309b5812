"""The archives of CIFAR-10 and CIFAR-100: pickles in a tar file, read where they lie."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from nyala.core import ArchiveError, download_limits, open_tar, settings
from nyala.datasets._pickles import PickleError, read_plain_pickle

_PIXELS = 3 * 32 * 32
_LARGEST = 1 << 30  # bytes of a member; the real ones have 150 million at most


def read_cifar(
    path: Path, members: Iterable[str], labels: str
) -> list[tuple[np.ndarray, list[int]]]:
    """Return images and labels of some members of an archive.

    Args:
        path: the archive.
        members: names of pickled dicts in it.
        labels: the key of the labels.

    Returns:
        For each member its images, uint8 of shape `(count, 32, 32, 3)` (or with channels first,
        where `config.image_data_format()` says so), and labels.

    Raises:
        ValueError: the file does not hold that.
    """
    wanted = list(members)
    try:
        found = _members(path, set(wanted))
        missing = [name for name in wanted if name not in found]
        if missing:
            raise ArchiveError(f"it has no member {missing[0]!r}")
        return [_images_and_labels(found[name], name, labels) for name in wanted]
    except (ArchiveError, PickleError) as error:
        raise ValueError(
            f"{path} is not the file it should be: {error}. Expected a tar archive with "
            f"{', '.join(wanted)}. Remove or replace it."
        ) from error


def _members(path: Path, wanted: set[str]) -> dict[str, bytes]:
    with open_tar(path, download_limits) as reader:
        return {
            member.name: reader.content()
            for member in reader
            if member.name in wanted and member.size < _LARGEST
        }


def _images_and_labels(data: bytes, name: str, key: str) -> tuple[np.ndarray, list[int]]:
    batch = read_plain_pickle(io.BytesIO(data))
    images = batch.get(b"data") if isinstance(batch, dict) else None
    labels = batch.get(key.encode()) if isinstance(batch, dict) else None
    if not (
        isinstance(images, np.ndarray)
        and images.dtype == np.uint8
        and images.shape[1:] == (_PIXELS,)
        and isinstance(labels, list)
        and len(labels) == len(images)
        and all(type(label) is int for label in labels)
    ):
        raise PickleError(f"{name} does not hold images and {key}")
    images = images.reshape(-1, 3, 32, 32)
    if settings.image_data_format() == "channels_last":
        images = images.transpose(0, 2, 3, 1)
    return np.array(images, order="C"), labels  # of their own, not of the pickle's bytes
