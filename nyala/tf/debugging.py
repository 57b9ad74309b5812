"""`tf.debugging`: assertions about tensors.

What depends on values is checked where values are known; in compiled code such a check is left out.
What depends on shapes and dtypes is checked everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from nyala import config, ops
from nyala.eager import Symbolic
from nyala.tf._absent import refuse_others


def _known(*values: Any) -> list[np.ndarray] | None:
    """Return the values as arrays, or `None` in compiled code."""
    tensors = [v if isinstance(v, Symbolic) else ops.convert_to_tensor(v) for v in values]
    if any(isinstance(t, Symbolic) or isinstance(t._data, jax.core.Tracer) for t in tensors):
        return None
    return [np.asarray(t) for t in tensors]


def _refuse(who: str, text: str, message: Any) -> None:
    raise ValueError(f"tf.debugging.{who}: {text}." + (f" {message}" if message else ""))


def _comparison(name: str, holds: Callable, sign: str) -> Callable:
    def check(x: Any, y: Any, message: Any = None, summarize: Any = None, name: Any = None) -> None:
        known = _known(x, y)
        if known is not None and not np.all(holds(*known)):
            _refuse(
                check.__name__,
                f"expected x {sign} y everywhere; got {known[0]} and {known[1]}",
                message,
            )

    check.__name__ = check.__qualname__ = name
    check.__doc__ = f"Raise a `ValueError` unless `x {sign} y` for all elements."
    return check


assert_equal = _comparison("assert_equal", lambda x, y: x == y, "==")
assert_none_equal = _comparison("assert_none_equal", lambda x, y: x != y, "!=")
assert_greater = _comparison("assert_greater", lambda x, y: x > y, ">")
assert_greater_equal = _comparison("assert_greater_equal", lambda x, y: x >= y, ">=")
assert_less = _comparison("assert_less", lambda x, y: x < y, "<")
assert_less_equal = _comparison("assert_less_equal", lambda x, y: x <= y, "<=")


def _property(name: str, holds: Callable, what: str) -> Callable:
    def check(x: Any, message: Any = None, summarize: Any = None, name: Any = None) -> None:
        known = _known(x)
        if known is not None and not np.all(holds(known[0])):
            _refuse(check.__name__, f"expected {what} everywhere; got {known[0]}", message)

    check.__name__ = check.__qualname__ = name
    check.__doc__ = f"Raise a `ValueError` unless all elements are {what}."
    return check


assert_positive = _property("assert_positive", lambda x: x > 0, "positive")
assert_non_positive = _property("assert_non_positive", lambda x: x <= 0, "0 or less")
assert_negative = _property("assert_negative", lambda x: x < 0, "negative")
assert_non_negative = _property("assert_non_negative", lambda x: x >= 0, "0 or more")


def assert_near(x: Any, y: Any, rtol: Any = None, atol: Any = None, message: Any = None,
                summarize: Any = None, name: Any = None) -> None:  # fmt: skip
    """Raise a `ValueError` unless `|x - y| <= atol + rtol |y|` for all elements.

    Both are ten times the dtype's precision by default.
    """
    known = _known(x, y)
    if known is None:
        return
    epsilon = 10 * np.finfo(known[0].dtype if known[0].dtype.kind == "f" else np.float32).eps
    atol, rtol = (epsilon if t is None else float(t) for t in (atol, rtol))
    if not np.allclose(*known, rtol=rtol, atol=atol):
        _refuse("assert_near", f"expected x near y; got {known[0]} and {known[1]}", message)


def assert_all_finite(x: Any, message: Any = "", name: Any = None) -> Any:
    """Return `x`; raise a `ValueError` where an element is infinite or not a number."""
    known = _known(x)
    if known is not None and not np.all(np.isfinite(known[0])):
        _refuse("assert_all_finite", f"expected finite numbers; got {known[0]}", message)
    return x


def check_numerics(tensor: Any, message: Any, name: Any = None) -> Any:
    """Return `tensor`; raise a `ValueError` where an element is infinite or not a number."""
    return assert_all_finite(tensor, message)


def assert_rank(x: Any, rank: int, message: Any = None, name: Any = None) -> None:
    """Raise a `ValueError` unless a tensor has so many axes."""
    found = len(ops.shape(x))
    if found != int(rank):
        _refuse(
            "assert_rank",
            f"expected {int(rank)} axes; got {found} in shape {ops.shape(x)}",
            message,
        )


def assert_rank_at_least(x: Any, rank: int, message: Any = None, name: Any = None) -> None:
    """Raise a `ValueError` where a tensor has fewer axes."""
    found = len(ops.shape(x))
    if found < int(rank):
        text = f"expected {int(rank)} axes or more; got {found} in shape {ops.shape(x)}"
        _refuse("assert_rank_at_least", text, message)


def assert_scalar(tensor: Any, message: Any = None, name: Any = None) -> None:
    """Raise a `ValueError` unless a tensor has no axes."""
    assert_rank(tensor, 0, message)


def assert_type(tensor: Any, tf_type: Any, message: Any = None, name: Any = None) -> None:
    """Raise a `TypeError` unless a tensor has this dtype."""
    found = ops.convert_to_tensor(tensor).dtype
    if found != tf_type:
        raise TypeError(
            f"tf.debugging.assert_type: expected dtype {tf_type}; got {found}. {message or ''}"
        )


def assert_shapes(shapes: Any, data: Any = None, summarize: Any = None, message: Any = None,
                  name: Any = None) -> None:  # fmt: skip
    """Raise a `ValueError` unless tensors have the shapes given, in which equal letters are equal.

    Args:
        shapes: pairs (or a dictionary) of a tensor and its shape, such as `("B", 3)`.
        data, summarize, message, name: `message` is added to the error.

    >>> import nyala
    >>> nyala.tf.debugging.assert_shapes([(nyala.tf.zeros((2, 3)), ("B", 3))])
    """
    meaning: dict[Any, int | None] = {}
    for tensor, expected in shapes.items() if hasattr(shapes, "items") else shapes:
        found = tuple(ops.shape(tensor))
        fits = len(found) == len(expected) and all(
            _stands_for(wanted, length, meaning)
            for wanted, length in zip(expected, found, strict=True)
        )
        if not fits:
            _refuse(
                "assert_shapes",
                f"expected shape {tuple(expected)} with {meaning}; got {found}",
                message,
            )


def _stands_for(wanted: Any, length: int | None, meaning: dict[Any, int | None]) -> bool:
    if wanted is None or length is None:
        return True
    return (meaning.setdefault(wanted, length) if isinstance(wanted, str) else wanted) == length


def Assert(condition: Any, data: Any, summarize: Any = None, name: Any = None) -> None:
    """Raise a `ValueError` that shows `data` where a condition is false."""
    known = _known(condition)
    if known is not None and not np.all(known[0]):
        raise ValueError(
            f"tf.debugging.Assert: the condition is false for {[np.asarray(d) for d in data]}."
        )


def is_numeric_tensor(tensor: Any) -> bool:
    """Whether this is a tensor of numbers."""
    return bool(ops.is_tensor(tensor)) and tensor.dtype not in ("bool", "string")


def enable_check_numerics(stack_height_limit: int = 30, path_length_limit: int = 50) -> None:
    """Let every operation that gives NaN raise an error (JAX's `jax_debug_nans`)."""
    jax.config.update("jax_debug_nans", True)


def disable_check_numerics() -> None:
    """Undo `enable_check_numerics`."""
    jax.config.update("jax_debug_nans", False)


disable_traceback_filtering = config.disable_traceback_filtering
enable_traceback_filtering = config.enable_traceback_filtering
is_traceback_filtering_enabled = config.is_traceback_filtering_enabled


def set_log_device_placement(enabled: bool) -> None:
    """Do nothing: a tensor's `device` says where it is."""


__all__ = [
    "Assert", "assert_all_finite", "assert_equal", "assert_greater", "assert_greater_equal",
    "assert_less", "assert_less_equal", "assert_near", "assert_negative", "assert_non_negative",
    "assert_non_positive", "assert_none_equal", "assert_positive", "assert_rank",
    "assert_rank_at_least", "assert_scalar", "assert_shapes", "assert_type", "check_numerics",
    "disable_check_numerics", "disable_traceback_filtering", "enable_check_numerics",
    "enable_traceback_filtering", "is_numeric_tensor", "is_traceback_filtering_enabled",
    "set_log_device_placement",
]  # fmt: skip

__getattr__ = refuse_others(
    "tf.debugging", __all__, {"experimental": "Use tf.debugging.enable_check_numerics."}
)
