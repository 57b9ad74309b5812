"""Compiled programs are kept on disk, so that the second start of a script compiles nothing."""

from __future__ import annotations

import os
from pathlib import Path

import jax

from nyala.core import settings

_OFF = ("0", "off", "none", "false", "no")


def set_compilation_cache(folder: str | os.PathLike | None) -> None:
    """Keep compiled programs in a folder, or (`None`) keep none.

    Args:
        folder: made when the first program is written. At first it is
            `$NYALA_COMPILATION_CACHE`, else `xla` in nyala's home (`$NYALA_HOME`, `~/.nyala`);
            the variable's value `off` keeps nothing. A folder that was given to JAX itself stays.

    >>> import nyala
    >>> nyala.config.set_compilation_cache(None)
    >>> nyala.config.compilation_cache() is None
    True
    """
    jax.config.update("jax_compilation_cache_dir", None if folder is None else str(folder))
    if folder is not None:
        # By default JAX leaves out what compiled within a second: most of a small model's steps.
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.05)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)


def compilation_cache() -> str | None:
    """Return the folder in which compiled programs are kept, or `None`."""
    return jax.config.jax_compilation_cache_dir


def use_default_cache() -> None:
    """Turn the cache on in its usual place, unless the user decided otherwise."""
    if jax.config.jax_compilation_cache_dir is not None:
        return
    chosen = os.environ.get("NYALA_COMPILATION_CACHE")
    if chosen is not None and chosen.strip().lower() in _OFF:
        return
    folder = Path(chosen) if chosen else settings.home() / "xla"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:  # a read-only home: compile anew each time
        return
    set_compilation_cache(folder)
