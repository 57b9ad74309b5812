"""The script that the kills are aimed at: it trains, and leaves a result when it is done.

With `--serve` it waits, everything imported, for commands on standard input, and forks a process
for each: a process that begins so lives 0.4 s instead of 3, and is as mortal as any other.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np

import nyala
from nyala.callbacks import (
    BackupAndRestore,
    CSVLogger,
    EarlyStopping,
    ModelCheckpoint,
    ReduceLROnPlateau,
)
from nyala.core import atomic_file
from nyala.data import Dataset
from nyala.saving.checkpoints import BackgroundWriter
from tests.faults.crash import watch_files

BackgroundWriter.longest_rest = 0.0  # as many writes as there are saves
EPOCHS = 4
RESULT, LOG = "result.npz", "log.csv"


def train(folder: Path) -> None:
    """Train a small model in a folder, going on from what is there."""
    if (folder / RESULT).exists():
        return
    nyala.utils.set_random_seed(3)
    x = np.random.default_rng(0).normal(size=(40, 3)).astype("float32")
    y = x.sum(1, keepdims=True)
    model = nyala.Sequential([
        nyala.Input((3,)), nyala.layers.Dense(4), nyala.layers.Dropout(0.2), nyala.layers.Dense(1),
    ])  # fmt: skip
    model.compile(nyala.optimizers.Adam(0.05), "mse")
    rows = Dataset.from_tensor_slices((x, y)).shuffle(16).batch(8)
    callbacks = [
        BackupAndRestore(folder / "backup", save_freq=2),
        CSVLogger(folder / LOG),
        ReduceLROnPlateau("loss", patience=0, factor=0.7),
        EarlyStopping("val_loss", patience=10, restore_best_weights=True),
        ModelCheckpoint(folder / "best.weights.h5", "val_loss", save_best_only=True,
                        save_weights_only=True),
    ]  # fmt: skip
    history = model.fit(rows, validation_data=(x, y), epochs=EPOCHS, verbose=0, callbacks=callbacks)
    with atomic_file(folder / RESULT) as file:
        weights = {
            str(i): w for i, w in enumerate(model.get_weights() + model.optimizer.get_weights())
        }
        np.savez(file, history=json.dumps(history.history), **weights)


def die(at: int):
    """Return a watcher that ends the process at the change of a file with this number."""
    count = 0

    def watcher(what: str, halve) -> None:
        nonlocal count
        count += 1
        if count == at:
            halve()
            os.kill(os.getpid(), signal.SIGKILL)

    return watcher


def serve() -> None:
    """Fork for each command `{"folder": ..., "at": ...}`; say when it begins and how it ended."""
    warnings.filterwarnings("ignore", message=".*fork.*")
    for line in sys.stdin:
        command = json.loads(line)
        if (child := os.fork()) == 0:
            if command["at"]:
                watch_files(Path(command["folder"]), die(command["at"]))
            train(Path(command["folder"]))
            os._exit(0)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    serve() if "--serve" in sys.argv else train(Path(sys.argv[1]))
