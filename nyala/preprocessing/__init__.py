"""Keras 2's `keras.preprocessing`: images, sequences and texts made ready as arrays.

What Keras 3 keeps stands in `nyala.utils` and is found here as well.
"""

from __future__ import annotations

import importlib
from typing import Any

from nyala.core import did_you_mean
from nyala.preprocessing import image, sequence, text

__all__ = ["image", "sequence", "text"]

_IN_UTILS = (
    "image_dataset_from_directory",
    "text_dataset_from_directory",
    "timeseries_dataset_from_array",
)


def __getattr__(name: str) -> Any:
    if name in _IN_UTILS:
        return getattr(importlib.import_module("nyala.utils"), name)
    hint = did_you_mean(name, [*__all__, *_IN_UTILS])
    raise AttributeError(f"module 'nyala.preprocessing' has no attribute {name!r}.{hint}")
