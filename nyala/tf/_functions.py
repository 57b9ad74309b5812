"""Functions of functions, and what fits nowhere else."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax

from nyala import ops
from nyala.eager import in_compiled_code, unwrap, wrap_results


def recompute_grad(f: Callable) -> Callable:
    """Return a function whose inner values are computed again for gradients, to save memory.

    It matters in compiled code alone; elsewhere it is the function itself.
    """

    @functools.wraps(f)
    def recomputed(*args: Any, **kwargs: Any) -> Any:
        if not in_compiled_code():
            return f(*args, **kwargs)
        saving = jax.checkpoint(lambda arrays: unwrap(f(*wrap_results(arrays), **kwargs)))
        return wrap_results(saving(unwrap(list(args))))

    return recomputed


def grad_pass_through(f: Callable) -> Callable:
    """Return a function with the values of `f` and the gradient of the identity.

    >>> import nyala
    >>> float(nyala.tf.grad_pass_through(nyala.tf.round)(1.6))
    2.0
    """

    @functools.wraps(f)
    def passing(x: Any) -> Any:
        x = ops.convert_to_tensor(x)
        return x + ops.stop_gradient(ops.subtract(f(x), x))

    return passing


def histogram_fixed_width(values: Any, value_range: Any, nbins: int = 100, dtype: Any = "int32",
                          name: str | None = None) -> Any:  # fmt: skip
    """Return how many values fall into each of `nbins` intervals of a range.

    Those outside of it count in the first or the last one.
    """
    low, high = (float(bound) for bound in value_range)
    values = ops.clip(values, low, high)
    counts, _ = ops.histogram(values, int(nbins), (low, high))
    return ops.cast(counts, dtype)


__all__ = ["grad_pass_through", "histogram_fixed_width", "recompute_grad"]
