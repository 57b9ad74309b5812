"""`tf.config.optimizer`: XLA optimizes in any case."""

from __future__ import annotations

from typing import Any


def set_jit(enabled: Any) -> None:
    """Do nothing: everything is compiled."""


def get_jit() -> str:
    """Return what TensorFlow calls the compilation of everything."""
    return "autoclustering"


def set_experimental_options(options: Any) -> None:
    """Do nothing: the options are of TensorFlow's graph optimizer."""


def get_experimental_options() -> dict:
    """Return no options."""
    return {}


__all__ = ["get_experimental_options", "get_jit", "set_experimental_options", "set_jit"]
