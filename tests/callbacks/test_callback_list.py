"""The list: who is called, what it tells the loop of training, and that it reads no value."""

from __future__ import annotations

import json

import jax.numpy as jnp
import numpy as np
import pytest

from nyala.callbacks import (
    Callback,
    CallbackList,
    CSVLogger,
    EarlyStopping,
    History,
    LambdaCallback,
    LearningRateScheduler,
    ProgbarLogger,
    ReduceLROnPlateau,
    TerminateOnNaN,
)

MODES = ("train", "test", "predict")
HOOKS = [
    *(f"on_{mode}_{moment}" for mode in MODES for moment in ("begin", "end")),
    *(f"on_{mode}_batch_{moment}" for mode in MODES for moment in ("begin", "end")),
    "on_epoch_begin", "on_epoch_end", "on_batch_begin", "on_batch_end",
]  # fmt: skip


class Model:
    stop_training = False
    history = None


class UnreadLogs(dict):
    """Logs whose values must not be looked at."""

    def _refuse(self, *_):
        raise AssertionError("a value was read")

    __getitem__ = items = values = get = copy = _refuse


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_called_in_order_with_its_arguments(hook):
    called = []
    is_counted = "batch" in hook or "epoch" in hook

    def make(name):
        class Recorder(Callback):
            pass

        def method(self, *args, **kwargs):
            called.append((name, args, kwargs))

        setattr(Recorder, hook, method)
        return Recorder()

    callbacks = CallbackList([make("first"), make("second")])
    arguments = (3, {"loss": 1.0}) if is_counted else ({"loss": 1.0},)
    getattr(callbacks, hook)(*arguments)
    assert [name for name, _, _ in called] == ["first", "second"]
    for _, args, kwargs in called:
        assert [*args, *kwargs.values()] == list(arguments)


@pytest.mark.parametrize("moment", ["begin", "end"])
def test_the_older_name_of_batch_hooks_is_called_by_the_newer(moment):
    called = []
    callback = LambdaCallback(**{f"on_batch_{moment}": lambda batch, logs: called.append(batch)})
    callbacks = CallbackList([callback])
    getattr(callbacks, f"on_train_batch_{moment}")(1)
    getattr(callbacks, f"on_batch_{moment}")(2)
    assert called == [1, 2]


@pytest.mark.parametrize(
    ("callback", "modes"),
    [
        (Callback(), ""),
        (History(), ""),
        (ProgbarLogger(), ""),
        (EarlyStopping(), ""),
        (ReduceLROnPlateau(), ""),
        (LearningRateScheduler(lambda epoch: 1.0), ""),
        (TerminateOnNaN(), "train"),
        (LambdaCallback(on_epoch_end=print), ""),
        (LambdaCallback(on_batch_end=print), "train"),
        (LambdaCallback(on_batch_begin=print), "train"),
        (LambdaCallback(on_train_batch_begin=print), "train"),
        (LambdaCallback(on_test_batch_end=print), "test"),
        (LambdaCallback(on_predict_batch_begin=print), "predict"),
        (CallbackList([TerminateOnNaN()]), "train"),
        (CallbackList([History(), ProgbarLogger()]), ""),
    ],
)
def test_who_wants_batches(callback, modes):
    callbacks = CallbackList([callback], add_history=True, add_progbar=True)
    wanting = [mode for mode in MODES if callbacks.wants_batches(mode)]
    assert wanting == modes.split()


def test_a_progress_bar_of_ones_own_that_looks_at_batches_wants_them():
    class Mine(ProgbarLogger):
        def on_train_batch_end(self, batch, logs=None):
            super().on_train_batch_end(batch, logs)

    callbacks = CallbackList([Mine()])
    assert callbacks.wants_batches("train")
    assert not callbacks.wants_batches("test")


def test_progress_is_shown_on_a_terminal_only(make_screen):
    assert not CallbackList(add_progbar=True, verbose=1).shows_progress()  # captured by pytest
    make_screen(80)
    assert CallbackList(add_progbar=True, verbose=1).shows_progress()
    assert not CallbackList(add_progbar=True, verbose=2).shows_progress()
    assert not CallbackList([Callback()], verbose=1).shows_progress()


def test_history_and_progress_bar_are_added_once():
    mine, bar = History(), ProgbarLogger()
    callbacks = CallbackList([mine, bar], add_history=True, add_progbar=True)
    assert callbacks.callbacks == [mine, bar]
    assert callbacks.history is mine
    assert CallbackList(Callback()).history is None
    assert len(CallbackList(add_history=True, add_progbar=True).callbacks) == 2


