"""Screens to draw on: a real terminal (a pty), and streams of a given encoding."""

from __future__ import annotations

import io
import os
import re
import struct
import sys

import pytest


class Screen:
    """A terminal of a given width, and what a user would see on it.

    The bar writes into the slave end of a pty; what arrives at the master end is replayed on a grid
    of characters that wraps where a terminal wraps.
    """

    def __init__(self, columns: int):
        fcntl = pytest.importorskip("fcntl", reason="needs a pty")
        import termios

        self.columns = columns
        self.master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        os.set_blocking(self.master, False)
        self.stream = open(slave, "w", encoding="utf-8")  # noqa: SIM115 - closed by `close`
        self._bytes = b""

    def written(self) -> str:
        """Everything that was written, as the terminal got it."""
        self.stream.flush()
        while True:
            try:
                self._bytes += os.read(self.master, 1 << 16)
            except BlockingIOError:
                return self._bytes.decode()

    def frames(self) -> list[str]:
        """What was drawn after each return to the start of a line, without colors."""
        text = re.sub(r"\x1b\[[0-9;]*m", "", self.written()).replace("\r\n", "\n")
        return text.split("\r")[1:]

    def lines(self) -> list[str]:
        """The lines on the screen."""
        rows, column = [""], 0
        for character in re.sub(r"\x1b\[[0-9;]*m", "", self.written()):
            if character == "\r":
                column = 0
            elif character == "\n":
                rows.append("")
            else:
                if column == self.columns:
                    rows.append("")
                    column = 0
                row = rows[-1].ljust(column)
                rows[-1] = row[:column] + character + row[column + 1 :]
                column += 1
        return [row.rstrip() for row in rows]

    def close(self) -> None:
        self.written()
        self.stream.close()
        os.close(self.master)


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    for name in ("NO_COLOR", "PYCHARM_HOSTED", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def make_screen(monkeypatch):
    """Return a function that makes standard output a terminal of so many columns."""
    screens = []

    def make(columns: int) -> Screen:
        screens.append(Screen(columns))
        monkeypatch.setattr(sys, "stdout", screens[-1].stream)
        return screens[-1]

    yield make
    for screen in screens:
        screen.close()


class EncodedTerminal(io.TextIOWrapper):
    """A stream of a given encoding that says it is a terminal, as a Windows console does."""

    def isatty(self) -> bool:
        return True

    def text(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode(self.encoding)


@pytest.fixture
def encoded_terminal(monkeypatch):
    """Return a function that makes standard output a terminal of an encoding."""

    def make(encoding: str) -> EncodedTerminal:
        stream = EncodedTerminal(io.BytesIO(), encoding=encoding, errors="strict")
        monkeypatch.setattr(sys, "stdout", stream)
        return stream

    return make
