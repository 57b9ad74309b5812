"""The variables of a layer and of the layers inside it, and reading and writing them as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nyala.eager import Variable


class LayerState:
    """The part of `Layer` that lists, reads and writes its variables."""

    def _flatten_layers(self, include_self: bool = True, recursive: bool = True) -> Iterator[Any]:
        seen: set[int] = set()
        stack = [self] if include_self else list(reversed(self._layers))
        while stack:
            layer = stack.pop()
            if id(layer) in seen:
                continue
            seen.add(id(layer))
            yield layer
            if recursive or layer is self:
                stack.extend(reversed(layer._layers))

    def _own_variables(self) -> list[Variable]:
        return self._trainable_variables + self._non_trainable_variables

    @property
    def variables(self) -> list[Variable]:
        """All state: weights and the states of random seeds (not of metrics)."""
        found: dict[int, Variable] = {}
        for layer in self._flatten_layers():
            for v in layer._own_variables() + [s.state for s in layer._seed_generators]:
                found.setdefault(id(v), v)
        return list(found.values())

    @property
    def weights(self) -> list[Variable]:
        """The weights: all variables but the states of random seeds."""
        found: dict[int, Variable] = {}
        for layer in self._flatten_layers():
            for v in layer._own_variables():
                found.setdefault(id(v), v)
        return list(found.values())

    @property
    def trainable_variables(self) -> list[Variable]:
        """The variables that training changes; empty when the layer is frozen."""
        return [v for v in self.variables if v.trainable] if self.trainable else []

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """The variables that training leaves to the layer."""
        if not self.trainable:
            return self.variables
        return [v for v in self.variables if not v.trainable]

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that training changes; empty when the layer is frozen."""
        return [v for v in self.weights if v.trainable] if self.trainable else []

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that training leaves to the layer."""
        if not self.trainable:
            return self.weights
        return [v for v in self.weights if not v.trainable]

    @property
    def metrics(self) -> list[Any]:
        """The metrics that the layer and the layers inside it hold."""
        found: dict[int, Any] = {}
        for layer in self._flatten_layers():
            for metric in layer._metrics:
                found.setdefault(id(metric), metric)
        return list(found.values())

    @property
    def metrics_variables(self) -> list[Variable]:
        """The variables of `metrics`."""
        return [v for metric in self.metrics for v in metric.variables]

    @property
    def trainable(self) -> bool:
        """Whether training changes the layer; setting it holds for the layers inside as well."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        value = bool(value)
        self._trainable = value
        for variable in self._trainable_variables:
            variable.trainable = value
        for layer in self._layers:
            layer.trainable = value

    def count_params(self) -> int:
        """Return the number of weights' elements.

        Raises:
            ValueError: the layer is not built yet.
        """
        if not self.built:
            raise ValueError(
                f"The weights of layer {self.name!r} ({type(self).__name__}) do not exist yet: "
                "call "
                "it on data or call build(input_shape) first."
            )
        return sum(int(np.prod(v.shape)) for v in self.weights)

    def get_weights(self) -> list[np.ndarray]:
        """Return the values of `weights` as NumPy arrays."""
        return [v.numpy() for v in self.weights]

    def set_weights(self, weights: list) -> None:
        """Set the values of `weights`.

        Raises:
            ValueError: another number of arrays, or a shape differs (nothing is set then).
        """
        own = self.weights
        if len(own) != len(weights):
            raise ValueError(
                f"set_weights: layer {self.name!r} has {len(own)} weights, but {len(weights)} "
                "arrays "
                "were given."
            )
        arrays = [w if hasattr(w, "shape") else np.asarray(w) for w in weights]
        for variable, array in zip(own, arrays, strict=True):
            if tuple(variable.shape) != tuple(array.shape):
                raise ValueError(
                    f"set_weights: weight {variable.path!r} of layer {self.name!r} has shape "
                    f"{tuple(variable.shape)}, but the array given for it has {tuple(array.shape)}."
                )
        for variable, array in zip(own, arrays, strict=True):
            variable.assign(array)

    def save_own_variables(self, store: dict) -> None:
        """Write the layer's own variables (not those of layers inside) into a dict of arrays."""
        for i, variable in enumerate(self._own_variables()):
            store[str(i)] = np.asarray(variable.value)  # no copy: models are large

    def load_own_variables(self, store: dict) -> None:
        """Read the layer's own variables from a dict of arrays.

        Raises:
            ValueError: the dict holds another number of arrays.
        """
        own = self._own_variables()
        if len(store.keys()) != len(own):
            hint = "" if self.built else " The layer is not built: build or call the model first."
            raise ValueError(
                f"Layer {self.name!r} ({type(self).__name__}) expects {len(own)} variables, but "
                "the "
                f"file holds {len(store.keys())}.{hint}"
            )
        for i, variable in enumerate(own):
            variable.assign(np.asarray(store[str(i)]))
