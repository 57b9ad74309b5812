"""Configs that Keras 2 wrote, put into the words of Keras 3: data to data, before anything is made.

What Keras 2 wrote beside the arguments that a class takes (the shapes a layer was built with, the
function a loss wraps) is left out; what it spelled otherwise is respelled.
"""

from __future__ import annotations

from typing import Any

from nyala.core import find_builtin, find_custom

# What Keras 2 wrote into the configs of classes whose constructors never took it, or no longer do.
_LEFT_OUT = {
    "DepthwiseConv1D": ("groups", "kernel_initializer", "kernel_regularizer", "kernel_constraint",
                        "filters"),
    "DepthwiseConv2D": ("groups", "kernel_initializer", "kernel_regularizer", "kernel_constraint",
                        "filters"),
    "SeparableConv1D": ("groups", "kernel_initializer", "kernel_regularizer", "kernel_constraint"),
    "SeparableConv2D": ("groups", "kernel_initializer", "kernel_regularizer", "kernel_constraint"),
    "Conv1DTranspose": ("groups",),
    "Conv2DTranspose": ("groups",),
    "Conv3DTranspose": ("groups",),
    "MultiHeadAttention": ("query_shape", "key_shape", "value_shape", "softmax_robust_masking"),
    "LSTM": ("implementation", "time_major"),
    "GRU": ("implementation", "time_major"),
    "SimpleRNN": ("implementation", "time_major"),
    "RNN": ("implementation", "time_major"),
    "LSTMCell": ("implementation",),
    "GRUCell": ("implementation",),
    "BatchNormalization": ("virtual_batch_size", "fused", "renorm", "renorm_clipping",
                           "renorm_momentum", "adjustment"),
    "Lambda": ("function_type", "module", "output_shape_type", "output_shape_module"),
    "TextVectorization": ("pad_to_max_tokens_mode", "has_input_vocabulary"),
    "StringLookup": ("has_input_vocabulary", "has_static_table"),
    "IntegerLookup": ("has_input_vocabulary", "has_static_table"),
}  # fmt: skip
_OPTIMIZER = ("jit_compile", "is_legacy_optimizer")


def from_keras2(config: Any) -> Any:
    """Return a config of Keras 2 as Keras 3 would have written it.

    >>> from nyala.saving._keras2 import from_keras2
    >>> from_keras2({"class_name": "Custom>Adam", "config": {"jit_compile": True, "beta_1": 0.8}})
    {'class_name': 'Adam', 'config': {'beta_1': 0.8}}
    """
    if isinstance(config, list):
        return [from_keras2(item) for item in config]
    if not isinstance(config, dict):
        return config
    config = {key: from_keras2(value) for key, value in config.items()}
    if isinstance(config.get("compile_config"), dict):
        config["compile_config"] = _without_unsaid(config["compile_config"])
    if isinstance(config.get("class_name"), str) and isinstance(config.get("config"), dict):
        return _respelled(config)
    return config


def _respelled(config: dict) -> dict:
    name = _own_name(config)
    if name is None:
        return config
    config = {**config, "class_name": name}
    if "registered_name" in config:
        config["registered_name"] = None
    inner = dict(config["config"])
    if name == "MultiHeadAttention" and inner.get("query_shape"):
        shapes = {key: inner.get(key) for key in ("query_shape", "value_shape", "key_shape")}
        config["build_config"] = {key: shape for key, shape in shapes.items() if shape}
    if name == "MeanMetricWrapper" and isinstance(inner.get("fn"), str):
        inner["fn"] = {"class_name": "function", "config": inner["fn"], "module": "builtins"}
    if name == "Lambda" and isinstance(inner.get("function"), list):
        code = dict(zip(("code", "defaults", "closure"), inner["function"], strict=False))
        inner["function"] = {"class_name": "__lambda__", "config": code}
    left_out = _LEFT_OUT.get(name, ())
    if find_builtin("keras.losses", name) is not None:
        left_out += ("fn",)
    if find_builtin("keras.optimizers", name) is not None:
        left_out += _OPTIMIZER
    config["config"] = {key: value for key, value in inner.items() if key not in left_out}
    return config


def _own_name(config: dict) -> str | None:
    """Return the name of the class of nyala's that is meant, or `None` where it is the user's."""
    written, registered = config["class_name"], config.get("registered_name")
    for key in (registered, written):
        if isinstance(key, str) and find_custom(key) is not None:
            return None
    # Keras 2 registered its own optimizers as users register their classes.
    name = written.removeprefix("Custom>")
    return name if find_builtin(None, name) is not None else None


def _without_unsaid(compiled: dict) -> dict:
    """Return the arguments of compile() that were given."""
    return {key: value for key, value in compiled.items() if value is not None}
