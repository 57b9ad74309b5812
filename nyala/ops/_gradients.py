"""Gradients withheld, replaced, or taken forward."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from nyala.core import tree
from nyala.eager import Array, Arrays, StateScope, op, tapes_off, wrap_results
from nyala.ops._stateful import calls_functions, on_arrays, thread_variables, unwrap


@op
def stop_gradient(variable: Array) -> Array:
    """`variable`, as a constant for differentiation.

    Args:
        variable: array of any shape.

    Returns:
        A tensor equal to it, through which no gradient flows.

    >>> import nyala
    >>> nyala.ops.stop_gradient([1.0, 2.0]).numpy()
    array([1., 2.], dtype=float32)
    """
    return jax.lax.stop_gradient(jnp.asarray(variable))


def custom_gradient(f: Callable) -> Callable:
    """Give a function its own rule for gradients.

    Args:
        f: takes tensors and returns a pair: its result, and a function from the gradient of the
            result to the gradients of the arguments (a tuple, or one alone). It may be called with
            `None` for an argument that has no gradient.

    Returns:
        The function from tensors to the result alone.

    >>> import nyala
    >>> @nyala.ops.custom_gradient
    ... def clipped(x):
    ...     return x, lambda upstream: nyala.ops.clip(upstream, -1.0, 1.0)
    >>> float(clipped(nyala.ops.array(3.0)))
    3.0
    """
    signature = inspect.signature(f)

    @op(name="custom_gradient")
    def operation(*args: Arrays, **options: Any) -> Any:
        with StateScope() as scope:
            result = _with_rule(functools.partial(f, **options), args)
        if scope.missing:
            # A recording would keep the variables' values of the moment.
            operation.records = False
        return result

    @functools.wraps(f)
    def function(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        return operation(*bound.args, **bound.kwargs)

    return function


def _with_rule(function: Callable, args: tuple) -> Any:
    leaves = tree.flatten(args)
    # Only what can have a gradient goes through JAX's rule; it wants none for integers.
    places = [i for i, leaf in enumerate(leaves) if _is_differentiable(leaf)]

    def filled(chosen: tuple) -> Any:
        every = list(leaves)
        for place, leaf in zip(places, chosen, strict=True):
            every[place] = leaf
        return wrap_results(tree.pack_sequence_as(args, every))

    @jax.custom_gradient
    def with_rule(*chosen: Any) -> tuple:
        with tapes_off():
            result, rule = function(*filled(chosen))

        def gradients(upstream: Any) -> tuple:
            found = on_arrays(rule)(upstream)
            found = tree.flatten(found) if tree.is_nested(found) else [found]
            if len(found) != len(leaves):
                raise ValueError(
                    f"the gradient function returned {len(found)} gradients for {len(leaves)} "
                    "arguments."
                )
            return tuple(_like(found[p], c) for p, c in zip(places, chosen, strict=True))

        return unwrap(result), gradients

    return with_rule(*(jnp.asarray(leaves[place]) for place in places))


def _is_differentiable(leaf: Any) -> bool:
    return leaf is not None and jnp.issubdtype(jnp.result_type(leaf), jnp.inexact)


def _like(gradient: Any, argument: Any) -> Any:
    if gradient is None:
        return jnp.zeros_like(argument)
    return jnp.broadcast_to(jnp.asarray(gradient, argument.dtype), argument.shape)


@calls_functions
@op
def jvp(fun: Callable, primals: Arrays, tangents: Arrays, has_aux: bool = False) -> tuple:
    """Derivative of a function in a direction (forward mode).

    Args:
        fun: a function of tensors.
        primals: a list or tuple with its arguments.
        tangents: the direction: arrays of the same shapes.
        has_aux: whether `fun` returns a pair of the result and something more.

    Returns:
        The result, its derivative, and with `has_aux` the something more.

    >>> import nyala
    >>> y, dy = nyala.ops.linalg.jvp(nyala.ops.square, (3.0,), (1.0,))
    >>> float(y), float(dy)
    (9.0, 6.0)
    """
    primals = tuple(jnp.asarray(x) for x in primals)
    tangents = tuple(jnp.asarray(t, x.dtype) for t, x in zip(tangents, primals, strict=True))

    def run(call: Callable, state: list) -> tuple:
        def pure(*args: Any) -> tuple:
            values, result = call(fun, state, *args)
            result, aux = result if has_aux else (result, None)
            return result, (values, aux)

        result, derivative, (values, aux) = jax.jvp(pure, primals, tangents, has_aux=True)
        return values, (result, derivative, aux) if has_aux else (result, derivative)

    return thread_variables(run)
