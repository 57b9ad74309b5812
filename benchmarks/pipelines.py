"""Pipelines beside `tf.data`: arrays, functions of elements, tables and records."""

from __future__ import annotations

import atexit
import importlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import models
from benchmarks.peers import Framework
from benchmarks.timing import stopwatch

PEERS = ("nyala", "keras-tensorflow")
_COLUMNS = 20


def _room(framework: Framework) -> Any:
    return importlib.import_module("nyala.tf" if framework.peer == "nyala" else "tensorflow")


def _images(rows: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    return generator.random((rows, 784), "float32"), generator.integers(0, 10, rows)


def _read(dataset: Any) -> int:
    count = 0
    for _ in dataset:
        count += 1
    return count


# -- feeding `fit` --------------------------------------------------------------------------------

_BATCH, _EPOCHS = 64, 3


def _fed(make: Callable[[Any, Any, np.ndarray, np.ndarray], dict]) -> Callable:
    def maker(framework: Framework, tiny: bool) -> Callable[[], float]:
        steps = 2 if tiny else 400
        x, y = _images(steps * _BATCH)
        model = models.mlp(framework.keras)
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        data = make(_room(framework), framework.keras, x, y)

        def call() -> float:
            history = model.fit(**data, epochs=_EPOCHS, verbose=0)
            return float(history.history["loss"][-1])

        return stopwatch(call, steps * _EPOCHS, tiny)

    return maker


def _slices(room: Any, x: np.ndarray, y: np.ndarray) -> Any:
    return room.data.Dataset.from_tensor_slices((x, y))


@_fed
def fed_by_arrays(room: Any, keras: Any, x: np.ndarray, y: np.ndarray) -> dict:
    """Measure a step of `fit` on arrays: what the next three compare with."""
    return {"x": x, "y": y, "batch_size": _BATCH}


@_fed
def backed_up(room: Any, keras: Any, x: np.ndarray, y: np.ndarray) -> dict:
    """Measure a step on arrays with a checkpoint of everything after each 100 steps."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    backup = keras.callbacks.BackupAndRestore(folder, save_freq=100)
    return {"x": x, "y": y, "batch_size": _BATCH, "callbacks": [backup]}


@_fed
def fed_by_slices(room: Any, keras: Any, x: np.ndarray, y: np.ndarray) -> dict:
    """Measure a step on `from_tensor_slices(...).shuffle(n).batch(64)`."""
    return {"x": _slices(room, x, y).shuffle(len(x)).batch(_BATCH)}


@_fed
def fed_by_map(room: Any, keras: Any, x: np.ndarray, y: np.ndarray) -> dict:
    """Measure a step on the same with a `map`, which has to run."""
    dataset = _slices(room, x, y).shuffle(len(x)).map(lambda a, b: (a * 2.0 - 1.0, b))
    return {"x": dataset.batch(_BATCH).prefetch(room.data.AUTOTUNE)}


@_fed
def fed_by_batches(room: Any, keras: Any, x: np.ndarray, y: np.ndarray) -> dict:
    """Measure a step on batches that Python makes (`PyDataset`)."""

    class Batches(keras.utils.PyDataset):
        def __len__(self):
            return len(x) // _BATCH

        def __getitem__(self, index):
            rows = slice(index * _BATCH, (index + 1) * _BATCH)
            return x[rows], y[rows]

    return {"x": Batches()}


# -- functions of elements ------------------------------------------------------------------------


def mapped(framework: Framework, tiny: bool) -> Callable[[], float]:
    """Measure `map(f).batch(64)` over 50,000 rows, for 1,000 rows."""
    room, rows = _room(framework), 500 if tiny else 50_000
    x, y = np.random.default_rng(0).integers(0, 255, (rows, 784)).astype("uint8"), np.arange(rows)

    def scaled(image, label):
        return room.cast(image, "float32") / 255.0, room.one_hot(label % 10, 10)

    dataset = _slices(room, x, y).map(scaled).batch(64)
    return stopwatch(lambda: _read(dataset), rows / 1_000, tiny)


def mapped_in_python(framework: Framework, tiny: bool) -> Callable[[], float]:
    """Measure a `map` of a NumPy function, for 1,000 rows."""
    room, rows = _room(framework), 100 if tiny else 5_000
    x, y = np.random.default_rng(0).random((rows, 784), "float32"), np.arange(rows)

    def flipped(image):
        return np.asarray(image)[::-1].copy()

    def function(image, label):
        if framework.peer == "nyala":
            return flipped(image), label
        return room.numpy_function(flipped, [image], room.float32), label

    dataset = _slices(room, x, y).map(function).batch(64)
    return stopwatch(lambda: _read(dataset), rows / 1_000, tiny)


# -- files ----------------------------------------------------------------------------------------


def _folder() -> Path:
    folder = tempfile.mkdtemp(prefix="nyala-bench-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def table(framework: Framework, tiny: bool) -> Callable[[], float]:
    """Measure reading, shuffling and batching a CSV file of 20 columns, for 1,000 rows."""
    rows = 500 if tiny else 100_000
    path = _folder() / "table.csv"
    numbers = np.random.default_rng(0).normal(size=(rows, _COLUMNS - 1)).round(4)
    names = [f"c{n}" for n in range(_COLUMNS - 1)]
    with open(path, "w", encoding="utf-8") as file:
        file.write(",".join([*names, "label"]) + "\n")
        for n, row in enumerate(numbers.tolist()):
            file.write(",".join(map(str, row)) + f",{n % 2}\n")
    make = _room(framework).data.experimental.make_csv_dataset

    def call() -> int:
        return _read(make(str(path), 256, label_name="label", num_epochs=1))

    return stopwatch(call, rows / 1_000, tiny)


def records(framework: Framework, tiny: bool) -> Callable[[], float]:
    """Measure reading and parsing a TFRecord file of examples, for 1,000 records."""
    room, count = _room(framework), 50 if tiny else 5_000
    path = str(_folder() / "records")
    train = room.train
    with room.io.TFRecordWriter(path) as writer:
        for n in range(count):
            image = train.Feature(bytes_list=train.BytesList(value=[bytes(3_000)]))
            label = train.Feature(int64_list=train.Int64List(value=[n]))
            weights = train.Feature(float_list=train.FloatList(value=[0.5] * 16))
            features = train.Features(feature={"image": image, "label": label, "weights": weights})
            writer.write(train.Example(features=features).SerializeToString())
    wanted = {
        "image": room.io.FixedLenFeature([], room.string),
        "label": room.io.FixedLenFeature([], room.int64),
        "weights": room.io.FixedLenFeature([16], room.float32),
    }
    dataset = (
        room.data.TFRecordDataset(path)
        .batch(128)
        .map(lambda batch: room.io.parse_example(batch, wanted))
    )
    return stopwatch(lambda: _read(dataset), count / 1_000, tiny)
