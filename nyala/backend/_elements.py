"""Functions of elements and reductions, with Keras 2's argument names."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import floatx, respelled


def _of_x(name: str, function: Any) -> Any:
    return respelled(f"keras.backend.{name}", function, "x")


def _of_x_y(name: str, function: Any) -> Any:
    return respelled(f"keras.backend.{name}", function, "x", "y")


abs = _of_x("abs", ops.absolute)
cos = _of_x("cos", ops.cos)
exp = _of_x("exp", ops.exp)
log = _of_x("log", ops.log)
round = _of_x("round", ops.round)
sigmoid = _of_x("sigmoid", ops.sigmoid)
sign = _of_x("sign", ops.sign)
sin = _of_x("sin", ops.sin)
softplus = _of_x("softplus", ops.softplus)
softsign = _of_x("softsign", ops.softsign)
sqrt = _of_x("sqrt", ops.sqrt)
square = _of_x("square", ops.square)
tanh = _of_x("tanh", ops.tanh)

equal = _of_x_y("equal", ops.equal)
greater = _of_x_y("greater", ops.greater)
greater_equal = _of_x_y("greater_equal", ops.greater_equal)
less = _of_x_y("less", ops.less)
less_equal = _of_x_y("less_equal", ops.less_equal)
maximum = _of_x_y("maximum", ops.maximum)
minimum = _of_x_y("minimum", ops.minimum)
not_equal = _of_x_y("not_equal", ops.not_equal)
pow = respelled("keras.backend.pow", ops.power, "x", "a")

all = respelled("keras.backend.all", ops.all, "x", "axis", "keepdims")
any = respelled("keras.backend.any", ops.any, "x", "axis", "keepdims")
max = respelled("keras.backend.max", ops.max, "x", "axis", "keepdims")
mean = respelled("keras.backend.mean", ops.mean, "x", "axis", "keepdims")
min = respelled("keras.backend.min", ops.min, "x", "axis", "keepdims")
prod = respelled("keras.backend.prod", ops.prod, "x", "axis", "keepdims")
std = respelled("keras.backend.std", ops.std, "x", "axis", "keepdims")
sum = respelled("keras.backend.sum", ops.sum, "x", "axis", "keepdims")
var = respelled("keras.backend.var", ops.var, "x", "axis", "keepdims")
logsumexp = respelled("keras.backend.logsumexp", ops.logsumexp, "x", "axis", "keepdims")

elu = respelled("keras.backend.elu", ops.elu, "x", "alpha")
softmax = respelled("keras.backend.softmax", ops.softmax, "x", "axis")
stop_gradient = respelled("keras.backend.stop_gradient", ops.stop_gradient, "variables")


def argmax(x: Any, axis: int = -1) -> Any:
    """Return the position of the greatest element along an axis, the last by default."""
    return ops.argmax(x, axis)


def argmin(x: Any, axis: int = -1) -> Any:
    """Return the position of the smallest element along an axis, the last by default."""
    return ops.argmin(x, axis)


def cumsum(x: Any, axis: int = 0) -> Any:
    """Return running sums along an axis, the first by default."""
    return ops.cumsum(x, axis)


def cumprod(x: Any, axis: int = 0) -> Any:
    """Return running products along an axis, the first by default."""
    return ops.cumprod(x, axis)


def clip(x: Any, min_value: Any = None, max_value: Any = None) -> Any:
    """Return the values moved into an interval; `None` is no bound.

    >>> import nyala
    >>> nyala.backend.clip([-2.0, 2.0], 0, 1).numpy()
    array([0., 1.], dtype=float32)
    """
    x = x if min_value is None else ops.maximum(x, min_value)
    return x if max_value is None else ops.minimum(x, max_value)


def relu(x: Any, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Any:
    """Return `x` from `threshold` on, at most `max_value`, and `alpha (x - threshold)` below."""
    kept = ops.where(ops.greater_equal(x, threshold), x, 0.0) if threshold else ops.relu(x)
    kept = kept if max_value is None else ops.minimum(kept, max_value)
    if not alpha:
        return kept
    return ops.subtract(kept, ops.multiply(alpha, ops.relu(ops.subtract(threshold, x))))


def hard_sigmoid(x: Any) -> Any:
    """Return `0.2 x + 0.5`, cut off at 0 and 1 (Keras 3's has a slope of 1/6)."""
    return ops.clip(ops.add(ops.multiply(0.2, x), 0.5), 0.0, 1.0)


def l2_normalize(x: Any, axis: Any = None) -> Any:
    """Return `x / sqrt(max(sum(x²), 1e-12))`, the sum along axes, all by default."""
    squares = ops.sum(ops.square(x), axis, keepdims=True)
    return ops.multiply(x, ops.rsqrt(ops.maximum(squares, 1e-12)))


def cast(x: Any, dtype: Any) -> Any:
    """Return the values in another dtype."""
    return ops.cast(x, dtype)


def cast_to_floatx(x: Any) -> Any:
    """Return the values in the default float type (`config.floatx()`)."""
    return ops.cast(x, floatx()) if hasattr(x, "shape") else ops.convert_to_tensor(x, floatx())


__all__ = [
    "abs", "all", "any", "argmax", "argmin", "cast", "cast_to_floatx", "clip", "cos", "cumprod",
    "cumsum", "elu", "equal", "exp", "greater", "greater_equal", "hard_sigmoid", "l2_normalize",
    "less", "less_equal", "log", "logsumexp", "max", "maximum", "mean", "min", "minimum",
    "not_equal", "pow", "prod", "relu", "round", "sigmoid", "sign", "sin", "softmax", "softplus",
    "softsign", "sqrt", "square", "std", "stop_gradient", "sum", "tanh", "var",
]  # fmt: skip
