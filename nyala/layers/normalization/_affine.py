"""The scale and offset that normalizing layers learn."""

from __future__ import annotations

from typing import Any

from nyala.layers.base import Layer, set_weight_options, weight_options, weight_options_config


class Affine(Layer):
    """Options, weights and config of `gamma` (scale) and `beta` (offset)."""

    def _set_affine(self, center: bool, scale: bool, beta_initializer: Any, gamma_initializer: Any,
                    beta_regularizer: Any, gamma_regularizer: Any, beta_constraint: Any,
                    gamma_constraint: Any) -> None:  # fmt: skip
        self.center, self.scale = center, scale
        set_weight_options(self, "beta", beta_initializer, beta_regularizer, beta_constraint)
        set_weight_options(self, "gamma", gamma_initializer, gamma_regularizer, gamma_constraint)
        self.gamma = self.beta = None

    def _add_affine_weights(self, shape: tuple, *, scale: bool, center: bool) -> None:
        # They stay in float32 under mixed precision, as the statistics do.
        if scale:
            self.gamma = self.add_weight(name="gamma", shape=shape, autocast=False,
                                         **weight_options(self, "gamma"))  # fmt: skip
        if center:
            self.beta = self.add_weight(name="beta", shape=shape, autocast=False,
                                        **weight_options(self, "beta"))  # fmt: skip

    def _affine_config(self) -> dict[str, Any]:
        return {
            "center": self.center,
            "scale": self.scale,
            **weight_options_config(self, "beta", "gamma"),
        }


def known_length(shape: Any, axis: int, layer: Layer) -> int:
    """Return the length of the axis along which weights vary, or raise where there is none."""
    rank = len(shape)
    if not -rank <= axis < rank:
        raise ValueError(
            f"{type(layer).__name__} {layer.name!r}: axis={axis} is out of bounds for inputs of "
            f"shape {tuple(shape)}."
        )
    if shape[axis] is None:
        raise ValueError(
            f"{type(layer).__name__} {layer.name!r}: axis {axis} must have a known length, but the "
            f"input shape is {tuple(shape)}. Give it in the Input's shape."
        )
    return shape[axis]


def checked_axis(axis: Any, who: str) -> int | list[int]:
    """Return an axis as an int, or several as a list."""
    if isinstance(axis, (list, tuple)) and all(isinstance(a, int) for a in axis):
        return list(axis)
    if isinstance(axis, bool) or not hasattr(axis, "__index__"):
        raise TypeError(f"{who}(axis=...) expects an integer or several; got {axis!r}.")
    return int(axis)
