"""Rows that need a fresh process for each measurement: imports, and scripts from start to end."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
import time
from collections.abc import Iterator

from benchmarks.peers import Peer
from benchmarks.rows import Row
from benchmarks.workers import WorkerError

_PEERS = ("nyala", "keras-jax", "keras-tensorflow", "keras-torch")
# The import alone, without the start of Python.
_TIMED = "import time\nstart = time.perf_counter()\n{script}\nprint(time.perf_counter() - start)"


class FreshProcesses:
    """Measures a row on a peer by starting its script anew each time.

    Args:
        peer: the peer.
        row: its row; one whose name ends in `-again` finds nyala's compiled programs on disk, the
            others start with an empty folder.
    """

    def __init__(self, peer: Peer, row: Row):
        self.peer, self.row = peer, row
        self.script = row.script.format(module=peer.module)
        self.kept = tempfile.TemporaryDirectory() if row.name.endswith("-again") else None
        if row.name == "import":
            self.script = _TIMED.format(script=self.script)

    @staticmethod
    def takes_part(name: str) -> bool:
        """Whether the peer has a script for such rows."""
        return name in _PEERS

    def prepare(self) -> None:
        """Run once, so that files are in memory, byte code and programs on disk."""
        self.measure()

    def measure(self) -> float:
        """Return the seconds of the import, or of the process from start to end."""
        with self._home() as home:
            environment = self.peer.process_environment() | {"NYALA_HOME": home}
            start = time.perf_counter()
            done = subprocess.run(
                self.peer.command("-c", self.script), env=environment,
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            seconds = time.perf_counter() - start
        if done.returncode:
            raise WorkerError((done.stderr.strip().splitlines() or ["failed silently"])[-1])
        return float(done.stdout.split()[-1]) if self.row.name == "import" else seconds

    def close(self) -> None:
        """Remove what was kept."""
        if self.kept is not None:
            self.kept.cleanup()

    @contextlib.contextmanager
    def _home(self) -> Iterator[str]:
        if self.kept is not None:
            yield self.kept.name
        else:
            with tempfile.TemporaryDirectory() as folder:
                yield folder
