"""Keras 2's `layers.experimental.preprocessing`: the preprocessing layers of `nyala.layers`."""

from __future__ import annotations

from typing import Any

from nyala.core import did_you_mean
from nyala.layers import preprocessing as _family
from nyala.layers.base import Layer as PreprocessingLayer

__all__ = ["PreprocessingLayer"]


def __getattr__(name: str) -> Any:
    if name in _family.__all__:
        return getattr(_family, name)
    raise AttributeError(
        f"module 'nyala.layers.experimental.preprocessing' has no attribute {name!r}."
        f"{did_you_mean(name, _family.__all__)}"
    )


def __dir__() -> list[str]:
    return sorted([*_family.__all__, *__all__])
