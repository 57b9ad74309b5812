"""Files appear whole or not at all."""

from __future__ import annotations

import errno
import os
import subprocess
import sys

import pytest

from nyala.core import (
    PendingFile,
    _atomic,
    atomic_directory,
    atomic_file,
    remove_at_once,
    remove_stale_in,
)


def _write_and_fail(file):
    file.write(b"half")
    raise KeyError


def test_a_failed_write_leaves_the_previous_file(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"before")
    with pytest.raises(KeyError), atomic_file(path) as file:
        _write_and_fail(file)
    assert path.read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["a.bin"]


def test_the_name_appears_at_the_end(tmp_path):
    path = tmp_path / "deep" / "a.bin"
    with atomic_file(path) as file:
        file.write(b"new")
        assert not path.exists()
    assert path.read_bytes() == b"new"


def test_a_full_disk_is_reported_with_path_and_free_space(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"before")
    reported = pytest.raises(OSError, match=r"a\.bin \([\d,.]+ MB free there\)")
    with reported as caught, atomic_file(path):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert caught.value.errno == errno.ENOSPC
    assert path.read_bytes() == b"before"


def test_a_directory_is_replaced_as_a_whole(tmp_path):
    path = tmp_path / "model"
    for names in (("one", "two"), ("three",)):
        with atomic_directory(path) as folder:
            for name in names:
                (folder / name).write_text(name)
        assert sorted(os.listdir(path)) == sorted(names)
    with (
        pytest.raises(KeyError),
        atomic_directory(path) as folder,
        open(folder / "4", "wb") as file,
    ):
        _write_and_fail(file)
    assert os.listdir(path) == ["three"]
    assert os.listdir(tmp_path) == ["model"]


def test_what_a_killed_process_left_is_removed_by_the_next_write(tmp_path):
    script = (
        "import os, sys\nfrom nyala.core import atomic_file\n"
        "with atomic_file(sys.argv[1]) as file:\n"
        "    file.write(b'half'); file.flush(); os.kill(os.getpid(), 9)\n"
    )
    path = tmp_path / "a.bin"
    subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert len(os.listdir(tmp_path)) == 1
    assert not path.exists()
    with atomic_file(path) as file:
        file.write(b"whole")
    assert os.listdir(tmp_path) == ["a.bin"]


def test_what_an_earlier_process_of_the_same_number_left_is_removed(tmp_path):
    # In a container the number of the one process is always the same.
    (tmp_path / f".a.bin.{os.getpid()}.0123abcd.part").write_bytes(b"half")
    with atomic_file(tmp_path / "a.bin") as one, atomic_file(tmp_path / "a.bin") as other:
        one.write(b"1")
        other.write(b"2")
        assert len(os.listdir(tmp_path)) == 2
    assert os.listdir(tmp_path) == ["a.bin"]


def test_a_whole_folder_is_cleaned_of_what_others_left(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (tmp_path / f".a.{dead.pid}.0123abcd.part").mkdir()
    (tmp_path / f".b.{os.getppid()}.0123abcd.part").mkdir()
    (tmp_path / "c.part").mkdir()
    remove_stale_in(tmp_path)
    assert sorted(os.listdir(tmp_path)) == [f".b.{os.getppid()}.0123abcd.part", "c.part"]


def _replace_without_swapping(monkeypatch, path, stop_at=None):
    renames = iter(range(10))
    rename = os.rename

    def counted(*names):
        if next(renames) == stop_at:
            raise SystemExit
        rename(*names)

    monkeypatch.setattr(_atomic, "_exchange", lambda one, other: False)
    monkeypatch.setattr(os, "rename", counted)
    with atomic_directory(path) as folder:
        (folder / "new").touch()
    monkeypatch.undo()


def test_where_names_cannot_be_swapped_the_old_directory_comes_back(tmp_path, monkeypatch):
    path = tmp_path / "model"
    with atomic_directory(path) as folder:
        (folder / "old").touch()
    with pytest.raises(SystemExit):
        _replace_without_swapping(monkeypatch, path, stop_at=1)
    assert not path.exists()
    remove_stale_in(tmp_path)
    assert os.listdir(path) == ["old"]
    _replace_without_swapping(monkeypatch, path)
    assert os.listdir(path) == ["new"]
    assert os.listdir(tmp_path) == ["model"]


def test_removing_frees_the_name(tmp_path):
    (tmp_path / "folder" / "inner").mkdir(parents=True)
    remove_at_once(tmp_path / "folder")
    remove_at_once(tmp_path / "folder")
    assert os.listdir(tmp_path) == []


def _write_much(path):
    with atomic_file(path) as file:
        for _ in range(64):
            file.write(bytes(1 << 12))


def _write_much(path):
    with atomic_file(path) as file:
        for _ in range(64):
            file.write(bytes(1 << 12))


def test_a_file_beyond_what_the_system_allows(tmp_path):
    resource = pytest.importorskip("resource")
    path = tmp_path / "a.bin"
    path.write_bytes(b"before")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, limits[1]))
    try:
        with pytest.raises(OSError, match=r"a\.bin \(.* MB free there\)"):
            _write_much(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["a.bin"]


@pytest.mark.skipif(sys.platform != "linux", reason="one call for all files is Linux's")
@pytest.mark.parametrize(("files", "synced_at_once"), [(3, 0), (250, 1)])
def test_many_files_are_flushed_at_once(tmp_path, monkeypatch, files, synced_at_once):
    calls = []
    monkeypatch.setattr(os, "sync", lambda: calls.append("sync"))
    monkeypatch.setattr(os, "fsync", lambda handle: calls.append("fsync"))
    with atomic_directory(tmp_path / "d") as folder:
        for number in range(files):
            (folder / str(number)).touch()
        calls.clear()
    assert len(os.listdir(tmp_path / "d")) == files
    assert calls.count("sync") == synced_at_once
    assert calls.count("fsync") == (1 if synced_at_once else files + 2)  # and the directories


def test_a_file_that_is_written_for_long(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("before")
    pending = PendingFile(target, "w")
    pending.file.write("now")
    assert target.read_text() == "before"
    pending.finish()
    assert target.read_text() == "now"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_file_that_is_discarded_leaves_the_one_before(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("before")
    pending = PendingFile(target)
    pending.file.write(b"now")
    pending.discard()
    pending.discard()  # as often as one likes
    assert pending.file.closed
    assert target.read_text() == "before"
    assert os.listdir(tmp_path) == ["a.txt"]
