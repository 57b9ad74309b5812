"""`model.summary()`: the layers of a model as a table, and the sums of its parameters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from nyala.core import tree
from nyala.layers import Layer
from nyala.models._summary_table import NESTED, Sums, print_table
from nyala.symbolic import Node, OpCall, Operation

# Relative ends of the columns, widths of the table where the terminal has room: as Keras has them.
_STACK_POSITIONS, _GRAPH_POSITIONS = [0.45, 0.80, 1.0], [0.3, 0.56, 0.74, 1.0]
_STACK_WIDTH, _GRAPH_WIDTH, _TRAINABLE_WIDTH = 88, 108, 12


class Row(NamedTuple):
    """One layer of the table."""

    name: str
    class_name: str
    output_shape: str
    params: str
    connections: str
    trainable: str


def print_summary(model: Any, line_length: int | None = None, positions: Any = None,
                  print_fn: Callable | None = None, expand_nested: bool = False,
                  show_trainable: bool = False, layer_range: Any = None) -> None:  # fmt: skip
    """Print the layers of `model`; the arguments are those of `Model.summary`."""
    operations = _listed(model)
    first, last = layer_bounds(operations, layer_range, model)
    is_graph = not _is_stack(model)
    rows = list(_rows(model, operations[first:last], expand_nested, indent=""))
    columns = ["Layer (type)", "Output Shape", "Param #"]
    cells = [
        [(row.name, row.class_name), row.output_shape, row.params, row.connections, row.trainable]
        for row in rows
    ]
    width = _GRAPH_WIDTH if is_graph else _STACK_WIDTH
    if is_graph:
        columns.append("Connected to")
    else:
        cells = [[*row[:3], row[4]] for row in cells]
    if show_trainable:
        columns.append("Trainable")
        width += _TRAINABLE_WIDTH
    else:
        cells = [row[:-1] for row in cells]
    print_table(model.name, columns, cells, sums_of(model), line_length or None, width,
                positions, print_fn)  # fmt: skip


def _listed(model: Any) -> list[Operation]:
    graph = model._graph
    return model.layers if graph is None or _is_sequential(model) else graph.operations


def _is_sequential(model: Any) -> bool:
    return hasattr(model, "add") and hasattr(model, "pop")


def _is_stack(model: Any) -> bool:
    """Whether each layer takes what the layer above it in the table returns, and nothing else."""
    if model._graph is None or _is_sequential(model):
        return True
    nodes = [node for level in model._graph.nodes_by_depth.values() for node in level]
    one_at_a_time = len(nodes) == len(model._graph.nodes_by_depth)
    shared = len({id(node.operation) for node in nodes}) < len(nodes)
    return one_at_a_time and not shared and all(len(n.input_tensors) <= 1 for n in nodes)


def layer_bounds(operations: list, layer_range: Any, model: Any) -> tuple[int, int]:
    """Return the slice of `operations` from the first to the last name in `layer_range`.

    Raises:
        ValueError: no layer matches one of the two names or patterns.
    """
    if layer_range is None:
        return 0, len(operations)
    if len(layer_range) != 2 or not all(isinstance(one, str) for one in layer_range):
        raise ValueError(
            "summary(layer_range=...) expects two names (or regular expressions) of layers; got "
            f"{layer_range!r}."
        )
    matches = [
        [i for i, one in enumerate(operations) if re.match(pattern, one.name)]
        for pattern in layer_range
    ]
    for pattern, found in zip(layer_range, matches, strict=True):
        if not found:
            names = ", ".join(one.name for one in operations)
            raise ValueError(
                f"summary(layer_range=...): no layer of model {model.name!r} matches {pattern!r}. "
                f"Its layers are: {names}."
            )
    start, end = min(matches[0]), max(matches[1])
    return (start, end + 1) if start <= end else (end, start + 1)


# -- rows ----------------------------------------------------------------------------------------


def _rows(model: Any, operations: Iterable, expand_nested: bool, indent: str) -> Iterable[Row]:
    nodes = set() if model._graph is None else set(model._graph.nodes)
    if _is_sequential(model):
        nodes = {node for node in nodes if not node.is_input}  # its input has no row
    for operation in operations:
        calls = [node for node in operation._inbound_nodes if node in nodes]
        yield Row(
            indent + operation.name, class_label(operation), _output_shape(operation, calls),
            _params(operation), _connections(calls, nodes), _trainable(operation),
        )  # fmt: skip
        if expand_nested and getattr(operation, "layers", None):
            inner = indent.replace(NESTED, "  ") + "  " + NESTED
            yield from _rows(operation, _listed(operation), True, inner)


def class_label(operation: Operation) -> str:
    """Return the name of the layer's class; functions are shown as Keras' operation classes."""
    if isinstance(operation, OpCall):
        return "".join(part.capitalize() for part in operation.function.op_name.split("_"))
    return type(operation).__name__


def _output_shape(operation: Operation, calls: list[Node]) -> str:
    if calls or operation._inbound_nodes:
        outputs = (calls or operation._inbound_nodes)[-1].outputs
        return format_shapes(tree.map_structure(lambda t: tuple(t.shape), outputs))
    if isinstance(operation, Layer):
        return format_shapes(_shape_of_build(operation))
    return "?"


def _shape_of_build(layer: Layer) -> Any:
    """Return the output shape of a layer that was built on data, or `None`."""
    if getattr(layer, "_graph", None) is not None:
        return layer.output_shape
    shapes = layer.get_build_config()
    if not layer.built or not shapes:
        return None
    try:
        if "shapes_dict" in shapes:
            return layer.compute_output_shape(**shapes["shapes_dict"])
        return layer.compute_output_shape(shapes["input_shape"])
    except (TypeError, ValueError, AttributeError):
        return None  # a call() that needs more than its first input: nothing can be said


def format_shapes(shapes: Any) -> str:
    """Return shapes as users read them: `(None, 10)`, or a list of such."""
    if shapes is None:
        return "?"
    flat: list[str] = []
    tree.map_shape_structure(lambda s: flat.append(_format_shape(s)), shapes)
    if tree.is_shape(shapes) or len(flat) == 1:
        return flat[0]
    if isinstance(shapes, dict):
        return ", ".join(f"{key}: {format_shapes(shape)}" for key, shape in shapes.items())
    return f"[{', '.join(flat)}]"


def _format_shape(shape: tuple) -> str:
    return f"({', '.join(map(str, shape))})"


def _params(operation: Operation) -> str:
    if not isinstance(operation, Layer):
        return "0"
    if not operation.built:
        return "0 (unbuilt)"
    return f"{operation.count_params():,}"


def _connections(calls: list[Node], nodes: set[Node]) -> str:
    sources = []
    for node in calls:
        for tensor in node.input_tensors:
            source = tensor._keras_history
            if source.operation._inbound_nodes[source.node_index] not in nodes:
                continue
            made = source.operation._inbound_nodes[: source.node_index]
            call = sum(other in nodes for other in made)
            sources.append(f"{source.operation.name}[{call}][{source.tensor_index}]")
    return ", ".join(sources) or "-"


def _trainable(operation: Operation) -> str:
    if not isinstance(operation, Layer) or not operation.weights:
        return "-"
    return "Y" if operation.trainable else "N"


# -- sums ----------------------------------------------------------------------------------------


def sums_of(model: Any) -> Sums:
    """Return the numbers of parameters and their bytes."""
    optimizer = model.optimizer if model.compiled else None
    built = optimizer is not None and getattr(optimizer, "built", False)
    return Sums(
        trainable=_size(model.trainable_weights),
        non_trainable=_size(model.non_trainable_weights),
        optimizer=_size(optimizer.variables) if built else None,
    )


def _size(variables: Iterable) -> tuple[int, int]:
    count = size = 0
    for variable in {id(v): v for v in variables}.values():
        elements = 1
        for length in variable.shape:
            elements *= length
        count += elements
        size += elements * variable.dtype.size
    return count, size
