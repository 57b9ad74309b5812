"""Where callbacks write: standard output as it is at this moment, or the log.

`sys.stdout` is looked up at every call, because notebooks and test runners exchange it.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import sys
import unicodedata
from typing import Any

from nyala.core import settings

_logger = logging.getLogger("nyala")
_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


class Console:
    """A stream of lines of which the last may be drawn over.

    Whole lines are written by `say`, a progress bar by `draw`. A line said while a bar stands open
    goes below the bar, never into it.
    """

    def __init__(self) -> None:
        self._open: Any = None  # the stream on which a bar stands open
        self._drawn_width = 0

    def is_live(self) -> bool:
        """Whether a line can be drawn over: a terminal or a notebook, not a file or a pipe."""
        return settings.is_interactive_logging_enabled() and (_is_terminal() or _is_notebook())

    def columns(self) -> int | None:
        """Return how many columns a line that is drawn over may take, or `None` for any number.

        A notebook returns to the start of the line even where it was wrapped; a terminal does not.
        """
        if not _is_terminal():
            return None
        try:
            columns = os.get_terminal_size(sys.stdout.fileno()).columns
        except (OSError, ValueError, AttributeError):
            columns = 0
        # The last column stays free: some terminals wrap as soon as it is filled.
        return max(1, (columns or shutil.get_terminal_size().columns) - 1)

    def has_colors(self) -> bool:
        """Whether the stream shows colors."""
        if os.environ.get("NO_COLOR"):
            return False
        # A classic Windows console prints the escape codes; Windows Terminal obeys them.
        return self.is_live() and (os.name != "nt" or "WT_SESSION" in os.environ)

    def can_print(self, text: str) -> bool:
        """Whether the stream's encoding has all the characters of `text`."""
        return text == _printable(text)

    def say(self, message: str) -> None:
        """Print one line; log it where interactive logging is off."""
        if not settings.is_interactive_logging_enabled():
            _logger.info(message)
            return
        below = "\n" if self._is_open() else ""
        self._open = None
        _write(f"{below}{message}\n")

    def draw(self, line: str, last: bool = False) -> None:
        """Draw `line` over the one drawn before.

        Args:
            line: the text, which may hold color codes.
            last: whether it stays as it is.
        """
        width = display_width(line)
        blanks = max(0, self._drawn_width - width) if self._is_open() else 0
        columns = self.columns()
        if columns is not None:
            blanks = min(blanks, max(0, columns - width))
        _write("\r" + line + " " * blanks + ("\n" if last else ""))
        self._open = None if last else sys.stdout
        self._drawn_width = width

    def _is_open(self) -> bool:
        return self._open is not None and self._open is sys.stdout


console = Console()


def display_width(text: str) -> int:
    r"""Return how many columns `text` takes: East Asian characters two, color codes none.

    >>> from nyala.callbacks._console import display_width
    >>> display_width("loss"), display_width("손실"), display_width("\x1b[32mok\x1b[0m")
    (4, 4, 2)
    """
    text = _ESCAPE.sub("", text)
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _is_terminal() -> bool:
    if os.environ.get("TERM") == "dumb":  # cannot return to the start of a line
        return False
    try:
        return bool(sys.stdout.isatty())
    except (AttributeError, ValueError):  # no stream (a windowed program), or a closed one
        return False


def _is_notebook() -> bool:
    # The stream's class tells it apart from a cell whose output is redirected into a file.
    return type(sys.stdout).__module__.startswith("ipykernel.") or (
        "PYCHARM_HOSTED" in os.environ and sys.stdout is sys.__stdout__
    )


def _printable(text: str) -> str:
    """Return `text` with a question mark for every character that the stream cannot encode."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        return text.encode(encoding, "replace").decode(encoding)
    except LookupError:  # an encoding that this Python does not know
        return text.encode("ascii", "replace").decode("ascii")


def _write(text: str) -> None:
    stream = sys.stdout
    if stream is None:
        return
    stream.write(_printable(text))
    stream.flush()
