"""Functions of single elements, as TensorFlow spells them."""

from __future__ import annotations

from typing import Any

import jax

from nyala import ops
from nyala.core import respelled
from nyala.eager import Array, op
from nyala.ops._static_shapes import is_static, static

abs = respelled("tf.abs", ops.absolute, "x")
acos = respelled("tf.acos", ops.arccos, "x")
acosh = respelled("tf.acosh", ops.arccosh, "x")
add = respelled("tf.add", ops.add, "x", "y")
angle = respelled("tf.math.angle", ops.angle, "input")
asin = respelled("tf.asin", ops.arcsin, "x")
asinh = respelled("tf.asinh", ops.arcsinh, "x")
atan = respelled("tf.atan", ops.arctan, "x")
atan2 = respelled("tf.atan2", ops.arctan2, "y", "x")
atanh = respelled("tf.atanh", ops.arctanh, "x")
ceil = respelled("tf.math.ceil", ops.ceil, "x")
conj = respelled("tf.math.conj", ops.conj, "x")
cos = respelled("tf.cos", ops.cos, "x")
cosh = respelled("tf.cosh", ops.cosh, "x")
divide = respelled("tf.divide", ops.true_divide, "x", "y")
truediv = respelled("tf.truediv", ops.true_divide, "x", "y")
divide_no_nan = respelled("tf.math.divide_no_nan", ops.divide_no_nan, "x", "y")
equal = respelled("tf.equal", ops.equal, "x", "y")
erf = respelled("tf.math.erf", ops.erf, "x")
erfc = respelled("tf.math.erfc", ops.erfc, "x")
erfinv = respelled("tf.math.erfinv", ops.erfinv, "x")
exp = respelled("tf.exp", ops.exp, "x")
expm1 = respelled("tf.math.expm1", ops.expm1, "x")
floor = respelled("tf.floor", ops.floor, "x")
floordiv = respelled("tf.math.floordiv", ops.floor_divide, "x", "y")
floormod = respelled("tf.math.floormod", ops.mod, "x", "y")
mod = respelled("tf.math.mod", ops.mod, "x", "y")
greater = respelled("tf.greater", ops.greater, "x", "y")
greater_equal = respelled("tf.greater_equal", ops.greater_equal, "x", "y")
imag = respelled("tf.math.imag", ops.imag, "input")
is_finite = respelled("tf.math.is_finite", ops.isfinite, "x")
is_inf = respelled("tf.math.is_inf", ops.isinf, "x")
is_nan = respelled("tf.math.is_nan", ops.isnan, "x")
less = respelled("tf.less", ops.less, "x", "y")
less_equal = respelled("tf.less_equal", ops.less_equal, "x", "y")
log = respelled("tf.math.log", ops.log, "x")
log1p = respelled("tf.math.log1p", ops.log1p, "x")
log_sigmoid = respelled("tf.math.log_sigmoid", ops.log_sigmoid, "x")
logical_and = respelled("tf.logical_and", ops.logical_and, "x", "y")
logical_not = respelled("tf.logical_not", ops.logical_not, "x")
logical_or = respelled("tf.logical_or", ops.logical_or, "x", "y")
logical_xor = respelled("tf.math.logical_xor", ops.logical_xor, "x", "y")
multiply = respelled("tf.multiply", ops.multiply, "x", "y")
negative = respelled("tf.negative", ops.negative, "x")
nextafter = respelled("tf.math.nextafter", ops.nextafter, "x1", "x2")
not_equal = respelled("tf.not_equal", ops.not_equal, "x", "y")
pow = respelled("tf.pow", ops.power, "x", "y")
real = respelled("tf.math.real", ops.real, "input")
reciprocal = respelled("tf.math.reciprocal", ops.reciprocal, "x")
rint = respelled("tf.math.rint", ops.round, "x")
round = respelled("tf.round", ops.round, "x")
rsqrt = respelled("tf.math.rsqrt", ops.rsqrt, "x")
sigmoid = respelled("tf.sigmoid", ops.sigmoid, "x")
sign = respelled("tf.sign", ops.sign, "x")
sin = respelled("tf.sin", ops.sin, "x")
sinh = respelled("tf.sinh", ops.sinh, "x")
softplus = respelled("tf.math.softplus", ops.softplus, "features")
sqrt = respelled("tf.sqrt", ops.sqrt, "x")
square = respelled("tf.square", ops.square, "x")
subtract = respelled("tf.subtract", ops.subtract, "x", "y")
tan = respelled("tf.tan", ops.tan, "x")
tanh = respelled("tf.tanh", ops.tanh, "x")


def maximum(x: Any, y: Any, name: str | None = None) -> Any:
    """Return the greater of two values, element by element."""
    return static(max(int(x), int(y))) if is_static([x, y]) and _scalar(x, y) else ops.maximum(x, y)


def minimum(x: Any, y: Any, name: str | None = None) -> Any:
    """Return the smaller of two values, element by element."""
    return static(min(int(x), int(y))) if is_static([x, y]) and _scalar(x, y) else ops.minimum(x, y)


def _scalar(*values: Any) -> bool:
    return not any(getattr(value, "ndim", 0) for value in values)


