"""Loops over numbers, conditions and the elements of arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from nyala.eager import Array, Arrays, op
from nyala.ops._stateful import calls_functions, on_arrays, thread_variables


@calls_functions
@op
def while_loop(
    cond: Callable, body: Callable, loop_vars: Arrays, maximum_iterations: int | None = None
) -> Any:
    """Call `body` again and again while `cond` holds.

    Args:
        cond: takes the loop variables, returns a boolean scalar.
        body: takes the loop variables, returns their new values in the same shapes and dtypes.
        loop_vars: a list or tuple of arrays (or structures), or one of them.
        maximum_iterations: after so many calls the loop ends in any case.

    Returns:
        The last values of the loop variables, as a tuple or alone. There is no gradient through
        the loop (its length is unknown); see `scan` and `fori_loop`.

    >>> import nyala
    >>> i, total = nyala.ops.while_loop(lambda i, s: i < 5, lambda i, s: (i + 1, s + i), (0, 0))
    >>> int(i), int(total)
    (5, 10)
    """
    single = not isinstance(loop_vars, (list, tuple))
    first = (loop_vars,) if single else tuple(loop_vars)

    def run(call: Callable, state: list) -> tuple:
        def holds(carry: tuple) -> Any:
            count, values, args = carry
            _, result = call(cond, values, *args)
            result = jnp.reshape(result, ())
            return result if maximum_iterations is None else result & (count < maximum_iterations)

        def step(carry: tuple) -> tuple:
            count, values, args = carry
            values, result = call(body, values, *args)
            return count + 1, values, (result,) if single else tuple(result)

        _, values, result = jax.lax.while_loop(holds, step, (jnp.int32(0), state, first))
        return values, result[0] if single else result

    return thread_variables(run)


@calls_functions
@op
def fori_loop(lower: Array, upper: Array, body_fun: Callable, init_val: Arrays) -> Any:
    """Call a function for each integer from `lower` up to, without, `upper`.

    Args:
        lower: the first integer.
        upper: the end, itself left out.
        body_fun: takes an integer scalar and the value so far, returns the next value in the same
            shapes and dtypes.
        init_val: the first value, an array or a structure of arrays.

    Returns:
        The last value.

    >>> import nyala
    >>> int(nyala.ops.fori_loop(0, 5, lambda i, total: total + i, 0))
    10
    """

    def run(call: Callable, state: list) -> tuple:
        def step(i: Any, carry: tuple) -> tuple:
            values, value = carry
            return call(body_fun, values, i, value)

        return jax.lax.fori_loop(lower, upper, step, (state, init_val))

    return thread_variables(run)


@calls_functions
@op
def scan(
    f: Callable,
    init: Arrays,
    xs: Arrays = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: Any = 1,
) -> tuple:
    """Call a function for each element along the first axis, handing a value on.

    Args:
        f: takes the value so far and one element, returns the next value (in the same shapes and
            dtypes) and an output.
        init: the first value, an array or a structure of arrays.
        xs: an array or a structure of arrays of one length; or `None`, then `f` gets `None`.
        length: the number of calls; needed where `xs` is `None`.
        reverse: whether to go from the last element to the first.
        unroll: how many calls are compiled into one turn of the loop; `True` for all.

    Returns:
        The last value, and the outputs stacked along a new first axis.

    >>> import nyala
    >>> last, sums = nyala.ops.scan(lambda s, x: (s + x, s + x), 0, nyala.ops.array([1, 2, 3]))
    >>> int(last), sums.numpy()
    (6, array([1, 3, 6], dtype=int32))
    """
    if not isinstance(unroll, bool) and (not isinstance(unroll, int) or unroll < 1):
        raise ValueError(f"unroll must be a positive integer or a boolean; got {unroll!r}.")

    def run(call: Callable, state: list) -> tuple:
        def step(carry: tuple, x: Any) -> tuple:
            values, value = carry
            values, (value, output) = call(f, values, value, x)
            return (values, value), output

        (values, value), outputs = jax.lax.scan(
            step, (state, init), xs, length=length, reverse=reverse, unroll=unroll
        )
        return values, (value, outputs)

    return thread_variables(run)


@calls_functions
@op(name="map")
def map(f: Callable, xs: Arrays) -> Any:
    """Call a function for each element along the first axis, one after the other.

    Args:
        f: takes one element (or a structure of them), returns an array or a structure of arrays.
        xs: an array or a structure of arrays of one length.

    Returns:
        The results, stacked along a new first axis.

    >>> import nyala
    >>> nyala.ops.map(lambda x: x * x, nyala.ops.array([1, 2, 3])).numpy()
    array([1, 4, 9], dtype=int32)
    """

    def run(call: Callable, state: list) -> tuple:
        return jax.lax.scan(lambda values, x: call(f, values, x), state, xs)

    return thread_variables(run)


@calls_functions
@op
def vectorized_map(function: Callable, elements: Arrays) -> Any:
    """Call a function for all elements along the first axis at once.

    Args:
        function: takes one element (or a structure of them), returns an array or a structure.
        elements: an array or a structure of arrays of one length.

    Returns:
        The results, stacked along a new first axis.

    >>> import nyala
    >>> nyala.ops.vectorized_map(nyala.ops.sum, nyala.ops.array([[1, 2], [3, 4]])).numpy()
    array([3, 7], dtype=int32)
    """

    def run(call: Callable, state: list) -> tuple:
        # A variable assigned inside must get one value, not one for each element.
        mapped = jax.vmap(
            lambda values, element: call(function, values, element),
            in_axes=(None, 0),
            out_axes=(None, 0),
        )
        return mapped(state, elements)

    return thread_variables(run)


@calls_functions
@op
def associative_scan(f: Callable, elems: Arrays, reverse: bool = False, axis: int = 0) -> Any:
    """Combine elements along an axis, all prefixes of it, in logarithmically many steps.

    Args:
        f: takes two elements (or structures of them) with the axis kept, combines them
            associatively, returns the same shapes; it assigns no variables.
        elems: an array or a structure of arrays of one length along `axis`.
        reverse: whether suffixes are combined instead.
        axis: the axis.

    Returns:
        Arrays like `elems`; each element is the combination of all up to it.

    Guy E. Blelloch, "Prefix Sums and Their Applications", 1990.

    >>> import nyala
    >>> nyala.ops.associative_scan(nyala.ops.add, nyala.ops.array([1, 2, 3])).numpy()
    array([1, 3, 6], dtype=int32)
    """
    return jax.lax.associative_scan(on_arrays(f), elems, reverse, axis)


def vectorize(pyfunc: Callable, *, excluded: Any = None, signature: str | None = None) -> Callable:
    """Make a function of small tensors one of arrays of them, with broadcasting.

    Args:
        pyfunc: a function of scalars, or of tensors with the axes that `signature` names.
        excluded: positions or names of arguments that are handed on as they are.
        signature: axes of arguments and results, such as `"(m,n),(n)->(m)"`.

    Returns:
        The function of arrays.

    >>> import nyala
    >>> nyala.ops.vectorize(lambda a, b: a + b)([1, 2, 3], 10).numpy()
    array([11, 12, 13], dtype=int32)
    """
    if not callable(pyfunc):
        raise ValueError(f"ops.vectorize expects a function; got {pyfunc!r}.")

    mapped = jnp.vectorize(
        on_arrays(pyfunc), excluded=frozenset(excluded or ()), signature=signature
    )

    @calls_functions
    @op(name="vectorize")
    def vectorized(*args: Array) -> Any:
        return mapped(*args)

    return vectorized
