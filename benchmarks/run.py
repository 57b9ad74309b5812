"""Measure rows on peers, interleaved: every round measures each peer once, one at a time.

What the machine does meanwhile (a neighbour, the clock) then meets all of them alike.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from benchmarks.fresh import FreshProcesses
from benchmarks.peers import PEERS, Peer
from benchmarks.rows import ROWS, Row
from benchmarks.workers import Worker, WorkerError


@dataclass
class Result:
    """What a row measured.

    Attributes:
        row: its name.
        seconds: for each peer its measurements, one a round.
        errors: what went wrong, by peer.
    """

    row: str
    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def median(self, peer: str) -> float | None:
        """Return the median in milliseconds."""
        return statistics.median(self.seconds[peer]) * 1e3 if self.seconds.get(peer) else None

    def ratio(self, peer: str) -> float | None:
        """Return how many times as long as nyala the peer takes: the median over the rounds."""
        ours, theirs = self.seconds.get("nyala"), self.seconds.get(peer)
        if not ours or not theirs:
            return None
        return statistics.median(b / a for a, b in zip(ours, theirs, strict=False))

    def misses(self) -> list[str]:
        """Return the bars of the row that nyala does not reach, in words."""
        row, found = ROWS[self.row], []
        for peer, bar in row.bars.items():
            ratio = self.ratio(peer)
            if ratio is not None and 1 / ratio > bar:
                found.append(f"{1 / ratio:.2f} × {PEERS[peer].title}, at most {bar:.2f}")
        ours = self.median("nyala")
        if row.limit is not None and ours is not None and ours > row.limit:
            found.append(f"{ours:.3g} ms, at most {row.limit:g}")
        return found


def run_rows(rows: list[str], peers: list[str], rounds: int, tiny: bool) -> Iterator[Result]:
    """Measure rows; yield each row's result when it is there."""
    with _Workers(tiny) as workers:
        for name in rows:
            yield _run_row(ROWS[name], peers, rounds, workers)


def versions_of(peers: list[str]) -> dict[str, str]:
    """Return the versions of what the peers are made of."""
    found: dict[str, str] = {}
    for name in peers:
        worker = Worker(PEERS[name])
        with contextlib.suppress(WorkerError):
            found |= worker.versions()
        worker.close()
    return found


class _Workers(dict):
    """The peers' processes, started when first asked for."""

    def __init__(self, tiny: bool):
        super().__init__()
        self.tiny = tiny

    def __missing__(self, name: str) -> Worker:
        self[name] = Worker(PEERS[name], self.tiny)
        return self[name]

    def __enter__(self) -> _Workers:
        return self

    def __exit__(self, *_: Any) -> None:
        for worker in self.values():
            worker.close()


class _InWorker:
    """A row on a peer, measured in the peer's long-lived process."""

    def __init__(self, worker: Worker, row: Row):
        self.prepare = lambda: worker.prepare(row.name)
        self.measure = worker.measure

    def close(self) -> None:
        """The process stays for the next row."""


def _run_row(row: Row, peers: list[str], rounds: int, workers: _Workers) -> Result:
    result = Result(row.name)
    runners = {}
    for name in peers:
        runner = _runner(row, PEERS[name], workers)
        if runner is not None and _try(result, name, runner.prepare):
            runners[name] = runner
    for number in range(rounds):
        _say(f"{row.name}: round {number + 1} of {rounds}")
        for name in list(runners):
            if name not in result.errors:
                _try(result, name, lambda n=name: _measure(result, n, runners[n]))
    for runner in runners.values():
        runner.close()
    _say("")
    return result


def _runner(row: Row, peer: Peer, workers: _Workers) -> Any:
    if row.script is not None:
        return FreshProcesses(peer, row) if FreshProcesses.takes_part(peer.name) else None
    return _InWorker(workers[peer.name], row) if peer.name in row.makers else None


def _measure(result: Result, name: str, runner: Any) -> None:
    result.seconds.setdefault(name, []).append(runner.measure())


def _try(result: Result, name: str, action: Any) -> bool:
    """Do something; where it fails, note why and leave the peer out of the row."""
    _say(f"{result.row}: {name}")
    try:
        action()
    except WorkerError as error:
        result.errors[name] = str(error)
        return False
    return True


def _say(text: str) -> None:
    if sys.stderr.isatty() or os.environ.get("BENCHMARKS_VERBOSE"):
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
