"""Arrays of strings live on the host: operations on them run in NumPy instead of JAX."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from nyala.eager import as_numpy, is_host_array


def array_module(*xs: Any) -> Any:
    """Return NumPy where one of the arrays holds strings, else `jax.numpy`."""
    return np if any(is_host_array(x) for x in xs) else jnp


def compare(function: Any, x1: Any, x2: Any) -> Any:
    """Compare two arrays by a function of `jax.numpy`, strings by NumPy's of the same name."""
    if array_module(x1, x2) is jnp:
        return function(x1, x2)
    return jnp.asarray(getattr(np, function.__name__)(as_numpy(x1), as_numpy(x2)), bool)
