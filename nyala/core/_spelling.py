"""The same function under another name, with other names for its parameters."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any


def respelled(name: str, function: Callable, *parameters: str) -> Callable:
    """Return `function` as another API spells it.

    Args:
        name: the function's name there, with its namespace, such as `"tf.math.pow"`.
        function: what is called.
        *parameters: the other API's parameter names for the first parameters of `function`, in
            order; those that are left out keep their names.

    Returns:
        A function that also takes `name=`, which labels nodes of TensorFlow's graphs and means
        nothing here.

    >>> from nyala.core import respelled
    >>> power = respelled("tf.pow", lambda base, exponent: base**exponent, "x", "y")
    >>> power(2, y=3, name="cube")
    8
    """
    own = list(inspect.signature(function).parameters.values())
    renamed = dict(zip(parameters, (p.name for p in own), strict=False))

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if not kwargs:
            return function(*args)
        kwargs.pop("name", None)
        return function(*args, **{renamed.get(key, key): value for key, value in kwargs.items()})

    face = public_name(function)
    call.__name__ = call.__qualname__ = name.rpartition(".")[2]
    call.__doc__ = f"{_summary(function)}\n\nThis is `{face}`, as `{name}` spells it."
    names = [*parameters, *(p.name for p in own[len(parameters) :])]
    shown = [p.replace(name=new) for p, new in zip(own, names, strict=True)]
    if "name" not in names and all(p.kind is not p.VAR_KEYWORD for p in own):
        shown.append(inspect.Parameter("name", inspect.Parameter.KEYWORD_ONLY, default=None))
    call.__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined]
    return call


def public_name(value: Any) -> str:
    """Return where a function or class of nyala is found: its module without private files.

    >>> from nyala.core import public_name
    >>> import nyala
    >>> public_name(nyala.ops.matmul)
    'nyala.ops.matmul'
    """
    value = inspect.unwrap(value) if inspect.isroutine(value) else value
    module = [part for part in value.__module__.split(".") if not part.startswith("_")]
    return ".".join([*module, value.__qualname__])


def _summary(function: Callable) -> str:
    text = inspect.getdoc(function) or ""
    return text.partition("\n\n")[0]
