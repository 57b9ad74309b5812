"""What `fit`, `evaluate` and `predict` print."""

from __future__ import annotations

import re

import pytest

from nyala.callbacks import CallbackList, LambdaCallback, ProgbarLogger
from nyala.callbacks import _progbar as progbar_module
from nyala.callbacks._console import console


def run_fit(callbacks: CallbackList, steps: int, epochs: int = 2) -> None:
    callbacks.on_train_begin()
    for epoch in range(epochs):
        callbacks.on_epoch_begin(epoch)
        for batch in range(steps):
            callbacks.on_train_batch_end(batch, {"loss": 1.0})
        callbacks.on_test_begin()
        callbacks.on_test_batch_end(0, {"loss": 3.0})
        callbacks.on_test_end({"loss": 3.0})
        callbacks.on_epoch_end(epoch, {"loss": 0.5, "val_loss": 3.0})
    callbacks.on_train_end({})


def without_times(text: str) -> str:
    return re.sub(r"\d+s \S+/step|\d+s - \S+/step", "T", text)


def test_fit_on_a_terminal(make_screen):
    screen = make_screen(80)
    run_fit(CallbackList(add_progbar=True, verbose=1, epochs=2, steps=4), steps=4)
    last = "4/4 ━━━━━━━━━━━━━━━━━━━━ T - loss: 0.5000 - val_loss: 3.0000"
    assert [without_times(line) for line in screen.lines()] == [
        "Epoch 1/2", last, "Epoch 2/2", last, ""
    ]  # fmt: skip


def test_fit_into_a_file(capsys):
    run_fit(CallbackList(add_progbar=True, verbose=1, epochs=2, steps=4), steps=4)
    last = "4/4 - T - loss: 0.5000 - val_loss: 3.0000"
    assert without_times(capsys.readouterr().out).splitlines() == [
        "Epoch 1/2", last, "Epoch 2/2", last
    ]  # fmt: skip


def test_verbose_2_prints_one_line_an_epoch(capsys):
    run_fit(CallbackList(add_progbar=True, verbose=2, epochs=2, steps=4), steps=4)
    last = "4/4 - T - loss: 0.5000 - val_loss: 3.0000"
    assert without_times(capsys.readouterr().out).splitlines() == [
        f"Epoch 1/2 - {last}", f"Epoch 2/2 - {last}"
    ]  # fmt: skip


@pytest.mark.parametrize("live", [True, False])
def test_the_time_of_validation_is_no_part_of_the_rate(make_screen, capsys, monkeypatch, live):
    class Clock:
        now = 0.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(progbar_module, "time", clock)
    screen = make_screen(100) if live else None
    callbacks = CallbackList(add_progbar=True, verbose=1, epochs=1, steps=11)
    callbacks.on_train_begin()
    callbacks.on_epoch_begin(0)
    clock.now += 1
    if live:
        callbacks.on_train_batch_end(0, {})
    clock.now += 10
    if live:
        callbacks.on_train_batch_end(10, {})
    callbacks.on_test_begin()
    clock.now += 100
    callbacks.on_test_end({})
    callbacks.on_epoch_end(0, {})
    text = screen.lines()[-2] if live else capsys.readouterr().out.strip()
    assert text.replace("- ", "").endswith("1:51 1s/step")


def test_verbose_0_prints_nothing(capsys):
    run_fit(CallbackList(add_progbar=True, verbose=0, epochs=2, steps=4), steps=4)
    assert capsys.readouterr().out == ""


def test_steps_that_are_told_seldom_are_counted_right(make_screen):
    screen = make_screen(80)
    callbacks = CallbackList(add_progbar=True, verbose=1, epochs=1, steps=100)
    callbacks.on_train_begin()
    callbacks.on_epoch_begin(0)
    callbacks.on_train_batch_end(49, {"loss": 1.0})
    assert screen.lines()[-1].startswith(" 50/100 ━━━━━━━━━━────────── ")
    callbacks.on_epoch_end(0, {"loss": 1.0})
    # Only 50 steps ran: training was stopped, or the data ended.
    assert screen.lines()[-2].startswith(" 50/100 ")


def test_an_unknown_number_of_steps_is_the_one_that_ran(make_screen):
    screen = make_screen(80)
    run_fit(CallbackList(add_progbar=True, verbose=1, epochs=1, steps=None), steps=7, epochs=1)
    assert screen.frames()[0].startswith("      1/Unknown ")
    assert screen.lines()[-2].startswith("7/7 ━━━━━━━━━━━━━━━━━━━━ ")


def test_without_any_count_the_values_are_shown(capsys):
    callbacks = CallbackList(add_progbar=True, verbose=2, epochs=1, steps=None)
    callbacks.on_train_begin()
    callbacks.on_epoch_begin(0)
    callbacks.on_epoch_end(0, {"loss": 1.0})
    assert capsys.readouterr().out == "0s - loss: 1.0000\n"


def test_evaluate_shows_the_results(make_screen):
    screen = make_screen(80)
    callbacks = CallbackList(add_progbar=True, verbose=1, epochs=1, steps=2)
    callbacks.on_test_begin()
    callbacks.on_test_batch_end(0, {"loss": 1.0})
    callbacks.on_test_batch_end(1, {"loss": 2.0})
    callbacks.on_test_end({"loss": 2.0})
    assert len(screen.lines()) == 2
    assert without_times(screen.lines()[0]).endswith("2/2 ━━━━━━━━━━━━━━━━━━━━ T - loss: 2.0000")


def test_evaluate_after_fit_with_the_same_bar_is_shown(capsys):
    bar = ProgbarLogger()
    run_fit(CallbackList([bar], verbose=2, epochs=1, steps=1), steps=1, epochs=1)
    capsys.readouterr()
    callbacks = CallbackList([bar], verbose=2, epochs=1, steps=1)
    callbacks.on_test_begin()
    callbacks.on_test_end({"loss": 2.0})
    assert capsys.readouterr().out.endswith("loss: 2.0000\n")


def test_predict_shows_steps_and_no_outputs(make_screen):
    screen = make_screen(80)
    callbacks = CallbackList(add_progbar=True, verbose=1, epochs=1, steps=2)
    callbacks.on_predict_begin()
    callbacks.on_predict_batch_end(0, {"outputs": [1.0]})
    callbacks.on_predict_batch_end(1, {"outputs": [1.0]})
    callbacks.on_predict_end()
    assert without_times(screen.lines()[0]) == "2/2 ━━━━━━━━━━━━━━━━━━━━ T"


def test_a_message_stands_below_the_bar_and_the_bar_below_the_message(make_screen):
    def speak(batch, logs):
        if batch == 1:
            console.say("a message")

    screen = make_screen(80)
    speaker = LambdaCallback(on_train_batch_end=speak)
    callbacks = CallbackList([speaker], add_progbar=True, verbose=1, epochs=1, steps=2)
    run_fit(callbacks, steps=2, epochs=1)
    lines = screen.lines()
    assert lines[0].startswith("1/2 ")
    assert lines[1] == "a message"
    assert lines[2].startswith("2/2 ")
