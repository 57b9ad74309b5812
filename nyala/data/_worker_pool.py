"""Batches made ahead by threads or processes, in order."""

from __future__ import annotations

import contextlib
import itertools
import os
import pickle
import queue
import subprocess
import sys
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from nyala.data import _worker

_SCRIPT = Path(_worker.__file__)


class WorkerDied(RuntimeError):
    """A worker process ended while it made a batch."""


class WorkerProcess:
    """A process that makes batches of a dataset.

    Args:
        dataset: the pickled dataset.
        needs_main: whether its class is defined in the script that runs.
    """

    def __init__(self, dataset: bytes, needs_main: bool):
        environment = {**os.environ, "NYALA_DATA_WORKER": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(_SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=environment,
        )  # fmt: skip
        self.end = weakref.finalize(self, _end_process, self._process)
        setup = {
            "path": list(sys.path),
            "folder": os.getcwd(),
            "nyala": str(_SCRIPT.parent.parent),
            "main": _main_file() if needs_main else None,
            "hooked": _import_hook(),
        }
        self._say(setup)
        self.ask("dataset", dataset)

    def ask(self, kind: str, value: Any) -> Any:
        """Return the answer to a request; raise what the user's code raised.

        Raises:
            WorkerDied: the process has ended.
        """
        self._say((kind, value))
        try:
            good, result = _worker.receive(self._process.stdout)
        except (EOFError, OSError):
            raise self._died() from None
        if good:
            return result
        error, trace = result
        error.add_note(f"Raised in a worker process:\n{trace}")
        raise error

    def _say(self, message: Any) -> None:
        try:
            _worker.send(self._process.stdin, message)
        except OSError:
            raise self._died() from None

    def _died(self) -> WorkerDied:
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        return WorkerDied(
            f"A worker process of the PyDataset died with exit code {code}"
            f"{_meaning(code)}. What it wrote to standard error says more. If the script trains at "
            'its top level, put that under `if __name__ == "__main__":`: workers load it.'
        )


def _meaning(code: int) -> str:
    if code == -9:
        return " (killed: perhaps the memory was used up)"
    return f" (ended by signal {-code})" if code < 0 else ""


def _end_process(process: subprocess.Popen) -> None:
    with contextlib.suppress(OSError):  # it may have died
        process.stdin.close()  # it ends when there are no more requests
    try:
        process.wait(timeout=0.5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()


def _main_file() -> str | None:
    path = getattr(sys.modules["__main__"], "__file__", None)
    return None if path is None else os.path.abspath(path)


def _import_hook() -> str | None:
    """Return the module that makes `import keras` mean nyala here, so that it does in workers."""
    compat = sys.modules.get("nyala.compat")
    return compat.__name__ if compat is not None and compat.is_installed() else None


class Workers:
    """Threads, each with a process where that is wanted, that make batches of a dataset.

    Args:
        dataset: a `PyDataset`.
    """

    def __init__(self, dataset: Any):
        if dataset.use_multiprocessing and os.environ.get("NYALA_DATA_WORKER"):
            raise RuntimeError(
                "A worker process came to train a model itself: put what the script does under "
                '`if __name__ == "__main__":`, since workers load the script.'
            )
        self.dataset = dataset
        self.count = max(int(dataset.workers), 1)
        self.ahead = max(int(dataset.max_queue_size), 1)
        self._pickled: bytes | None = None
        self._processes: list[WorkerProcess] = []
        self._free: queue.SimpleQueue = queue.SimpleQueue()
        self._threads = ThreadPoolExecutor(self.count, thread_name_prefix="nyala-worker")
        self.close = weakref.finalize(self, _end_all, self._threads, self._processes)

    def make_of(self) -> Callable[[int], Any]:
        """Return the function that the threads call for a batch in this epoch."""
        if not self.dataset.use_multiprocessing:
            return self.dataset.__getitem__
        pickled = _pickled(self.dataset)
        if self._processes and pickled != self._pickled:  # it changed between epochs
            for process in self._processes:
                process.ask("dataset", pickled)
        self._pickled = pickled
        if not self._processes:
            needs_main = b"__main__" in pickled
            started = [
                self._threads.submit(WorkerProcess, pickled, needs_main) for _ in range(self.count)
            ]
            self._processes += [future.result() for future in started]
            for process in self._processes:
                self._free.put(process)
        return _Asking(self._free)

    def batches(self, indices: Iterator[int]) -> Iterator[Any]:
        """Yield the batches with these numbers, several being made at once."""
        make, pending = self.make_of(), deque()
        try:
            for index in itertools.islice(indices, self.ahead):
                pending.append((index, self._threads.submit(make, index)))
            while pending:
                index, future = pending.popleft()
                yield _result(index, future)
                for further in itertools.islice(indices, 1):
                    pending.append((further, self._threads.submit(make, further)))
        finally:
            for _, future in pending:
                future.cancel()
            for _, future in pending:  # a process that is still at work would answer the next one
                if not future.cancelled():
                    future.exception()


class _Asking:
    """Asks whichever process is free for a batch."""

    def __init__(self, free: queue.SimpleQueue):
        self._free = free

    def __call__(self, index: int) -> Any:
        process = self._free.get()
        try:
            return process.ask("batch", index)
        finally:
            self._free.put(process)


def _result(index: int, future: Future) -> Any:
    try:
        return future.result()
    except WorkerDied:
        raise
    except Exception as error:
        error.add_note(f"Raised while batch {index} of the PyDataset was made.")
        raise


def _end_all(threads: ThreadPoolExecutor, processes: list[WorkerProcess]) -> None:
    for process in processes:
        process.end()
    threads.shutdown(wait=True, cancel_futures=True)


def _pickled(dataset: Any) -> bytes:
    try:
        return pickle.dumps(dataset, protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        raise TypeError(
            f"{type(dataset).__name__} cannot be sent to worker processes: it does not pickle "
            f"({error}). Define the class at the top of a module and keep open files, locks and "
            "lambdas out of it, or use threads (use_multiprocessing=False)."
        ) from error
