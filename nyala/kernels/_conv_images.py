"""Convolution of images, its gradients and its transposition: native kernels, and when to use them.

All arrays have their channels last. Measured in `docs/decisions/0003-kernel-lowerings.md`.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from nyala.kernels._conv_lowering import conv_lowering, conv_transpose_reference
from nyala.kernels._multilinear import Multilinear
from nyala.kernels._native import NATIVE_FLOATS, NativeKernel, native
from nyala.kernels._windows import dilated, output_size

_Ints = tuple[int, ...]

# -- the native kernels: of float32, and told of the zeros before each dimension alone ------------


@native("conv_forward")
def _native_forward(x: Array, kernel: Array, *, sizes: _Ints, **geometry: Any) -> Array:
    given = _with_pairs(x.shape[1:-1], kernel.shape[:-2], sizes, geometry)
    return conv_lowering(x, kernel, **given)


@native("conv_input_gradient")
def _native_input_gradient(dy: Array, kernel: Array, *, sizes: _Ints, **geometry: Any) -> Array:
    given = _with_pairs(sizes, kernel.shape[:-2], dy.shape[1:-1], geometry)
    channels = kernel.shape[-2] * geometry["groups"]
    x = jax.ShapeDtypeStruct((dy.shape[0], *sizes, channels), dy.dtype)
    return jax.linear_transpose(partial(conv_lowering, kernel=kernel, **given), x)(dy)[0]


@native("conv_window_gradient")
def _native_kernel_gradient(x: Array, dy: Array, *, sizes: _Ints, **geometry: Any) -> Array:
    given = _with_pairs(x.shape[1:-1], sizes, dy.shape[1:-1], geometry)
    channels = x.shape[-1] // geometry["groups"]
    kernel = jax.ShapeDtypeStruct((*sizes, channels, dy.shape[-1]), x.dtype)
    return jax.linear_transpose(partial(conv_lowering, x, **given), kernel)(dy)[0]


def _with_pairs(
    inputs: _Ints, window: _Ints, places: _Ints, geometry: dict[str, Any]
) -> dict[str, Any]:
    given = dict(geometry)
    dimensions = zip(
        inputs, window, places, given["strides"], given.pop("low"), given["dilation"], strict=True
    )
    given["pairs"] = tuple(
        (low, (count - 1) * stride + dilated(w, d) - size - low)
        for size, w, count, stride, low, d in dimensions
    )
    return given


def _run(kernel: NativeKernel, a: Array, b: Array, *, pairs: Any, **attributes: Any) -> Array:
    """Call a native kernel; half precision is computed in float32."""
    low = tuple(low for low, _ in pairs)
    wide = a.astype(jnp.float32), b.astype(jnp.float32)
    return kernel(*wide, low=low, **attributes).astype(a.dtype)


# -- which of them is faster, as measured ---------------------------------------------------------

# Fewer leave most lanes of a vector idle.
_FEWEST_FILTERS = 4


def _able(a: Array, b: Array) -> bool:
    return a.dtype == b.dtype and a.dtype in NATIVE_FLOATS


def _much_work(x: _Ints, kernel: _Ints) -> bool:
    """Whether the sums outweigh finding out what each row and each column of places sees."""
    return math.prod(x[:-1]) * math.prod(kernel) >= 1000 * sum(x[1:-1])


def convolves_in_loops() -> bool:
    """Whether convolutions are as fast inside a compiled loop as outside: where native ones run."""
    return _native_forward.chosen(True)


def _forward_faster(x: _Ints, kernel: _Ints, strides: _Ints, groups: int) -> bool:
    # XLA is as good at matrix products; but it copies what a stride leaves of the input.
    product = math.prod(kernel[:-2]) == math.prod(strides) == 1
    able = kernel[-1] >= _FEWEST_FILTERS and not product
    return groups > 1 or (able and _much_work(x, kernel))


def _input_gradient_faster(x: _Ints, kernel: _Ints, groups: int) -> bool:
    able = kernel[-2] >= _FEWEST_FILTERS and math.prod(kernel[:-2]) > 1
    return groups > 1 or (able and _much_work(x, kernel))


def _kernel_gradient_faster(x: _Ints, kernel: _Ints, groups: int) -> bool:
    # XLA transposes both sides of the product on one thread.
    *_, channels, filters = kernel
    able = filters >= 2 * _FEWEST_FILTERS and channels * filters >= 32
    return groups > 1 or (able and _much_work(x, kernel))


# -- the product and its gradients ----------------------------------------------------------------


def _forward(x: Array, kernel: Array, **geometry: Any) -> Array:
    faster = _forward_faster(x.shape, kernel.shape, geometry["strides"], geometry["groups"])
    if not _able(x, kernel) or not _native_forward.chosen(faster):
        return conv_lowering(x, kernel, **geometry)
    strides, pairs, dilation = geometry["strides"], geometry["pairs"], geometry["dilation"]
    dimensions = zip(x.shape[1:-1], pairs, kernel.shape[:-2], strides, dilation, strict=True)
    sizes = tuple(output_size(*dimension) for dimension in dimensions)
    return _run(_native_forward, x, kernel, sizes=sizes, **geometry)


def _input_gradient(dy: Array, kernel: Array, *, shape: _Ints, **geometry: Any) -> Array:
    faster = _input_gradient_faster(shape, kernel.shape, geometry["groups"])
    if _able(dy, kernel) and _native_input_gradient.chosen(faster):
        return _run(_native_input_gradient, dy, kernel, sizes=shape[1:-1], **geometry)
    forward = partial(conv_lowering, kernel=kernel, **geometry)
    return jax.linear_transpose(forward, jax.ShapeDtypeStruct(shape, dy.dtype))(dy)[0]


def _kernel_gradient(dy: Array, x: Array, *, shape: _Ints, **geometry: Any) -> Array:
    faster = _kernel_gradient_faster(x.shape, shape, geometry["groups"])
    if _able(x, dy) and _native_kernel_gradient.chosen(faster):
        return _run(_native_kernel_gradient, x, dy, sizes=shape[:-2], **geometry)
    forward = partial(conv_lowering, x, **geometry)
    return jax.linear_transpose(forward, jax.ShapeDtypeStruct(shape, dy.dtype))(dy)[0]


# convolve(x, kernel, strides=, pairs=, dilation=, groups=, loop=)
convolve = Multilinear(_forward, _input_gradient, _kernel_gradient)


def _spread(x: Array, kernel: Array, *, sizes: _Ints, **geometry: Any) -> Array:
    result = (x.shape[0], *sizes, kernel.shape[-2])
    faster = _input_gradient_faster(result, kernel.shape, geometry["groups"])
    if _able(x, kernel) and _native_input_gradient.chosen(faster):
        return _run(_native_input_gradient, x, kernel, sizes=sizes, **geometry)
    strides, pairs, dilation = geometry["strides"], geometry["pairs"], geometry["dilation"]
    around = tuple(
        (extent - 1 - low, size + low - 1 - (count - 1) * stride)
        for extent, (low, _), size, count, stride in zip(
            map(dilated, kernel.shape, dilation), pairs, sizes, x.shape[1:-1], strides, strict=False
        )
    )
    return conv_transpose_reference(x, kernel, strides, around, dilation)


# The gradient of a convolution for its input, of images of `sizes`, as a function of its own.
convolve_transposed = Multilinear(
    _spread,
    lambda dy, kernel, *, shape, sizes, **geometry: _forward(dy, kernel, **geometry),
    lambda dy, x, *, shape, sizes, **geometry: _kernel_gradient(x, dy, shape=shape, **geometry),
)
