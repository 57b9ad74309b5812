"""`Sequential`: layers one after another."""

from __future__ import annotations

from typing import Any

from nyala.core import deserialize_keras_object, enrol, serialize_keras_object
from nyala.eager import to_tensor
from nyala.layers import InputLayer, Lambda, Layer
from nyala.models._model import Model
from nyala.symbolic import Function, KerasTensor, any_symbolic
from nyala.training import compiled_part_of


@enrol("keras", name="Sequential")
@enrol("keras.models", name="Sequential")
class Sequential(Model):
    """A stack of layers, each with one input and one output.

    Args:
        layers: the layers; an `Input` first fixes the input shape, otherwise the weights are made
            when the model first meets data.
        trainable: whether training changes the weights.
        name: a name; automatic by default.

    >>> import nyala
    >>> model = nyala.Sequential([nyala.Input((4,)), nyala.layers.Dense(2)])
    >>> model.output_shape
    (None, 2)
    """

    def __init__(self, layers: Any = None, trainable: bool = True, name: str | None = None):
        super().__init__(trainable=trainable, name=name)
        # Whether the input's shape was taken from data: later data may differ in free axes.
        self._shape_from_data = False
        for layer in layers or ():
            self.add(layer, rebuild=False)
        self._rebuild()

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Put a layer on top.

        Args:
            layer: a layer, an `Input`, or a function of a tensor.
            rebuild: whether the graph is drawn anew at once.

        Raises:
            ValueError: another layer of the model has the same name, or an input comes second.
        """
        layer = _as_layer(layer)
        if not self._layers and not isinstance(layer, InputLayer):
            shape = _input_shape_of(layer)
            if shape is not None:
                self._layers_append(InputLayer(batch_shape=shape, dtype=_input_dtype_of(layer)))
        if isinstance(layer, InputLayer) and self._layers:
            raise ValueError(
                f"Sequential model {self.name!r} already has layers: an Input can only come first."
            )
        if any(one.name == layer.name for one in self._layers):
            raise ValueError(
                f"Sequential model {self.name!r} already has a layer named {layer.name!r}: names "
                "must be unique within a model."
            )
        self._layers_append(layer)
        if rebuild:
            self._rebuild()

    def _layers_append(self, layer: Layer) -> None:
        self._tracker.track(layer)

    def pop(self, rebuild: bool = True) -> Layer:
        """Remove the last layer and return it."""
        if not self.layers:
            raise TypeError(f"Sequential model {self.name!r} has no layer to pop.")
        layer = self._layers[-1]
        self._tracker.untrack(layer)
        self._forget_graph()
        if rebuild:
            self._rebuild()
        return layer

    def _forget_graph(self) -> None:
        object.__setattr__(self, "_graph", None)
        self.built = False

    def _rebuild(self) -> None:
        """Draw the graph if the input shape is known."""
        self._forget_graph()
        self._forget_programs()
        if len(self._layers) > 1 and isinstance(self._layers[0], InputLayer):
            self.build(self._layers[0].batch_shape)

    def build(self, input_shape: Any = None) -> None:
        """Draw the graph for inputs of this shape (with the batch axis) and make the weights."""
        if input_shape is None or not self.layers:
            return
        if self._layers and isinstance(self._layers[0], InputLayer):
            first = self._layers[0].output
        else:
            first = InputLayer(
                batch_shape=tuple(input_shape), dtype=_input_dtype_of(self._layers[0])
            ).output
        x = first
        for layer in self.layers:
            x = layer(x)
            if not isinstance(x, KerasTensor):
                raise ValueError(
                    f"Sequential model {self.name!r}: layer {layer.name!r} must return one tensor. "
                    "Use the functional API for layers with several outputs."
                )
        if first._keras_history.operation is not self._layers[0]:
            self._tracker.track(first._keras_history.operation)
            self._layers.insert(0, self._layers.pop())
        object.__setattr__(self, "_graph", Function(first, x, name=self.name))
        self.input_names = [first._keras_history.operation.name]
        self.output_names = [self.layers[-1].name]

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Run the layers one after another."""
        moved = self._shape_from_data and compiled_part_of(self) is None
        if self._graph is None or (moved and not self._fits_graph(inputs)):
            for layer in self.layers:
                inputs = layer(inputs)
            return inputs
        return super().call(inputs, training=training, mask=mask)

    def _fits_graph(self, inputs: Any) -> bool:
        return tuple(inputs.shape[1:]) == tuple(self._graph.inputs[0].shape[1:])

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._graph is None and args and self.layers and not any_symbolic(args, kwargs):
            value = args[0]
            value = value if hasattr(value, "shape") else to_tensor(value)
            self.build((None, *value.shape[1:]))
            self._shape_from_data = True
        return super().__call__(*args, **kwargs)

    @property
    def layers(self) -> list[Layer]:
        """The layers, without the input."""
        layers = list(self._layers)
        return layers[1:] if layers and isinstance(layers[0], InputLayer) else layers

    @layers.setter
    def layers(self, value: Any) -> None:
        raise AttributeError("Sequential.layers is made by the model: use add() and pop().")

    @property
    def input_shape(self) -> Any:
        """The shape of the input."""
        return self._drawn("input_shape").inputs[0].shape

    @property
    def output_shape(self) -> Any:
        """The shape of the output."""
        return self._drawn("output_shape").outputs[0].shape

    def _drawn(self, what: str) -> Function:
        if self._graph is None:
            raise AttributeError(
                f"Sequential model {self.name!r} has no {what} yet: it is not built. Put an Input "
                "first, or call the model on data."
            )
        return self._graph

    def get_config(self) -> dict[str, Any]:
        """Return the layers' configs."""
        config = {
            "name": self.name, "trainable": self.trainable,
            "dtype": serialize_keras_object(self.dtype_policy),
            "layers": [serialize_keras_object(layer) for layer in self._layers],
        }  # fmt: skip
        if self._graph is not None:
            config["build_input_shape"] = tuple(self._graph.inputs[0].shape)
        return config

    @classmethod
    def from_config(cls, config: Any, custom_objects: dict | None = None) -> Sequential:
        """Return a model from `get_config()`; a bare list of layers is Keras 2.2's form."""
        if isinstance(config, list):
            config = {"layers": config}
        model = cls(name=config.get("name"))
        for layer in config["layers"]:
            model.add(deserialize_keras_object(layer, custom_objects=custom_objects), rebuild=False)
        model._rebuild()
        shape = config.get("build_input_shape")
        if model._graph is None and isinstance(shape, (list, tuple)):
            model.build(tuple(shape))
        if config.get("trainable") is False:
            model.trainable = False
        return model


def _as_layer(layer: Any) -> Layer:
    if isinstance(layer, KerasTensor):
        origin = getattr(layer, "_keras_history", None)
        if origin is not None and isinstance(origin.operation, InputLayer):
            return origin.operation
    if isinstance(layer, Layer):
        return layer
    if isinstance(layer, type) and issubclass(layer, Layer):
        raise TypeError(
            f"Sequential.add expects a layer, not the class {layer.__name__}: write "
            f"{layer.__name__}(...)."
        )
    if callable(layer):
        return Lambda(layer)
    raise TypeError(
        f"Sequential.add expects a layer; got {layer!r} of type {type(layer).__name__}."
    )


def _input_shape_of(layer: Layer) -> Any:
    if layer._input_shape_argument is not None:
        return layer._input_shape_argument
    if isinstance(layer, Model) and layer._graph is not None and len(layer._graph.inputs) == 1:
        return tuple(layer._graph.inputs[0].shape)
    return None


def _input_dtype_of(layer: Layer) -> Any:
    if isinstance(layer, Model) and layer._graph is not None:
        return layer._graph.inputs[0].dtype
    return getattr(layer, "_input_dtype", None) or layer.compute_dtype
