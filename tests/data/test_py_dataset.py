"""`PyDataset`: order, workers, epochs, and what happens when workers fail."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import nyala
from nyala.data import PyDatasetData
from nyala.data._worker_pool import WorkerDied


@pytest.fixture
def squares(monkeypatch):
    """The class `Squares`, imported so that a worker process can import it by the same name."""
    folder = str(Path(__file__).parent)
    monkeypatch.syspath_prepend(folder)
    spec = importlib.util.find_spec("slow_squares")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "slow_squares", module)
    spec.loader.exec_module(module)
    return module.Squares


WORKERS = {
    "none": {},
    "threads": {"workers": 3, "max_queue_size": 4},
    "processes": {"workers": 2, "use_multiprocessing": True},
}


@pytest.mark.parametrize("kind", WORKERS)
def test_batches_come_in_order_and_again(squares, kind):
    data = PyDatasetData(squares(7, **WORKERS[kind]))
    for epoch in range(2):
        batches = list(data.batches())
        assert [int(x[0, 0]) for x, _, _ in batches] == list(range(7))
        assert {int(y[0, 2]) for _, y, _ in batches} == {epoch}  # on_epoch_end reaches workers
        data.end_epoch()
    data.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("nyala-")]


def test_worker_processes_are_others_without_jax(squares):
    data = PyDatasetData(squares(6, workers=2, use_multiprocessing=True))
    facts = np.concatenate([y for _, y, _ in data.batches()])
    data.close()
    assert os.getpid() not in facts[:, 0]
    assert not facts[:, 1].any()
    for pid in {int(p) for p in facts[:, 0]}:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.parametrize("kind", WORKERS)
def test_errors_name_the_batch(squares, kind):
    data = PyDatasetData(squares(5, fails_at=3, **WORKERS[kind]))
    batches = data.batches()
    for _ in range(3):
        next(batches)
    with pytest.raises(KeyError, match="no such row") as caught:
        next(batches)
    if kind != "none":
        assert any("batch 3" in note for note in caught.value.__notes__)
    data.close()


def test_a_dead_worker_raises_and_names_its_exit_code(squares):
    data = PyDatasetData(squares(5, dies_at=2, workers=1, use_multiprocessing=True))
    start = time.monotonic()
    with pytest.raises(WorkerDied, match="exit code 7"):
        list(data.batches())
    assert time.monotonic() - start < 10
    data.close()


def test_what_does_not_pickle_is_refused_with_advice(squares):
    dataset = squares(3, workers=2, use_multiprocessing=True)
    dataset.extra = lambda: None
    with pytest.raises(TypeError, match="does not pickle"):
        list(PyDatasetData(dataset).batches())


def test_dropping_the_data_ends_threads(squares):
    data = PyDatasetData(squares(50, workers=3))
    next(data.batches())
    del data
    assert not [t for t in threading.enumerate() if t.name.startswith("nyala-")]


class Rows(nyala.utils.Sequence):
    """As in Keras 2: no call of the base class's constructor."""

    def __init__(self, x, y, batch_size):
        self.x, self.y, self.batch_size = x, y, batch_size
        self.seen, self.ended = [], 0

    def __len__(self):
        return int(np.ceil(len(self.x) / self.batch_size))

    def __getitem__(self, index):
        self.seen.append(index)
        rows = slice(index * self.batch_size, (index + 1) * self.batch_size)
        return self.x[rows], self.y[rows]

    def on_epoch_end(self):
        self.ended += 1


@pytest.fixture
def model():
    model = nyala.Sequential([nyala.Input((3,)), nyala.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


@pytest.fixture
def rows():
    return Rows(np.ones((10, 3), "float32"), np.ones((10, 1), "float32"), 4)


def test_fit_shows_every_batch_once_an_epoch(model, rows):
    model.fit(rows, epochs=3, verbose=0, shuffle=False)
    assert rows.ended == 3
    assert rows.seen == [0, 1, 2] * 3


def test_fit_shuffles_batches_by_default(model):
    rows = Rows(np.ones((64, 3), "float32"), np.ones((64, 1), "float32"), 1)
    model.fit(rows, verbose=0)
    assert sorted(rows.seen) == list(range(64))
    assert rows.seen != list(range(64))


def test_fit_takes_the_workers_of_keras_2(model, rows):
    model.fit(rows, workers=4, use_multiprocessing=False, max_queue_size=2, verbose=0)
    assert (rows.workers, rows.max_queue_size) == (4, 2)
    assert sorted(rows.seen) == [0, 1, 2]


def test_steps_per_epoch_goes_on_where_the_last_epoch_stopped(model, rows):
    model.fit(rows, epochs=3, steps_per_epoch=1, verbose=0, shuffle=False)
    assert rows.seen == [0, 1, 2]


def test_evaluate_and_predict(model, rows):
    loss = model.evaluate(rows, verbose=0)
    assert loss == pytest.approx(model.evaluate(rows.x, rows.y, verbose=0), rel=1e-6)
    assert model.predict(rows, verbose=0).shape == (10, 1)


def test_a_dataset_without_an_end_needs_steps(model, rows):
    class Endless(Rows):
        num_batches = None

        def __getitem__(self, index):
            return super().__getitem__(index % 3)

    endless = Endless(rows.x, rows.y, 4)
    with pytest.raises(ValueError, match="steps_per_epoch"):
        model.fit(endless, verbose=0)
    history = model.fit(endless, steps_per_epoch=5, epochs=2, verbose=0)
    assert len(history.history["loss"]) == 2


def test_the_length_is_needed():
    class Nameless(nyala.utils.PyDataset):
        def __getitem__(self, index):
            return index

    with pytest.raises(TypeError, match="must define __len__"):
        iter(Nameless())


SCRIPT = """
import sys
import numpy as np
from nyala.utils import PyDataset

class Numbers(PyDataset):
    def __len__(self):
        return 3
    def __getitem__(self, index):
        return np.full((1, 1), index), np.array([["jax" in sys.modules]])

def run():
    from nyala.data import PyDatasetData
    data = PyDatasetData(Numbers(workers=2, use_multiprocessing=True))
    print([(int(x[0, 0]), bool(y[0, 0])) for x, y, _ in data.batches()])

GUARD
    run()
"""


@pytest.mark.parametrize(
    ("guard", "expected"),
    [
        ('if __name__ == "__main__":', "[(0, False), (1, False), (2, False)]"),
        ("if True:", "put what the script does under"),
    ],
)
def test_classes_of_the_script_itself(tmp_path, repository, guard, expected):
    script = tmp_path / "train.py"
    script.write_text(SCRIPT.replace("GUARD", guard))
    environment = {**os.environ, "PYTHONPATH": str(repository)}
    done = subprocess.run(
        [sys.executable, str(script)], env=environment, capture_output=True, text=True, check=False
    )
    assert expected in done.stdout + done.stderr
