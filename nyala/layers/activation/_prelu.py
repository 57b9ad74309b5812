"""`PReLU`: a rectifier that learns its slope below 0."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import enrol
from nyala.layers.base import (
    InputSpec,
    Layer,
    set_weight_options,
    weight_options,
    weight_options_config,
)


@enrol("keras.layers")
class PReLU(Layer):
    """A rectifier whose slope below 0 is learned: `x` where positive, `alpha * x` elsewhere.

    Args:
        alpha_initializer: first values of the slopes.
        alpha_regularizer: a penalty on the slopes.
        alpha_constraint: applied to the slopes after each optimizer step.
        shared_axes: axes (an integer or several, from 1 on) along which one slope serves; `[1, 2]`
            for one slope a channel of images.

    Input shape: any. Output shape: the same. `alpha` has the shape of one sample, with 1 in place
    of shared axes.

    >>> import nyala
    >>> layer = nyala.layers.PReLU(alpha_initializer="ones", shared_axes=[1])
    >>> layer(nyala.ops.array([[-1.0, 2.0]])).numpy(), layer.alpha.shape
    (array([[-1.,  2.]], dtype=float32), (1,))

    Source: He et al., "Delving Deep into Rectifiers", arXiv:1502.01852.
    """

    def __init__(self, alpha_initializer: Any = "Zeros", alpha_regularizer: Any = None,
                 alpha_constraint: Any = None, shared_axes: Any = None, **kwargs: Any):  # fmt: skip
        super().__init__(**kwargs)
        set_weight_options(self, "alpha", alpha_initializer, alpha_regularizer, alpha_constraint)
        if shared_axes is not None:
            shared_axes = (
                list(shared_axes) if isinstance(shared_axes, (list, tuple)) else [shared_axes]
            )
            if any(isinstance(a, bool) or not isinstance(a, int) or a == 0 for a in shared_axes):
                raise ValueError(
                    "PReLU(shared_axes=...) expects axes other than the batch axis 0; got "
                    f"{shared_axes}."
                )
        self.shared_axes = shared_axes
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Make the slopes."""
        rank = len(input_shape)
        shared = {axis % rank for axis in self.shared_axes or ()}
        kept = {axis: input_shape[axis] for axis in range(1, rank) if axis not in shared}
        if None in kept.values():
            raise ValueError(
                f"PReLU {self.name!r}: axes that do not share a slope must have known lengths; got "
                f"the input shape {tuple(input_shape)}. Name the others in shared_axes."
            )
        shape = [kept.get(axis, 1) for axis in range(1, rank)]
        self.alpha = self.add_weight(name="alpha", shape=shape, **weight_options(self, "alpha"))
        self.input_spec = InputSpec(ndim=rank, axes=kept if shared else None)

    def call(self, inputs: Any) -> Any:
        """Apply the function."""
        return ops.add(ops.maximum(inputs, 0), ops.multiply(self.alpha, ops.minimum(inputs, 0)))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            **weight_options_config(self, "alpha"),
            "shared_axes": self.shared_axes,
        }
