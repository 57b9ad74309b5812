"""`Model`: layers put together, with `compile`, `fit`, `evaluate` and `predict`."""

from __future__ import annotations

import json
from typing import Any

from nyala import saving
from nyala.core import (
    auto_name,
    did_you_mean,
    enrol,
    find_builtin,
    serialize_keras_object,
    tree,
)
from nyala.eager import Tensor
from nyala.layers import Layer
from nyala.models._cut import begins_at_inputs, cut_graph
from nyala.models._functional_config import (
    functional_config,
    functional_from_config,
    takes_a_graph,
)
from nyala.models._inputs import adapted_inputs
from nyala.models._pickle import reduced
from nyala.models._summary import print_summary
from nyala.symbolic import Function, KerasTensor, infer_output_spec
from nyala.training import Trainer, compiled_part_of, works_on_host


@enrol("keras", name="Model")
class Model(Trainer, Layer):
    """A model: from a graph, or with its own `call`.

    Args:
        inputs: the symbolic tensor(s) with which a graph begins: one, or a list, dict or nested
            structure of them.
        outputs: the symbolic tensor(s) that it computes.
        name: a name; automatic by default.
        trainable: whether training changes the weights.

    With `inputs` and `outputs` the model is the graph between them. Otherwise subclass it: make
    layers in `__init__`, and compute in `call(inputs, training=None)`.

    >>> import nyala
    >>> x = nyala.Input((4,))
    >>> model = nyala.Model(x, nyala.layers.Dense(2)(x))
    >>> model(nyala.ops.ones((3, 4))).shape
    (3, 2)
    >>> class Own(nyala.Model):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.dense = nyala.layers.Dense(2)
    ...     def call(self, inputs):
    ...         return self.dense(inputs)
    >>> Own()(nyala.ops.ones((3, 4))).shape
    (3, 2)
    """

    _graph: Function | None = None
    # Models may hold layers before super().__init__(inputs, outputs): the graph is made of them.
    _init_comes_first = False

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is Model and describes_graph(args, kwargs):
            cls = find_builtin("keras.models", "Functional")
        return super().__new__(cls, *args, **kwargs)

    def __init__(self, *args: Any, **kwargs: Any):
        Trainer.__init__(self)
        if describes_graph(args, kwargs):
            self._init_graph(*args, **kwargs)
        else:
            Layer.__init__(self, *args, **kwargs)

    def _init_graph(self, inputs: Any, outputs: Any, name: str | None = None,
                    trainable: bool = True, **kwargs: Any) -> None:  # fmt: skip
        """Become the model of the graph between `inputs` and `outputs`."""
        stem = "functional" if type(self).__name__ == "Functional" else type(self).__name__
        Layer.__init__(self, name=name or auto_name(stem), **kwargs)
        if not begins_at_inputs(inputs):
            inputs, outputs = cut_graph(inputs, outputs)
        graph = Function(inputs, outputs, name=self.name)
        _check_unique_names(graph)
        object.__setattr__(self, "_graph", graph)
        for operation in graph.operations:
            self._tracker.track(operation)
        self.input_names = [t._keras_history.operation.name for t in graph.inputs]
        self.output_names = output_names(graph.outputs)
        self.built = True
        if not trainable:
            self.trainable = False

    # -- the graph -------------------------------------------------------------------------------

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Compute the outputs; subclasses without a graph override it."""
        if self._graph is None:
            raise TypeError(
                f"Model {self.name!r} ({type(self).__name__}) has no call() method: implement "
                "call(self, inputs), or make the model from inputs and outputs."
            )
        compiled = compiled_part_of(self)
        if compiled is not None:
            return compiled.call(inputs)
        inputs = adapted_inputs(self, inputs)
        if mask is not None:
            for x, m in zip(tree.flatten(inputs), tree.flatten(mask), strict=False):
                if m is not None and type(x) is Tensor:
                    x._keras_mask = m
        return self._graph.call(inputs)

    def _inputs_in_order(self, inputs: Any) -> list:
        """Return one tensor for each input of the graph from what the model is called with."""
        return adapted_inputs(self, inputs)

    @property
    def input(self) -> Any:
        """The symbolic input(s), in the structure in which they were given."""
        return super().input if self._graph is None else self._graph._inputs_struct

    @property
    def output(self) -> Any:
        """The symbolic output(s), in the structure in which they were given."""
        return super().output if self._graph is None else self._graph._outputs_struct

    @property
    def inputs(self) -> list | None:
        """The symbolic inputs as a flat list, or `None` without a graph."""
        return None if self._graph is None else self._graph.inputs

    @property
    def outputs(self) -> list | None:
        """The symbolic outputs as a flat list, or `None` without a graph."""
        return None if self._graph is None else self._graph.outputs

    @property
    def input_shape(self) -> Any:
        """The shape(s) of the input(s)."""
        return tree.map_structure(lambda t: t.shape, self.input)

    @property
    def output_shape(self) -> Any:
        """The shape(s) of the output(s)."""
        return tree.map_structure(lambda t: t.shape, self.output)

    @property
    def operations(self) -> list:
        """The operations of the graph (layers and functions of `nyala.ops`)."""
        return [] if self._graph is None else self._graph.operations

    # -- layers ----------------------------------------------------------------------------------

    @property
    def layers(self) -> list[Layer]:
        """The layers directly inside the model; those of a graph in Keras' order."""
        if self._graph is None:
            return list(self._layers)
        return [one for one in self._graph.operations if isinstance(one, Layer)]

    @layers.setter
    def layers(self, value: Any) -> None:
        raise AttributeError("Model.layers is made by the model: give the attribute another name.")

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Return the layer with this name, or at this index.

        Raises:
            ValueError: there is none.
        """
        if (name is None) == (index is None):
            raise ValueError("get_layer expects either a name or an index.")
        layers = self.layers
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise ValueError(
                    f"Model {self.name!r} has {len(layers)} layers; there is none at index {index}."
                )
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        known = [layer.name for layer in layers]
        raise ValueError(
            f"Model {self.name!r} has no layer {name!r}.{did_you_mean(name, known)} Its layers "
            f"are: {', '.join(known)}."
        )

    def build(self, input_shape: Any = None) -> None:
        """Make the weights of a subclassed model for inputs of this shape.

        Args:
            input_shape: the shape with the batch axis, or a structure of shapes.
        """
        if self.built or self._graph is not None or input_shape is None:
            self.built = True
            return
        if works_on_host(self):  # strings cannot be traced: the first call makes the weights
            self.built = True
            return
        inputs = tree.map_shape_structure(
            lambda s: KerasTensor(s, self.compute_dtype, record_history=False), input_shape
        )
        names = self._call_signature().names
        if isinstance(inputs, dict) and len(names) > 1 and set(inputs) <= set(names):
            infer_output_spec(self.call, **inputs)  # one shape for each argument of call()
        else:
            infer_output_spec(self.call, inputs)
        self.built = True

    def summary(self, line_length: int | None = None, positions: Any = None, print_fn: Any = None,
                expand_nested: bool = False, show_trainable: bool = False,
                layer_range: Any = None) -> None:  # fmt: skip
        """Print the layers, their output shapes and their numbers of parameters.

        Args:
            line_length: width in characters; that of the terminal by default.
            positions: relative ends of the columns.
            print_fn: called with the text instead of printing it.
            expand_nested: whether the layers of models inside are shown.
            show_trainable: whether a column says which layers training changes.
            layer_range: names (or patterns) of the first and last layer to show.

        >>> import nyala
        >>> model = nyala.Sequential([nyala.Input((3,)), nyala.layers.Dense(2, name="scores")])
        >>> lines = []
        >>> model.summary(print_fn=lines.append)
        >>> "scores (Dense)" in lines[0]
        True
        """
        print_summary(self, line_length=line_length, positions=positions, print_fn=print_fn,
                      expand_nested=expand_nested, show_trainable=show_trainable,
                      layer_range=layer_range)  # fmt: skip

    # -- files -----------------------------------------------------------------------------------

    def save(self, filepath: Any, overwrite: bool = True, zipped: bool | None = None,
             **kwargs: Any) -> None:  # fmt: skip
        """Write the model: architecture, weights, and what it was compiled with.

        Args:
            filepath: ends with `.keras` (Keras 3) or `.h5` (Keras 2); without an ending it becomes
                a directory.
            overwrite: whether something of that name may be replaced.
            zipped: whether an archive or a directory is written; by the ending by default.
            **kwargs: of Keras 2; see `saving.save_model`.
        """
        saving.save_model(self, filepath, overwrite=overwrite, zipped=zipped, **kwargs)

    def save_weights(self, filepath: Any, overwrite: bool = True, **kwargs: Any) -> None:
        """Write the weights and the optimizer's state; see `saving.save_weights`.

        Args:
            filepath: ends with `.weights.h5`, which is added where no ending is given; with `.h5`
                the file has Keras 2's layout.
            overwrite: whether a file of that name may be replaced.
        """
        for keras2 in ("save_format", "options"):
            kwargs.pop(keras2, None)
        saving.save_weights(self, filepath, overwrite=overwrite, **kwargs)

    def load_weights(self, filepath: Any, skip_mismatch: bool = False, **kwargs: Any) -> None:
        """Set the weights from a file.

        Args:
            filepath: what `save_weights` wrote, here or in Keras.
            skip_mismatch: whether what does not fit is left out, with a warning.
            **kwargs: `by_name` for Keras 2's `.h5` files; see `saving.load_weights`.

        Raises:
            ModelFileError: the file does not fit the model; the error shows where.
        """
        kwargs.pop("options", None)
        saving.load_weights(self, filepath, skip_mismatch=skip_mismatch, **kwargs)

    def __reduce__(self) -> tuple:
        """Let `pickle` and `copy.deepcopy` take the model by its config and weights."""
        return reduced(self)

    # -- configuration ---------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """Return the graph as plain data; for other models the constructor's arguments.

        A subclass whose constructor takes other arguments than `inputs` and `outputs` is described
        by the arguments it was made with.
        """
        if self._graph is not None and takes_a_graph(type(self)):
            return functional_config(self)
        return super().get_config()

    get_config.is_default = True

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict | None = None) -> Model:
        """Return a model from `get_config()`.

        Raises:
            TypeError: the config does not hold the arguments of the class' constructor.
        """
        graph_keys = {"name", "layers", "input_layers", "output_layers"}
        if graph_keys <= set(config) and takes_a_graph(cls):
            return functional_from_config(cls, config, custom_objects)
        return super().from_config(config)

    def to_json(self, **kwargs: Any) -> str:
        """Return the model's architecture as JSON, which `models.model_from_json` reads.

        Args:
            **kwargs: passed to `json.dumps`, such as `indent`.

        >>> import nyala
        >>> model = nyala.Sequential([nyala.Input((3,)), nyala.layers.Dense(2)])
        >>> nyala.models.model_from_json(model.to_json()).output_shape
        (None, 2)
        """
        return json.dumps(serialize_keras_object(self), **kwargs)

    def reset_states(self) -> None:
        """Reset the states of stateful recurrent layers."""
        for layer in self._flatten_layers(include_self=False):
            for method in ("reset_state", "reset_states"):
                if hasattr(layer, method) and getattr(layer, "stateful", False):
                    getattr(layer, method)()
                    break

    @property
    def state_updates(self) -> list:
        """An empty list: assignments take effect where they are written (Keras 2's name)."""
        return []


def describes_graph(args: tuple, kwargs: dict) -> bool:
    """Whether a model's constructor was given inputs and outputs."""
    return len(args) >= 2 or (len(args) == 1 and "outputs" in kwargs) or (
        "inputs" in kwargs and "outputs" in kwargs
    )  # fmt: skip


def output_names(outputs: list) -> list[str]:
    """Return the names by which outputs are known: their layers', numbered where they repeat."""
    names = [t._keras_history.operation.name for t in outputs]
    seen: dict[str, int] = {}
    unique = []
    for name in names:
        count = seen.get(name, 0)
        seen[name] = count + 1
        unique.append(name if count == 0 else f"{name}_{count}")
    return unique


def _check_unique_names(graph: Function) -> None:
    names: dict[str, Any] = {}
    for operation in graph.operations:
        if operation.name in names:
            raise ValueError(
                f"Two layers of the model are named {operation.name!r} "
                f"({type(names[operation.name]).__name__} and {type(operation).__name__}): names "
                "must be unique within a model. Pass another name=... to one of them."
            )
        names[operation.name] = operation
