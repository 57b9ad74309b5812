"""Several optimizers in one, each for its own variables of a model."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, MutableMapping, Sequence
from typing import Any

from nyala.core import deserialize_keras_object, enrol, serialize_keras_object
from nyala.eager import Variable
from nyala.optimizers._arrays import read, write
from nyala.optimizers._loss_scale import LossScaleOptimizer
from nyala.optimizers._optimizer import Optimizer
from nyala.optimizers._state import VariableList


@enrol("keras.optimizers")
class OptimizerMap(MutableMapping):
    """Says which optimizer a variable gets, by its path.

    Args:
        default_optimizer: for paths that no key matches.
        optimizer_map: a dict from a path, or a regular expression that a whole path matches, to an
            optimizer.

    >>> import nyala
    >>> by_path = nyala.optimizers.OptimizerMap(nyala.optimizers.Adam())
    >>> by_path["embedding/.*"] = nyala.optimizers.SGD()
    >>> by_path["embedding/embeddings"], by_path["dense/kernel"]
    (<SGD name=sgd>, <Adam name=adam>)
    """

    def __init__(self, default_optimizer: Optimizer, optimizer_map: dict | None = None):
        if not isinstance(default_optimizer, Optimizer):
            raise TypeError(
                "OptimizerMap(default_optimizer=...) expects an optimizer; got "
                f"{default_optimizer!r}."
            )
        if optimizer_map is not None and not isinstance(optimizer_map, dict):
            raise TypeError(
                f"OptimizerMap(optimizer_map=...) expects a dict or None; got {optimizer_map!r}."
            )
        self._default_optimizer = default_optimizer
        self._optimizer_map: dict[str, Optimizer] = {}
        for key, optimizer in (optimizer_map or {}).items():
            self[key] = optimizer

    @property
    def default_optimizer(self) -> Optimizer:
        """The optimizer for paths that no key matches."""
        return self._default_optimizer

    def __getitem__(self, key: str) -> Optimizer:
        if key in self._optimizer_map:
            return self._optimizer_map[key]
        matching = [pattern for pattern in self._optimizer_map if re.fullmatch(pattern, key)]
        if len(matching) > 1:
            raise ValueError(
                f"OptimizerMap: the variable {key!r} matches {len(matching)} keys: {matching}. "
                "Every variable needs exactly one optimizer."
            )
        return self._optimizer_map[matching[0]] if matching else self._default_optimizer

    def __setitem__(self, key: str, optimizer: Optimizer) -> None:
        if not isinstance(key, str):
            raise ValueError(f"OptimizerMap: a key is a path or a pattern; got {key!r}.")
        if key in self._optimizer_map:
            raise ValueError(f"OptimizerMap: the key {key!r} has an optimizer already.")
        _check_inner(optimizer, key)
        self._optimizer_map[key] = optimizer

    def __delitem__(self, key: str) -> None:
        del self._optimizer_map[key]

    def __len__(self) -> int:
        return len(self._optimizer_map)

    def __iter__(self) -> Iterator[str]:
        return iter(self._optimizer_map)

    def __call__(self, variable: Variable) -> Optimizer:
        return self[variable.path]

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor as plain data."""
        return {
            "default_optimizer": serialize_keras_object(self._default_optimizer),
            "optimizer_map": serialize_keras_object(self._optimizer_map),
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: dict | None = None
    ) -> OptimizerMap:
        """Return a map made from what `get_config` returned."""
        default = deserialize_keras_object(config["default_optimizer"], custom_objects)
        return cls(default, deserialize_keras_object(config["optimizer_map"], custom_objects))


