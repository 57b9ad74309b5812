"""`tf.compat`: TensorFlow 1's names, as far as eager code used them, and bytes."""

from __future__ import annotations

from typing import Any

from nyala.tf._absent import refuse_others
from nyala.tf.compat import v1


def as_bytes(bytes_or_text: Any, encoding: str = "utf-8") -> bytes:
    """Return text as bytes."""
    return (
        bytes_or_text.encode(encoding) if isinstance(bytes_or_text, str) else bytes(bytes_or_text)
    )


def as_str(bytes_or_text: Any, encoding: str = "utf-8") -> str:
    """Return bytes as text."""
    return (
        bytes_or_text if isinstance(bytes_or_text, str) else bytes(bytes_or_text).decode(encoding)
    )


def as_str_any(value: Any, encoding: str = "utf-8") -> str:
    """Return bytes, or anything, as text."""
    return as_str(value, encoding) if isinstance(value, (bytes, bytearray)) else str(value)


as_text = as_str

__all__ = ["as_bytes", "as_str", "as_str_any", "as_text", "v1"]

__getattr__ = refuse_others(
    "tf.compat", __all__, {"v2": "`import tensorflow.compat.v2` gives nyala.tf."}
)
