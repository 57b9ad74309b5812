"""`model.summary()`."""

from __future__ import annotations

from typing import Any


def print_summary(model: Any, **options: Any) -> None:
    """Print the model's layers."""
    for layer in model.layers:
        print(layer.name, layer.count_params())