@enrol("keras.optimizers")
class MultiOptimizer(Optimizer):
    """Updates each variable with the optimizer that a map gives it.

    Args:
        optimizer_map: an `OptimizerMap`, or a function from a variable to its optimizer.
        loss_scale_factor: see `Optimizer`; set on every optimizer inside.
        name: automatic by default.

    >>> import nyala
    >>> by_path = nyala.optimizers.OptimizerMap(nyala.optimizers.SGD(0.5))
    >>> by_path["bias"] = nyala.optimizers.SGD(0.25)
    >>> kernel, bias = nyala.Variable(1.0, name="kernel"), nyala.Variable(1.0, name="bias")
    >>> nyala.optimizers.MultiOptimizer(by_path).apply([1.0, 1.0], [kernel, bias])
    >>> float(kernel), float(bias)
    (0.5, 0.75)
    """

    def __init__(
        self, optimizer_map: Any, loss_scale_factor: float | None = None, name: str | None = None
    ):
        super().__init__(learning_rate=0.0, loss_scale_factor=loss_scale_factor, name=name)
        self._optimizer_map = optimizer_map
        self._inner_optimizers: list[Optimizer] = []
        if isinstance(optimizer_map, OptimizerMap):
            for optimizer in [*optimizer_map.values(), optimizer_map.default_optimizer]:
                self._add(optimizer)

    def _add(self, optimizer: Optimizer) -> None:
        if not any(optimizer is known for known in self._inner_optimizers):
            optimizer.loss_scale_factor = self.loss_scale_factor
            self._inner_optimizers.append(optimizer)

    def build(self, variables: Sequence[Variable]) -> None:
        """Build every inner optimizer for its variables."""
        if self.built:
            return
        for variable in variables:
            self._add(_check_inner(self._optimizer_map(variable), variable.path))
        for optimizer, own in self._shares(variables):
            optimizer.build(own)
        super().build(variables)

    def _shares(self, variables: Sequence[Variable]) -> list[tuple[Optimizer, list[Variable]]]:
        """Return the optimizers that have any of `variables`, with those that they have."""
        pairs = [(self._optimizer_map(variable), variable) for variable in variables]
        shares = [
            (optimizer, [variable for other, variable in pairs if other is optimizer])
            for optimizer in self._inner_optimizers
        ]
        return [(optimizer, own) for optimizer, own in shares if own]

    @property
    def optimizers(self) -> list[Optimizer]:
        """The inner optimizers."""
        return list(self._inner_optimizers)

    @property
    def variables(self) -> list[Variable]:
        """Its own variables, then those of each inner optimizer."""
        inner = [v for optimizer in self._inner_optimizers for v in optimizer.variables]
        return VariableList([*self._variables, *inner])

    @property
    def learning_rate(self) -> Any:
        """There is none: each inner optimizer has its own."""
        raise AttributeError(
            "A MultiOptimizer has no learning rate; those in multi_optimizer.optimizers have."
        )

    @learning_rate.setter
    def learning_rate(self, learning_rate: Any) -> None:
        raise AttributeError(
            "A MultiOptimizer has no learning rate; assign it to those in "
            "multi_optimizer.optimizers."
        )

    @property
    def loss_scale_factor(self) -> float | None:
        """The factor of the loss; assigned to every inner optimizer as well."""
        return self._loss_scale_factor

    @loss_scale_factor.setter
    def loss_scale_factor(self, factor: float | None) -> None:
        self._loss_scale_factor = factor
        for optimizer in self.__dict__.get("_inner_optimizers", ()):
            optimizer.loss_scale_factor = factor

    def _update(self, gradients: Sequence[Any], variables: Sequence[Variable]) -> None:
        by_variable = {id(v): g for g, v in zip(gradients, variables, strict=True)}
        for optimizer, own in self._shares(variables):
            optimizer._update([by_variable[id(variable)] for variable in own], own)
        write(self._iterations, read(self._iterations) + 1)

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """Let every inner optimizer finalize its variables."""
        for optimizer, own in self._shares(var_list):
            optimizer.finalize_variable_values(own)

    def _rate_to_give(self) -> Any:
        return [optimizer._rate_to_give() for optimizer in self._inner_optimizers]

    @contextlib.contextmanager
    def _with_rate(self, rate: Any) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            for optimizer, own in zip(self._inner_optimizers, rate, strict=True):
                stack.enter_context(optimizer._with_rate(own))
            yield

    def _settings(self) -> tuple:
        inner = tuple(optimizer._settings() for optimizer in self._inner_optimizers)
        return (super()._settings(), inner)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor as plain data."""
        return {
            "optimizer_map": serialize_keras_object(self._optimizer_map),
            "loss_scale_factor": self.loss_scale_factor,
            "name": self.name,
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: dict | None = None
    ) -> MultiOptimizer:
        """Return an optimizer made from what `get_config` returned."""
        config = dict(config)
        config["optimizer_map"] = deserialize_keras_object(config["optimizer_map"], custom_objects)
        return cls(**config)


def _check_inner(optimizer: Any, key: str) -> Optimizer:
    if not isinstance(optimizer, Optimizer) or isinstance(
        optimizer, (LossScaleOptimizer, MultiOptimizer)
    ):
        raise ValueError(
            f"{key!r} needs an optimizer with an update rule of its own; got {optimizer!r}. Wrap "
            "the MultiOptimizer, not what is inside it, in a LossScaleOptimizer."
        )
    return optimizer
