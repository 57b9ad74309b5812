"""A graph as plain data and back, in Keras 3's format; Keras 2's is read as well."""

from __future__ import annotations

from typing import Any

from nyala.core import deserialize_keras_object, serialize_keras_object, tree
from nyala.layers import InputLayer
from nyala.symbolic import KerasTensor


def functional_config(model: Any) -> dict[str, Any]:
    """Return the config of a functional model: its layers and the calls between them."""
    graph = model._graph
    inside = {id(node) for node in graph._nodes}
    layers = []
    for operation in graph.operations:
        nodes = [node for node in operation._inbound_nodes if id(node) in inside]
        entry = serialize_keras_object(operation)
        entry["name"] = operation.name
        entry["inbound_nodes"] = [_node_config(node) for node in nodes if not node.is_input]
        layers.append(entry)
    positions = _positions(graph)
    return {
        "name": model.name,
        "trainable": model.trainable,
        "layers": layers,
        "input_layers": _places(graph._inputs_struct, positions),
        "output_layers": _places(graph._outputs_struct, positions),
    }


def _positions(graph: Any) -> dict[int, list]:
    """Return `[name, call, output]` for each tensor, calls counted within the graph."""
    positions: dict[int, list] = {}
    inside = {id(node) for node in graph._nodes}
    for operation in graph.operations:
        nodes = [node for node in operation._inbound_nodes if id(node) in inside]
        for call, node in enumerate(nodes):
            for index, tensor in enumerate(node.output_tensors):
                positions[id(tensor)] = [operation.name, call, index]
    return positions


def _places(structure: Any, positions: dict) -> Any:
    if isinstance(structure, KerasTensor):
        return positions[id(structure)]
    return tree.map_structure(lambda t: positions[id(t)], structure)


def _node_config(node: Any) -> dict[str, Any]:
    return {
        "args": tuple(serialize_keras_object(_described(arg)) for arg in node.args),
        "kwargs": {key: serialize_keras_object(_described(arg)) for key, arg in node.kwargs.items()},
    }


def _described(argument: Any) -> Any:
    """Return the argument with every KerasTensor as its config."""

    def describe(leaf):
        if not isinstance(leaf, KerasTensor):
            return leaf
        history = leaf._keras_history
        return {
            "class_name": "__keras_tensor__",
            "config": {
                "shape": tuple(leaf.shape),
                "dtype": str(leaf.dtype),
                "keras_history": [history.operation.name, history.node_index, history.tensor_index],
            },
        }

    return tree.map_structure(describe, argument)


# -- reading -------------------------------------------------------------------------------------


def functional_from_config(cls: Any, config: dict, custom_objects: dict | None = None) -> Any:
    """Return a model from `functional_config`, or from Keras 2's form of it.

    Raises:
        ValueError: the calls cannot be put in order (a malformed config).
    """
    layers = {}
    for entry in config["layers"]:
        data = {k: v for k, v in entry.items() if k not in ("inbound_nodes", "name")}
        layer = deserialize_keras_object(data, custom_objects=custom_objects)
        layers[entry.get("name") or entry["config"]["name"]] = layer
    tensors: dict[tuple, Any] = {}
    for name, layer in layers.items():
        if isinstance(layer, InputLayer):
            tensors[name, 0, 0] = layer.output
    _run_calls(config["layers"], layers, tensors)
    inputs = _find(config["input_layers"], tensors)
    outputs = _find(config["output_layers"], tensors)
    model = cls(inputs, outputs, name=config.get("name"))
    if config.get("trainable") is False:
        model.trainable = False
    return model


def _run_calls(entries: list, layers: dict, tensors: dict) -> None:
    """Call the layers, again and again those whose arguments exist by now."""
    waiting = [
        (entry.get("name") or entry["config"]["name"], call, node)
        for entry in entries
        for call, node in enumerate(entry.get("inbound_nodes") or ())
    ]
    while waiting:
        later = []
        for name, call, node in waiting:
            arguments = _arguments(node, tensors)
            ready = all((name, c, 0) in tensors for c in range(call))
            if arguments is None or not ready:
                later.append((name, call, node))
                continue
            args, kwargs = arguments
            outputs = layers[name](*args, **kwargs)
            for index, tensor in enumerate(tree.flatten(outputs)):
                tensors[name, call, index] = tensor
        if len(later) == len(waiting):
            names = sorted({name for name, _, _ in later})
            raise ValueError(f"The config's graph is not connected: the inputs of {names} never appear.")
        waiting = later


class _NotReady(Exception):
    pass


def _arguments(node: Any, tensors: dict) -> tuple[tuple, dict] | None:
    """Return the arguments of a call, or `None` while some tensor does not exist yet."""
    try:
        if isinstance(node, dict):
            args = tuple(_filled(arg, tensors) for arg in node.get("args", ()))
            kwargs = {key: _filled(arg, tensors) for key, arg in node.get("kwargs", {}).items()}
            return args, kwargs
        return _keras2_arguments(node, tensors)
    except _NotReady:
        return None


def _filled(argument: Any, tensors: dict) -> Any:
    if isinstance(argument, dict) and argument.get("class_name") == "__keras_tensor__":
        return _lookup(tuple(argument["config"]["keras_history"]), tensors)
    if isinstance(argument, (list, tuple)):
        return type(argument)(_filled(item, tensors) for item in argument)
    if isinstance(argument, dict) and "class_name" not in argument:
        return {key: _filled(item, tensors) for key, item in argument.items()}
    return deserialize_keras_object(argument)


def _lookup(place: tuple, tensors: dict) -> Any:
    key = (place[0], int(place[1]), int(place[2]))
    if key not in tensors:
        raise _NotReady
    return tensors[key]


def _keras2_arguments(node: Any, tensors: dict) -> tuple[tuple, dict]:
    """Keras 2: a list of `[layer, call, output, kwargs]`, one for each tensor of the first argument."""
    if node and isinstance(node[0], str):
        node = [node]
    inputs = [_lookup(tuple(item[:3]), tensors) for item in node]
    kwargs: dict[str, Any] = {}
    for item in node:
        if len(item) > 3:
            kwargs.update({key: _keras2_value(value, tensors) for key, value in item[3].items()})
    return (inputs[0] if len(inputs) == 1 else inputs,), kwargs


def _keras2_value(value: Any, tensors: dict) -> Any:
    if isinstance(value, list) and len(value) >= 3 and isinstance(value[0], str):
        return _lookup(tuple(value[:3]), tensors)
    return value


def _find(places: Any, tensors: dict) -> Any:
    """Return the tensors at these places, in the same structure."""
    if isinstance(places, dict):
        return {key: _find(place, tensors) for key, place in places.items()}
    if isinstance(places, (list, tuple)) and len(places) == 3 and isinstance(places[0], str):
        return _lookup(tuple(places), tensors)
    return [_find(place, tensors) for place in places]
