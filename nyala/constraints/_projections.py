"""Projections onto weights of bounded norm, positive weights and radial kernels."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from nyala.constraints._constraint import Constraint
from nyala.core import enrol, epsilon
from nyala.eager import Array, op

_MODULE = "keras.constraints"


@op(name="_norm_projection")
def _norm_projection(w: Array, low: float, high: float, rate: float, axis: Any) -> Array:
    """Scale `w` so that its norms along `axis` move by `rate` towards the interval."""
    norms = jnp.sqrt(jnp.sum(jnp.square(w), axis=axis, keepdims=True))
    desired = rate * jnp.clip(norms, low, high) + (1 - rate) * norms
    return w * (desired / (epsilon() + norms))


@enrol(_MODULE, aliases=("max_norm",))
class MaxNorm(Constraint):
    """Shrinks the vectors of a weight whose norm is too large.

    After Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from
    overfitting".

    Args:
        max_value: the largest norm.
        axis: the axis or axes along which the norm is taken: 0 for the inputs of a `Dense`
            kernel, `[0, 1, 2]` for those of a `Conv2D` kernel (rows, columns, inputs, filters).

    >>> import nyala
    >>> nyala.constraints.MaxNorm(1.0)(nyala.ops.array([[3.0], [4.0]])).numpy().round(3)
    array([[0.6],
           [0.8]], dtype=float32)
    """

    def __init__(self, max_value: float = 2, axis: Any = 0):
        self.max_value, self.axis = max_value, axis

    def __call__(self, w: Any) -> Any:
        """Return the projection of `w`."""
        return _norm_projection(w, 0, self.max_value, 1.0, self.axis)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {"max_value": self.max_value, "axis": self.axis}


@enrol(_MODULE, aliases=("min_max_norm",))
class MinMaxNorm(Constraint):
    """Scales the vectors of a weight whose norm lies outside an interval.

    Args:
        min_value: the smallest norm.
        max_value: the largest norm.
        rate: how much of the way into the interval one step goes; 1 is all of it.
        axis: the axis or axes along which the norm is taken; see `MaxNorm`.

    >>> import nyala
    >>> w = nyala.ops.array([[3.0], [4.0]])
    >>> nyala.constraints.MinMaxNorm(0.0, 1.0, rate=0.5)(w).numpy().round(3)
    array([[1.8],
           [2.4]], dtype=float32)
    """

    def __init__(
        self,
        min_value: float = 0.0,
        max_value: float = 1.0,
        rate: float = 1.0,
        axis: Any = 0,
    ):
        self.min_value, self.max_value, self.rate, self.axis = min_value, max_value, rate, axis

    def __call__(self, w: Any) -> Any:
        """Return the projection of `w`."""
        return _norm_projection(w, self.min_value, self.max_value, self.rate, self.axis)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {
            "min_value": self.min_value,
            "max_value": self.max_value,
            "rate": self.rate,
            "axis": self.axis,
        }


@op(name="_unit_norm")
def _unit_norm(w: Array, axis: Any) -> Array:
    return w / (epsilon() + jnp.sqrt(jnp.sum(jnp.square(w), axis=axis, keepdims=True)))


@enrol(_MODULE, aliases=("unit_norm",))
class UnitNorm(Constraint):
    """Scales the vectors of a weight to length one.

    Args:
        axis: the axis or axes along which the norm is taken; see `MaxNorm`.

    >>> import nyala
    >>> nyala.constraints.UnitNorm()(nyala.ops.array([[3.0], [4.0]])).numpy().round(3)
    array([[0.6],
           [0.8]], dtype=float32)
    """

    def __init__(self, axis: Any = 0):
        self.axis = axis

    def __call__(self, w: Any) -> Any:
        """Return the projection of `w`."""
        return _unit_norm(w, self.axis)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {"axis": self.axis}


@op(name="_non_negative")
def _non_negative(w: Array) -> Array:
    return jnp.maximum(w, 0)


@enrol(_MODULE, aliases=("non_neg",))
class NonNeg(Constraint):
    """Sets negative values to zero.

    >>> import nyala
    >>> nyala.constraints.NonNeg()(nyala.ops.array([-1.0, 2.0])).numpy()
    array([0., 2.], dtype=float32)
    """

    def __call__(self, w: Any) -> Any:
        """Return the projection of `w`."""
        return _non_negative(w)


@op(name="_radial")
def _radial(w: Array, size: int) -> Array:
    rows, columns = np.indices((size, size))
    middle = (size - 1) / 2
    ring = np.floor(np.maximum(abs(rows - middle), abs(columns - middle))).astype(int)
    half = size // 2
    # Which element of the diagonal a ring takes, as in tf.keras 2.
    source = np.where(ring == 0, max(half - 1, 0), half + ring - size % 2)
    return w[source, source]


@enrol(_MODULE, aliases=("radial_constraint",))
class RadialConstraint(Constraint):
    """Makes a convolution's kernel constant along each square ring around its middle (Keras 2).

    Raises:
        ValueError: the weight is not a kernel (rows, columns, inputs, filters) with as many rows as
            columns.

    >>> import nyala
    >>> kernel = nyala.ops.reshape(nyala.ops.arange(9.0), (3, 3, 1, 1))
    >>> nyala.constraints.RadialConstraint()(kernel).numpy()[:, :, 0, 0]
    array([[4., 4., 4.],
           [4., 0., 4.],
           [4., 4., 4.]], dtype=float32)
    """

    def __call__(self, w: Any) -> Any:
        """Return the projection of `w`."""
        shape = tuple(w.shape)
        if len(shape) != 4 or shape[0] != shape[1]:
            raise ValueError(
                "RadialConstraint expects a kernel of shape (size, size, inputs, filters); got "
                f"{shape}."
            )
        return _radial(w, shape[0])
