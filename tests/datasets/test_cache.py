"""Where a dataset's file is looked for, in which order, and what is trusted."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from nyala.core import settings
from nyala.datasets._arrays import load_arrays
from nyala.datasets._cache import cached_file

CONTENT = b"the right bytes"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
WRONG = b"other bytes"


@pytest.fixture
def fetch(origin):
    def call(path="data.npz"):
        return cached_file(path, url=f"{origin.url}/data.npz", file_hash=SHA256)

    return call


def test_the_first_call_fetches_and_the_second_does_not(places, origin, fetch, capsys):
    (origin.folder / "data.npz").write_bytes(CONTENT)
    assert fetch() == fetch() == places.cache / "data.npz"
    assert (places.cache / "data.npz").read_bytes() == CONTENT
    assert origin.requests == ["/data.npz"]
    assert capsys.readouterr().out.count("Downloading") == 1


def test_nothing_is_printed_without_interactive_logging(places, origin, fetch, capsys):
    (origin.folder / "data.npz").write_bytes(CONTENT)
    settings.disable_interactive_logging()
    fetch()
    assert capsys.readouterr().out == ""


def test_a_copy_in_keras_cache_is_used_and_left_alone(places, origin, fetch):
    copy = places.keras / "data.npz"
    copy.write_bytes(CONTENT)
    assert fetch() == copy
    assert origin.requests == []
    assert list(places.cache.iterdir()) == []


@pytest.mark.parametrize("place", ["cache", "keras"])
def test_a_damaged_copy_in_a_cache_is_not_used(places, origin, fetch, place):
    damaged = getattr(places, place) / "data.npz"
    damaged.write_bytes(WRONG)
    (origin.folder / "data.npz").write_bytes(CONTENT)
    assert fetch() == places.cache / "data.npz"
    assert (places.cache / "data.npz").read_bytes() == CONTENT
    assert (places.keras / "data.npz").exists() == (place == "keras")


def test_a_folder_of_the_users_comes_first_and_its_hash_is_not_compared(
    places, origin, fetch, monkeypatch
):
    monkeypatch.setenv("NYALA_DATASETS", str(places.by_hand))
    (places.cache / "data.npz").write_bytes(CONTENT)
    (places.by_hand / "data.npz").write_bytes(WRONG)
    assert fetch() == places.by_hand / "data.npz"
    (places.by_hand / "data.npz").unlink()
    assert fetch() == places.cache / "data.npz"
    assert origin.requests == []


def test_an_absolute_path_is_used_or_filled(places, origin, fetch, tmp_path):
    (origin.folder / "data.npz").write_bytes(CONTENT)
    target = tmp_path / "mine" / "my.npz"
    assert fetch(str(target)) == target
    assert target.read_bytes() == CONTENT
    target.write_bytes(WRONG)
    assert fetch(str(target)) == target
    assert target.read_bytes() == WRONG
    assert list(places.cache.iterdir()) == []


def test_a_wrong_download_is_refused_and_leaves_nothing(places, origin, fetch):
    (origin.folder / "data.npz").write_bytes(WRONG)
    with pytest.raises(FileNotFoundError, match=f"expected {SHA256}"):
        fetch()
    assert list(places.cache.iterdir()) == []


def test_the_error_names_every_place_and_the_way_out(places, origin, fetch, monkeypatch):
    monkeypatch.setenv("NYALA_DATASETS", str(places.by_hand))
    (places.keras / "data.npz").write_bytes(WRONG)
    with pytest.raises(FileNotFoundError) as caught:
        fetch()
    lines = str(caught.value).splitlines()
    assert lines[0] == "data.npz is not on this machine and could not be fetched. Tried:"
    assert lines[1:5] == [
        f"  - {places.by_hand}/data.npz: not there",
        f"  - {places.cache}/data.npz: not there",
        f"  - {places.keras}/data.npz: there, but its sha256 is not {SHA256}",
        f"  - {origin.url}/data.npz: the server answered 404.",
    ]
    assert f"save it as {places.cache}/data.npz" in lines[5]
    assert "NYALA_DATASETS" in lines[5]


def test_a_cache_that_cannot_be_written_is_named(places, origin, fetch, monkeypatch):
    (origin.folder / "data.npz").write_bytes(CONTENT)
    in_the_way = places.by_hand / "a_file"
    in_the_way.touch()
    monkeypatch.setenv("NYALA_HOME", str(in_the_way))
    with pytest.raises(FileNotFoundError, match=r"a_file/datasets/data\.npz: cannot be written"):
        fetch()


EXPECTED = {"x": ((2, 3), "uint8"), "y": ((2,), "uint8")}


def _write(path, **arrays):
    np.savez(path, **arrays)
    return path


def test_arrays_come_in_the_order_asked_for(tmp_path):
    x, y = np.arange(6, dtype="uint8").reshape(2, 3), np.array([1, 0], "uint8")
    loaded = load_arrays(_write(tmp_path / "f.npz", y=y, x=x), EXPECTED)
    np.testing.assert_array_equal(loaded[0], x)
    np.testing.assert_array_equal(loaded[1], y)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"x": np.zeros((2, 4), "uint8")}, r"array 'x' is uint8 \(2, 4\)"),
        ({"x": np.zeros((2, 3), "float32")}, r"array 'x' is float32 \(2, 3\)"),
        ({"y": np.array([[1], {}], dtype=object)}, r"array .y. is object \(2,\)"),
    ],
)
def test_other_arrays_are_refused(tmp_path, changed, message):
    arrays = {"x": np.zeros((2, 3), "uint8"), "y": np.zeros(2, "uint8"), **changed}
    with pytest.raises(ValueError, match=message) as caught:
        load_arrays(_write(tmp_path / "f.npz", **arrays), EXPECTED)
    assert "Expected an .npz file with x uint8 (2, 3), y uint8 (2,)" in str(caught.value)


def test_a_missing_array_is_named(tmp_path):
    with pytest.raises(ValueError, match="array 'y' is missing"):
        load_arrays(_write(tmp_path / "f.npz", x=np.zeros((2, 3), "uint8")), EXPECTED)


def test_a_file_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "f.npz"
    path.write_bytes(b"<html>not found</html>")
    with pytest.raises(ValueError, match="not a zip file"):
        load_arrays(path, EXPECTED)


def test_damage_inside_the_archive_is_noticed(tmp_path):
    path = _write(tmp_path / "f.npz", x=np.full((2, 3), 7, "uint8"), y=np.zeros(2, "uint8"))
    content = path.read_bytes()
    path.write_bytes(content.replace(bytes([7] * 6), bytes([7] * 5 + [8])))
    with pytest.raises(ValueError, match="Bad CRC-32"):
        load_arrays(path, EXPECTED)