def add_n(inputs: Any, name: str | None = None) -> Any:
    """Return the sum of a list of tensors of one shape.

    >>> import nyala
    >>> int(nyala.tf.add_n([1, 2, 3]))
    6
    """
    first, *rest = inputs
    total = ops.convert_to_tensor(first)
    for one in rest:
        total = ops.add(total, one)
    return total


def scalar_mul(scalar: Any, x: Any, name: str | None = None) -> Any:
    """Return the tensor times a number."""
    return ops.multiply(scalar, x)


def squared_difference(x: Any, y: Any, name: str | None = None) -> Any:
    """Return `(x - y)²`."""
    return ops.square(ops.subtract(x, y))


def multiply_no_nan(x: Any, y: Any, name: str | None = None) -> Any:
    """Return `x * y`, and 0 wherever `y` is 0, even where `x` is infinite."""
    return ops.where(ops.equal(y, 0), 0, ops.multiply(x, y))


def xlogy(x: Any, y: Any, name: str | None = None) -> Any:
    """Return `x log(y)`, and 0 wherever `x` is 0."""
    nothing = ops.equal(x, 0)
    # The logarithm must be finite where it is not used: its gradient would be NaN otherwise.
    return ops.where(nothing, 0.0, ops.multiply(x, ops.log(ops.where(nothing, 1.0, y))))


def xdivy(x: Any, y: Any, name: str | None = None) -> Any:
    """Return `x / y`, and 0 wherever `x` is 0."""
    nothing = ops.equal(x, 0)
    return ops.where(nothing, 0.0, ops.true_divide(x, ops.where(nothing, 1.0, y)))


def truncatediv(x: Any, y: Any, name: str | None = None) -> Any:
    """Return the quotient of integers, cut toward 0."""
    return ops.cast(ops.trunc(ops.true_divide(x, y)), ops.result_type(*map(ops.dtype, _both(x, y))))


def truncatemod(x: Any, y: Any, name: str | None = None) -> Any:
    """Return the remainder that has the sign of `x`."""
    return ops.fmod(x, y)


def _both(x: Any, y: Any) -> tuple:
    return ops.convert_to_tensor(x), ops.convert_to_tensor(y)


def polyval(coeffs: Any, x: Any, name: str | None = None) -> Any:
    """Return a polynomial's value, the coefficient of the highest power first (Horner's rule)."""
    total: Any = 0.0
    for coefficient in coeffs:
        total = total * x + coefficient
    return total


def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: str | None = None) -> Any:
    """Return the values moved into an interval.

    >>> import nyala
    >>> nyala.tf.clip_by_value([-2.0, 0.5, 2.0], 0.0, 1.0).numpy()
    array([0. , 0.5, 1. ], dtype=float32)
    """
    return ops.clip(t, clip_value_min, clip_value_max)


def complex(real: Any, imag: Any, name: str | None = None) -> Any:
    """Return the complex numbers with these parts."""
    return ops.view_as_complex(ops.stack([real, imag], axis=-1))


@op
def _lgamma(x: Array) -> Array:
    return jax.lax.lgamma(x)


@op
def _digamma(x: Array) -> Array:
    return jax.lax.digamma(x)


@op
def _igamma(a: Array, x: Array) -> Array:
    return jax.scipy.special.gammainc(a, x)


@op
def _bessel_i0e(x: Array) -> Array:
    return jax.lax.bessel_i0e(x)


def lgamma(x: Any, name: str | None = None) -> Any:
    """Return the logarithm of the absolute value of the gamma function."""
    return _lgamma(ops.convert_to_tensor(x))


def digamma(x: Any, name: str | None = None) -> Any:
    """Return the derivative of `lgamma`."""
    return _digamma(ops.convert_to_tensor(x))


def igamma(a: Any, x: Any, name: str | None = None) -> Any:
    """Return the lower regularized incomplete gamma function."""
    return _igamma(ops.convert_to_tensor(a), ops.convert_to_tensor(x))


def bessel_i0e(x: Any, name: str | None = None) -> Any:
    """Return the modified Bessel function of order 0, divided by `exp(|x|)`."""
    return _bessel_i0e(ops.convert_to_tensor(x))


__all__ = [
    "abs", "acos", "acosh", "add", "add_n", "angle", "asin", "asinh", "atan", "atan2", "atanh",
    "bessel_i0e", "ceil", "clip_by_value", "complex", "conj", "cos", "cosh", "digamma", "divide",
    "divide_no_nan", "equal", "erf", "erfc", "erfinv", "exp", "expm1", "floor", "floordiv",
    "floormod", "greater", "greater_equal", "igamma", "imag", "is_finite", "is_inf", "is_nan",
    "less", "less_equal", "lgamma", "log", "log1p", "log_sigmoid", "logical_and", "logical_not",
    "logical_or", "logical_xor", "maximum", "minimum", "mod", "multiply", "multiply_no_nan",
    "negative", "nextafter", "not_equal", "polyval", "pow", "real", "reciprocal", "rint", "round",
    "rsqrt", "scalar_mul", "sigmoid", "sign", "sin", "sinh", "softplus", "sqrt", "square",
    "squared_difference", "subtract", "tan", "tanh", "truediv", "truncatediv", "truncatemod",
    "xdivy", "xlogy",
]  # fmt: skip
