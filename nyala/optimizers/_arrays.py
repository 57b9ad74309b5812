"""Between variables and the arrays that the rules work on."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from nyala.eager import Tensor, Variable, to_tensor, wrap


def read(value: Any) -> jax.Array:
    """Return the array of a variable (here: in the open scope), a tensor or a number."""
    if isinstance(value, Variable):
        return value._read()._value
    if isinstance(value, Tensor):
        return value._value
    return jnp.asarray(to_tensor(value)._value) if not isinstance(value, jax.Array) else value


def write(variable: Variable, array: Any) -> None:
    """Assign an array, in the variable's dtype."""
    dtype = read(variable).dtype
    variable.assign(wrap(array if array.dtype == dtype else array.astype(dtype)))


def working_dtype(variable: Variable) -> Any:
    """Return the dtype to compute an update in: the variable's, but at least float32.

    In half precision a rate such as 0.999 is 1.0 and a step count stops at 256, so that Adam would
    stand still; only what is stored between steps has the variable's dtype.
    """
    return jnp.promote_types(read(variable).dtype, jnp.float32)
