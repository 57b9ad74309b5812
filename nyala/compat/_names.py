"""Which module of nyala stands for a module of TensorFlow, Keras or KerasTuner."""

from __future__ import annotations

# What may be imported under another name, and the module that it is.
ROOTS = {
    "tensorflow": "nyala.tf",
    "keras": "nyala",
    "tf_keras": "nyala",
    "keras_tuner": "nyala.tuner",
    "kerastuner": "nyala.tuner",
}

# Inside `tensorflow`, what leads to Keras or back to the top; the longest that fits counts.
_WITHIN_TENSORFLOW = {
    "keras": "nyala",
    "python.keras": "nyala",
    "compat.v1.keras": "nyala",
    "compat.v2.keras": "nyala",
    "compat.v2": "nyala.tf",
    "python": "nyala.tf",
}

# Modules of Keras 1 and 2 whose contents Keras 3 keeps in the package around them.
_FORMER = {
    "backend": ("tensorflow_backend",),
    "callbacks": ("callbacks", "tensorboard_v1"),
    "initializers": ("initializers_v1", "initializers_v2"),
    "layers": (
        "advanced_activations", "convolutional", "convolutional_recurrent", "core",
        "cudnn_recurrent", "embeddings", "local", "merge", "noise", "normalization", "pooling",
        "recurrent", "recurrent_v2", "wrappers",
    ),
    "losses": ("losses",),
    "metrics": ("metrics",),
    "optimizers": ("optimizer_v1", "optimizer_v2"),
    "utils": (
        "all_utils", "conv_utils", "data_utils", "generic_utils", "io_utils", "layer_utils",
        "losses_utils", "np_utils", "tf_utils", "vis_utils",
    ),
}  # fmt: skip


def target_of(name: str) -> str | None:
    """Return the module of nyala for a module's full name, or `None` where the name is not ours.

    >>> from nyala.compat._names import target_of
    >>> target_of("tensorflow.keras.layers"), target_of("keras.layers.advanced_activations")
    ('nyala.layers', 'nyala.layers')
    >>> target_of("tensorflow_hub") is None
    True
    """
    root, _, path = name.partition(".")
    if root not in ROOTS:
        return None
    if root == "tensorflow":
        return _within_tensorflow(path)
    if ROOTS[root] == "nyala":
        return _within_keras(path)
    return _joined(ROOTS[root], path)


def _within_tensorflow(path: str) -> str:
    for prefix in sorted(_WITHIN_TENSORFLOW, key=len, reverse=True):
        if path == prefix or path.startswith(prefix + "."):
            rest = path[len(prefix) + 1 :]
            base = _WITHIN_TENSORFLOW[prefix]
            return _within_keras(rest) if base == "nyala" else _joined(base, rest)
    return _joined("nyala.tf", path)


def _within_keras(path: str) -> str:
    parts = path.split(".") if path else []
    if parts[:1] == ["src"] or parts[:1] == ["api"]:
        parts = parts[1:]
    if parts[:1] == ["engine"]:  # Layer, Model, Input, InputSpec
        return "nyala"
    if len(parts) > 1 and parts[1] in _FORMER.get(parts[0], ()):
        parts = parts[:1]
    return ".".join(["nyala", *parts])


def _joined(base: str, rest: str) -> str:
    return f"{base}.{rest}" if rest else base
