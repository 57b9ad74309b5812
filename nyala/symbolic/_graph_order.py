"""The calls between some tensors and others, in the order in which Keras runs and lists them.

The order of a model's layers is part of the file format (weights are stored layer by layer), so it
has to be exactly Keras': layers farther from the outputs come first; among equally far ones, the
one that a depth-first walk from the outputs meets first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nyala.symbolic._keras_tensor import KerasTensor
from nyala.symbolic._node import Node, node_of

if TYPE_CHECKING:
    from nyala.symbolic._operation import Operation


def sort_graph(
    inputs: list[KerasTensor], outputs: list[KerasTensor]
) -> tuple[list[Node], list[Operation], dict[int, list[Node]]]:
    """Return the nodes in running order, the operations in listing order, the nodes by depth.

    The depth of a node is the longest way from it to an output; the calls of a shared operation
    are moved to the largest depth among those met before.

    Raises:
        ValueError: the outputs depend on a tensor that is not given.
    """
    order, first_met = _walk(inputs, outputs)
    depths, operation_depths = _depths(order)
    for tensor in inputs:
        # Inputs on which no output depends are part of the model all the same.
        node = node_of(tensor)
        if node is not None and node.is_input and node.operation not in operation_depths:
            operation_depths[node.operation] = 0
            first_met[node.operation] = -1
            depths[node] = 0
    operations = sorted(operation_depths, key=lambda op: (-operation_depths[op], first_met[op]))
    nodes = sorted(depths, key=lambda node: -depths[node])
    by_depth: dict[int, list[Node]] = {}
    for node in nodes:
        by_depth.setdefault(depths[node], []).append(node)
    return nodes, operations, by_depth


def _walk(
    inputs: list[KerasTensor], outputs: list[KerasTensor]
) -> tuple[list[Node], dict[Operation, int]]:
    """Walk depth-first from the outputs: nodes after those they need, operations as first met."""
    given = {id(tensor) for tensor in inputs}
    order: list[Node] = []
    first_met: dict[Operation, int] = {}
    done: set[Node] = set()
    for output in outputs:
        # An explicit stack: graphs may be deeper than Python's recursion limit.
        stack = [(output, None)]
        while stack:
            tensor, finished = stack.pop()
            if finished is not None:
                if finished not in done:
                    done.add(finished)
                    order.append(finished)
                continue
            node = node_of(tensor)
            if node is None or node.is_input:
                _require_given(tensor, given)
                if node is None:
                    continue
            elif id(tensor) in given:
                continue  # what came before a given tensor is not part of this graph
            if node in done:
                continue
            first_met.setdefault(node.operation, len(first_met))
            stack.append((tensor, node))
            stack.extend((parent, None) for parent in reversed(node.input_tensors))
    return order, first_met


def _require_given(tensor: KerasTensor, given: set[int]) -> None:
    if id(tensor) not in given:
        raise ValueError(
            f"The graph is not connected: the outputs depend on {tensor!r}, which is not among the "
            "inputs. Pass every Input() that the outputs are computed from."
        )


def _depths(order: list[Node]) -> tuple[dict[Node, int], dict[Operation, int]]:
    """Return the depth of each node, and of each operation."""
    inside = set(order)
    depths: dict[Node, int] = {}
    operation_depths: dict[Operation, int] = {}
    for node in reversed(order):
        depth = max(depths.get(node, 0), operation_depths.get(node.operation, 0))
        depths[node] = operation_depths[node.operation] = depth
        for parent in node.parent_nodes:
            if parent in inside:
                depths[parent] = max(depth + 1, depths.get(parent, 0))
    return depths, operation_depths
