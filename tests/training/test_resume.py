"""A run that stopped anywhere goes on, in new objects, to exactly the same end."""

from __future__ import annotations

import os
import random
import shutil

import numpy as np
import pytest

import nyala
from nyala.callbacks import (
    BackupAndRestore,
    Callback,
    CSVLogger,
    EarlyStopping,
    LearningRateScheduler,
    ModelCheckpoint,
    ReduceLROnPlateau,
    SwapEMAWeights,
)
from nyala.data import Dataset
from nyala.saving import ModelFileError
from nyala.saving.checkpoints import BackgroundWriter, CheckpointStore, read_generation

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
    _, expected, count = assert_all_go_on(DATA[name], tmp_path)
    batches = 4 if "steps_per_epoch" in DATA[name]()[1] else 5 if "Py" in name else 6
    assert count == 1 + EPOCHS * batches
    assert_same(train(DATA[name], tmp_path / "one")[1], expected)  # another model, built anew


VALIDATED = {"validation_data": (X, Y), "epochs": 5}


def callbacks_of(tmp_path):
    """New callbacks of every kind that keeps state."""
    return [
        CSVLogger(tmp_path / "log.csv", append=True),
        EarlyStopping("val_loss", patience=1, restore_best_weights=True),
        ReduceLROnPlateau("loss", patience=0, factor=0.5, cooldown=1),
        LearningRateScheduler(lambda epoch, rate: rate * 0.9),
        ModelCheckpoint(tmp_path / "{epoch}-{batch}.weights.h5", save_weights_only=True,
                        save_freq=4, max_to_keep=2),
        ModelCheckpoint(tmp_path / "best.weights.h5", "val_mae", save_best_only=True,
                        save_weights_only=True),
    ]  # fmt: skip


@pytest.mark.parametrize("save_freq", [5, "epoch"])
def test_callbacks_go_on(tmp_path, keeps_all, save_freq):
    folder, data = tmp_path / "files", DATA["arrays"]
    folder.mkdir()
    (folder / "log.csv").write_text("epoch,learning_rate,loss,mae,val_loss,val_mae\r\n")
    model, expected = train(data, tmp_path / "all", callbacks=callbacks_of(folder),
                            save_freq=save_freq, **VALIDATED)  # fmt: skip
    files = sorted(os.listdir(folder))
    log = (folder / "log.csv").read_text()
    assert len(log.splitlines()) == 1 + len(expected[2])
    assert len(files) == 4
    for _ in each_generation(tmp_path / "all", tmp_path / "one"):
        # The files are those that a kill at the very end leaves: ahead of the generation.
        _, found = train(data, model=model, resume_from=tmp_path / "one",
                         callbacks=callbacks_of(folder), **VALIDATED)  # fmt: skip
        assert_same(found, expected)
        assert (folder / "log.csv").read_text() == log
        assert sorted(os.listdir(folder)) == files


class Averaging(nyala.Model):
    """Keeps a variable that no layer knows, and reads one from outside."""

    def __init__(self, outside):
        super().__init__()
        self.dense = nyala.layers.Dense(1)
        self.drop = nyala.layers.Dropout(0.5)
        self.outside = [lambda: outside]  # hidden from tracking

    def call(self, x, training=None):
        return self.dense(self.drop(x, training=training))

    def train_step(self, data):
        outside = self.outside[0]()
        logs = super().train_step(data)
        noise = nyala.random.normal(())  # of the global generator
        outside.assign(outside * 0.5 + logs["loss"] + noise)
        return {**logs, "outside": outside.value}


def test_steps_of_ones_own_with_variables_from_outside(tmp_path, keeps_all):
    def build():
        outside = nyala.Variable(0.0)
        model = Averaging(outside)
        model.compile(nyala.optimizers.SGD(0.05, momentum=0.9), "mse")
        return model, outside

    data = DATA["arrays"]
    nyala.utils.set_random_seed(7)
    model, outside = build()
    _, expected = train(data, tmp_path / "all", model=model, save_freq=4)
    last = float(outside)
    for _ in each_generation(tmp_path / "all", tmp_path / "one"):
        outside.assign(-1.0)
        _, found = train(data, model=model, resume_from=tmp_path / "one")
        assert_same(found, expected)
        assert float(outside) == last
    model, outside = build()  # nothing of it is built or known
    _, found = train(data, model=model, resume_from=tmp_path / "one")
    assert_same(found, expected)
    assert float(outside) == last


def test_averages_of_weights(tmp_path, keeps_all):
    model = make_model()
    model.compile(nyala.optimizers.Adam(0.05, use_ema=True), "mse")
    data, options = DATA["arrays"], {"validation_data": (X, Y), "save_freq": "epoch"}
    _, expected = train(data, tmp_path / "all", model, [SwapEMAWeights(swap_on_epoch=True)],
                        **options)  # fmt: skip
    for _ in each_generation(tmp_path / "all", tmp_path / "one"):
        swap = SwapEMAWeights(swap_on_epoch=True)
        _, found = train(data, None, model, [swap], resume_from=tmp_path / "one", **options)
        assert_same(found, expected)


