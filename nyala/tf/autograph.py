"""`tf.autograph`: nothing is rewritten; `tf.cond` and `tf.while_loop` are control flow."""

from __future__ import annotations

from typing import Any

from nyala.tf import _autograph_experimental as experimental
from nyala.tf._absent import refuse_others
from nyala.tf._autograph_experimental import do_not_convert


def set_verbosity(level: int, alsologtostdout: bool = False) -> None:
    """Do nothing: there is nothing to tell of."""


def trace(*args: Any) -> None:
    """Print the arguments, once for each time that a function is compiled."""
    print(*args)


__all__ = ["do_not_convert", "experimental", "set_verbosity", "trace"]

__getattr__ = refuse_others("tf.autograph", __all__, {"to_graph": "Use tf.function."})
