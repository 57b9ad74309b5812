"""Starting afresh."""

from __future__ import annotations

from nyala.core import reset_names
from nyala.eager import forget_recorded


def clear_session(free_memory: bool = True) -> None:
    """Begin automatic names anew and forget compiled eager programs.

    Args:
        free_memory: whether programs and caches of eager code are dropped.

    >>> import nyala
    >>> nyala.utils.clear_session()
    >>> nyala.layers.Dense(2).name
    'dense'
    """
    reset_names()
    if free_memory:
        forget_recorded()
