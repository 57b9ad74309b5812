"""Products of two arrays, linear in each, whose transposes are functions of our own.

`jax.custom_vjp` would do for reverse mode alone. A primitive keeps forward mode and mixed orders as
well: its derivative is the same product with one side replaced.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import jax
from jax import Array
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir


class Bilinear:
    """A function of two arrays and static keyword attributes, linear in each of the arrays.

    Args:
        forward: `(x, y, **attributes) -> z`.
        first_transpose: `(dz, y, shape, **attributes) -> dx`, for an `x` of that shape.
        second_transpose: `(x, dz, shape, **attributes) -> dy`, for a `y` of that shape.
    """

    def __init__(self, forward: Callable, first_transpose: Callable, second_transpose: Callable):
        self.forward = forward
        self.first_transpose = first_transpose
        self.second_transpose = second_transpose

    def __call__(self, x: Array, y: Array, **attributes: Any) -> Array:
        return bilinear_p.bind(x, y, product=self, attributes=tuple(attributes.items()))

    def run(self, x: Array, y: Array, *, attributes: tuple[tuple[str, Any], ...]) -> Array:
        return self.forward(x, y, **dict(attributes))


bilinear_p = Primitive("nyala_bilinear")


@bilinear_p.def_impl
def _run(x, y, *, product, attributes):
    return _compiled(product, attributes)(x, y)


@cache
def _compiled(product: Bilinear, attributes: tuple) -> Callable[..., Array]:
    return jax.jit(partial(product.run, attributes=attributes))


@bilinear_p.def_abstract_eval
def _abstract(x, y, *, product, attributes):
    shape = _shape(product, attributes, (x.shape, x.dtype), (y.shape, y.dtype))
    return jax.core.ShapedArray(shape.shape, shape.dtype)


@cache
def _shape(product: Bilinear, attributes: tuple, x: tuple, y: tuple) -> Any:
    run = partial(product.run, attributes=attributes)
    return jax.eval_shape(run, jax.ShapeDtypeStruct(*x), jax.ShapeDtypeStruct(*y))


def _differentiate(primals, tangents, **parameters):
    (x, y), (dx, dy) = primals, tangents
    terms = []
    if type(dx) is not ad.Zero:
        terms.append(bilinear_p.bind(dx, y, **parameters))
    if type(dy) is not ad.Zero:
        terms.append(bilinear_p.bind(x, dy, **parameters))
    return bilinear_p.bind(x, y, **parameters), sum(terms[1:], start=terms[0])


def _transpose(dz, x, y, *, product, attributes):
    of_first = ad.is_undefined_primal(x)
    if type(dz) is ad.Zero:
        return (ad.Zero(x.aval), None) if of_first else (None, ad.Zero(y.aval))
    if of_first:
        return product.first_transpose(dz, y, x.aval.shape, **dict(attributes)), None
    return None, product.second_transpose(x, dz, y.aval.shape, **dict(attributes))


def _batch(operands, axes, *, product, attributes):
    axes = [None if axis is None else int(axis) for axis in axes]
    return jax.vmap(partial(product.run, attributes=attributes), axes)(*operands), 0


ad.primitive_jvps[bilinear_p] = _differentiate
ad.primitive_transposes[bilinear_p] = _transpose
batching.primitive_batchers[bilinear_p] = _batch
mlir.register_lowering(
    bilinear_p,
    mlir.lower_fun(
        lambda x, y, *, product, attributes: product.run(x, y, attributes=attributes),
        multiple_results=False,
    ),
)
