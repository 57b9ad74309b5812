"""`Lambda`: any function as a layer."""

from __future__ import annotations

import inspect
from typing import Any

from nyala.core import deserialize_keras_object, enrol, serialize_keras_object, tree
from nyala.layers.base import Layer
from nyala.layers.core._bytecode import is_lambda, is_written_lambda, read_lambda, write_lambda
from nyala.symbolic import KerasTensor, infer_output_spec


@enrol("keras.layers")
class Lambda(Layer):
    """Wraps a function of tensors as a layer without weights.

    Args:
        function: called with the inputs and `arguments`; also with `mask` and `training` where it
            has parameters of these names. Give it a name (`def`) and register it where the model is
            to be saved: lambdas are saved as bytecode, which is not loaded unless the reader says
            `safe_mode=False`.
        output_shape: the shape of one output without the batch axis, or a function from input shape
            to output shape; needed only where it cannot be worked out from `function`.
        mask: the mask of the outputs, or a function `(inputs, mask)` that returns it.
        arguments: a dict of further arguments for `function`.

    >>> import nyala
    >>> layer = nyala.layers.Lambda(lambda x, n: x * n, arguments={"n": 2.0})
    >>> layer(nyala.ops.ones((1, 2))).numpy()
    array([[2., 2.]], dtype=float32)
    """

    def __init__(self, function: Any, output_shape: Any = None, mask: Any = None,
                 arguments: dict | None = None, **kwargs: Any):  # fmt: skip
        if not callable(function):
            raise TypeError(f"Lambda(function=...) expects a function; got {function!r}.")
        super().__init__(**kwargs)
        self.function = function
        self.arguments = arguments or {}
        self.mask = mask
        self.supports_masking = mask is not None
        self._output_shape = tuple(output_shape) if isinstance(output_shape, list) else output_shape
        parameters = _parameters(function)
        self._passes_mask, self._passes_training = "mask" in parameters, "training" in parameters

    def call(self, inputs: Any, mask: Any = None, training: bool | None = None) -> Any:
        """Return what the function makes of `inputs`."""
        arguments = dict(self.arguments)
        if self._passes_mask:
            arguments["mask"] = mask
        if self._passes_training:
            arguments["training"] = training
        return self.function(inputs, **arguments)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return the mask that was given, or made by the function given for it."""
        return self.mask(inputs, previous_mask) if callable(self.mask) else self.mask

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Return KerasTensors that describe the outputs for these inputs."""
        try:
            return infer_output_spec(self.__call__, *args, **kwargs)
        except (TypeError, ValueError) as error:
            if self._output_shape is None:
                error.add_note(
                    f"The output shape of Lambda {self.name!r} could not be worked out by calling "
                    "its function; if the function is right, pass Lambda(..., output_shape=...)."
                )
                raise
        shape = self._given_output_shape(tree.map_structure(lambda t: tuple(t.shape), args[0]))
        return tree.map_shape_structure(lambda s: KerasTensor(s, self.compute_dtype), shape)

    def _given_output_shape(self, input_shape: Any) -> Any:
        if callable(self._output_shape):
            return self._output_shape(input_shape)
        batch = tree.flatten(input_shape)[0]
        return tree.map_shape_structure(lambda shape: (batch, *shape), self._output_shape)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        config = {**super().get_config(), "function": _written(self.function)}
        if self._output_shape is not None:
            config["output_shape"] = _written(self._output_shape)
        if self.mask is not None:
            config["mask"] = _written(self.mask)
        config["arguments"] = serialize_keras_object(self.arguments)
        return config

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict | None = None,
                    safe_mode: bool | None = None) -> Lambda:  # fmt: skip
        """Return a layer from `get_config()`; bytecode is refused unless `safe_mode` is `False`."""
        config = dict(config)
        for key in ("function", "output_shape", "mask", "arguments"):
            value = config.get(key)
            if is_written_lambda(value):
                config[key] = read_lambda(value, safe_mode is not False, f"Lambda({key}=...)")
            elif value is not None:
                config[key] = deserialize_keras_object(value, custom_objects=custom_objects)
        return cls(**config)


def _written(value: Any) -> Any:
    return write_lambda(value) if is_lambda(value) else serialize_keras_object(value)


def _parameters(function: Any) -> Any:
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):  # some functions of C extensions have none
        return ()
