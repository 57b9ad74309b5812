"""Files appear whole or not at all."""

from __future__ import annotations

import errno
import os
import subprocess
import sys

import pytest

from nyala.core import atomic_directory, atomic_file


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
