"""Models from configs of strangers: what goes wrong has one error, and sizes have bounds."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from nyala.core import CustomObjectScope, deserialize_keras_object, sharing_objects
from nyala.eager import UnfilledVariables
from nyala.saving._json import read_json
from nyala.saving._keras2 import from_keras2
from nyala.saving._limits import ModelFileError, limits


@contextlib.contextmanager
def rebuilding(what: str) -> Iterator[None]:
    """Turn what classes raise over a config that makes no sense to them into a `ModelFileError`."""
    try:
        yield
    except ModelFileError:
        raise
    except Exception as error:
        raise ModelFileError(f"The model in {what} cannot be rebuilt: {error}") from error


def unfilled_model(what: str, stored: int) -> UnfilledVariables:
    """Return the scope in which a model is rebuilt: its weights are not initialised, but bounded.

    Args:
        what: names the file in errors.
        stored: the bytes of its weights in the file.
    """
    declared = 0

    def admit(path: str, size: int) -> None:
        nonlocal declared
        declared += size
        limits.check_expansion(stored, declared, f"{what}: the model up to {path!r}")

    return UnfilledVariables(admit)


def object_from_json(text: str | bytes, what: str, custom_objects: dict | None = None) -> Any:
    """Return what a JSON text describes, with new weights.

    Args:
        text: what `to_json` wrote, here or in Keras 2 or 3.
        what: names the text in errors.
        custom_objects: a dict from names to the user's classes and functions.

    Raises:
        ModelFileError: it is not JSON, does not describe anything that can be made, or asks for
            more than `nyala.saving.limits` allows.
    """
    config = read_json(text, what)
    if not isinstance(config, dict):
        raise ModelFileError(f"{what} does not describe a model.")
    declared = 0

    def admit(path: str, size: int) -> None:
        nonlocal declared
        declared += size
        limits.check("new_weights_bytes", declared, f"{what}: the weights up to {path!r}")

    with CustomObjectScope(custom_objects), rebuilding(what), sharing_objects():
        if str(config.get("keras_version", "")).startswith("2."):
            config = from_keras2(config)
        with UnfilledVariables(admit) as unfilled:
            made = deserialize_keras_object(config, custom_objects=custom_objects)
        unfilled.fill()
    return made
