"""Models as bytes: how `pickle` and `copy.deepcopy` take them."""

from __future__ import annotations

import io
import warnings
from typing import Any

from nyala.core import builtin_key
from nyala.saving import load_model, save_model


def reduced(model: Any) -> tuple:
    """Return what `__reduce__` returns: a function and the arguments that make an equal model."""
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*saved before it was built")
        save_model(model, file)
    return from_bytes, (file.getvalue(), _classes_of_the_user(model))


def from_bytes(data: bytes, classes: dict[str, type]) -> Any:
    """Return the model that `reduced` took apart.

    Its lambdas are taken as they are: whoever unpickles runs what is in the pickle anyway.
    """
    return load_model(io.BytesIO(data), custom_objects=classes, safe_mode=False)


def _classes_of_the_user(model: Any) -> dict[str, type]:
    """Return the classes that the registry need not know, because pickle refers to them itself."""
    parts = [*model._flatten_layers(), getattr(model, "optimizer", None), *model.metrics]
    kinds = {type(part) for part in parts if part is not None}
    return {kind.__name__: kind for kind in kinds if builtin_key(kind) is None}
