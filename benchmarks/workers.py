"""The measuring side of a peer's process."""

from __future__ import annotations

import json
import subprocess
import tempfile
from typing import Any

from benchmarks.peers import Peer


class WorkerError(Exception):
    """A peer could not do a row."""


class Worker:
    """A peer's process, started when first needed and idle while others measure.

    Args:
        peer: the peer.
        tiny: whether rows are cut down to what shows that they run.
    """

    def __init__(self, peer: Peer, tiny: bool = False):
        self.peer, self.tiny = peer, tiny
        self._process: subprocess.Popen | None = None
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115 (open as long as the process)

    def prepare(self, row: str) -> None:
        """Let the process build, compile and warm up a row (and forget the one before)."""
        self._ask(f"prepare {row}")

    def measure(self) -> float:
        """Return the seconds of a step of the prepared row."""
        return self._ask("measure")["seconds"]

    def versions(self) -> dict[str, str]:
        """Return the versions of what the peer is made of."""
        return self._ask("versions")["versions"]

    def close(self) -> None:
        """End the process."""
        if self._process is not None and self._process.poll() is None:
            self._process.stdin.close()
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process = None

    def _ask(self, command: str) -> dict[str, Any]:
        process = self._started()
        try:
            print(command, file=process.stdin, flush=True)
            line = process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self._process = None
            raise WorkerError(f"the process of {self.peer.name} died: {self._last_words()}")
        answer = json.loads(line)
        if not answer["ok"]:
            raise WorkerError(answer["error"])
        return answer

    def _started(self) -> subprocess.Popen:
        if self._process is None:
            command = self.peer.command("-m", "benchmarks.serve", self.peer.name)
            self._process = subprocess.Popen(
                command + ["--tiny"] * self.tiny, env=self.peer.process_environment(),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True,
            )  # fmt: skip
        return self._process

    def _last_words(self) -> str:
        self._log.seek(0)
        lines = self._log.read().strip().splitlines()
        return lines[-1] if lines else "it said nothing"
