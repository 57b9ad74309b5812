"""Initializers by name, and to and from configs."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from nyala.core import (
    by_names,
    deserialize_keras_object,
    resolve_identifier,
    serialize_keras_object,
)
from nyala.eager import Tensor, Variable
from nyala.initializers._constant import Constant, Identity, Ones, Zeros
from nyala.initializers._initializer import Initializer, as_shape, on_device
from nyala.initializers._random import Orthogonal, RandomNormal, RandomUniform, TruncatedNormal
from nyala.initializers._stft import STFT
from nyala.initializers._variance import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    VarianceScaling,
)

_TABLE = {
    **by_names(
        Initializer, Constant, Identity, Ones, STFT, Zeros, GlorotNormal, GlorotUniform, HeNormal,
        HeUniform, LecunNormal, LecunUniform, Orthogonal, RandomNormal, RandomUniform,
        TruncatedNormal, VarianceScaling,
    ),
    "IdentityInitializer": Identity,
    "OrthogonalInitializer": Orthogonal,
    "STFTInitializer": STFT,
    "normal": RandomNormal,
    "one": Ones,
    "uniform": RandomUniform,
    "zero": Zeros,
}  # fmt: skip


def get(identifier: Any) -> Any:
    """Return the initializer that `identifier` means.

    Args:
        identifier: a name, a config, a class, an initializer, a function of `(shape, dtype)`, an
            array (the value itself), or `None`.

    Raises:
        ValueError: the name is unknown, or the object is not callable.

    >>> import nyala
    >>> nyala.initializers.get("he_normal")
    <nyala.initializers.HeNormal>
    """
    if isinstance(identifier, (Tensor, Variable, np.ndarray, np.generic, jax.Array)):
        return _ValueOf(identifier)
    initializer = resolve_identifier(identifier, _TABLE, "initializer")
    if initializer is not None and not callable(initializer):
        raise ValueError(
            f"Cannot use {identifier!r} as initializer: it cannot be called with (shape, dtype)."
        )
    return initializer


class _ValueOf(Initializer):
    """Returns a given array, whose shape must be the weight's."""

    def __init__(self, value: Any):
        self.value = value

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        value = np.asarray(self.value)
        if value.shape != as_shape(shape):
            raise ValueError(
                f"The array given as initializer has shape {value.shape}, the weight {shape}. "
                "Use initializers.Constant(array) if it should be broadcast."
            )
        return on_device(value, dtype)


def serialize(initializer: Any) -> Any:
    """Return the JSON-ready config of an initializer.

    >>> import nyala
    >>> nyala.initializers.serialize(nyala.initializers.Ones())["class_name"]
    'Ones'
    """
    return serialize_keras_object(initializer)


def deserialize(config: Any, custom_objects: dict | None = None) -> Any:
    """Return the initializer that a config describes.

    Args:
        config: from `serialize()`, or Keras 2's `{"class_name": ..., "config": ...}`.
        custom_objects: names of the user's own classes.

    >>> import nyala
    >>> nyala.initializers.deserialize({"class_name": "zeros", "config": {}})
    <nyala.initializers.Zeros>
    """
    return deserialize_keras_object(config, custom_objects, module_objects=_TABLE)
