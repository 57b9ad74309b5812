"""What layers that draw random numbers in training have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nyala.eager import SeedGenerator
from nyala.layers.base import Layer


class RandomLayer(Layer):
    """Passes its inputs through outside training, and changes them at random in training.

    Subclasses say in `_strength` the name of the argument that is 0 for no change, and implement
    `_perturb(inputs)`.
    """

    _strength = "rate"

    def __init__(self, strength: float, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        setattr(self, self._strength, strength)
        self.seed = seed
        if strength > 0:
            self.seed_generator = SeedGenerator(seed)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Return the inputs, changed at random where `training`."""
        if training and getattr(self, self._strength) > 0:
            return self._perturb(inputs)
        return inputs

    def _perturb(self, inputs: Any) -> Any:
        raise TypeError(f"{type(self).__name__} must implement _perturb(inputs).")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            self._strength: getattr(self, self._strength),
            "seed": self.seed,
        }


def probability(value: Any, who: str) -> float:
    """Return a rate; raise unless it is a number from 0 to 1."""
    if isinstance(value, (str, list, tuple, bool)) or value is None or not 0 <= value <= 1:
        raise ValueError(f"{who} expects a number from 0 to 1; got {value!r}.")
    return value


def noise_shape_of(value: Any, who: str) -> tuple[int | None, ...] | None:
    """Return a noise shape as a tuple of positive integers and `None`, or `None`."""
    if value is None:
        return None
    lengths = tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else None
    if lengths is None or any(
        n is not None and (isinstance(n, bool) or not isinstance(n, int) or n <= 0) for n in lengths
    ):
        raise ValueError(
            f"{who}(noise_shape=...) expects positive integers and None (the input's own length), "
            f"one an axis; got {value!r}."
        )
    return lengths


def filled_noise_shape(noise_shape: Any, inputs: Any) -> tuple[int, ...] | None:
    """Return a noise shape with the lengths of the inputs in place of `None`."""
    if noise_shape is None:
        return None
    shape = tuple(inputs.shape)
    if len(noise_shape) != len(shape):
        raise ValueError(
            f"noise_shape={tuple(noise_shape)} must have as many axes as the inputs, which have "
            f"the shape {shape}."
        )
    return tuple(own if n is None else n for n, own in zip(noise_shape, shape, strict=True))
