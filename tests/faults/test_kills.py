"""Training that is killed at any moment loses nothing, and loads nothing torn."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys

import numpy as np
import pytest

from nyala.saving.checkpoints import CheckpointStore
from tests.faults.crash import watch_files
from tests.faults.kills import SCRIPT, Lives, assert_same, kill_many, left_by

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks the processes that it kills")


@pytest.fixture(scope="module")
def lives():
    lives = Lives()
    yield lives
    lives.close()


def test_forty_kills(lives, tmp_path):
    kill_many(lives, tmp_path, 40, random.Random(0))


def test_a_script_that_users_start_by_hand(lives, tmp_path):
    # Without the server's fork: what users do.
    (forked := tmp_path / "forked").mkdir()
    (started := tmp_path / "started").mkdir()
    assert lives.live(forked, at=60) < 0
    environment = {**os.environ, "JAX_PLATFORMS": "cpu"}
    for folder in (forked, started):
        subprocess.run([sys.executable, str(SCRIPT), str(folder)], check=True, env=environment)
    assert_same(left_by(forked), left_by(started))


def _save(store, number):
    arrays = {"weights": np.full((7, 5), number, "float32"), "step": np.array(number)}
    store.save({"number": number}, arrays)


class _Looking:
    """Looks, before every change and half way through every write, at what a kill would leave."""

    def __init__(self, folder, image):
        self.folder, self.image = folder, image
        self.complete = self.looks = 0
        self.seen = set()
        self.go_on()

    def go_on(self):
        self.end = watch_files(self.folder, self.look)

    def look(self, what, halve):
        self.seen.add(what)
        self.end()
        self.check()
        undo = halve()
        self.check()
        undo()
        self.go_on()

    def check(self):
        self.looks += 1
        shutil.copytree(self.folder, self.image)
        found = CheckpointStore(self.image).latest()
        number = found.state["number"] if found else 0
        assert number in (self.complete, self.complete + 1)
        if found:
            assert np.all(found.arrays["weights"] == number)
            assert found.arrays["step"] == number
        assert not [name for name in os.listdir(self.image) if name.endswith(".part")]
        shutil.rmtree(self.image)


def test_every_change_of_a_file_in_turn(tmp_path):
    store = CheckpointStore(tmp_path / "store")
    store.folder.mkdir()
    looking = _Looking(store.folder, tmp_path / "image")
    for number in range(1, 5):
        _save(store, number)
        looking.complete = number
    looking.end()
    assert {"write", "fsync", "rename", "mkdir", "unlink", "rmdir"} <= looking.seen
    assert looking.looks >= 80
    assert store.numbers() == [3, 4]


def test_a_kill_while_all_are_removed_leaves_the_newest_or_none(tmp_path):
    store, left = CheckpointStore(tmp_path / "store"), []
    for number in (1, 2):
        _save(store, number)
    end = watch_files(store.folder, lambda what, halve: left.append(store.numbers()))
    store.clear()
    end()
    assert left[0] == [1, 2]
    assert all(numbers in ([1, 2], [2], []) for numbers in left)
    assert not store.folder.exists()
