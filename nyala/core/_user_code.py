"""Where in the user's code we are: for messages about what was done there."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

_OWN = str(Path(__file__).resolve().parent.parent)


def _is_users(frame: FrameType) -> bool:
    file = frame.f_code.co_filename
    return not (
        file.startswith((_OWN, "<frozen"))
        or "/jax/" in file.replace("\\", "/")
        or file.endswith("contextlib.py")
    )


def _user_frame() -> tuple[FrameType, int]:
    """Return the innermost frame outside nyala and JAX, and how far it is from our caller."""
    frame, depth = sys._getframe(2), 1
    while not _is_users(frame) and frame.f_back is not None:
        frame, depth = frame.f_back, depth + 1
    return frame, depth


def user_line() -> str:
    """Return the line of the user's code that is running, as `"file.py:12"`.

    >>> from nyala.core import user_line
    >>> user_line()
    '<doctest ...>:1'
    """
    frame, _ = _user_frame()
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def user_stacklevel() -> int:
    """Return the `stacklevel` by which `warnings.warn` shows the line of the user's code."""
    return _user_frame()[1]
