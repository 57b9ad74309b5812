"""`get_file`: where files go, what is fetched when, what is unpacked into what."""

from __future__ import annotations

import hashlib
import io
import os
import pathlib
import tarfile
import zipfile

import pytest

import nyala
from nyala.core import ArchiveError, DownloadError, settings
from nyala.utils import get_file

CONTENT = b"the right bytes"
SHA256, MD5 = hashlib.sha256(CONTENT).hexdigest(), hashlib.md5(CONTENT).hexdigest()


def archive(kind, **files):
    buffer = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(buffer, "w") as packed:
            for name, text in files.items():
                packed.writestr(f"top/{name}", text)
    else:
        with tarfile.open(fileobj=buffer, mode=f"w:{kind}") as packed:
            for name, text in files.items():
                info = tarfile.TarInfo(f"top/{name}")
                info.size = len(text)
                packed.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()


@pytest.fixture
def cache(places):
    return places.cache


def test_a_file_is_fetched_once(origin, cache, capsys):
    (origin.folder / "data.csv").write_bytes(CONTENT)
    path = get_file(origin=f"{origin.url}/data.csv?version=2")
    assert path == get_file("data.csv", f"{origin.url}/data.csv") == str(cache / "data.csv")
    assert pathlib.Path(path).read_bytes() == CONTENT
    assert origin.requests == ["/data.csv?version=2"]
    printed = capsys.readouterr().out
    assert printed.count("Downloading") == 1
    assert "15/15" in printed
    get_file(origin=f"{origin.url}/data.csv", force_download=True)
    assert len(origin.requests) == 2


def test_places(origin, cache, tmp_path, monkeypatch):
    (origin.folder / "f").write_bytes(CONTENT)
    url = f"{origin.url}/f"
    assert get_file("g", url, cache_dir=tmp_path / "c") == str(tmp_path / "c" / "datasets" / "g")
    assert get_file(pathlib.Path("h"), url, cache_subdir="") == str(cache.parent / "h")
    assert get_file("i", url, cache_subdir=str(tmp_path / "d")) == str(tmp_path / "d" / "i")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert get_file("j", url, cache_dir="~/e") == str(tmp_path / "e" / "datasets" / "j")
    monkeypatch.setenv("NYALA_HOME", "")
    assert get_file("k", url) == str(tmp_path / ".nyala" / "datasets" / "k")


def test_a_file_of_this_machine(tmp_path, cache):
    (tmp_path / "there").write_bytes(CONTENT)
    assert get_file(origin=(tmp_path / "there").as_uri()) == str(cache / "there")


@pytest.mark.parametrize(
    "given",
    [
        {"file_hash": SHA256},
        {"md5_hash": MD5},
        {"file_hash": MD5},
        {"file_hash": SHA256.upper(), "hash_algorithm": "sha256"},
    ],
)
def test_a_file_with_another_hash_is_fetched_anew(origin, cache, given):
    (origin.folder / "f").write_bytes(CONTENT)
    (cache / "f").write_bytes(b"damaged")
    for _ in range(2):
        assert pathlib.Path(get_file("f", f"{origin.url}/f", **given)).read_bytes() == CONTENT
    assert origin.requests == ["/f"]


def test_what_is_fetched_with_another_hash_is_discarded(origin, cache):
    (origin.folder / "f").write_bytes(b"other bytes")
    (cache / "g").write_bytes(b"older bytes")
    for name in ("f", "g"):
        with pytest.raises(DownloadError, match=f"expected {SHA256}"):
            get_file(name, f"{origin.url}/f", file_hash=SHA256)
    assert [path.name for path in cache.iterdir()] == ["g"]
    assert (cache / "g").read_bytes() == b"older bytes"


def test_keras_cache_is_read_where_the_hash_is_known(origin, places):
    (places.keras / "f").write_bytes(CONTENT)
    (origin.folder / "f").write_bytes(CONTENT)
    url = f"{origin.url}/f"
    assert get_file("f", url, file_hash=SHA256) == str(places.keras / "f")
    assert origin.requests == []
    assert get_file("f", url) == str(places.cache / "f")


