"""A graph as plain data and back, in Keras 3's format; Keras 2's is read as well."""

from __future__ import annotations

import inspect
from typing import Any

from nyala.core import deserialize_keras_object, find_builtin, serialize_keras_object, tree
from nyala.layers import InputLayer
from nyala.saving import as_keras_operation, from_keras_operation
from nyala.symbolic import KerasTensor


def takes_a_graph(cls: type) -> bool:
    """Whether the class' constructor takes what `Model(inputs, outputs)` takes."""
    parameters = inspect.signature(cls.__init__).parameters
    kinds = {p.kind for p in parameters.values()}
    if {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD} <= kinds:
        return True
    return list(parameters)[1:3] == ["inputs", "outputs"]


def functional_config(model: Any) -> dict[str, Any]:
    """Return the config of a functional model: its layers and the calls between them."""
    graph = model._graph
    places = _places_of_tensors(graph)
    layers = []
    for operation, nodes in _calls_by_operation(graph):
        entry = serialize_keras_object(operation)
        entry["name"] = operation.name
        entry["inbound_nodes"] = [_node_config(node, places) for node in nodes if not node.is_input]
        layers.append(as_keras_operation(entry))

    def ends(structure: Any) -> Any:
        return tree.map_structure(lambda t: _counted_as_keras_does(t, places), structure)

    return {
        "name": model.name,
        "trainable": model.trainable,
        "layers": layers,
        "input_layers": ends(graph._inputs_struct),
        "output_layers": ends(graph._outputs_struct),
    }


def _calls_by_operation(graph: Any) -> list[tuple[Any, list]]:
    """Return each operation with its calls within the graph."""
    inside = {id(node) for node in graph.nodes}
    return [
        (operation, [node for node in operation._inbound_nodes if id(node) in inside])
        for operation in graph.operations
    ]


def _places_of_tensors(graph: Any) -> dict[int, list]:
    """Return `[name, call, output]` for each tensor, calls counted within the graph."""
    return {
        id(tensor): [operation.name, call, index]
        for operation, nodes in _calls_by_operation(graph)
        for call, node in enumerate(nodes)
        for index, tensor in enumerate(node.output_tensors)
    }


def _counted_as_keras_does(tensor: KerasTensor, places: dict) -> list:
    """Keras counts a functional model's own graph as its call 0, but only at a graph's ends."""
    name, call, index = places[id(tensor)]
    own_graph = _has_own_call(tensor._keras_history.operation)
    return [name, call + 1 if own_graph else call, index]


def _has_own_call(operation: Any) -> bool:
    return isinstance(operation, find_builtin("keras.models", "Functional"))


def _node_config(node: Any, places: dict) -> dict[str, Any]:
    def described(argument: Any) -> Any:
        return serialize_keras_object(
            tree.map_structure(lambda leaf: _tensor_config(leaf, places), argument)
        )

    return {
        "args": tuple(described(arg) for arg in node.args),
        "kwargs": {key: described(arg) for key, arg in node.kwargs.items()},
    }


def _tensor_config(leaf: Any, places: dict) -> Any:
    if not isinstance(leaf, KerasTensor):
        return leaf
    return {
        "class_name": "__keras_tensor__",
        "config": {
            "shape": tuple(leaf.shape),
            "dtype": str(leaf.dtype),
            "keras_history": places[id(leaf)],
        },
    }


# -- reading -------------------------------------------------------------------------------------


def functional_from_config(cls: Any, config: dict, custom_objects: dict | None = None) -> Any:
    """Return a model from `functional_config`, or from Keras 2's form of it.

    Raises:
        ValueError: the calls cannot be put in order (a malformed config).
    """
    layers = {}
    config = {**config, "layers": [from_keras_operation(entry) for entry in config["layers"]]}
    for entry in config["layers"]:
        data = {k: v for k, v in entry.items() if k not in ("inbound_nodes", "name")}
        layer = deserialize_keras_object(data, custom_objects=custom_objects)
        layers[entry.get("name") or entry["config"]["name"]] = layer
    tensors: dict[tuple, Any] = {}
    for name, layer in layers.items():
        if isinstance(layer, InputLayer):
            tensors[name, 0, 0] = layer.output
    first_calls = _first_calls_in_keras2(config)
    _run_calls(config["layers"], layers, tensors, first_calls)
    own_calls = {n for n, one in layers.items() if _has_own_call(one) and n not in first_calls}
    inputs = _find(config["input_layers"], tensors, own_calls)
    outputs = _find(config["output_layers"], tensors, own_calls)
    more = {k: v for k, v in config.items() if k not in _GRAPH_KEYS}
    model = cls(inputs, outputs, name=config.get("name"), **more)
    if config.get("trainable") is False:
        model.trainable = False
    return model


_GRAPH_KEYS = ("name", "trainable", "layers", "input_layers", "output_layers")


def _first_calls_in_keras2(config: dict) -> dict[str, int]:
    """Return the models inside a Keras 2 config whose calls are numbered from 1.

    There a nested model's own graph is its call 0, everywhere in the config.
    """
    called: dict[str, set] = {}
    for entry in config["layers"]:
        for node in entry.get("inbound_nodes") or ():
            if isinstance(node, dict):
                return {}
            for place in [node] if node and isinstance(node[0], str) else node:
                called.setdefault(place[0], set()).add(place[1])
    for path, leaf in tree.flatten_with_path(config["output_layers"]):
        if isinstance(leaf, str):
            call = config["output_layers"]
            for key in path[:-1]:
                call = call[key]
            called.setdefault(leaf, set()).add(call[1])
    models = {
        entry.get("name") or entry["config"]["name"]
        for entry in config["layers"]
        if entry["class_name"] in ("Functional", "Model", "Sequential")
    }
    return {name: 1 for name in models if called.get(name) and 0 not in called[name]}


def _run_calls(entries: list, layers: dict, tensors: dict, first_calls: dict) -> None:
    """Call the layers, again and again those whose arguments exist by now."""
    waiting = [
        (name, first_calls.get(name, 0) + position, node)
        for entry in entries
        for name in [entry.get("name") or entry["config"]["name"]]
        for position, node in enumerate(entry.get("inbound_nodes") or ())
    ]
    while waiting:
        later = []
        for name, call, node in waiting:
            arguments = _arguments(node, tensors)
            first = first_calls.get(name, 0)
            ready = all((name, c, 0) in tensors for c in range(first, call))
            if arguments is None or not ready:
                later.append((name, call, node))
                continue
            args, kwargs = arguments
            outputs = layers[name](*args, **kwargs)
            for index, tensor in enumerate(tree.flatten(outputs)):
                tensors[name, call, index] = tensor
        if len(later) == len(waiting):
            names = sorted({name for name, _, _ in later})
            raise ValueError(
                f"The config's graph is not connected: the inputs of {names} never appear."
            )
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
    """Keras 2: `[layer, call, output, kwargs]` for each tensor of the first argument."""
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


def _find(places: Any, tensors: dict, own_calls: set[str]) -> Any:
    """Return the tensors at these places, in the same structure."""
    if isinstance(places, dict):
        return {key: _find(place, tensors, own_calls) for key, place in places.items()}
    if isinstance(places, (list, tuple)) and len(places) == 3 and isinstance(places[0], str):
        name, call, index = places
        return _lookup((name, int(call) - (name in own_calls and call > 0), index), tensors)
    found = [_find(place, tensors, own_calls) for place in places]
    return tuple(found) if isinstance(places, tuple) else found
