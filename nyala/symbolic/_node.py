"""Nodes: one call of an operation in a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from nyala.core import tree
from nyala.symbolic._keras_tensor import KerasTensor

if TYPE_CHECKING:
    from nyala.symbolic._operation import Operation


class KerasHistory(NamedTuple):
    """Where a KerasTensor comes from: the operation, which call of it, which output."""

    operation: Operation
    node_index: int
    tensor_index: int


class Node:
    """One call of an operation: its arguments and the tensors that came out.

    Args:
        operation: what was called.
        call_args, call_kwargs: the arguments, KerasTensors among them.
        outputs: a structure of KerasTensors.
    """

    def __init__(self, operation: Operation, call_args: Any = (), call_kwargs: Any = None,
                 outputs: Any = None):  # fmt: skip
        self.operation = operation
        self.args, self.kwargs = tuple(call_args), dict(call_kwargs or {})
        self.input_tensors = [
            x for x in tree.flatten([self.args, self.kwargs]) if isinstance(x, KerasTensor)
        ]
        self.outputs = outputs
        self.output_tensors = [x for x in tree.flatten(outputs) if isinstance(x, KerasTensor)]
        index = len(operation._inbound_nodes)
        for i, tensor in enumerate(self.output_tensors):
            tensor._keras_history = KerasHistory(operation, index, i)
        operation._inbound_nodes.append(self)
        for parent in self.parent_nodes:
            parent.operation._outbound_nodes.append(self)

    @property
    def arguments(self) -> Node:
        """The node itself, which has `args` and `kwargs` (Keras' spelling)."""
        return self

    @property
    def is_input(self) -> bool:
        """Whether nothing flows into the call: the node of an `Input`."""
        return not self.input_tensors

    @property
    def parent_nodes(self) -> list[Node]:
        """The nodes whose outputs flow into this one, each once."""
        nodes: dict[int, Node] = {}
        for tensor in self.input_tensors:
            node = node_of(tensor)
            if node is not None:
                nodes[id(node)] = node
        return list(nodes.values())

    def fill(self, values: dict[int, Any]) -> tuple[tuple, dict]:
        """Return the arguments with each KerasTensor replaced by `values[id(tensor)]`."""

        def value_of(leaf):
            return values[id(leaf)] if isinstance(leaf, KerasTensor) else leaf

        def filled(argument):
            if isinstance(argument, (list, tuple, dict)):
                return tree.map_structure(value_of, argument)
            return value_of(argument)

        return (
            tuple([filled(argument) for argument in self.args]),
            {key: filled(argument) for key, argument in self.kwargs.items()},
        )


def node_of(tensor: KerasTensor) -> Node | None:
    """Return the node that `tensor` came out of, or `None`."""
    history = getattr(tensor, "_keras_history", None)
    return None if history is None else history.operation._inbound_nodes[history.node_index]
