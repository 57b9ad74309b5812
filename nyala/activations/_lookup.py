"""Activations by name, and to and from configs."""

from __future__ import annotations

import types
from typing import Any

from nyala.activations._activations import exponential, gelu, linear, mish, relu
from nyala.core import (
    builtin_key,
    deserialize_keras_object,
    enrol,
    get_registered_name,
    resolve_identifier,
    serialize_keras_object,
)
from nyala.ops._nn_rectifiers import (
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_tanh,
    leaky_relu,
    relu6,
    soft_shrink,
    sparse_plus,
    sparse_sigmoid,
    threshold,
)
from nyala.ops._nn_smooth import (
    celu,
    elu,
    glu,
    log_sigmoid,
    selu,
    sigmoid,
    silu,
    softplus,
    softsign,
    squareplus,
    tanh_shrink,
)
from nyala.ops._nn_softmax import log_softmax, softmax, sparsemax
from nyala.ops._trigonometry import tanh

_FUNCTIONS = (
    celu, elu, exponential, gelu, glu, hard_shrink, hard_sigmoid, hard_silu, hard_tanh, leaky_relu,
    linear, log_sigmoid, log_softmax, mish, relu, relu6, selu, sigmoid, silu, soft_shrink, softmax,
    softplus, softsign, sparse_plus, sparse_sigmoid, sparsemax, squareplus, tanh, tanh_shrink,
    threshold,
)  # fmt: skip
_ALIASES = {"hard_silu": ("hard_swish",), "silu": ("swish",)}

_TABLE: dict[str, Any] = {}
for _function in _FUNCTIONS:
    _names = (_function.__name__, *_ALIASES.get(_function.__name__, ()))
    enrol("keras.activations", aliases=_names[1:])(_function)
    _TABLE.update(dict.fromkeys(_names, _function))


def get(identifier: Any) -> Any:
    """Return the activation that `identifier` means.

    Args:
        identifier: a name, a config, a function, a layer, or `None` for `linear`.

    Raises:
        ValueError: the name is unknown, or the object is not callable.

    >>> import nyala
    >>> nyala.activations.get("relu") is nyala.activations.relu
    True
    """
    if identifier is None:
        return linear
    activation = resolve_identifier(identifier, _TABLE, "activation", instantiate=False)
    if not callable(activation):
        raise ValueError(f"Cannot use {identifier!r} as activation: it is not callable.")
    return activation


def serialize(activation: Any) -> Any:
    """Return the name of an activation, or the config of one that is not built in.

    >>> import nyala
    >>> nyala.activations.serialize(nyala.activations.relu)
    'relu'
    """
    key = builtin_key(activation)
    if key is not None and key[0] == "keras.activations":
        return key[1]
    is_function = isinstance(activation, types.FunctionType)
    if is_function and activation.__module__.startswith("nyala.") and activation.__name__ in _TABLE:
        return activation.__name__  # the plain operation, such as `ops.relu`
    config = serialize_keras_object(activation)
    if is_function:
        config["config"] = get_registered_name(activation)
    return config


def deserialize(config: Any, custom_objects: dict | None = None) -> Any:
    """Return the activation that a config describes.

    Args:
        config: from `serialize()`: a name, or a dict.
        custom_objects: names of the user's own functions.

    >>> import nyala
    >>> nyala.activations.deserialize("relu") is nyala.activations.relu
    True
    """
    if isinstance(config, str):
        return resolve_identifier(config, _TABLE, "activation", custom_objects=custom_objects)
    return deserialize_keras_object(config, custom_objects, module_objects=_TABLE)
