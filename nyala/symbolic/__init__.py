"""Drawing graphs: symbolic tensors, nodes, shape inference, functions cut out of a graph."""

from nyala.symbolic._function import Function
from nyala.symbolic._graph_order import sort_graph
from nyala.symbolic._host_stage import needs_host, split_stages
from nyala.symbolic._inference import infer_output_spec
from nyala.symbolic._keras_tensor import (
    KerasTensor,
    any_symbolic,
    is_keras_tensor,
    standardize_shape,
)
from nyala.symbolic._node import KerasHistory, Node, node_of
from nyala.symbolic._operation import OpCall, Operation, check_name, constructor_arguments

__all__ = [
    "Function",
    "KerasHistory",
    "KerasTensor",
    "Node",
    "OpCall",
    "Operation",
    "any_symbolic",
    "check_name",
    "constructor_arguments",
    "infer_output_spec",
    "is_keras_tensor",
    "needs_host",
    "node_of",
    "sort_graph",
    "split_stages",
    "standardize_shape",
]
