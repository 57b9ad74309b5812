"""`Function`: a piece of graph between some tensors and others, run node by node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nyala.core import tree
from nyala.symbolic._keras_tensor import KerasTensor
from nyala.symbolic._node import Node, node_of
from nyala.symbolic._operation import Operation


class Function(Operation):
    """The computation from `inputs` to `outputs`, cut out of a graph.

    Args:
        inputs: a structure of KerasTensors; inner tensors of a graph are allowed.
        outputs: a structure of KerasTensors that depend on no other input.
        name: a name; automatic by default.

    Raises:
        ValueError: an output depends on an input that was not given.

    >>> import nyala
    >>> x = nyala.Input((2,))
    >>> double = nyala.Function(x, x * 2)
    >>> double(nyala.ops.ones((1, 2))).tolist()
    [[2.0, 2.0]]
    """

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None):
        super().__init__(name=name)
        self._inputs_struct, self._outputs_struct = inputs, outputs
        self._inputs = tree.flatten(inputs)
        self._outputs = tree.flatten(outputs)
        for tensor in (*self._inputs, *self._outputs):
            if not isinstance(tensor, KerasTensor):
                raise ValueError(
                    f"{type(self).__name__}: inputs and outputs must be symbolic tensors, such as "
                    f"Input() returns; got {tensor!r} of type {type(tensor).__name__}."
                )
        self._nodes, self._depth_of = sort_graph(self._inputs, self._outputs)
        self._operations = list({id(n.operation): n.operation for n in self._nodes}.values())

    @property
    def operations(self) -> list[Operation]:
        """The operations in the graph, each once, in the order in which they run."""
        return list(self._operations)

    @property
    def inputs(self) -> list[KerasTensor]:
        """The input tensors as a flat list."""
        return self._inputs

    @property
    def outputs(self) -> list[KerasTensor]:
        """The output tensors as a flat list."""
        return self._outputs

    def call(self, inputs: Any) -> Any:
        """Run the graph on values for the inputs."""
        return self.run_through(inputs, lambda operation: operation)

    def run_through(self, inputs: Any, callable_for: Callable) -> Any:
        """Run the graph, calling `callable_for(operation)` in place of each operation."""
        values = dict(
            zip(map(id, self._inputs), tree.flatten(inputs), strict=True)
        )
        for node in self._nodes:
            if node.is_input or all(id(t) in values for t in node.output_tensors):
                continue
            args, kwargs = node.fill(values)
            outputs = callable_for(node.operation)(*args, **kwargs)
            for tensor, value in zip(node.output_tensors, tree.flatten(outputs), strict=False):
                values[id(tensor)] = value
        return tree.pack_sequence_as(
            self._outputs_struct, [values[id(tensor)] for tensor in self._outputs]
        )


def sort_graph(inputs: list, outputs: list) -> tuple[list[Node], dict[int, int]]:
    """Return the nodes between `inputs` and `outputs` in running order, and each one's depth.

    Depth is the longest way to an output: nodes of equal depth do not depend on each other.
    """
    given = {id(tensor) for tensor in inputs}
    order: list[Node] = []
    done: set[int] = set()
    # An explicit stack: graphs may be deeper than Python's recursion limit.
    stack: list[tuple[Node, bool]] = []

    def push(tensor):
        node = node_of(tensor)
        if node is None or (node.is_input and id(tensor) not in given):
            raise ValueError(
                f"The graph is not connected: the output depends on {tensor!r}, which is not among "
                "the inputs. Pass every Input() that the outputs are computed from."
            )
        stack.append((node, False))

    for tensor in outputs:
        push(tensor)
        while stack:
            node, visited = stack.pop()
            if id(node) in done:
                continue
            if visited:
                done.add(id(node))
                order.append(node)
                continue
            stack.append((node, True))
            if all(id(t) in given for t in node.output_tensors):
                continue
            for parent in reversed(node.input_tensors):
                if id(parent) not in given or node_of(parent) is not None:
                    push(parent)
    for tensor in inputs:
        node = node_of(tensor)
        if node is not None and id(node) not in done:
            done.add(id(node))
            order.insert(0, node)
    return _in_keras_order(order, given)


def _in_keras_order(order: list[Node], given: set[int]) -> tuple[list[Node], dict[int, int]]:
    """Sort by depth from the outputs, as Keras lists layers; ties keep the order of definition."""
    depth: dict[int, int] = {}
    for node in reversed(order):
        own = depth.setdefault(id(node), 0)
        if all(id(t) in given for t in node.output_tensors):
            continue
        for parent in node.parent_nodes:
            depth[id(parent)] = max(depth.get(id(parent), 0), own + 1)
    position = {id(node): i for i, node in enumerate(order)}
    ordered = sorted(order, key=lambda n: (-depth[id(n)], position[id(n)]))
    return ordered, depth
