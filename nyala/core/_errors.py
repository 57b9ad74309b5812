"""Helpers with which every room words its errors: who, expected, got, remedy."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UnbuiltError(ValueError):
    """A weight or a graph was asked for before the object that owns it was built."""


class DownloadError(OSError):
    """A file could not be fetched, or what came is not what was asked for."""


def did_you_mean(name: object, options: Iterable[str], limit: int = 3) -> str:
    """Return a hint that names the options nearest to `name`, or an empty string.

    Args:
        name: what the user wrote.
        options: the valid spellings.
        limit: how many to name at most.

    Returns:
        `" Did you mean 'adam'?"` (with a leading blank), or `""` if nothing is near.

    >>> from nyala.core import did_you_mean
    >>> did_you_mean("adm", ["adam", "sgd"])
    " Did you mean 'adam'?"
    """
    options = list(dict.fromkeys(options))
    lowered = {option.lower(): option for option in options}
    near = difflib.get_close_matches(str(name).lower(), list(lowered), n=limit, cutoff=0.6)
    if not near:
        return ""
    return " Did you mean " + " or ".join(repr(lowered[n]) for n in near) + "?"
