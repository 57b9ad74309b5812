"""What a picture of a model shows: boxes, clusters of boxes, and arrows between them."""

from __future__ import annotations

import dataclasses
from typing import Any

from nyala.core import tree
from nyala.layers import InputLayer, Layer
from nyala.models._summary import class_label, format_shapes, layer_bounds


@dataclasses.dataclass(frozen=True)
class Show:
    """What is shown of each layer."""

    shapes: bool = False
    dtype: bool = False
    names: bool = True
    activations: bool = False
    trainable: bool = False
    nested: bool = False


@dataclasses.dataclass
class Box:
    """A layer.

    Args:
        key: unique in the picture.
        title: the heading.
        rows: pairs of a label and a value, below the heading.
        kind: `"input"`, `"weights"`, `"plain"` or `"model"`, which sets the colour.
        inside: the diagram of a model that is shown expanded, in a frame instead of a box.
    """

    key: str
    title: str
    rows: list[tuple[str, str]]
    kind: str
    inside: Diagram | None = None


@dataclasses.dataclass
class Diagram:
    """Boxes in the order of the model's layers, and pairs of positions that arrows connect."""

    boxes: list[Box]
    edges: list[tuple[int, int]]


def describe(model: Any, show: Show, layer_range: Any = None, prefix: str = "") -> Diagram:
    """Return the diagram of a model."""
    operations = _shown(model)
    first, last = layer_bounds(operations, layer_range, model)
    operations = operations[first:last]
    boxes = [_box(one, show, f"{prefix}{i}") for i, one in enumerate(operations)]
    if model._graph is None:
        # Nothing is known of how the layers of such a model are connected; Sequential ones are a
        # chain also before they are built.
        chain = hasattr(model, "add") and hasattr(model, "pop")
        return Diagram(boxes, [(i, i + 1) for i in range(len(boxes) - 1)] if chain else [])
    return Diagram(boxes, _edges(model._graph, operations))


def _shown(model: Any) -> list:
    return model.layers if model._graph is None else model._graph.operations


def _edges(graph: Any, operations: list) -> list[tuple[int, int]]:
    position = {id(operation): i for i, operation in enumerate(operations)}
    edges: dict[tuple[int, int], None] = {}
    for node in graph.nodes:
        for tensor in node.input_tensors:
            ends = (tensor._keras_history.operation, node.operation)
            if all(id(end) in position for end in ends):
                edges[position[id(ends[0])], position[id(ends[1])]] = None
    return list(edges)


def _box(operation: Any, show: Show, key: str) -> Box:
    class_name = class_label(operation)
    title = f"{operation.name} ({class_name})" if show.names else class_name
    has_graph = getattr(operation, "_graph", None) is not None
    if show.nested and has_graph:
        return Box(key, title, [], "model", describe(operation, show, prefix=f"{key}."))
    return Box(key, title, _rows(operation, show), _kind(operation))


def _kind(operation: Any) -> str:
    if isinstance(operation, InputLayer):
        return "input"
    if not isinstance(operation, Layer):
        return "plain"
    if hasattr(operation, "_graph"):
        return "model"
    return "weights" if operation.weights else "plain"


def _rows(operation: Any, show: Show) -> list[tuple[str, str]]:
    rows = []
    activation = getattr(operation, "activation", None)
    if show.activations and activation is not None:
        name = getattr(activation, "name", None) or getattr(activation, "__name__", activation)
        rows.append(("Activation", str(name)))
    inputs, outputs = _tensors(operation)
    if show.shapes:
        if not isinstance(operation, InputLayer):
            rows.append(("Input", _shapes(inputs)))
        rows.append(("Output", _shapes(outputs)))
    if show.dtype:
        dtypes = [] if outputs is None else [str(t.dtype) for t in tree.flatten(outputs)]
        rows.append(("Dtype", ", ".join(dict.fromkeys(dtypes)) or "?"))
    if show.trainable and isinstance(operation, Layer):
        rows.append(("Trainable", str(operation.trainable) if operation.weights else "-"))
    return rows


def _tensors(operation: Any) -> tuple[Any, Any]:
    try:
        return (None if isinstance(operation, InputLayer) else operation.input, operation.output)
    except AttributeError:  # never called on a symbolic tensor
        return None, None


def _shapes(tensors: Any) -> str:
    if tensors is None:
        return "?"
    return format_shapes(tree.map_structure(lambda t: tuple(t.shape), tensors))
