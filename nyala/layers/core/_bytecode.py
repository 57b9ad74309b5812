"""Python lambdas in configs: written as Keras writes them, read only where it is safe or allowed.

A config holds a lambda's bytecode. Bytecode from a file can do anything, so it is not run unless
the caller says `safe_mode=False`. One case needs no permission: bytecode that equals that of a
lambda which this process itself has written. Then the config means that very function, which is at
hand.
"""

from __future__ import annotations

import base64
import builtins
import json
import marshal
import types
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from nyala import ops
from nyala.core import serialize_keras_object

_CLASS = "__lambda__"
_written: weakref.WeakValueDictionary[str, Callable] = weakref.WeakValueDictionary()


def is_lambda(function: Any) -> bool:
    """Whether `function` has no name by which a config could mean it."""
    return isinstance(function, types.FunctionType) and function.__name__ == "<lambda>"


def is_written_lambda(config: Any) -> bool:
    """Whether a config holds a lambda's bytecode."""
    return isinstance(config, dict) and config.get("class_name") == _CLASS


def write_lambda(function: types.FunctionType) -> dict[str, Any]:
    """Return a config with a lambda's bytecode, default arguments and closure."""
    closure = function.__closure__
    parts = {
        "code": base64.encodebytes(marshal.dumps(function.__code__)).decode("ascii"),
        "defaults": serialize_keras_object(function.__defaults__),
        "closure": closure and tuple(serialize_keras_object(c.cell_contents) for c in closure),
    }
    _written[_key(parts)] = function
    return {"class_name": _CLASS, "config": parts}


def read_lambda(config: dict, safe_mode: bool, who: str) -> Callable:
    """Return the lambda that a config holds.

    Raises:
        ValueError: it was not written by this process, and `safe_mode` is on.
    """
    parts = config["config"]
    known = _written.get(_key(parts))
    if known is not None:
        return known
    if safe_mode:
        raise ValueError(
            f"{who}: the config holds Python bytecode (a lambda), which could do anything on this "
            "machine, so it is not loaded. If you trust where it comes from, load it with "
            "safe_mode=False; better, replace the lambda by a named function that is decorated "
            "with @nyala.saving.register_keras_serializable()."
        )
    code = marshal.loads(base64.b64decode(parts["code"]))
    defaults = parts.get("defaults")
    defaults = None if defaults is None else tuple(_tuples(d) for d in defaults)
    closure = parts.get("closure")
    cells = None if closure is None else tuple(types.CellType(value) for value in closure)
    return types.FunctionType(code, _globals(), "<lambda>", defaults, cells)


def _key(parts: dict) -> str:
    return json.dumps(
        [parts["code"], parts.get("defaults"), parts.get("closure")], default=repr, sort_keys=True
    )


def _tuples(value: Any) -> Any:
    # JSON has no tuples, and defaults are seldom lists.
    return tuple(_tuples(v) for v in value) if isinstance(value, list) else value


def _globals() -> dict[str, Any]:
    """What a lambda of another process may name besides its arguments."""
    return {"__builtins__": builtins, "np": np, "numpy": np, "ops": ops}
