"""`tf.compat.v1`: what scripts call to leave TensorFlow 1 behind.

Graphs and sessions are not here: code that builds a graph and runs it in a session has to be
written with Keras models or `tf.function`.
"""

from __future__ import annotations

from typing import Any

from nyala.tf import _logging as logging
from nyala.tf._absent import refuse_others
from nyala.tf._seeds import set_seed

_SESSIONS = "There are no sessions: call model.fit, model(x) or a tf.function."
_GRAPHS = "There are no graphs: use a Keras model or tf.function."
_HINTS = {
    "ConfigProto": _SESSIONS,
    "InteractiveSession": _SESSIONS,
    "Session": _SESSIONS,
    "disable_eager_execution": _GRAPHS,
    "disable_v2_behavior": _GRAPHS,
    "get_default_graph": _GRAPHS,
    "get_variable": "Use tf.Variable.",
    "global_variables_initializer": "Variables have their values from the beginning.",
    "layers": "Use tf.keras.layers.",
    "losses": "Use tf.keras.losses.",
    "placeholder": "Use tf.keras.Input.",
    "train": "Use tf.keras.optimizers.",
    "variable_scope": "Use tf.name_scope.",
}


def enable_eager_execution(*args: Any, **kwargs: Any) -> None:
    """Do nothing: code is eager."""


def enable_v2_behavior() -> None:
    """Do nothing: behaviour is TensorFlow 2's."""


def enable_resource_variables() -> None:
    """Do nothing: variables are what TensorFlow 1 called resource variables."""


def set_random_seed(seed: int) -> None:
    """Begin all random numbers anew (`tf.random.set_seed`)."""
    set_seed(seed)


def reset_default_graph() -> None:
    """Do nothing: there is no graph."""


__all__ = [
    "enable_eager_execution", "enable_resource_variables", "enable_v2_behavior", "logging",
    "reset_default_graph", "set_random_seed",
]  # fmt: skip

__getattr__ = refuse_others("tf.compat.v1", __all__, _HINTS)
