"""Functions that are linear in each of their arrays, with transposes of our own.

`jax.custom_vjp` would do for reverse mode alone. A primitive keeps forward mode and mixed orders as
well: its derivative is the same function with one array replaced.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import jax
from jax import Array
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

_Attributes = tuple[tuple[str, Any], ...]


class Multilinear:
    """A function of arrays and static keyword attributes, linear in each of the arrays.

    Args:
        forward: `(*arrays, **attributes) -> y`.
        transposes: one for each array, `(dy, *other arrays, shape=..., **attributes) -> dx` for an
            array of that shape.
    """

    def __init__(self, forward: Callable[..., Array], *transposes: Callable[..., Array]):
        self.forward = forward
        self.transposes = transposes

    def __call__(self, *arrays: Array, **attributes: Any) -> Array:
        return multilinear_p.bind(*arrays, function=self, attributes=tuple(attributes.items()))

    def run(self, *arrays: Array, attributes: _Attributes) -> Array:
        return self.forward(*arrays, **dict(attributes))


multilinear_p = Primitive("nyala_multilinear")


@multilinear_p.def_impl
def _run(*arrays, function, attributes):
    return _compiled(function, attributes)(*arrays)


@cache
def _compiled(function: Multilinear, attributes: _Attributes) -> Callable[..., Array]:
    return jax.jit(partial(function.run, attributes=attributes))


@multilinear_p.def_abstract_eval
def _abstract(*arrays, function, attributes):
    shape = _shape(function, attributes, tuple((x.shape, x.dtype) for x in arrays))
    return jax.core.ShapedArray(shape.shape, shape.dtype)


@cache
def _shape(function: Multilinear, attributes: _Attributes, arrays: tuple) -> Any:
    run = partial(function.run, attributes=attributes)
    return jax.eval_shape(run, *(jax.ShapeDtypeStruct(*array) for array in arrays))


def _differentiate(primals, tangents, **parameters):
    terms = [
        multilinear_p.bind(*primals[:i], tangent, *primals[i + 1 :], **parameters)
        for i, tangent in enumerate(tangents)
        if type(tangent) is not ad.Zero
    ]
    return multilinear_p.bind(*primals, **parameters), sum(terms[1:], start=terms[0])


def _transpose(dy, *arrays, function, attributes):
    (i,) = (i for i, array in enumerate(arrays) if ad.is_undefined_primal(array))
    aval = arrays[i].aval
    if type(dy) is ad.Zero:
        dx = ad.Zero(aval)
    else:
        others = [array for k, array in enumerate(arrays) if k != i]
        dx = function.transposes[i](dy, *others, shape=aval.shape, **dict(attributes))
    return [dx if k == i else None for k in range(len(arrays))]


def _batch(arrays, axes, *, function, attributes):
    axes = [None if axis is None else int(axis) for axis in axes]
    return jax.vmap(partial(function.run, attributes=attributes), axes)(*arrays), 0


ad.primitive_jvps[multilinear_p] = _differentiate
ad.primitive_transposes[multilinear_p] = _transpose
batching.primitive_batchers[multilinear_p] = _batch
mlir.register_lowering(
    multilinear_p,
    mlir.lower_fun(
        lambda *arrays, function, attributes: function.run(*arrays, attributes=attributes),
        multiple_results=False,
    ),
)
