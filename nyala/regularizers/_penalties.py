"""Penalties on the size of weights and on the angle between them."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp

from nyala.core import enrol
from nyala.eager import Array, op
from nyala.regularizers._regularizer import Regularizer

_MODULE = "keras.regularizers"


@op(name="_elastic_penalty")
def _elastic_penalty(x: Array, l1: float, l2: float) -> Array:
    x = jnp.asarray(x)
    penalty = jnp.zeros((), x.dtype)
    if l1:
        penalty += jnp.asarray(l1, x.dtype) * jnp.sum(jnp.abs(x))
    if l2:
        penalty += jnp.asarray(l2, x.dtype) * jnp.sum(jnp.square(x))
    return penalty


@enrol(_MODULE)
class L1(Regularizer):
    """Penalty `l1 · sum(|x|)`, which makes weights sparse.

    Args:
        l1: the factor, not negative.
        l: the same in Keras 2's spelling.

    >>> import nyala
    >>> float(nyala.regularizers.L1(0.5)(nyala.ops.array([1.0, -3.0])))
    2.0
    """

    def __init__(self, l1: float | None = 0.01, **kwargs: float):
        self.l1 = _factor("L1", "l1", l1, kwargs)

    def __call__(self, x: Any) -> Any:
        """Return the penalty of `x`."""
        return _elastic_penalty(x, self.l1, 0.0)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {"l1": self.l1}


@enrol(_MODULE)
class L2(Regularizer):
    """Penalty `l2 · sum(x²)`, which keeps weights small.

    Args:
        l2: the factor, not negative.
        l: the same in Keras 2's spelling.

    >>> import nyala
    >>> float(nyala.regularizers.L2(0.5)(nyala.ops.array([1.0, -3.0])))
    5.0
    """

    def __init__(self, l2: float | None = 0.01, **kwargs: float):
        self.l2 = _factor("L2", "l2", l2, kwargs)

    def __call__(self, x: Any) -> Any:
        """Return the penalty of `x`."""
        return _elastic_penalty(x, 0.0, self.l2)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {"l2": self.l2}


@enrol(_MODULE, aliases=("L1_L2",))
class L1L2(Regularizer):
    """Penalty `l1 · sum(|x|) + l2 · sum(x²)`.

    Args:
        l1: the factor on the absolute values, not negative.
        l2: the factor on the squares, not negative.

    By the name `"l1_l2"`, as in Keras 2, both factors are 0.01.

    >>> import nyala
    >>> float(nyala.regularizers.L1L2(1.0, 0.5)(nyala.ops.array([1.0, -3.0])))
    9.0
    """

    def __init__(self, l1: float | None = 0.0, l2: float | None = 0.0):
        self.l1 = _non_negative("L1L2", "l1", 0.0 if l1 is None else l1)
        self.l2 = _non_negative("L1L2", "l2", 0.0 if l2 is None else l2)

    def __call__(self, x: Any) -> Any:
        """Return the penalty of `x`."""
        return _elastic_penalty(x, self.l1, self.l2)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {"l1": self.l1, "l2": self.l2}


@op(name="_orthogonal_penalty")
def _orthogonal_penalty(x: Array, factor: float, by_rows: bool) -> Array:
    vectors = x if by_rows else x.T
    norms = jnp.sqrt(jnp.sum(jnp.square(vectors), axis=1, keepdims=True))
    # The same floor under the norm as `ops.normalize` has.
    vectors = vectors / jnp.maximum(norms, 1e-12)
    count = vectors.shape[0]
    cosines = vectors @ vectors.T * (1 - jnp.eye(count, dtype=x.dtype))
    return factor * jnp.sum(jnp.abs(cosines)) / (count * (count - 1.0))


@enrol(_MODULE)
class OrthogonalRegularizer(Regularizer):
    """Penalty `factor` times the mean absolute cosine between the rows (or columns) of a matrix.

    Args:
        factor: the factor, not negative.
        mode: `"rows"` or `"columns"`.

    Raises:
        ValueError: the array is not a matrix.

    >>> import nyala
    >>> penalty = nyala.regularizers.OrthogonalRegularizer(1.0)
    >>> float(penalty(nyala.ops.array([[1.0, 0.0], [0.0, 2.0]])))
    0.0
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows"):
        if mode not in ("rows", "columns"):
            raise ValueError(
                f"OrthogonalRegularizer(mode=...) expects 'rows' or 'columns'; got {mode!r}."
            )
        self.factor = _non_negative("OrthogonalRegularizer", "factor", factor)
        self.mode = mode

    def __call__(self, x: Any) -> Any:
        """Return the penalty of the matrix `x`."""
        if len(x.shape) != 2:
            raise ValueError(
                f"OrthogonalRegularizer expects a matrix; got an array of shape {tuple(x.shape)}."
            )
        return _orthogonal_penalty(x, self.factor, self.mode == "rows")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {"factor": self.factor, "mode": self.mode}


def _factor(owner: str, name: str, value: float | None, legacy: dict) -> float:
    value = legacy.pop("l", value)
    if legacy:
        raise TypeError(f"{owner}: unknown arguments {sorted(legacy)}; it takes {name!r}.")
    return _non_negative(owner, name, 0.01 if value is None else value)


def _non_negative(owner: str, name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not (math.isfinite(number) and number >= 0):
        raise ValueError(
            f"{owner}({name}=...) expects a finite number that is not negative; got {value!r}."
        )
    return number
