"""Large files, written by several threads at once."""

import io
import os
import zipfile
import zlib

import numpy as np
import pytest

from nyala.saving import _pieces
from nyala.saving._archive import new_archive
from nyala.saving._pieces import write_pieces

SIZES = [3, 0, 700_001, 1 << 20, 17, 2_500_000]


@pytest.fixture(params=["in order", "by threads"])
def pieces(request, monkeypatch):
    monkeypatch.setattr(_pieces, "_WORTH_THREADS", 0 if request.param == "by threads" else 1 << 60)
    rng = np.random.default_rng(1)
    return [rng.integers(0, 256, size, np.uint8) for size in SIZES]


def test_every_byte_is_at_its_place_and_summed(tmp_path, pieces):
    whole = b"".join(piece.tobytes() for piece in pieces)
    with open(tmp_path / "file", "wb") as file:
        file.write(b"before")
        assert write_pieces(file, pieces) == (len(whole), zlib.crc32(whole))
        file.write(b"after")
    assert (tmp_path / "file").read_bytes() == b"before" + whole + b"after"


def test_arrays_of_any_dtype(pieces, tmp_path):
    with open(tmp_path / "file", "wb") as file:
        assert write_pieces(file, [np.arange(4, dtype="int64"), b"", b"xy"])[0] == 34


def test_members_are_those_of_any_zip_file(tmp_path, pieces):
    with new_archive(tmp_path / "a.zip", True) as archive:
        archive.add("small", [b"text"])
        archive.add("folder/large", pieces)
        archive.add("last", [])
    with zipfile.ZipFile(tmp_path / "a.zip") as file:
        assert file.testzip() is None
        assert file.namelist() == ["small", "folder/large", "last"]
        assert file.read("folder/large") == b"".join(piece.tobytes() for piece in pieces)
        assert [file.read(name) for name in ("small", "last")] == [b"text", b""]


def test_a_stream_that_cannot_go_back(pieces):
    class Stream(io.BytesIO):
        def seekable(self):
            return False

        def seek(self, *args):
            raise OSError("a pipe")

        tell = seek

    stream = Stream()
    with new_archive(stream, True) as archive:
        archive.add("large", pieces)
    with zipfile.ZipFile(io.BytesIO(stream.getvalue())) as file:
        assert file.read("large") == b"".join(piece.tobytes() for piece in pieces)


def test_a_full_disk_is_reported_and_leaves_the_file_before(tmp_path, pieces, monkeypatch):
    def refuse(*args):
        raise OSError(28, "No space left on device")

    (tmp_path / "a.zip").write_bytes(b"before")
    monkeypatch.setattr(_pieces, "_WORTH_THREADS", 0)
    monkeypatch.setattr(os, "pwrite", refuse)
    with (
        pytest.raises(OSError, match=r"a\.zip"),
        new_archive(tmp_path / "a.zip", True) as archive,
    ):
        archive.add("large", pieces)
    assert (tmp_path / "a.zip").read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["a.zip"]
