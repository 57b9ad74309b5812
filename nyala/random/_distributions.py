"""Draws from distributions. The key is drawn outside, so that each is a pure function of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from nyala.core import is_float_dtype, is_int_dtype
from nyala.eager import Array, draw_seed, op
from nyala.ops._dtypes import jax_dtype


def normal(
    shape: Sequence[int],
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = None,
    seed: Any = None,
) -> Any:
    """Draw from a normal distribution.

    Args:
        shape: of the result.
        mean: the mean, a number or an array that broadcasts to `shape`.
        stddev: the standard deviation, likewise.
        dtype: a float type; `floatx` by default.
        seed: an integer, a `SeedGenerator`, or `None` for the global one.

    Returns:
        A tensor of `shape`.

    >>> import nyala
    >>> nyala.random.normal((2, 3), seed=1).shape
    (2, 3)
    """
    _check_float("normal", dtype)
    return _normal(draw_seed(seed), _shape(shape), mean, stddev, dtype)


@op(name="_random_normal")
def _normal(key: Array, shape: tuple, mean: Array, stddev: Array, dtype: Any) -> Array:
    return jax.random.normal(key, shape, jax_dtype(dtype)) * stddev + mean


def truncated_normal(
    shape: Sequence[int],
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = None,
    seed: Any = None,
) -> Any:
    """Draw from a normal distribution cut off at two standard deviations.

    Args:
        shape: of the result.
        mean: the mean, a number or an array that broadcasts to `shape`.
        stddev: the standard deviation before the cut, likewise.
        dtype: a float type; `floatx` by default.
        seed: an integer, a `SeedGenerator`, or `None` for the global one.

    Returns:
        A tensor of `shape`.

    >>> import nyala
    >>> bool((abs(nyala.random.truncated_normal((100,), seed=1)) <= 2).all())
    True
    """
    _check_float("truncated_normal", dtype)
    return _truncated_normal(draw_seed(seed), _shape(shape), mean, stddev, dtype)


@op(name="_random_truncated_normal")
def _truncated_normal(key: Array, shape: tuple, mean: Array, stddev: Array, dtype: Any) -> Array:
    draws = jax.random.truncated_normal(key, -2.0, 2.0, shape, jax_dtype(dtype))
    return draws * stddev + mean


def uniform(
    shape: Sequence[int],
    minval: Any = 0.0,
    maxval: Any = 1.0,
    dtype: Any = None,
    seed: Any = None,
) -> Any:
    """Draw evenly from an interval.

    Args:
        shape: of the result.
        minval: the lower end (included), a number or an array that broadcasts to `shape`.
        maxval: the upper end (excluded), likewise.
        dtype: a float type; `floatx` by default. For integers there is `randint`.
        seed: an integer, a `SeedGenerator`, or `None` for the global one.

    Returns:
        A tensor of `shape`.

    >>> import nyala
    >>> x = nyala.random.uniform((100,), 2.0, 3.0, seed=1)
    >>> bool((x >= 2).all() and (x < 3).all())
    True
    """
    _check_float("uniform", dtype, " For integers use random.randint.")
    return _uniform(draw_seed(seed), _shape(shape), minval, maxval, dtype)


@op(name="_random_uniform")
def _uniform(key: Array, shape: tuple, minval: Array, maxval: Array, dtype: Any) -> Array:
    return jax.random.uniform(key, shape, jax_dtype(dtype), minval, maxval)


def randint(
    shape: Sequence[int], minval: Any, maxval: Any, dtype: Any = "int32", seed: Any = None
) -> Any:
    """Draw integers, all equally likely.

    Args:
        shape: of the result.
        minval: the smallest, a number or an array that broadcasts to `shape`.
        maxval: one more than the largest, likewise.
        dtype: an integer type.
        seed: an integer, a `SeedGenerator`, or `None` for the global one.

    Returns:
        A tensor of `shape`.

    >>> import nyala
    >>> x = nyala.random.randint((100,), 0, 6, seed=1)
    >>> sorted(set(x.tolist()))
    [0, 1, 2, 3, 4, 5]
    """
    if dtype is not None and not is_int_dtype(dtype):
        raise ValueError(f"random.randint expects an integer dtype; got {dtype!r}.")
    return _randint(draw_seed(seed), _shape(shape), minval, maxval, dtype or "int32")


@op(name="_random_randint")
def _randint(key: Array, shape: tuple, minval: Array, maxval: Array, dtype: Any) -> Array:
    return jax.random.randint(key, shape, minval, maxval, jax_dtype(dtype))


def categorical(logits: Any, num_samples: int, dtype: Any = "int32", seed: Any = None) -> Any:
    """Draw class numbers by their scores.

    Args:
        logits: scores of shape `(batch, classes)`; their softmax are the probabilities.
        num_samples: how many to draw for each row.
        dtype: an integer type.
        seed: an integer, a `SeedGenerator`, or `None` for the global one.

    Returns:
        A tensor of shape `(batch, num_samples)`.

    >>> import nyala
    >>> nyala.random.categorical([[0.0, 100.0]], 3, seed=1).numpy()
    array([[1, 1, 1]], dtype=int32)
    """
    return _categorical(draw_seed(seed), logits, num_samples, dtype)


@op(name="_random_categorical")
def _categorical(key: Array, logits: Array, num_samples: int, dtype: Any) -> Array:
    if logits.ndim != 2:
        raise ValueError(
            f"logits of random.categorical need the shape (batch, classes); got {logits.shape}."
        )
    shape = (logits.shape[0], num_samples)
    draws = jax.random.categorical(key, logits[..., None], axis=1, shape=shape)
    return draws.astype(jax_dtype(dtype))


def gamma(shape: Sequence[int], alpha: Any, dtype: Any = None, seed: Any = None) -> Any:
    """Draw from a gamma distribution of scale 1.

    Args:
        shape: of the result.
        alpha: the distribution's shape parameter, a positive number or an array that broadcasts
            to `shape`.
        dtype: a float type; `floatx` by default.
        seed: an integer, a `SeedGenerator`, or `None` for the global one.

    Returns:
        A tensor of `shape`.

    >>> import nyala
    >>> bool((nyala.random.gamma((100,), 2.0, seed=1) > 0).all())
    True
    """
    _check_float("gamma", dtype)
    return _gamma(draw_seed(seed), _shape(shape), alpha, dtype)


@op(name="_random_gamma")
def _gamma(key: Array, shape: tuple, alpha: Array, dtype: Any) -> Array:
    return jax.random.gamma(key, alpha, shape, jax_dtype(dtype))


def beta(shape: Sequence[int], alpha: Any, beta: Any, dtype: Any = None, seed: Any = None) -> Any:
    """Draw from a beta distribution.

    Args:
        shape: of the result.
        alpha: the first parameter, a positive number or an array that broadcasts to `shape`.
        beta: the second, likewise.
        dtype: a float type; `floatx` by default.
        seed: an integer, a `SeedGenerator`, or `None` for the global one.

    Returns:
        A tensor of `shape` with values from 0 to 1.

    >>> import nyala
    >>> x = nyala.random.beta((100,), 2.0, 3.0, seed=1)
    >>> bool((x > 0).all() and (x < 1).all())
    True
    """
    _check_float("beta", dtype)
    return _beta(draw_seed(seed), _shape(shape), alpha, beta, dtype)


@op(name="_random_beta")
def _beta(key: Array, shape: tuple, alpha: Array, beta: Array, dtype: Any) -> Array:
    return jax.random.beta(key, alpha, beta, shape, jax_dtype(dtype))


def binomial(
    shape: Sequence[int], counts: Any, probabilities: Any, dtype: Any = None, seed: Any = None
) -> Any:
    """Draw how many of a number of trials succeed.

    Args:
        shape: of the result.
        counts: the number of trials, a number or an array that broadcasts to `shape`.
        probabilities: the probability that a trial succeeds, likewise.
        dtype: a float type; `floatx` by default.
        seed: an integer, a `SeedGenerator`, or `None` for the global one.

    Returns:
        A tensor of `shape` with whole numbers.

    >>> import nyala
    >>> x = nyala.random.binomial((100,), 4, 0.5, seed=1)
    >>> bool((x >= 0).all() and (x <= 4).all())
    True
    """
    return _binomial(draw_seed(seed), _shape(shape), counts, probabilities, dtype)


@op(name="_random_binomial")
def _binomial(key: Array, shape: tuple, counts: Array, p: Array, dtype: Any) -> Array:
    dtype = jax_dtype(dtype)
    # Drawn in single precision: half cannot count beyond 2048 (256 in bfloat16).
    wide = jnp.promote_types(dtype, "float32")
    counts, p = jnp.asarray(counts, wide), jnp.asarray(p, wide)
    return jax.random.binomial(key, counts, p, shape, wide).astype(dtype)


def _shape(shape: Sequence[int] | int) -> tuple:
    return (shape,) if isinstance(shape, int) else tuple(int(n) for n in shape)


def _check_float(name: str, dtype: Any, remedy: str = "") -> None:
    if dtype is not None and not is_float_dtype(dtype):
        raise ValueError(f"random.{name} expects a float dtype; got {dtype!r}.{remedy}")
