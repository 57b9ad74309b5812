"""Two stages: what strings become numbers by runs on the host, the rest is compiled.

Strings never go to a device, and layers that look things up in tables work on the host as well.
Where such calls stand at the beginning of a graph, the graph is cut behind them.
"""

from __future__ import annotations

from typing import Any

from nyala.symbolic._function import Function
from nyala.symbolic._keras_tensor import KerasTensor
from nyala.symbolic._node import Node


def needs_host(function: Function) -> bool:
    """Whether a graph has calls that cannot be compiled: of strings, or of layers of the host."""
    strings = any(tensor.dtype == "string" for tensor in function.inputs)
    return strings or any(_on_host(node) for node in function.nodes if not node.is_input)


def split_stages(function: Function) -> tuple[Function, Function] | None:
    """Cut a graph into the part that runs on the host and the part that can be compiled.

    Args:
        function: a graph of which `needs_host` is true.

    Returns:
        A function from the list of all inputs to a list of numeric tensors, and one from that list
        to the outputs. `None` where that cannot be: strings are among the outputs, or weights that
        are trained stand before a call on the host.

    >>> import nyala
    >>> from nyala.symbolic import split_stages
    >>> words = nyala.Input((), dtype="string")
    >>> indices = nyala.layers.StringLookup(vocabulary=["a", "b"])(words)
    >>> host, device = split_stages(nyala.Function(words, indices * 10))
    >>> device(host([nyala.ops.convert_to_tensor(["b", "a"])])).numpy()
    array([20, 10], dtype=int32)
    """
    nodes = [node for node in function.nodes if not node.is_input]
    on_host = _with_ancestors(nodes)
    if any(getattr(node.operation, "trainable_variables", ()) for node in on_host):
        return None
    border = _border(function, nodes, on_host)
    if any(tensor.dtype == "string" for tensor in border):
        return None
    return Function(function.inputs, border), Function(border, function._outputs_struct)


def _on_host(node: Node) -> bool:
    if any(t.dtype == "string" for t in (*node.input_tensors, *node.output_tensors)):
        return True
    # A model or layer that holds others cannot be compiled where one of them cannot.
    inside = getattr(node.operation, "_flatten_layers", lambda: [node.operation])()
    return any(getattr(layer, "runs_on_host", False) for layer in inside)


def _with_ancestors(nodes: list[Node]) -> set[Node]:
    """Return the nodes that run on the host, those before them included."""
    found: set[Node] = set()
    for node in reversed(nodes):
        if node in found or _on_host(node):
            found.add(node)
            found.update(parent for parent in node.parent_nodes if not parent.is_input)
    return found


def _border(function: Function, nodes: list[Node], on_host: set[Node]) -> list[KerasTensor]:
    """Return the tensors, each once, that the compiled part begins with."""
    made_later = {id(t) for node in nodes if node not in on_host for t in node.output_tensors}
    needed: list[Any] = [t for n in nodes if n not in on_host for t in n.input_tensors]
    needed += function.outputs
    return list({id(t): t for t in needed if id(t) not in made_later}.values())
