"""Callbacks next to those of real Keras, fed with the same logs of epochs.

Decisions (when training stops, which weights are restored, when the rate falls) agree exactly;
learning rates agree to 1e-6 relative, because both libraries hold them as float32. The text of a
CSV file agrees byte for byte.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import nyala

keras = pytest.importorskip("keras")

# Real Keras reads the value of its variables in a way that NumPy 2 deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

LIBRARIES = {"nyala": nyala, "keras": keras}


class Model:
    """What callbacks need of a model; its only weight is the number of the epoch."""

    def __init__(self, library, optimizer=None):
        self.optimizer = optimizer or library.optimizers.SGD(0.5)
        self.metrics = []
        self.stop_training = False
        self.weights = [np.zeros(())]

    def get_weights(self):
        return list(self.weights)

    def set_weights(self, weights):
        self.weights = list(weights)


def run(library, make_callback, epochs_of_logs):
    """Feed logs of epochs as `fit` would; return all that can be seen from outside."""
    model = Model(library)
    callback = make_callback(library.callbacks)
    callbacks = library.callbacks.CallbackList(
        [callback], add_history=True, model=model, verbose=0, epochs=99, steps=1
    )
    rates = []
    callbacks.on_train_begin()
    for epoch, logs in enumerate(epochs_of_logs):
        callbacks.on_epoch_begin(epoch)
        rates.append(float(np.asarray(model.optimizer.learning_rate)))
        model.weights = [np.float32(epoch)]
        callbacks.on_epoch_end(epoch, dict(logs))
        if model.stop_training:
            break
    callbacks.on_train_end({})
    seen = {name: getattr(callback, name, None) for name in ("best", "wait", "stopped_epoch")}
    history = next(c for c in callbacks.callbacks if hasattr(c, "history"))
    return {
        "epochs": epoch, "rates": rates, "weight": float(model.weights[0]), **seen,
        "history": history.history, "numbers": history.epoch,
    }  # fmt: skip


def assert_equal_runs(make_callback, epochs_of_logs):
    ours, theirs = (run(library, make_callback, epochs_of_logs) for library in LIBRARIES.values())
    assert ours.keys() == theirs.keys()
    for name in ours:
        if name == "history":
            assert ours[name].keys() == theirs[name].keys()
            for key in ours[name]:
                np.testing.assert_allclose(ours[name][key], theirs[name][key], rtol=1e-6)
        elif name == "rates":
            np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-6)
        else:
            assert ours[name] == theirs[name], name


def losses(seed: int, epochs: int = 30) -> list[dict]:
    """Return logs whose loss falls, stays and rises, in steps of 0.05 so that ties occur."""
    generator = np.random.default_rng(seed)
    values = 2.0 + np.cumsum(generator.integers(-2, 2, epochs)) * 0.05
    return [{"loss": float(np.float32(v)), "val_loss": float(np.float32(-v))} for v in values]


EARLY_STOPPING = [
    {"monitor": monitor, "mode": mode, "patience": patience, **more}
    for monitor, mode in (("loss", "auto"), ("val_loss", "max"))
    for patience, more in itertools.product(
        (0, 1, 4),
        (
            {}, {"min_delta": 0.05}, {"min_delta": -0.1}, {"baseline": 1.9}, {"baseline": -1.9},
            {"restore_best_weights": True}, {"start_from_epoch": 5},
            {"start_from_epoch": 3, "baseline": 1.5, "restore_best_weights": True},
        ),
    )
]  # fmt: skip


@pytest.mark.parametrize("arguments", EARLY_STOPPING, ids=str)
def test_early_stopping(arguments):
    for seed in range(4):
        assert_equal_runs(lambda c: c.EarlyStopping(**arguments), losses(seed))


REDUCE = [
    {"patience": patience, "factor": 0.3, **more}
    for patience, more in itertools.product(
        (0, 1, 3),
        (
            {}, {"cooldown": 2}, {"min_delta": 0.1}, {"min_lr": 0.1}, {"mode": "max"},
            {"cooldown": 1, "min_lr": 0.01, "min_delta": 0.0},
        ),
    )
]  # fmt: skip


@pytest.mark.parametrize("arguments", REDUCE, ids=str)
def test_reduce_lr_on_plateau(arguments):
    for seed in range(4):
        assert_equal_runs(lambda c: c.ReduceLROnPlateau("loss", **arguments), losses(seed))


@pytest.mark.parametrize(
    "schedule",
    [lambda epoch, rate: rate * 0.9, lambda epoch: 0.1 / (1 + epoch)],
    ids=["of epoch and rate", "of epoch"],
)
def test_learning_rate_scheduler(schedule):
    assert_equal_runs(lambda c: c.LearningRateScheduler(schedule), losses(0, epochs=5))


@pytest.mark.parametrize(
    "epochs_of_logs",
    [
        [{"loss": 0.5, "accuracy": 1.0}, {"loss": 0.25, "accuracy": 0.5}],
        [{"loss": 0.1, "val_loss": 0.2}, {"loss": 1e-10}, {"loss": float("nan"), "val_loss": 0.3}],
        [{"loss": 0.5}, {"loss": 0.25, "val_loss": 1.0}],
        [{"loss": 0.5, "per_class": np.array([0.25, 0.5]), "text": "a,b"}],
    ],
)
@pytest.mark.parametrize("separator", [",", ";"])
def test_csv_logger(tmp_path, epochs_of_logs, separator):
    texts = []
    for name, library in LIBRARIES.items():
        path = tmp_path / f"{name}.csv"
        for append in (False, True):
            logger = library.callbacks.CSVLogger(path, separator=separator, append=append)
            logger.on_train_begin()
            for epoch, logs in enumerate(epochs_of_logs):
                logger.on_epoch_end(epoch, logs)
            logger.on_train_end()
        texts.append(path.read_bytes())
    assert texts[0] == texts[1]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_terminate_on_nan(bad):
    batches = []
    for library in LIBRARIES.values():
        callback = library.callbacks.TerminateOnNaN()
        model = Model(library)
        callbacks = library.callbacks.CallbackList([callback], model=model)
        for batch, loss in enumerate([1.0, 2.0, bad, 1.0]):
            callbacks.on_train_batch_end(batch, {"loss": loss})
            if model.stop_training:
                break
        batches.append(batch)
    assert batches == [2, 2]


# Beyond Keras 3: what is our own, and Keras 2's parameters that scripts still pass.
BEYOND_KERAS = {
    "BackupAndRestore": ("save_before_preemption",),
    "ModelCheckpoint": ("max_to_keep", "kwargs"),
}


def test_the_signatures_are_those_of_keras():
    import inspect

    for name in nyala.callbacks.__all__:
        ours = getattr(nyala.callbacks, name)
        theirs = getattr(keras.callbacks, name, None) or getattr(keras.utils, name)
        described = [
            [(p.name, p.default, p.kind) for p in inspect.signature(c).parameters.values()]
            for c in (ours, theirs)
        ]
        more = BEYOND_KERAS.get(name, ())
        own = [parameter for parameter in described[0] if parameter[0] not in more]
        assert own == described[1], name
        missing = {m for m in vars(theirs) if not m.startswith("_")} - set(dir(ours))
        assert not missing, name
