"""nyala: deep learning with the Keras API on JAX/XLA.

Names are loaded when they are first used: `import nyala` itself imports neither jax nor numpy.
"""

from __future__ import annotations

import importlib
from typing import Any

from nyala._version import __version__

_SUBMODULES = frozenset(
    {
        "activations", "backend", "callbacks", "compat", "config", "constraints", "data",
        "datasets", "dtype_policies", "experimental", "initializers", "layers", "losses",
        "metrics", "mixed_precision", "models", "ops", "optimizers", "preprocessing",
        "random", "regularizers", "saving", "tf", "tree", "utils",
    }
)  # fmt: skip

# name -> module that defines it
_NAMES = {
    "DTypePolicy": "core",
    "FloatDTypePolicy": "dtype_policies",
    "Function": "symbolic",
    "GradientTape": "eager",
    "Initializer": "initializers",
    "Input": "layers",
    "InputSpec": "layers",
    "KerasTensor": "symbolic",
    "Layer": "layers",
    "Loss": "losses",
    "Metric": "metrics",
    "Model": "models",
    "Operation": "symbolic",
    "Optimizer": "optimizers",
    "Regularizer": "regularizers",
    "Sequential": "models",
    "StatelessScope": "eager",
    "Tensor": "eager",
    "Variable": "eager",
    "function": "eager",
    "name_scope": "core",
}

__all__ = sorted([*_SUBMODULES, *_NAMES, "__version__", "version"])


def version() -> str:
    """Return nyala's version."""
    return __version__


def __getattr__(name: str) -> Any:
    if name in _SUBMODULES:
        _load_operations()
        return importlib.import_module(f"nyala.{name}")
    if name in _NAMES:
        _load_operations()
        value = getattr(importlib.import_module(f"nyala.{_NAMES[name]}"), name)
        globals()[name] = value
        return value
    from nyala.core import did_you_mean

    raise AttributeError(f"module 'nyala' has no attribute {name!r}.{did_you_mean(name, __all__)}")


def _load_operations() -> None:
    """Tensors compute with `nyala.ops`: whoever can hold a tensor has it loaded."""
    importlib.import_module("nyala.ops")


# Whose classes a file may name: what most files need comes first.
_ROOMS_OF_CLASSES = ("nyala.models", "nyala.utils")


def _load_builtins(number: int) -> bool:
    """Load one of the rooms whose classes a file may name; return whether there is one more."""
    _load_operations()
    if number < len(_ROOMS_OF_CLASSES):
        importlib.import_module(_ROOMS_OF_CLASSES[number])
    return number < len(_ROOMS_OF_CLASSES)


def __dir__() -> list[str]:
    return __all__


def load_ipython_extension(ipython: Any) -> None:
    """Answer `%load_ext nyala`: let `import tensorflow` and `import keras` give nyala."""
    importlib.import_module("nyala.compat").install()


def unload_ipython_extension(ipython: Any) -> None:
    """Answer `%unload_ext nyala`: let these names mean what they meant before."""
    importlib.import_module("nyala.compat").uninstall()
