"""`Operation`: anything whose calls can be drawn into a graph. Layers are operations."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from nyala.core import auto_name, enrol, tree
from nyala.eager import OPERATIONS, SYMBOLIC_CALL
from nyala.symbolic._inference import infer_output_spec
from nyala.symbolic._keras_tensor import KerasTensor, any_symbolic
from nyala.symbolic._node import Node


class Operation:
    """A computation with a name whose calls on KerasTensors become nodes of a graph.

    Args:
        name: a name; automatic by default.

    Subclasses implement `call`; output shapes follow from it by abstract evaluation.

    >>> import nyala
    >>> class Twice(nyala.Operation):
    ...     def call(self, x):
    ...         return x * 2
    >>> Twice()(nyala.Input((3,))).shape
    (None, 3)
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        instance = super().__new__(cls)
        # Remembered so that a class without get_config can be saved and cloned all the same.
        object.__setattr__(instance, "_init_arguments", (args, kwargs))
        return instance

    def __init__(self, name: str | None = None):
        # Keras 2's tutorials write `name=""` for an automatic name.
        self.name = (
            check_name(name, self) if name not in (None, "") else auto_name(type(self).__name__)
        )
        self._inbound_nodes: list[Node] = []
        self._outbound_nodes: list[Node] = []

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if any_symbolic(args, kwargs):
            return self.symbolic_call(*args, **kwargs)
        return self.call(*args, **kwargs)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs; implemented by subclasses."""
        raise TypeError(f"{type(self).__name__} must implement call().")

    def symbolic_call(self, *args: Any, **kwargs: Any) -> Any:
        """Draw a node and return its outputs."""
        outputs = self.compute_output_spec(*args, **kwargs)
        Node(self, call_args=args, call_kwargs=kwargs, outputs=outputs)
        return outputs

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Return KerasTensors that describe what a call with these arguments returns."""
        return infer_output_spec(self.call, *args, **kwargs)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal operation can be made."""
        return {"name": self.name, **constructor_arguments(self)}

    @classmethod
    def from_config(cls, config: dict) -> Any:
        """Return an operation from `get_config()`."""
        try:
            return cls(**config)
        except TypeError as error:
            raise TypeError(
                f"{cls.__name__} cannot be rebuilt from its config {sorted(config)}: {error}. "
                "get_config() must return the arguments of __init__."
            ) from error

    @property
    def input(self) -> Any:
        """The KerasTensors with which the operation was first called."""
        node = self._first_node("input")
        tensors = [*node.args, *node.kwargs.values()]
        tensors = [t for t in tensors if any_symbolic(t)]
        return tensors[0] if len(tensors) == 1 else tensors

    @property
    def output(self) -> Any:
        """The KerasTensors that the first call returned."""
        return self._first_node("output").outputs

    def _first_node(self, what: str) -> Node:
        if not self._inbound_nodes:
            raise AttributeError(
                f"The layer {self.name!r} has no {what}: it was never called on a symbolic tensor."
            )
        return self._inbound_nodes[0]


def check_name(name: Any, owner: Any) -> str:
    """Return `name`, a string; Keras 2's `/` is allowed in and kept."""
    if not isinstance(name, str):
        raise ValueError(f"{type(owner).__name__}(name=...) expects a string; got {name!r}.")
    return name


def constructor_arguments(operation: Operation) -> dict[str, Any]:
    """Return the arguments that the constructor was called with, by name."""
    args, kwargs = operation._init_arguments
    parameters = list(inspect.signature(type(operation).__init__).parameters)[1:]
    named = dict(zip(parameters, args, strict=False))
    return {**named, **kwargs}


@enrol("nyala.ops", name="OpCall")
class OpCall(Operation):
    """A call of a function of `nyala.ops` in a graph.

    Args:
        op: the operation, or its name.
        name: a name; automatic by default.
    """

    def __init__(self, op: str | Callable, name: str | None = None):
        function = OPERATIONS[op] if isinstance(op, str) else op
        super().__init__(name=name or auto_name(function.op_name.strip("_")))
        self.function = function

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Call the operation."""
        return self.function(*args, **kwargs)

    def get_config(self) -> dict[str, Any]:
        """Return the operation's name in `nyala.ops`, and the node's."""
        return {"op": self.function.op_name, "name": self.name}


def _call_symbolically(operation: Callable, args: tuple, kwargs: dict) -> Any:
    known = [x for x in tree.flatten([args, kwargs]) if isinstance(x, KerasTensor)]
    if not all(x.record_history for x in known):
        return infer_output_spec(operation, *args, **kwargs)
    return OpCall(operation)(*args, **kwargs)


SYMBOLIC_CALL.append(_call_symbolically)
