"""Processes that are killed, started again, and must end as one that was never killed."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

SCRIPT = Path(__file__).with_name("trained_script.py")
# File changes of a whole run, and the seconds that training takes in it, roughly.
CHANGES, SECONDS = 240, 0.6


class Lives:
    """A server that forks a training process for each life."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, str(SCRIPT), "--serve"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, env={**os.environ, "JAX_PLATFORMS": "cpu"},
        )  # fmt: skip

    def live(self, folder: Path, at: int = 0, after: float | None = None) -> int:
        """Train in a folder until the end, or until a kill; return the exit code.

        Args:
            folder: where the run lives.
            at: the change of a file in which it is killed, 0 for none.
            after: the seconds after which it is killed.
        """
        self._server.stdin.write(json.dumps({"folder": str(folder), "at": at}) + "\n")
        self._server.stdin.flush()
        child = int(self._server.stdout.readline())
        if after is not None:
            time.sleep(after)
            with contextlib.suppress(ProcessLookupError):  # it has ended by itself
                os.kill(child, signal.SIGKILL)
        return int(self._server.stdout.readline())

    def close(self) -> None:
        """End the server."""
        self._server.stdin.close()
        self._server.wait()
        self._server.stdout.close()


def left_by(folder: Path) -> tuple[dict, str, list[str]]:
    """Return all that a run leaves: weights and history, the log, the names of files."""
    with np.load(folder / "result.npz") as result:
        arrays = {name: result[name] for name in result.files}
    return arrays, (folder / "log.csv").read_text(), sorted(os.listdir(folder))


def assert_same(one: tuple, other: tuple) -> None:
    """Assert that two runs left the same, bit by bit."""
    assert one[0].keys() == other[0].keys()
    for name, array in one[0].items():
        np.testing.assert_array_equal(array, other[0][name], err_msg=name)
    assert one[1:] == other[1:]


def kill_many(lives: Lives, folder: Path, kills: int, rng: random.Random) -> None:
    """Kill runs so often, several times each, and compare how they end."""
    whole = folder / "whole"
    whole.mkdir()
    assert lives.live(whole) == 0
    expected, killed, run = left_by(whole), 0, 0
    while killed < kills:
        run += 1
        path = folder / str(run)
        path.mkdir()
        for _ in range(min(rng.randint(3, 6), kills - killed)):
            if rng.random() < 0.6:
                # Most lives are short: there are fewer changes left the later they begin.
                code = lives.live(path, at=rng.randint(1, CHANGES // 3))
            else:
                code = lives.live(path, after=rng.uniform(0.1, SECONDS))
            killed += code == -signal.SIGKILL
            assert code in (0, -signal.SIGKILL), f"run {run} ended with {code}"
        assert lives.live(path) == 0
        assert_same(left_by(path), expected)
