"""Dtypes of operands and results: Keras' promotion rules, which are JAX's lattice with `floatx`."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from nyala.core import DType, floatx, numpy_dtype, standardize_dtype

_NARROWED = {
    "float64": "float32",
    "int64": "int32",
    "uint64": "uint32",
    "complex128": "complex64",
}
# What stands for Python's own types: numbers that take the type of what they meet.
_WEAK = {bool: True, int: 0, float: 0.0, complex: 0j}


def jax_dtype(dtype: Any) -> Any:
    """Return NumPy's dtype object for what JAX holds when `dtype` is asked for.

    64-bit types become 32-bit ones, without JAX's warning, while JAX's 64-bit mode is off.
    """
    name = str(standardize_dtype(dtype))
    if not jax.config.jax_enable_x64:
        name = _NARROWED.get(name, name)
    return numpy_dtype(name)


def optional_dtype(dtype: Any) -> Any:
    """Return `jax_dtype(dtype)`, or `None` for `None`."""
    return None if dtype is None else jax_dtype(dtype)


def result_type(*dtypes: Any) -> DType:
    """Return the dtype of an operation on operands of these dtypes.

    Args:
        *dtypes: names, NumPy dtypes, or Python's `int` and `float`, which adapt to the others.
            `None` means `floatx`.

    Returns:
        The dtype's name; `floatx` where nothing is given or only Python numbers decide.

    Raises:
        ValueError: an 8-bit float, which is never converted implicitly, is among them.

    >>> import nyala
    >>> nyala.backend.result_type("bfloat16", int)
    'bfloat16'
    >>> nyala.backend.result_type("int32", "float32")
    'float32'
    """
    if not dtypes:
        return standardize_dtype(floatx())
    operands = [_operand(dtype) for dtype in dtypes]
    result = jnp.result_type(*operands)
    strong = [o for o in operands if not isinstance(o, (bool, int, float, complex))]
    if jnp.issubdtype(result, jnp.floating) and not any(
        jnp.issubdtype(o, jnp.inexact) for o in strong
    ):
        return standardize_dtype(floatx())
    return standardize_dtype(result.name)


def _operand(dtype: Any) -> Any:
    if isinstance(dtype, type) and dtype in _WEAK:
        return _WEAK[dtype]
    name = standardize_dtype(dtype)
    if name.startswith("float8"):
        raise ValueError(
            f"result_type: {name} is never converted implicitly; cast it with ops.cast() first."
        )
    return jax_dtype(name)


def as_float(x: Any) -> Any:
    """Return `x` as a jax array, integers and booleans turned into `floatx`."""
    x = jnp.asarray(x)
    return x if jnp.issubdtype(x.dtype, jnp.inexact) else x.astype(jax_dtype(floatx()))


def is_integral(x: Any) -> bool:
    """Whether a jax array holds integers or booleans."""
    return jnp.issubdtype(x.dtype, jnp.integer) or x.dtype == jnp.bool_


def float_operands(*xs: Any) -> list:
    """Return arrays in one common float dtype, in which a function of several is computed."""
    xs = [jnp.asarray(x) for x in xs]
    dtype = jnp.result_type(*xs, 0.0)
    if all(is_integral(x) for x in xs):
        dtype = jax_dtype(floatx())
    return [x.astype(dtype) for x in xs]
