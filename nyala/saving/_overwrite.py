"""What happens where something of the same name is there already."""

from __future__ import annotations

import os
import sys
from typing import Any


def may_write(path: Any, overwrite: bool) -> bool:
    """Whether `path` may be written: where something is there, a person at a terminal is asked.

    Raises:
        FileExistsError: something is there, `overwrite` is false, and there is nobody to ask.
    """
    if overwrite or not os.path.exists(path):
        return True
    if sys.stdin is None or not sys.stdin.isatty():
        raise FileExistsError(
            f"{path} exists. Pass overwrite=True to replace it, or choose another name."
        )
    answer = input(f"{path} exists. Replace it? [y/N] ")
    return answer.strip().lower() in ("y", "yes")
