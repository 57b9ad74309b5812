"""Fitting what a model is called with to the inputs of its graph."""

from __future__ import annotations

from typing import Any

from nyala.core import did_you_mean, tree
from nyala.eager import OPERATIONS


def adapted_inputs(model: Any, inputs: Any) -> list:
    """Return one tensor for each input of the graph, in order, of its rank and dtype."""
    graph = model._graph
    values = _in_order(model, inputs)
    return [_fitted(model, value, tensor) for value, tensor in zip(values, graph.inputs, strict=True)]


def _in_order(model: Any, inputs: Any) -> list:
    graph = model._graph
    struct = graph._inputs_struct
    if isinstance(inputs, dict) and not (isinstance(struct, dict) and set(struct) == set(inputs)):
        return _by_name(model, inputs)
    values = tree.flatten(inputs)
    if len(values) != len(graph.inputs):
        raise ValueError(
            f"Model {model.name!r} expects {len(graph.inputs)} input(s) ({', '.join(model.input_names)}),"
            f" but it received {len(values)}: shapes {[tuple(getattr(v, 'shape', ())) for v in values]}."
        )
    return values


def _by_name(model: Any, inputs: dict) -> list:
    """Pick the entries of a dict by the keys of the graph's own dict, or by the inputs' names."""
    struct = model._graph._inputs_struct
    keys = sorted(struct) if isinstance(struct, dict) else model.input_names
    values = []
    for key, name in zip(keys, model.input_names, strict=False):
        found = next((k for k in (key, name) if k in inputs), None)
        if found is None:
            raise ValueError(
                f"Model {model.name!r} expects the inputs {list(keys)}, but the dict it was called "
                f"with has the keys {list(inputs)}.{did_you_mean(key, map(str, inputs))}"
            )
        values.append(inputs[found])
    return values


def _fitted(model: Any, value: Any, tensor: Any) -> Any:
    """Return `value` in the dtype of the input, a last axis of length 1 added or dropped."""
    if value is None:
        return None
    if not hasattr(value, "shape"):
        value = OPERATIONS["convert_to_tensor"](value)
    if value.dtype != tensor.dtype and tensor.dtype != "string":
        mask = getattr(value, "_keras_mask", None)
        value = OPERATIONS["cast"](value, tensor.dtype)
        if mask is not None:
            value._keras_mask = mask
    rank, expected = len(value.shape), len(tensor.shape)
    if rank == expected - 1 and tensor.shape[-1] == 1:
        value = OPERATIONS["expand_dims"](value, -1)
    elif rank == expected + 1 and value.shape[-1] == 1:
        value = OPERATIONS["squeeze"](value, -1)
    shape = tuple(value.shape)
    fits = len(shape) == expected and all(
        None in (a, b) or a == b for a, b in zip(shape[1:], tensor.shape[1:], strict=True)
    )
    if not fits:
        raise ValueError(
            f"Model {model.name!r}: the input {tensor.name!r} expects shape {tuple(tensor.shape)}, "
            f"but it received a value of shape {shape}."
        )
    return value
