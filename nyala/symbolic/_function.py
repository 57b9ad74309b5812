"""`Function`: a piece of graph between some tensors and others, run node by node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nyala.core import tree
from nyala.symbolic._graph_order import sort_graph
from nyala.symbolic._keras_tensor import KerasTensor
from nyala.symbolic._node import Node
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
        for role, tensors in (("inputs", self._inputs), ("outputs", self._outputs)):
            if not tensors:
                raise ValueError(
                    f"{type(self).__name__}: {role} must hold a symbolic tensor; got none."
                )
        for tensor in (*self._inputs, *self._outputs):
            if not isinstance(tensor, KerasTensor):
                raise ValueError(
                    f"{type(self).__name__}: inputs and outputs must be symbolic tensors, such as "
                    f"Input() returns; got {tensor!r} of type {type(tensor).__name__}."
                )
        self._nodes, self._operations, self._nodes_by_depth = sort_graph(
            self._inputs, self._outputs
        )
        self._steps = self._planned_steps()

    @property
    def operations(self) -> list[Operation]:
        """The operations in the graph, each once, in the order in which Keras lists them."""
        return list(self._operations)

    @property
    def inputs(self) -> list[KerasTensor]:
        """The input tensors as a flat list."""
        return self._inputs

    @property
    def outputs(self) -> list[KerasTensor]:
        """The output tensors as a flat list."""
        return self._outputs

    @property
    def nodes(self) -> list[Node]:
        """The calls in the graph in the order in which they run."""
        return list(self._nodes)

    @property
    def nodes_by_depth(self) -> dict[int, list[Node]]:
        """The calls by their distance from the outputs, farthest first."""
        return {depth: list(nodes) for depth, nodes in self._nodes_by_depth.items()}

    def call(self, inputs: Any) -> Any:
        """Run the graph on values for the inputs."""
        return self.run_through(inputs)

    def _planned_steps(self) -> list[tuple]:
        """Return `(operation, source, constants, node, targets)` for each call to make.

        Most calls take one tensor and return one. These are told apart once, here, so that running
        the graph is little more than calling the operations: `source` is the key of the one tensor
        argument, and `constants` are the other arguments; `source` is `None` where the arguments
        have to be filled in as the node describes.
        """
        known = {id(tensor) for tensor in self._inputs}
        steps = []
        for node in self._nodes:
            keys = [id(tensor) for tensor in node.output_tensors]
            if node.is_input or known.issuperset(keys):
                continue
            simple = len(node.args) == 1 and isinstance(node.args[0], KerasTensor)
            simple = simple and len(node.input_tensors) == 1
            source = id(node.args[0]) if simple else None
            constants = node.kwargs if simple else None
            # A tensor that is given is not overwritten by a call made for the sake of another one.
            targets = tuple(None if key in known else key for key in keys)
            steps.append((node.operation, source, constants, node, targets))
            known.update(keys)
        return steps

    def run_through(self, inputs: Any, call: Callable | None = None) -> Any:
        """Run the graph on `inputs`.

        Args:
            inputs: one value for each input, in any structure with as many leaves.
            call: `call(operation, *args, **kwargs)` is made in place of each operation's call.
        """
        if call is not None:
            return self._run(inputs, call)
        values = dict(zip(map(id, self._inputs), _leaves(inputs), strict=True))
        for operation, source, constants, node, targets in self._steps:
            if source is None:
                args, kwargs = node.fill(values)
                outputs = operation(*args, **kwargs)
            else:
                outputs = operation(values[source], **constants)
            _keep(values, targets, outputs)
        return self._packed(values)

    def _run(self, inputs: Any, call: Callable) -> Any:
        values = dict(zip(map(id, self._inputs), _leaves(inputs), strict=True))
        for operation, _, _, node, targets in self._steps:
            args, kwargs = node.fill(values)
            _keep(values, targets, call(operation, *args, **kwargs))
        return self._packed(values)

    def _packed(self, values: dict[int, Any]) -> Any:
        struct = self._outputs_struct
        if isinstance(struct, KerasTensor):
            return values[id(struct)]
        return tree.pack_sequence_as(struct, [values[id(tensor)] for tensor in self._outputs])


def _leaves(inputs: Any) -> list:
    return tree.flatten(inputs) if isinstance(inputs, (list, tuple, dict)) else [inputs]


def _keep(values: dict[int, Any], targets: tuple, outputs: Any) -> None:
    """Put the outputs of a call where later calls look for them."""
    if len(targets) == 1 and not isinstance(outputs, (list, tuple, dict)):
        values[targets[0]] = outputs
        return
    for key, value in zip(targets, tree.flatten(outputs), strict=False):
        if key is not None:
            values[key] = value
