"""`clone_model`: the same architecture with layers and weights of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nyala.core import deserialize_keras_object, serialize_keras_object, tree
from nyala.layers import Input, InputLayer
from nyala.models._functional import Functional
from nyala.models._functional_config import takes_a_graph
from nyala.models._model import Model
from nyala.models._sequential import Sequential
from nyala.symbolic import KerasTensor, Operation


def clone_model(model: Model, input_tensors: Any = None, clone_function: Callable | None = None,
                call_function: Callable | None = None, recursive: bool = False,
                **kwargs: Any) -> Model:  # fmt: skip
    """Return a model of the same architecture with newly made layers and weights.

    Args:
        model: a functional, sequential or subclassed model.
        input_tensors: symbolic tensors to build on, nested as `model.input`; new inputs by
            default. Not for subclassed models.
        clone_function: `clone_function(layer)` returns the layer to use in place of `layer` (input
            layers excepted); a new layer of the same config by default. Not for subclassed models.
        call_function: `call_function(layer, *args, **kwargs)` is made in place of each call of a
            layer, to put something before or behind it. For functional models only.
        recursive: whether models inside are cloned layer by layer too, by the same functions.

    Returns:
        The clone. Subclassed models are rebuilt by `from_config(get_config())`.

    >>> import nyala
    >>> model = nyala.Sequential([nyala.Input((3,)), nyala.layers.Dense(2)])
    >>> copy = nyala.models.clone_model(model)
    >>> copy.set_weights(model.get_weights())
    >>> copy.count_params()
    8
    """
    clones = kwargs.pop("cache", None)
    if kwargs:
        raise ValueError(f"clone_model does not take the argument {sorted(kwargs)[0]!r}.")
    for name, function in (("clone_function", clone_function), ("call_function", call_function)):
        if function is not None and not callable(function):
            raise ValueError(f"clone_model({name}=...) expects a function; got {function!r}.")
    if model._graph is None and not isinstance(model, Sequential):
        _refuse_for_subclasses(model, input_tensors, clone_function, call_function)
        own_class = {type(model).__name__: type(model)}
        return deserialize_keras_object(serialize_keras_object(model), custom_objects=own_class)
    clone_layer = _LayerCloner(clone_function, call_function, recursive, clones)
    if isinstance(model, Sequential):
        if call_function is not None:
            raise ValueError(
                f"clone_model: call_function is for functional models; {model.name!r} is a "
                "Sequential model, whose layers are listed, not called."
            )
        clone = _clone_sequential(model, clone_layer, input_tensors)
    else:
        clone = _clone_functional(model, clone_layer, call_function, input_tensors)
    if model.compiled:
        clone.compile_from_config(model.get_compile_config())
    return clone


class _LayerCloner:
    """Clones layers, each once: a layer that is shared is shared in the clone too."""

    def __init__(self, clone_function: Callable | None, call_function: Callable | None,
                 recursive: bool, clones: dict | None):  # fmt: skip
        self.clone_function = clone_function or _from_own_config
        self.call_function = call_function
        self.recursive = recursive
        self.clones: dict[int, Any] = {} if clones is None else clones

    def __call__(self, operation: Any) -> Any:
        key = id(operation)
        if key not in self.clones:
            self.clones[key] = self._clone(operation)
        return self.clones[key]

    def _clone(self, operation: Any) -> Any:
        if self.recursive and isinstance(operation, Model) and operation._graph is not None:
            sequential = isinstance(operation, Sequential)
            return clone_model(
                operation, clone_function=self.clone_function, recursive=True, cache=self.clones,
                call_function=None if sequential else self.call_function,
            )  # fmt: skip
        return self.clone_function(operation)


def _from_own_config(operation: Operation) -> Operation:
    return type(operation).from_config(operation.get_config())


def _refuse_for_subclasses(model: Model, *arguments: Any) -> None:
    names = ("input_tensors", "clone_function", "call_function")
    given = [name for name, value in zip(names, arguments, strict=True) if value is not None]
    if given:
        raise ValueError(
            f"clone_model: {', '.join(given)} can be used with functional and Sequential models "
            f"only; {model.name!r} is a subclassed model ({type(model).__name__}), whose layers "
            "are not known as a graph."
        )


def _clone_sequential(model: Sequential, clone_layer: Callable, input_tensors: Any) -> Sequential:
    layers = [clone_layer(layer) for layer in model.layers]
    first = model._layers[0] if model._layers else None
    own_input = first if isinstance(first, InputLayer) else None
    if input_tensors is not None:
        flat = tree.flatten(input_tensors)
        if len(flat) != 1 or not isinstance(flat[0], KerasTensor):
            raise ValueError(
                f"clone_model(input_tensors=...) of the Sequential model {model.name!r} expects "
                f"one symbolic tensor; got {input_tensors!r}."
            )
        layers.insert(0, InputLayer(input_tensor=_fresh(flat[0]), name=flat[0].name))
    elif own_input is not None:
        layers.insert(0, InputLayer.from_config(own_input.get_config()))
    return Sequential(layers, name=model.name, trainable=model.trainable)


def _fresh(tensor: KerasTensor) -> KerasTensor:
    # A stack has an input of its own: taking over a tensor would tear it out of its graph.
    return KerasTensor(tensor.shape, tensor.dtype, name=tensor.name)


def _clone_functional(model: Model, clone_layer: Callable, call_function: Callable | None,
                      input_tensors: Any) -> Model:  # fmt: skip
    if input_tensors is None:
        input_tensors = tree.map_structure(_like_input, model.input)
    else:
        _check_inputs(model, input_tensors)

    def call(operation: Any, *args: Any, **kwargs: Any) -> Any:
        clone = clone_layer(operation)
        if call_function is None:
            return clone(*args, **kwargs)
        return call_function(clone, *args, **kwargs)

    outputs = model._graph.run_through(input_tensors, call)
    cls = type(model) if takes_a_graph(type(model)) else Functional
    clone = cls(input_tensors, outputs, name=model.name)
    if not model.trainable:
        clone.trainable = False
    return clone


def _like_input(tensor: KerasTensor) -> KerasTensor:
    layer = tensor._keras_history.operation
    return Input(batch_shape=tensor.shape, dtype=tensor.dtype, name=layer.name,
                 optional=getattr(layer, "optional", False))  # fmt: skip


def _check_inputs(model: Model, input_tensors: Any) -> None:
    wrong = [t for t in tree.flatten(input_tensors) if not isinstance(t, KerasTensor)]
    if wrong:
        raise ValueError(
            f"clone_model(input_tensors=...) expects symbolic tensors; got {wrong[0]!r} of type "
            f"{type(wrong[0]).__name__}."
        )
    try:
        tree.assert_same_structure(input_tensors, model.input)
    except ValueError as error:
        raise ValueError(
            f"clone_model(input_tensors=...) must be nested as the inputs of {model.name!r}: "
            f"expected {model.input}, got {input_tensors}."
        ) from error
