"""Fitting what a model is called with to the inputs of its graph."""

from __future__ import annotations

import warnings
from typing import Any

from nyala.core import did_you_mean, tree
from nyala.eager import OPERATIONS, Tensor


def adapted_inputs(model: Any, inputs: Any) -> list:
    """Return one tensor for each input of the graph, in order, of its rank and dtype."""
    expected = model._graph.inputs
    if type(inputs) is Tensor and len(expected) == 1:
        return [_fitted(model, inputs, expected[0])]
    values = _in_order(model, inputs)
    return [_fitted(model, value, tensor) for value, tensor in zip(values, expected, strict=True)]


def _in_order(model: Any, inputs: Any) -> list:
    graph = model._graph
    if isinstance(inputs, dict):
        if isinstance(graph._inputs_struct, dict):
            return tree.flatten(_by_keys(model, graph._inputs_struct, inputs))
        return _by_names(model, inputs)
    values = tree.flatten(inputs)
    if len(values) != len(graph.inputs):
        raise ValueError(
            f"Model {model.name!r} expects {len(graph.inputs)} input(s) "
            f"({', '.join(model.input_names)}), but it received {len(values)}: shapes "
            f"{[tuple(getattr(v, 'shape', ())) for v in values]}."
        )
    return values


def _by_keys(model: Any, struct: dict, inputs: dict) -> dict:
    """Pick the entries of `inputs` that the model's own dict has, or that its inputs are named."""
    picked = {}
    for key, part in struct.items():
        name = part._keras_history.operation.name if not tree.is_nested(part) else key
        found = next((k for k in (key, name) if k in inputs), None)
        if found is None:
            raise _missing(model, key, struct, inputs)
        value = inputs[found]
        nested = isinstance(part, dict) and isinstance(value, dict)
        picked[key] = _by_keys(model, part, value) if nested else value
        if len(tree.flatten(picked[key])) != len(tree.flatten(part)):
            raise ValueError(
                f"Model {model.name!r}: the input {key!r} expects {len(tree.flatten(part))} "
                f"tensor(s), but it received {len(tree.flatten(picked[key]))}."
            )
    _warn_of_extra(model, list(struct), inputs, len(picked))
    return picked


def _by_names(model: Any, inputs: dict) -> list:
    """Pick the entries of `inputs` by the names of the model's inputs."""
    for name in model.input_names:
        if name not in inputs:
            raise _missing(model, name, model.input_names, inputs)
    _warn_of_extra(model, model.input_names, inputs, len(model.input_names))
    return [inputs[name] for name in model.input_names]


def _missing(model: Any, key: Any, expected: Any, inputs: dict) -> ValueError:
    return ValueError(
        f"Model {model.name!r} expects the inputs {list(expected)}, but the dict it was called "
        f"with has the keys {list(inputs)}: {key!r} is missing."
        f"{did_you_mean(key, map(str, inputs))}"
    )


def _warn_of_extra(model: Any, expected: list, inputs: dict, used: int) -> None:
    if len(inputs) > used:
        warnings.warn(
            f"Model {model.name!r} takes the inputs {expected}; what it was called with beside "
            f"them is not used: {[key for key in inputs if key not in expected]}.",
            stacklevel=2,
        )


def _fitted(model: Any, value: Any, tensor: Any) -> Any:
    """Return `value` in the dtype of the input, a last axis of length 1 added or dropped."""
    if value is None:
        if not getattr(tensor._keras_history.operation, "optional", False):
            raise ValueError(
                f"Model {model.name!r}: the input {tensor.name!r} is required, but it received "
                "None. An input that may be left out is made with Input(..., optional=True)."
            )
        return None
    if not hasattr(value, "shape"):
        value = OPERATIONS["convert_to_tensor"](value)
    mask = getattr(value, "_keras_mask", None)
    given = value
    if value.dtype != tensor.dtype and tensor.dtype != "string":
        value = OPERATIONS["cast"](value, tensor.dtype)
    rank, expected = len(value.shape), len(tensor.shape)
    if rank != expected:
        if rank == expected - 1 and tensor.shape[-1] == 1:
            value = OPERATIONS["expand_dims"](value, -1)
        elif rank == expected + 1 and value.shape[-1] == 1:
            value = OPERATIONS["squeeze"](value, -1)
    if not _fits(value.shape, tensor.shape):
        raise ValueError(
            f"Model {model.name!r}: the input {tensor.name!r} expects shape {tuple(tensor.shape)}, "
            f"but it received a value of shape {tuple(given.shape)}."
        )
    if mask is not None and value is not given:
        value._keras_mask = mask
    return value


def _fits(shape: Any, expected: Any) -> bool:
    """Whether the shapes agree but for the batch axis, whose length is free."""
    if len(shape) != len(expected):
        return False
    return all(
        own == wanted or own is None or wanted is None
        for own, wanted in zip(shape[1:], expected[1:], strict=True)
    )
