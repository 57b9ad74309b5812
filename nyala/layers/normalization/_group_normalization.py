"""`GroupNormalization`: normalizing groups of channels of each example."""

from __future__ import annotations

from typing import Any

from nyala import kernels, ops
from nyala.core import enrol
from nyala.eager import Array, op
from nyala.layers.base import InputSpec
from nyala.layers.normalization._affine import Affine, known_length


@op(name="group_norm")
def _group_norm(
    x: Array, gamma: Array | None, beta: Array | None, groups: int, axis: int, epsilon: float
) -> Array:
    return kernels.group_norm(x, gamma, beta, groups=groups, axis=axis, epsilon=epsilon)


@enrol("keras.layers")
class GroupNormalization(Affine):
    """Brings each group of channels of each example to mean 0 and variance 1, then scales it.

    Unlike batch normalization it does not depend on the batch. One group is layer normalization
    over everything but the batch, one group a channel is instance normalization.

    Args:
        groups: the number of groups, which divides the number of channels; -1 for one a channel.
        axis: the axis of the channels.
        epsilon: added to the variance.
        center: whether an offset, `beta`, is learned.
        scale: whether a scale, `gamma`, is learned.
        beta_initializer, gamma_initializer: first values of the weights.
        beta_regularizer, gamma_regularizer: penalties on the weights.
        beta_constraint, gamma_constraint: applied to the weights after each optimizer step.

    Half-precision inputs are computed in float32.

    >>> import nyala
    >>> nyala.layers.GroupNormalization(groups=4)(nyala.ops.ones((2, 5, 5, 8))).shape
    (2, 5, 5, 8)

    Source: Wu and He, "Group Normalization", arXiv:1803.08494.
    """

    def __init__(self, groups: int = 32, axis: int = -1, epsilon: float = 1e-3,
                 center: bool = True, scale: bool = True, beta_initializer: Any = "zeros",
                 gamma_initializer: Any = "ones", beta_regularizer: Any = None,
                 gamma_regularizer: Any = None, beta_constraint: Any = None,
                 gamma_constraint: Any = None, **kwargs: Any):  # fmt: skip
        super().__init__(**kwargs)
        if not isinstance(groups, int) or (groups <= 0 and groups != -1):
            raise ValueError(
                "GroupNormalization(groups=...) expects a positive integer, or -1 for one group a "
                f"channel; got {groups!r}."
            )
        self.groups, self.axis, self.epsilon = groups, axis, epsilon
        self._set_affine(center, scale, beta_initializer, gamma_initializer, beta_regularizer,
                         gamma_regularizer, beta_constraint, gamma_constraint)  # fmt: skip
        self.supports_masking = True
        self.autocast = False

    def build(self, input_shape: Any) -> None:
        """Make gamma and beta, each `(channels,)`."""
        channels = known_length(input_shape, self.axis, self)
        if self.groups == -1:
            self.groups = channels
        if channels % self.groups:
            raise ValueError(
                f"GroupNormalization {self.name!r}: {channels} channels do not divide into "
                f"groups={self.groups}; the input shape is {tuple(input_shape)} "
                f"(axis={self.axis}). Choose a number that divides the channels."
            )
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: channels})
        self._add_affine_weights((channels,), scale=self.scale, center=self.center)

    def call(self, inputs: Any) -> Any:
        """Return the normalized inputs."""
        outputs = _group_norm(
            inputs, self.gamma, self.beta, self.groups, self.axis, self.epsilon)  # fmt: skip
        return ops.cast(outputs, self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "groups": self.groups,
            "axis": self.axis,
            "epsilon": self.epsilon,
            **self._affine_config(),
        }
