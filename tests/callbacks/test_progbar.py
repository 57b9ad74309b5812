"""The progress bar as a user sees it: on a terminal, in a file, on a console of any encoding."""

from __future__ import annotations

import itertools
import logging
import sys
import time

import numpy as np
import pytest

import nyala
from nyala.callbacks import Progbar
from nyala.callbacks import _progbar as progbar_module

LOGS = [("loss", 0.4771), ("accuracy", 0.9)]


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is told to go on."""

    class Clock:
        now = 1000.0

        def monotonic(self) -> float:
            return self.now

    clock = Clock()
    monkeypatch.setattr(progbar_module, "time", clock)
    return clock


def test_a_line_shows_steps_bar_time_left_rate_and_values(make_screen, clock):
    screen = make_screen(100)
    bar = Progbar(938, stateful_metrics=["loss", "accuracy"])
    clock.now += 2.0  # the first step compiles, so its time is not in the rate
    bar.update(1, LOGS)
    clock.now += 1.0
    bar.update(469, LOGS)
    assert screen.lines() == [
        "469/938 ━━━━━━━━━━────────── 1s 2ms/step - loss: 0.4771 - accuracy: 0.9000"
    ]
    clock.now += 1.0
    bar.update(938, LOGS)
    assert screen.lines() == [
        "938/938 ━━━━━━━━━━━━━━━━━━━━ 4s 2ms/step - loss: 0.4771 - accuracy: 0.9000", ""
    ]  # fmt: skip


@pytest.mark.parametrize("columns", [10, 20, 30, 40, 60, 79, 80, 81, 200])
def test_no_frame_is_wider_than_the_terminal(make_screen, clock, columns):
    screen = make_screen(columns)
    bar = Progbar(1000)
    for step in range(1, 1000, 90):
        clock.now += 0.2
        bar.update(step, [("loss", 1.0), ("a_metric_with_a_long_name", 0.5), ("정확도", 0.5)])
    frames = screen.frames()
    assert len(frames) == 12
    assert all(len(frame.rstrip()) < columns for frame in frames)
    assert len(screen.lines()) == 1


def test_the_last_line_keeps_every_value_however_narrow_the_terminal(make_screen, clock):
    screen = make_screen(30)
    bar = Progbar(2)
    bar.update(1, LOGS)
    bar.update(2, LOGS)
    assert screen.lines() == ["2/2 0s 0s/step - loss: 0.4771", "- accuracy: 0.9000", ""]


def test_a_shorter_line_leaves_nothing_of_a_longer_one(make_screen, clock):
    screen = make_screen(80)
    bar = Progbar(None, stateful_metrics=["state"])
    bar.update(1, [("state", "warming up")])
    clock.now += 1
    bar.update(2, [("state", "on")])
    assert screen.lines() == ["      2/Unknown 1s 1s/step - state: on"]


def test_it_redraws_at_most_ten_times_a_second(make_screen):
    screen = make_screen(80)
    bar = Progbar(None, interval=0.0)
    start = time.monotonic()
    for step in itertools.count(1):
        bar.update(step, LOGS)
        if time.monotonic() - start > 0.45:
            break
    elapsed = time.monotonic() - start
    assert 2 <= len(screen.frames()) <= elapsed / 0.1 + 1
    assert step > 100


def test_a_longer_interval_is_kept(make_screen, clock):
    screen = make_screen(80)
    bar = Progbar(None, interval=5)
    for step in range(1, 12):
        clock.now += 1
        bar.update(step)
    assert len(screen.frames()) == 3  # after 1, 6 and 11 seconds


def test_a_file_gets_one_line_at_the_end_and_no_control_characters(capsys, clock):
    bar = Progbar(100)
    for step in range(1, 101):
        clock.now += 0.1
        bar.update(step, [("loss", 1.0)])
    assert capsys.readouterr().out == "100/100 - 10s - 100ms/step - loss: 1.0000\n"


def test_a_file_shows_life_once_a_minute(capsys, clock):
    bar = Progbar(1000, stateful_metrics=["loss"])
    for step in range(1, 131):
        clock.now += 1
        bar.update(step, [("loss", 1.0)])
    assert capsys.readouterr().out.splitlines() == [
        "  60/1000 - 1:00 - 1s/step - loss: 1.0000",
        " 120/1000 - 2:00 - 1s/step - loss: 1.0000",
    ]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", "cp949", "utf-8"])
def test_a_console_gets_only_characters_that_its_encoding_has(encoded_terminal, clock, encoding):
    stream = encoded_terminal(encoding)
    bar = Progbar(4)
    for step in range(1, 5):
        clock.now += 0.2
        bar.update(step, [("loss", 0.5), ("정확도", 0.25)])
    text = stream.text()
    has_lines = encoding not in ("ascii", "cp1252", "cp437")
    assert ("━" in text) is has_lines
    assert ("==" in text) is not has_lines
    assert "loss: 0.5000" in text


def test_the_ascii_bar(encoded_terminal, clock):
    stream = encoded_terminal("cp1252")
    bar = Progbar(4, width=8)
    bar.update(1)
    clock.now += 0.5
    bar.update(2)
    assert stream.text().split("\r")[-1].startswith("2/4 ====>... ")


def test_a_notebook_is_drawn_in_place_with_carriage_returns(monkeypatch, clock):
    class OutStream:
        encoding = "UTF-8"
        parts: list[str] = []  # noqa: RUF012

        def isatty(self):
            return False

        def write(self, text):
            self.parts.append(text)

        def flush(self):
            pass

    OutStream.__module__ = "ipykernel.iostream"
    stream = OutStream()
    monkeypatch.setattr(sys, "stdout", stream)
    bar = Progbar(1000)
    for step in range(1, 1001):
        clock.now += 0.01
        bar.update(step, [(f"a_long_name_{i}", 0.5) for i in range(20)])
    assert all(part.startswith("\r") and "a_long_name_19" in part for part in stream.parts)
    assert len(stream.parts) <= 101
    assert [part.endswith("\n") for part in stream.parts].index(True) == len(stream.parts) - 1


def test_it_draws_over_a_dumb_terminal_never(make_screen, monkeypatch, clock):
    monkeypatch.setenv("TERM", "dumb")
    screen = make_screen(80)
    Progbar(1).update(1, LOGS)
    assert screen.written() == "1/1 - 0s - 0s/step - loss: 0.4771 - accuracy: 0.9000\r\n"


def test_no_color_is_obeyed(make_screen, monkeypatch, clock):
    monkeypatch.setenv("NO_COLOR", "1")
    screen = make_screen(80)
    Progbar(1).update(1)
    assert "━" in screen.written()
    assert "\x1b" not in screen.written()


def test_without_interactive_logging_lines_go_to_the_log(make_screen, caplog, clock):
    screen = make_screen(80)
    nyala.config.disable_interactive_logging()
    try:
        with caplog.at_level(logging.INFO, logger="nyala"):
            bar = Progbar(2)
            bar.update(1, LOGS)
            bar.update(2, LOGS)
    finally:
        nyala.config.enable_interactive_logging()
    assert screen.written() == ""
    assert caplog.messages == ["2/2 - 0s - 0s/step - loss: 0.4771 - accuracy: 0.9000"]


def test_a_program_without_standard_output_runs(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    bar = Progbar(1)
    bar.update(1, LOGS)


def test_values_are_averaged_over_steps(capsys):
    bar = Progbar(10, verbose=2, stateful_metrics=["rate"])
    bar.add(1, [("loss", 1.0), ("rate", 1.0)])
    bar.add(3, [("loss", 2.0), ("rate", 2.0)])
    bar.add(6, [("loss", 4.0), ("rate", 3.0)])
    assert "loss: 3.1000 - rate: 3.0000" in capsys.readouterr().out  # (1 + 3·2 + 6·4) / 10


def test_only_stateless_metrics_are_averaged_where_these_are_named(capsys):
    bar = Progbar(2, verbose=2, stateless_metrics=["loss"])
    bar.add(1, [("loss", 1.0), ("rate", 1.0)])
    bar.add(1, [("loss", 2.0), ("rate", 2.0)])
    assert "loss: 1.5000 - rate: 2.0000" in capsys.readouterr().out


def test_values_of_a_last_update_without_steps_replace_the_averages(capsys):
    bar = Progbar(2, verbose=2)
    bar.add(1, [("loss", 1.0)])
    bar.update(1, [("loss", 7.0)], finalize=True)
    assert "loss: 7.0000" in capsys.readouterr().out


def test_stateful_and_stateless_metrics_exclude_each_other():
    with pytest.raises(ValueError, match="either stateful_metrics"):
        Progbar(1, stateful_metrics=["a"], stateless_metrics=["b"])


def test_verbose_0_is_silent(capsys):
    Progbar(1, verbose=0).update(1, LOGS)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5, "0.5000"), (0.0001, "1.0000e-04"), (-2.5, "-2.5000"), (0, "0.0000"),
        (float("nan"), "nan"), (float("inf"), "inf"), (np.float32(1.5), "1.5000"),
        (np.array([1.0, 2.0]), "1.5000"), ("text", "text"), (None, "None"),
    ],
)  # fmt: skip
def test_how_a_value_is_written(capsys, value, text):
    Progbar(1, verbose=2, stateful_metrics=["v"]).update(1, [("v", value)])
    assert capsys.readouterr().out.endswith(f" - v: {text}\n")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0002, "200us/step"), (0.025, "25ms/step"), (2, "2s/step"), (100, "100s/step")],
)
def test_the_rate_leaves_the_first_step_out(capsys, clock, seconds, text):
    bar = Progbar(1001, verbose=2)
    clock.now += 500
    bar.update(1)
    clock.now += 1000 * seconds
    bar.update(1001)
    assert text in capsys.readouterr().out


def test_no_time_left_is_guessed_from_the_step_that_compiles(make_screen, clock):
    screen = make_screen(80)
    bar = Progbar(1000)
    clock.now += 3
    bar.update(1)
    assert screen.lines()[0].endswith("─ 3s 3s/step")


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.1, "1s"), (0.5, "4s"), (10, "1:20"), (1000, "2:13:20")]
)
def test_the_time_left(make_screen, clock, seconds, text):
    screen = make_screen(80)
    bar = Progbar(10)
    bar.update(1)
    clock.now += seconds
    bar.update(2)
    assert f"─ {text} " in screen.lines()[0]


def test_a_unit_of_ones_own(capsys, clock):
    Progbar(3, unit_name="sample").update(3)
    assert capsys.readouterr().out == "3/3 - 0s - 0s/sample\n"
