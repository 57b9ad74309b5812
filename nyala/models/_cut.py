"""Sub-models that begin at inner tensors of a graph."""

from __future__ import annotations

from typing import Any

from nyala.core import tree
from nyala.layers import InputLayer
from nyala.symbolic import KerasTensor, Node, node_of, sort_graph


def begins_at_inputs(inputs: Any) -> bool:
    """Whether every symbolic tensor comes from an `Input`."""
    nodes = [node_of(tensor) for tensor in tree.flatten(inputs) if isinstance(tensor, KerasTensor)]
    return all(node is not None and node.is_input for node in nodes)


def cut_graph(inputs: Any, outputs: Any) -> tuple[Any, Any]:
    """Return copies of `inputs` and `outputs`, the inner ones among `inputs` made into inputs.

    The calls between them are drawn a second time, with the same layers and so with shared weights:
    a model then has an input layer for each of its inputs, as saving and cloning need.
    """
    flat = tree.flatten(inputs)
    nodes, _, _ = sort_graph(flat, tree.flatten(outputs))
    copies = {id(tensor): _as_input(tensor) for tensor in flat}

    def copied(leaf: Any) -> Any:
        if not isinstance(leaf, KerasTensor):
            return leaf
        if id(leaf) not in copies:
            copies[id(leaf)] = KerasTensor(leaf.shape, leaf.dtype)
        return copies[id(leaf)]

    for node in nodes:
        if not node.is_input:
            arguments = tree.map_structure(copied, (node.args, node.kwargs))
            Node(node.operation, *arguments, outputs=tree.map_structure(copied, node.outputs))
    return tree.map_structure(copied, inputs), tree.map_structure(copied, outputs)


def _as_input(tensor: KerasTensor) -> KerasTensor:
    node = node_of(tensor)
    if node is not None and node.is_input:
        return tensor
    # Keras' name for the input that takes an inner tensor's place.
    name = f"{tensor.name}CLONE"
    return InputLayer(batch_shape=tensor.shape, dtype=tensor.dtype, name=name).output