def test_without_a_network_the_error_says_what_happened(cache, monkeypatch):
    import socket

    def refuse(*args, **kwargs):
        raise socket.gaierror("Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with pytest.raises(DownloadError, match=r"https://example\.invalid/f: .*not known"):
        get_file("f", "https://example.invalid/f")
    assert list(cache.iterdir()) == []


# -- archives --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["zip", "gz", "bz2", "xz", ""])
def test_archives_are_unpacked_where_keras_3_unpacks_them(origin, cache, kind):
    (origin.folder / "pack.tgz").write_bytes(archive(kind, a="1", b="2"))
    url = f"{origin.url}/pack.tgz"
    for name, folder, file in (
        ("name", "name", "name_archive"),
        ("some.tar.gz", "some_extracted", "some.tar.gz"),
        (None, "pack.tgz", "pack.tgz_archive"),
    ):
        path = get_file(name, url, extract=True)
        assert path == str(cache / folder)
        assert sorted(os.listdir(path + "/top")) == ["a", "b"]
        assert (cache / file).is_file()


def test_an_archive_is_unpacked_once_and_anew_after_it_was_fetched_anew(origin, cache):
    (origin.folder / "f").write_bytes(archive("gz", a="1"))
    url = f"{origin.url}/f"
    folder = pathlib.Path(get_file("f", url, untar=True))
    (folder / "top" / "mine").touch()
    get_file("f", url, extract=True)
    assert sorted(os.listdir(folder / "top")) == ["a", "mine"]
    (origin.folder / "f").write_bytes(archive("zip", b="1"))
    get_file("f", url, extract=True, force_download=True)
    assert os.listdir(folder / "top") == ["b"]
    (cache / "f_archive").unlink()
    get_file("f", url, extract=True)
    assert len(origin.requests) == 3


def test_an_archive_in_keras_cache_is_unpacked_into_ours(origin, places):
    data = archive("zip", a="1")
    (places.keras / "f_archive").write_bytes(data)
    file_hash = hashlib.sha256(data).hexdigest()
    path = get_file("f", f"{origin.url}/f", extract=True, file_hash=file_hash)
    assert path == str(places.cache / "f")
    assert os.listdir(path) == ["top"]
    assert os.listdir(places.keras) == ["f_archive"]


def test_a_folder_from_elsewhere_is_never_replaced(origin, cache):
    (origin.folder / "f").write_bytes(archive("zip", a="1"))
    (cache / "f").mkdir()
    (cache / "f" / "thesis.txt").write_text("years of work")
    with pytest.raises(FileExistsError, match="holds files that do not come from it"):
        get_file("f", f"{origin.url}/f", extract=True)
    assert os.listdir(cache / "f") == ["thesis.txt"]
    # With the archive beside it, it is taken for what Keras unpacked.
    assert get_file("f", f"{origin.url}/f", extract=True) == str(cache / "f")
    (cache / "g").write_text("a file")
    with pytest.raises(FileExistsError, match="which is a file"):
        get_file("g", f"{origin.url}/f", extract=True)


def test_what_is_no_archive_is_said(origin, cache):
    (origin.folder / "f").write_bytes(b"<html>not found</html>")
    with pytest.raises(ArchiveError, match="not a tar or zip archive"):
        get_file("f", f"{origin.url}/f", extract=True)
    (origin.folder / "f").write_bytes(archive("zip", a="1"))
    with pytest.raises(ArchiveError, match="not a tar archive"):
        get_file("g", f"{origin.url}/f", untar=True)
    assert not (cache / "f").exists()


def test_hostile_archives_leave_nothing(origin, cache, tmp_path):
    """CVE-2025-12060."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as packed:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path)
        packed.addfile(link)
        info = tarfile.TarInfo("link/it-ran")
        info.size = 1
        packed.addfile(info, io.BytesIO(b"x"))
    (origin.folder / "f").write_bytes(buffer.getvalue())
    with pytest.raises(ArchiveError, match="leads out"):
        get_file("f", f"{origin.url}/f", extract=True)
    assert [path.name for path in cache.iterdir()] == ["f_archive"]
    assert not (tmp_path / "it-ran").exists()


def test_limits_can_be_changed(origin, cache, monkeypatch):
    (origin.folder / "f").write_bytes(archive("zip", a="1", b="2"))
    monkeypatch.setattr(nyala.utils.download_limits, "archive_members", 1)
    with pytest.raises(ArchiveError, match=r"raise nyala\.utils\.download_limits\.archive_members"):
        get_file("f", f"{origin.url}/f", extract=True)
    monkeypatch.setattr(nyala.utils.download_limits, "download_bytes", 10)
    with pytest.raises(DownloadError, match=r"nyala\.utils\.download_limits\.download_bytes"):
        get_file("g", f"{origin.url}/f")


# -- wrong use -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a/b", "../f", "..", ".", "a\\b", "C:f", "/etc/passwd"])
def test_names_that_are_paths(origin, cache, name):
    with pytest.raises(ValueError, match="must be a name, not a path"):
        get_file(name, f"{origin.url}/f")
    if "/" not in name:
        with pytest.raises(ValueError, match="the name at its end must be a name"):
            get_file(origin=f"{origin.url}/x/{name}")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"origin": None}, "needs the address of the file"),
        ({"origin": "http://127.0.0.1/"}, "does not end in a file's name"),
        ({"origin": "ftp://127.0.0.1/f"}, "http, https or file address"),
        ({"extract": True, "archive_format": "rar"}, "archive_format expects"),
        ({"extract": True, "archive_format": "tra"}, "Did you mean 'tar'"),
        ({"extract": True, "archive_format": None}, "would unpack nothing"),
        ({"extract": True, "archive_format": []}, "would unpack nothing"),
        ({"hash_algorithm": "sha512"}, "hash_algorithm expects"),
    ],
)
def test_wrong_use(cache, options, message):
    with pytest.raises(ValueError, match=message):
        get_file(**{"origin": "http://127.0.0.1/f", **options})


def test_nothing_is_printed_without_interactive_logging(origin, cache, capsys):
    (origin.folder / "f").write_bytes(CONTENT)
    settings.disable_interactive_logging()
    get_file("f", f"{origin.url}/f")
    assert capsys.readouterr().out == ""


def test_names():
    assert nyala.tf.keras.utils.get_file is get_file