def test_validation_on_a_shuffled_stream(tmp_path, keeps_all):
    def validation():
        return rows().map(lambda x, y: (x, y)).shuffle(44).batch(5)

    data = DATA["dataset"]
    model, expected = train(data, tmp_path / "all", validation_data=validation(), save_freq=4)
    for _ in each_generation(tmp_path / "all", tmp_path / "one"):
        _, found = train(data, None, model, resume_from=tmp_path / "one",
                         validation_data=validation())  # fmt: skip
        assert_same(found, expected)


def test_strings_on_the_host(tmp_path, keeps_all):
    words = np.array([f"w{i % 7} w{i % 5}" for i in range(44)], object)
    texts = nyala.layers.TextVectorization(vocabulary=[f"w{i}" for i in range(7)],
                                           output_mode="multi_hot")  # fmt: skip
    inputs = nyala.Input((), dtype="string")
    model = nyala.Model(inputs, nyala.layers.Dense(1)(texts(inputs)))
    model.compile("adam", "mse")

    def data():
        return (words, Y), {}

    _, expected = train(data, tmp_path / "all", model)
    for _ in each_generation(tmp_path / "all", tmp_path / "one"):
        assert_same(train(data, None, model, resume_from=tmp_path / "one")[1], expected)


def test_own_state_of_a_py_dataset(tmp_path, keeps_all):
    assert_all_go_on(lambda: ((Remembering(),), {}), tmp_path)


def test_where_a_run_is_cut_changes_nothing(tmp_path):
    for name in ("arrays", "dataset"):
        _, plain = train(DATA[name])
        for save_freq in (1, 4, "epoch"):
            _, found = train(DATA[name], tmp_path / f"{name}{save_freq}", save_freq=save_freq)
            if name == "arrays":  # the stream's seed is drawn at another moment
                assert_same(found, plain)


class Counts(Callback):
    """Is told of every batch, and of less than every batch by the loop's pieces."""

    def __init__(self):
        super().__init__()
        self.batches = []

    def on_train_batch_end(self, batch, logs=None):
        self.batches.append(batch)


@pytest.mark.parametrize("steps_per_execution", [1, 4])
def test_the_state_saved_is_that_after_the_batch(tmp_path, keeps_all, steps_per_execution):
    model = make_model()
    model.compile("adam", "mse", steps_per_execution=steps_per_execution)
    counts = Counts()
    train(DATA["arrays"], tmp_path, model, [counts], save_freq=4, shuffle=False)
    steps = []
    store = CheckpointStore(tmp_path)
    for number in store.numbers():
        found = read_generation(store.path(number))
        done = found.state["epoch"] * 6 + found.state["batch"]
        steps.append(done)
        (name,) = (n for n, p in found.state["variables"].items() if p.endswith("/iteration"))
        assert int(found.arrays[name]) == done
    assert steps == [0, 4, 8, 12, 16]
    if steps_per_execution == 1:
        assert counts.batches == [*range(6)] * 3


def test_training_that_was_stopped_stays_stopped(tmp_path):
    for _ in range(2):
        callbacks = [EarlyStopping("loss", patience=0, min_delta=100.0)]
        _, found = train(DATA["arrays"], tmp_path, callbacks=callbacks, epochs=9)
        assert found[2] == [0, 1]


def test_more_epochs_go_on_from_the_last(tmp_path):
    _, expected = train(DATA["arrays"], epochs=6)
    train(DATA["arrays"], tmp_path, save_freq="epoch", epochs=4)
    _, found = train(DATA["arrays"], tmp_path, save_freq="epoch", epochs=6)
    assert_same(found, expected)


def test_checkpoints_go_when_training_has_ended(tmp_path):
    nyala.utils.set_random_seed(0)
    model = make_model()
    model.fit(X, Y, verbose=0, callbacks=[BackupAndRestore(tmp_path / "backup")])
    assert not (tmp_path / "backup").exists()


def test_another_models_checkpoint_is_refused(tmp_path):
    train(DATA["arrays"], tmp_path)
    model = nyala.Sequential([nyala.layers.Dense(3), nyala.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(ModelFileError, match=r"another run.*\n.*kernel \(model/0\) has shape"):
        train(DATA["arrays"], model=model, resume_from=tmp_path)


def test_nothing_to_go_on_from(tmp_path):
    _, expected = train(DATA["arrays"])
    assert_same(train(DATA["arrays"], resume_from=tmp_path / "missing")[1], expected)


def test_wrong_arguments():
    with pytest.raises(ValueError, match="backup_dir"):
        BackupAndRestore("")
    with pytest.raises(ValueError, match="save_freq"):
        BackupAndRestore("x", save_freq=0)
