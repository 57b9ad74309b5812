"""Output shapes and dtypes by abstract evaluation, unknown dimensions kept unknown.

A function is evaluated by `jax.eval_shape` twice, with two different lengths in place of every
unknown one. Where the two results differ, the length depends on an unknown one and is unknown too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax

from nyala.core import numpy_dtype, tree
from nyala.eager import StateScope, Tensor, is_host_array, wrap
from nyala.symbolic._keras_tensor import KerasTensor

# Divisible by what people reshape into and stride by, and far enough apart that no usual stride
# maps both to one length.
_FILLS = (720, 1080)
_BROADCASTABLE = 1


def infer_output_spec(function: Callable, *args: Any, **kwargs: Any) -> Any:
    """Return what `function` would return, with a `KerasTensor` in place of each tensor.

    Args:
        function: called with Tensors (of unknown value) where `args` and `kwargs` hold
            KerasTensors. Changes it makes to variables are dropped.
        *args, **kwargs: any structure.
    """
    inputs = [x for x in tree.flatten([args, kwargs]) if isinstance(x, KerasTensor)]
    if all(None not in x.shape for x in inputs):
        return _merge(*2 * [_evaluate(function, args, kwargs, inputs, None)])
    try:
        evaluated = [_evaluate(function, args, kwargs, inputs, fill) for fill in _FILLS]
    except (TypeError, ValueError):
        return _broadcast_spec(function, args, kwargs, inputs)
    return _merge(*evaluated)


def _broadcast_spec(function: Callable, args: Any, kwargs: Any, inputs: list) -> Any:
    """Evaluate with unknown lengths of one, which combine with every known length."""
    try:
        spec = _evaluate(function, args, kwargs, inputs, _BROADCASTABLE)
    except (TypeError, ValueError):
        spec = None
    if spec is None:
        # The error with realistic lengths says more than the one with ones.
        _evaluate(function, args, kwargs, inputs, _FILLS[0])
        raise AssertionError("unreachable: the evaluation above raises")

    def unknown_ones(leaf):
        if not isinstance(leaf, KerasTensor):
            return leaf
        return KerasTensor([None if n == 1 else n for n in leaf.shape], leaf.dtype)

    return tree.map_structure(unknown_ones, spec)


def _evaluate(function: Callable, args: Any, kwargs: Any, inputs: list, fill: int | None) -> Any:
    """Return the outputs with fully known KerasTensors, at one length for the unknown axes."""
    structs = [
        jax.ShapeDtypeStruct(tuple(fill if n is None else n for n in x.shape), numpy_dtype(x.dtype))
        for x in inputs
    ]
    outputs: list[Any] = []

    def abstract(values):
        stand_ins = {id(x): wrap(v) for x, v in zip(inputs, values, strict=True)}
        for x in inputs:
            mask = getattr(x, "_keras_mask", None)
            if mask is not None and id(mask) in stand_ins:
                stand_ins[id(x)]._keras_mask = stand_ins[id(mask)]

        def stand_in(leaf):
            return stand_ins[id(leaf)] if isinstance(leaf, KerasTensor) else leaf

        with StateScope():
            result = function(
                *tree.map_structure(stand_in, args), **tree.map_structure(stand_in, kwargs)
            )
        outputs.append(tree.map_structure(_to_spec, result))
        return ()

    jax.eval_shape(abstract, structs)
    return outputs[0]


def _to_spec(leaf: Any) -> Any:
    if isinstance(leaf, (Tensor, jax.Array)) and not is_host_array(leaf):
        return KerasTensor(leaf.shape, Tensor(leaf).dtype)
    return leaf


def _merge(first: Any, second: Any) -> Any:
    def merge(a, b):
        if not isinstance(a, KerasTensor):
            return a
        if len(a.shape) != len(b.shape):
            raise ValueError("The rank of an output depends on the length of an unknown axis.")
        return KerasTensor(
            [n if n == m else None for n, m in zip(a.shape, b.shape, strict=True)], a.dtype
        )

    if not tree.is_nested(first):
        return merge(first, second)
    return tree.map_structure(merge, first, second)
