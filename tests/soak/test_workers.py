"""A hundred epochs with workers, one killed in each tenth: no hang, nothing left (`make soak`)."""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import nyala
from nyala.data import Dataset

pytestmark = pytest.mark.soak

# Worker processes import the class by this name.
_MODULE = "worker_batches"
sys.path.insert(0, str(Path(__file__).parent))
Batches = importlib.import_module(_MODULE).Batches

_ROUNDS, _EPOCHS = 10, 10


def _children() -> list[int]:
    """Return the processes that this one started."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has just ended
                continue
            if int(fields[1]) == os.getpid() and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def _threads() -> list[str]:
    gc.collect()
    return [t.name for t in threading.enumerate() if t.name.startswith("nyala-")]


@pytest.fixture(autouse=True)
def _nothing_is_left():
    if not Path("/proc/self/stat").exists():
        pytest.skip("reads the processes from /proc")
    before = _children()
    yield
    assert not _threads()
    assert sorted(_children()) == sorted(before)


@pytest.fixture
def model():
    model = nyala.Sequential([nyala.Input((4,)), nyala.layers.Dense(1)])
    model.compile(nyala.optimizers.SGD(1e-5), "mse")
    return model


class _Kills(nyala.callbacks.Callback):
    """Kills a worker process in the middle of the last epoch."""

    def on_train_batch_end(self, batch, logs=None):
        if self.epoch == _EPOCHS - 1 and batch == 5:
            workers = [pid for pid in _children() if _is_worker(pid)]
            os.kill(workers[0], signal.SIGKILL)
            self.killed = time.monotonic()

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch


def _is_worker(pid: int) -> bool:
    return b"_worker.py" in Path(f"/proc/{pid}/cmdline").read_bytes()


def test_processes(model):
    for _ in range(_ROUNDS):
        data = Batches(workers=2, use_multiprocessing=True, max_queue_size=4)
        kills = _Kills()
        with pytest.raises(RuntimeError, match="exit code -9"):
            model.fit(data, epochs=_EPOCHS, verbose=0, callbacks=[kills])
        assert time.monotonic() - kills.killed < 10
        assert not [pid for pid in _children() if _is_worker(pid)]


class _Fails(Batches):
    """Fails in the middle of the last epoch."""

    epoch = 0

    def __getitem__(self, index):
        if self.epoch == _EPOCHS - 1 and index == 5:
            raise OSError("the disk is gone")
        return super().__getitem__(index)

    def on_epoch_end(self):
        self.epoch += 1


def test_threads(model):
    for _ in range(_ROUNDS):
        with pytest.raises(OSError, match="the disk is gone") as caught:
            model.fit(_Fails(workers=3), epochs=_EPOCHS, verbose=0)
        assert any("batch 5" in note for note in caught.value.__notes__)
        del caught
        assert not _threads()


def test_pipelines(model):
    """Threads of every kind at once, and an iterator dropped in the middle of each epoch."""
    x = np.ones((256, 4), "float32")

    def slow(row):
        return np.asarray(row) * 1.0

    data = (
        Dataset.from_tensor_slices((x, x[:, :1]))
        .map(lambda a, b: (slow(a), b), num_parallel_calls=3)
        .shuffle(50)
        .batch(16)
        .prefetch(2)
    )

    class Peeks(nyala.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            next(iter(data))

    for _ in range(_ROUNDS):
        model.fit(data, epochs=_EPOCHS, verbose=0, callbacks=[Peeks()])
        assert not _threads()


def test_a_file_much_larger_than_the_memory_taken(tmp_path):
    """A table is read, shuffled and batched at flat memory, whatever its size."""
    pytest.importorskip("pyarrow")
    path = tmp_path / "table.csv"
    line = ",".join(f"{n / 7:.5f}" for n in range(20)) + "\n"
    with open(path, "w") as file:
        file.write(",".join(f"c{n}" for n in range(20)) + "\n")
        for _ in range(250):
            file.write(line * 8000)
    data = nyala.data.experimental.make_csv_dataset(str(path), 256, num_epochs=1)
    before, most, count = None, 0.0, 0
    for batch in data.as_numpy_iterator():
        count += len(batch["c0"])
        if count % (256 * 400) == 0:
            before = before or _resident()
            most = max(most, _resident())
    assert count == 2_000_000
    size = path.stat().st_size / 2**20
    assert most - before < size / 10, f"{most - before:.0f} MiB more, for a file of {size:.0f} MiB"


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
