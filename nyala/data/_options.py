"""`Options`: TensorFlow's settings of pipelines, accepted so that scripts run."""

from __future__ import annotations

import enum
from types import SimpleNamespace
from typing import Any


class AutoShardPolicy(enum.IntEnum):
    """How TensorFlow divides a dataset among workers: a setting for `Options`, without effect.

    >>> import nyala
    >>> options = nyala.data.Options()
    >>> options.experimental_distribute.auto_shard_policy = (
    ...     nyala.data.experimental.AutoShardPolicy.DATA)
    """

    OFF = -1
    AUTO = 0
    FILE = 1
    DATA = 2
    HINT = 3


class Options:
    """Settings of a pipeline, for scripts that were written for TensorFlow.

    Attributes:
        deterministic: whether elements keep their order. They always do.
        autotune, threading, experimental_distribute, experimental_optimization: groups of further
            settings, which have no effect.

    >>> import nyala
    >>> options = nyala.data.Options()
    >>> options.experimental_distribute.auto_shard_policy = "off"
    """

    def __init__(self) -> None:
        self.deterministic: bool | None = None
        self.autotune = SimpleNamespace()
        self.threading = SimpleNamespace()
        self.experimental_distribute = SimpleNamespace()
        self.experimental_optimization = SimpleNamespace()

    def merge(self, options: Options) -> Options:
        """Return these options, those of another object over them."""
        merged = Options()
        for source in (self, options):
            for name, value in vars(source).items():
                _merge_into(merged, name, value)
        return merged

    def __repr__(self) -> str:
        return f"Options(deterministic={self.deterministic})"


def _merge_into(target: Options, name: str, value: Any) -> None:
    if isinstance(value, SimpleNamespace):
        vars(getattr(target, name)).update(vars(value))
    elif value is not None:
        setattr(target, name, value)
