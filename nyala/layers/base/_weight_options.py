"""What a layer is told about each of its weights: initializer, regularizer, constraint."""

from __future__ import annotations

from typing import Any

from nyala import constraints, initializers, regularizers


def set_weight_options(layer: Any, weight: str, initializer: Any, regularizer: Any = None,
                       constraint: Any = None) -> None:  # fmt: skip
    """Keep a weight's options on the layer, as `kernel_initializer` and so on."""
    setattr(layer, f"{weight}_initializer", initializers.get(initializer))
    setattr(layer, f"{weight}_regularizer", regularizers.get(regularizer))
    setattr(layer, f"{weight}_constraint", constraints.get(constraint))


def weight_options(layer: Any, weight: str) -> dict[str, Any]:
    """Return a weight's options as arguments of `add_weight`."""
    return {
        option: getattr(layer, f"{weight}_{option}")
        for option in ("initializer", "regularizer", "constraint")
    }


def weight_options_config(layer: Any, *weights: str) -> dict[str, Any]:
    """Return the options of some weights as entries of `get_config()`."""
    serializers = {
        "initializer": initializers.serialize,
        "regularizer": regularizers.serialize,
        "constraint": constraints.serialize,
    }
    return {
        f"{weight}_{option}": serialize(getattr(layer, f"{weight}_{option}"))
        for option, serialize in serializers.items()
        for weight in weights
    }