def test_model_and_params_reach_every_callback():
    model, first, second = Model(), Callback(), Callback()
    callbacks = CallbackList([first, [second]], add_history=True, model=model, epochs=2, steps=None)
    assert first.model is second.model is callbacks.model is model
    assert first.params == second.params == {"epochs": 2, "steps": None}
    assert model.history is callbacks.history


def test_callbacks_without_super_init_work():
    class Bare(Callback):
        def __init__(self):
            self.own = 1

    bare = Bare()
    assert bare.model is None
    assert bare.params is None
    CallbackList([bare], model=Model()).on_train_begin()
    assert bare.model is not None


def test_lazy_logs_are_passed_on_unread():
    callbacks = CallbackList([Callback(), EarlyStopping()], add_history=True, add_progbar=True)
    callbacks.set_params({"verbose": 2, "epochs": 1, "steps": 3})
    logs = UnreadLogs(loss=1.0)
    callbacks.on_train_begin(logs)
    callbacks.on_epoch_begin(0, logs)
    for batch in range(3):
        callbacks.on_train_batch_begin(batch, logs)
        callbacks.on_train_batch_end(batch, logs)
        callbacks.on_test_batch_end(batch, logs)
        callbacks.on_predict_batch_end(batch, logs)


def test_the_bar_reads_values_only_to_show_them(make_screen):
    class Counting(dict):
        reads = 0

        def items(self):
            Counting.reads += 1
            return super().items()

    screen = make_screen(80)
    callbacks = CallbackList(add_progbar=True, verbose=1, epochs=1, steps=2000)
    callbacks.on_train_begin()
    callbacks.on_epoch_begin(0)
    for batch in range(2000):
        callbacks.on_train_batch_end(batch, Counting(loss=1.0))
    assert 1 <= Counting.reads <= len(screen.frames())


def test_device_values_become_floats():
    seen = []
    callbacks = CallbackList([LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(logs))])
    vector = np.ones(2)
    callbacks.on_epoch_end(0, {"a": jnp.float32(1), "b": np.float64(2), "c": {"d": 3}, "v": vector})
    assert seen[0] == {"a": 1.0, "b": 2.0, "d": 3, "v": vector}
    assert [type(seen[0][name]) for name in "abd"] == [float, float, int]


def test_what_a_callback_adds_to_logs_reaches_the_history():
    adds = LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(extra=epoch))
    callbacks = CallbackList([adds], add_history=True)
    callbacks.on_train_begin()
    callbacks.on_epoch_end(0, {"loss": 1.0})
    assert callbacks.history.history == {"loss": [1.0], "extra": [0]}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (EarlyStopping, r"Make an object of it: EarlyStopping\(\)\."),
        (print, "derived from nyala.callbacks.Callback; got <built-in function print>"),
    ],
)
def test_what_is_no_callback_is_refused(wrong, message):
    with pytest.raises(TypeError, match=message):
        CallbackList([wrong])
    with pytest.raises(TypeError, match=message):
        CallbackList().append(wrong)


def test_states_of_all_callbacks_go_through_json_and_back(tmp_path):
    class Weighted(Model):
        def get_weights(self):
            return [np.arange(3.0), np.float32(2)]

    def make():
        return CallbackList(
            [EarlyStopping("loss", restore_best_weights=True), CSVLogger(tmp_path / "log.csv"),
             EarlyStopping("loss", mode="max"), History()],
            model=Weighted(),
        )  # fmt: skip

    before = make()
    before.on_train_begin()
    before.on_epoch_end(0, {"loss": 2.0})
    before.on_epoch_end(1, {"loss": 3.0})
    state = json.loads(json.dumps(before.get_state()))
    arrays = before.get_arrays()
    after = make()
    after.on_train_begin()
    after.set_state(state)
    after.set_arrays(arrays)
    assert after.get_state() == before.get_state()
    assert after.callbacks[0].best == 2.0
    assert after.callbacks[2].best == 3.0
    assert after.history.history == {"loss": [2.0, 3.0]}
    np.testing.assert_array_equal(after.callbacks[0].best_weights[0], np.arange(3.0))
    assert after.callbacks[2].best_weights is None
    for callbacks in (before, after):
        callbacks.callbacks[1].on_train_end()


def test_states_of_other_callbacks_are_refused():
    state = CallbackList([EarlyStopping()]).get_state()
    with pytest.raises(ValueError, match=r"saved are .*EarlyStopping.*this run has .*History"):
        CallbackList([History()]).set_state(state)
