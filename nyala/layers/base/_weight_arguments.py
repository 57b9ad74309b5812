"""The arguments of `add_weight`, in the order of Keras 3 or of Keras 2."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from nyala.core import did_you_mean

_Method = TypeVar("_Method", bound=Callable[..., Any])

_KERAS_2 = ("name", "shape", "dtype", "initializer", "regularizer", "trainable", "constraint",
            "use_resource", "synchronization", "aggregation")  # fmt: skip
_NEW = ("name", "shape", "dtype", "initializer", "regularizer", "trainable", "constraint",
        "autocast", "aggregation", "overwrite_with_gradient")  # fmt: skip
# What Keras 2 took besides: how TensorFlow made the variable, which means nothing here.
_OF_TENSORFLOW = {
    "use_resource", "synchronization", "collections", "partitioner", "getter", "caching_device",
    "experimental_enable_variable_lifting", "layout",
}  # fmt: skip


def takes_keras2_order(add_weight: _Method) -> _Method:
    """Let `add_weight` be called as in Keras 2, where the name came first."""

    @functools.wraps(add_weight)
    def adapted(layer: Any, *args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], str):
            kwargs = _named(args, kwargs)
            args = ()
        if len(kwargs.keys() & _OF_TENSORFLOW) or "experimental_autocast" in kwargs:
            kwargs = {key: value for key, value in kwargs.items() if key not in _OF_TENSORFLOW}
            if "experimental_autocast" in kwargs:
                kwargs["autocast"] = kwargs.pop("experimental_autocast")
        for name in kwargs.keys() - set(_NEW):
            raise TypeError(
                f"Layer {layer.name!r}: add_weight() does not take {name!r}."
                f"{did_you_mean(name, _NEW)}"
            )
        if "trainable" in kwargs and kwargs["trainable"] is None:  # Keras 2: as the layer is
            kwargs["trainable"] = True
        return add_weight(layer, *args, **kwargs)

    return adapted  # type: ignore[return-value]


def _named(args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
    if len(args) > len(_KERAS_2):
        raise TypeError(f"add_weight() takes {len(_KERAS_2)} arguments by position; got {args}.")
    given = dict(zip(_KERAS_2, args, strict=False))
    twice = sorted(given.keys() & kwargs.keys())
    if twice:
        raise TypeError(f"add_weight() got two values for {twice[0]!r}: by position and by name.")
    return given | kwargs
