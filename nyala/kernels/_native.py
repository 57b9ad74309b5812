"""A kernel in C++ beside the composition of XLA operations that it stands for.

`NativeKernel` wraps a function of jax arrays, its *lowering*. Calling the kernel stages one
operation that becomes a call of the native code where a program is compiled for one CPU, and the
lowering everywhere else: on a GPU, in an exported program, over several devices (whose partitioner
cannot look into native code), under `vmap`, and when it is differentiated, unless the caller gives
it a gradient of its own with `jax.custom_vjp`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial, update_wrapper
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from nyala.kernels._mode import kernels_mode, on_cpu
from nyala.kernels._native_library import register

_Attributes = tuple[tuple[str, Any], ...]

# The element types of half precision are computed in float32.
NATIVE_FLOATS = (jnp.float32, jnp.bfloat16, jnp.float16)

KERNELS: dict[str, NativeKernel] = {}


class NativeKernel:
    """One native kernel.

    Args:
        target: the C++ handler is `nyala_<target>`.
        lowering: a function of the same operands and the same keyword attributes (whole numbers,
            floats, strings, tuples of whole numbers) that returns the same array or tuple of
            arrays, from XLA operations.
    """

    def __init__(self, target: str, lowering: Callable[..., Any]):
        self.target = target
        self.lowering = lowering
        update_wrapper(self, lowering)
        KERNELS[target] = self

    def chosen(self, faster: bool) -> bool:
        """Whether to call the kernel; `faster` is the rule for the platform, type and shape.

        Under `set_kernels("native")` the rule is not asked.
        """
        mode = kernels_mode()
        wanted = mode == "native" or (mode == "auto" and faster)
        return wanted and on_cpu() and register(self.target)

    def best(self, faster: bool, *operands: Array, **attributes: Any) -> Any:
        """Call the kernel where it is `chosen`, the lowering elsewhere."""
        run = self if self.chosen(faster) else self.lowering
        return run(*operands, **attributes)

    def __call__(self, *operands: Array, **attributes: Any) -> Any:
        operands = tuple(map(jnp.asarray, operands))
        named = tuple(attributes.items())
        results = native_p.bind(*operands, kernel=self, attributes=named)
        return jax.tree.unflatten(jax.tree.structure(self.shapes(named, operands)), results)

    def run_lowering(self, attributes: _Attributes, *operands: Array) -> list[Array]:
        return jax.tree.leaves(self.lowering(*operands, **dict(attributes)))

    def shapes(self, attributes: _Attributes, operands: Sequence[Any]) -> Any:
        """The shapes and dtypes of the results, in the structure that the lowering returns."""
        return _shapes(self, attributes, tuple((x.shape, x.dtype) for x in operands))

    def aliases(self, attributes: _Attributes, operands: int) -> dict[int, int]:
        """Which of so many operands gives its memory to which result."""
        return {}


class InPlaceKernel(NativeKernel):
    """A native kernel whose results are new values of its last operands, one each.

    The attribute `results` says how many there are, `in_place` whether they take the operands'
    memory. A program that needs an operand afterwards, an input that is not donated above all, then
    copies it before; for donated arrays and values that a loop carries nothing is copied.
    """

    def shapes(self, attributes: _Attributes, operands: Sequence[Any]) -> Any:
        updated = operands[len(operands) - dict(attributes)["results"] :]
        return [jax.ShapeDtypeStruct(x.shape, x.dtype) for x in updated]

    def aliases(self, attributes: _Attributes, operands: int) -> dict[int, int]:
        values = dict(attributes)
        first = operands - values["results"]
        return {first + i: i for i in range(values["results"])} if values["in_place"] else {}


@cache
def _shapes(kernel: NativeKernel, attributes: _Attributes, operands: tuple) -> Any:
    arrays = [jax.ShapeDtypeStruct(shape, dtype) for shape, dtype in operands]
    return jax.eval_shape(partial(kernel.lowering, **dict(attributes)), *arrays)


def native(target: str) -> Callable[[Callable[..., Any]], NativeKernel]:
    """Decorate a lowering with the native kernel that computes the same."""
    return partial(NativeKernel, target)


def native_kernels() -> dict[str, bool]:
    """Whether each native kernel is there, by its name."""
    return {target: register(target) for target in sorted(KERNELS)}


native_p = Primitive("nyala_native")
native_p.multiple_results = True


@native_p.def_impl
def _run(*operands, kernel, attributes):
    return _compiled(kernel, attributes)(*operands)


@cache
def _compiled(kernel: NativeKernel, attributes: tuple) -> Callable[..., list]:
    return jax.jit(partial(native_p.bind, kernel=kernel, attributes=attributes))


@native_p.def_abstract_eval
def _abstract(*operands, kernel, attributes):
    shapes = jax.tree.leaves(kernel.shapes(attributes, operands))
    return [jax.core.ShapedArray(shape.shape, shape.dtype) for shape in shapes]


def _differentiate(primals, tangents, *, kernel, attributes):
    run = partial(kernel.run_lowering, attributes)
    moving = [i for i, t in enumerate(tangents) if type(t) is not ad.Zero]

    def of_moving(*values):
        operands = list(primals)
        for i, value in zip(moving, values, strict=True):
            operands[i] = value
        return run(*operands)

    _, changes = jax.jvp(of_moving, [primals[i] for i in moving], [tangents[i] for i in moving])
    return native_p.bind(*primals, kernel=kernel, attributes=attributes), changes


def _batch(operands, axes, *, kernel, attributes):
    run = partial(kernel.run_lowering, attributes)
    mapped = jax.vmap(run, [None if axis is None else int(axis) for axis in axes])
    results = mapped(*operands)
    return results, [0] * len(results)


ad.primitive_jvps[native_p] = _differentiate
batching.primitive_batchers[native_p] = _batch


def _lower_to_xla(ctx, *operands, kernel, attributes):
    rule = mlir.lower_fun(partial(kernel.run_lowering, attributes), multiple_results=True)
    return rule(ctx, *operands)


def _lower_to_cpu(ctx, *operands, kernel, attributes):
    if _needs_xla(ctx.module_context) or not register(kernel.target):
        return _lower_to_xla(ctx, *operands, kernel=kernel, attributes=attributes)
    encoded = {name: _encoded(value) for name, value in attributes}
    aliases = kernel.aliases(attributes, len(operands))
    lower = jax.ffi.ffi_lowering(f"nyala_{kernel.target}", operand_output_aliases=aliases)
    return lower(ctx, *operands, **encoded)


def _needs_xla(module: Any) -> bool:
    """Whether the program leaves this process, or is going to be partitioned."""
    if module.lowering_parameters.for_export:
        return True
    context = module.axis_context
    return isinstance(context, mlir.ShardingContext) and context.num_devices > 1


def _encoded(value: Any) -> Any:
    if isinstance(value, tuple):
        return np.asarray(value, np.int64)
    if isinstance(value, bool):
        return value
    return {int: np.int64, float: np.float32}.get(type(value), lambda same: same)(value)


mlir.register_lowering(native_p, _lower_to_xla)
mlir.register_lowering(native_p, _lower_to_cpu, platform="cpu")
