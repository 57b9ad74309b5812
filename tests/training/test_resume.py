"""A run that stopped anywhere goes on, in new objects, to exactly the same end."""

from __future__ import annotations

import random
import shutil

import numpy as np
import pytest

import nyala
from nyala.callbacks import BackupAndRestore
from nyala.data import Dataset
from nyala.saving.checkpoints import BackgroundWriter, CheckpointStore

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(44, 3)).astype("float32")
Y = (X @ np.array([[1.0], [2.0], [3.0]], "float32")).astype("float32")


class Shuffled(nyala.utils.PyDataset):
    """Changes between epochs by NumPy's global generator, as many do."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.rows = np.arange(40)

    def __len__(self):
        return 5

    def __getitem__(self, index):
        rows = self.rows[index * 8 : index * 8 + 8]
        return X[rows], Y[rows]

    def on_epoch_end(self):
        np.random.shuffle(self.rows)


class Remembering(nyala.utils.PyDataset):
    """Draws in `__getitem__` and keeps its own state."""

    def __init__(self):
        super().__init__()
        self.random = np.random.default_rng(5)

    def __len__(self):
        return 5

    def __getitem__(self, index):
        rows = self.random.permutation(44)[:8]
        return X[rows], Y[rows]

    def get_state(self):
        return self.random.bit_generator.state

    def set_state(self, state):
        self.random.bit_generator.state = state


def rows():
    return Dataset.from_tensor_slices((X, Y))


def generator():
    while True:
        for start in range(0, 44, 8):
            yield X[start : start + 8], Y[start : start + 8]


DATA = {
    "arrays": lambda: ((X, Y), {}),
    "arrays in order": lambda: ((X, Y), {"shuffle": False}),
    "blocks of arrays": lambda: ((X, Y), {"shuffle": "batch"}),
    "arrays over and over": lambda: ((X, Y), {"steps_per_epoch": 4}),
    "rows of a dataset": lambda: ((rows().shuffle(20).batch(8),), {}),
    "repeated rows": lambda: ((rows().shuffle(20).repeat().batch(8),), {"steps_per_epoch": 4}),
    "dataset": lambda: ((rows().shuffle(20).map(lambda x, y: (x * 2, y)).batch(8),), {}),
    "repeated dataset": lambda: (
        (rows().map(lambda x, y: (x, y)).shuffle(20).batch(8).repeat(),), {"steps_per_epoch": 4}),
    "generator": lambda: ((generator(),), {"steps_per_epoch": 4}),
    "PyDataset": lambda: ((Shuffled(),), {}),
    "PyDataset with threads": lambda: ((Shuffled(workers=2),), {}),
    "iterator": lambda: ((iter(rows().shuffle(20).batch(8).repeat()),), {"steps_per_epoch": 4}),
}  # fmt: skip
EPOCHS = 3


def make_model():
    model = nyala.Sequential([
        nyala.layers.Dense(4, activation="tanh"),
        nyala.layers.Dropout(0.3),
        nyala.layers.BatchNormalization(),
        nyala.layers.Dense(1),
    ])  # fmt: skip
    model.compile(nyala.optimizers.Adam(0.05), "mse", metrics=["mae"])
    return model


@pytest.fixture
def keeps_all(monkeypatch):
    """Every generation is written before training goes on, and kept."""

    def keeping_all(self, folder, keep=2, prefix="ckpt", init=CheckpointStore.__init__):
        init(self, folder, None, prefix)

    monkeypatch.setattr(CheckpointStore, "__init__", keeping_all)
    monkeypatch.setattr(BackgroundWriter, "submit", lambda self, write: write())


def train(data, folder=None, model=None, callbacks=(), save_freq=1, **options):
    """Train as a script would that is started again; return the model and all that it leaves."""
    nyala.utils.set_random_seed(7)
    arguments, more = data()
    model = model or make_model()
    callbacks = list(callbacks)
    if folder is not None:
        callbacks.insert(0, BackupAndRestore(folder, save_freq, delete_checkpoint=False))
    more = {"verbose": 0, "epochs": EPOCHS, **more, **options}
    history = model.fit(*arguments, batch_size=8 if len(arguments) > 1 else None,
                        callbacks=callbacks, **more)  # fmt: skip
    variables = [*model.variables, *model.optimizer.variables, *model.metrics_variables]
    drawn = [random.random(), float(np.random.random()), float(nyala.random.uniform(()))]
    return model, ([v.numpy() for v in variables], history.history, history.epoch, drawn)


def assert_same(one, other):
    for a, b in zip(one[0], other[0], strict=True):
        np.testing.assert_array_equal(a, b)
    assert one[1:] == other[1:]


def each_generation(folder, alone):
    """Yield the number of each generation, which then lies in the folder `alone` by itself."""
    for number in CheckpointStore(folder).numbers():
        shutil.rmtree(alone, ignore_errors=True)
        shutil.copytree(folder / f"ckpt-{number}", alone / "ckpt-1")
        yield number


def assert_all_go_on(data, tmp_path, **options):
    """From every generation of a run, training must go on to the end of that run."""
    model, expected = train(data, tmp_path / "all", **options)
    options.pop("callbacks", None)
    count = 0
    for _ in each_generation(tmp_path / "all", tmp_path / "one"):
        _, found = train(data, model=model, resume_from=tmp_path / "one", **options)
        assert_same(found, expected)
        count += 1
    return model, expected, count


@pytest.mark.parametrize("name", DATA)
def test_goes_on_after_any_batch(name, tmp_path, keeps_all):
    model, expected, count = assert_all_go_on(DATA[name], tmp_path)
    batches = 4 if "steps_per_epoch" in DATA[name]()[1] else 5 if "Py" in name else 6
    assert count == 1 + EPOCHS * batches
    assert_same(train(DATA[name], tmp_path / "one")[1], expected)  # another model, built anew
