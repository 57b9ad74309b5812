"""`LayerNormalization`: normalizing each example by itself."""

from __future__ import annotations

import warnings
from typing import Any

from nyala import ops
from nyala.core import enrol
from nyala.layers.normalization._affine import Affine, checked_axis, known_length


@enrol("keras.layers")
class LayerNormalization(Affine):
    """Brings the features of each example to mean 0 and variance 1, then scales and shifts them.

    Args:
        axis: the axis or axes to normalize over.
        epsilon: added to the variance.
        center: whether an offset, `beta`, is learned.
        scale: whether a scale, `gamma`, is learned.
        beta_initializer, gamma_initializer: first values of the weights.
        beta_regularizer, gamma_regularizer: penalties on the weights.
        beta_constraint, gamma_constraint: applied to the weights after each optimizer step.
        rms_scaling: deprecated in favour of `RMSNormalization`: divides by the deviation without
            subtracting the mean, and has no `beta`.

    Half-precision inputs are computed in float32.

    >>> import nyala
    >>> nyala.layers.LayerNormalization()(nyala.ops.array([[1.0, 3.0]])).numpy().round(2)
    array([[-1.,  1.]], dtype=float32)

    Source: Ba et al., "Layer Normalization", arXiv:1607.06450.
    """

    def __init__(self, axis: Any = -1, epsilon: float = 1e-3, center: bool = True,
                 scale: bool = True, beta_initializer: Any = "zeros",
                 gamma_initializer: Any = "ones", beta_regularizer: Any = None,
                 gamma_regularizer: Any = None, beta_constraint: Any = None,
                 gamma_constraint: Any = None, **kwargs: Any):  # fmt: skip
        self.rms_scaling = bool(kwargs.pop("rms_scaling", False))
        if self.rms_scaling:
            warnings.warn(
                "LayerNormalization(rms_scaling=True) divides by the deviation, not by the root "
                "mean square, and is deprecated: use RMSNormalization.",
                DeprecationWarning, stacklevel=2,
            )  # fmt: skip
        super().__init__(**kwargs)
        self.axis = checked_axis(axis, "LayerNormalization")
        self.epsilon = epsilon
        self._set_affine(center, scale, beta_initializer, gamma_initializer, beta_regularizer,
                         gamma_regularizer, beta_constraint, gamma_constraint)  # fmt: skip
        self.supports_masking = True
        self.autocast = False

    def build(self, input_shape: Any) -> None:
        """Make gamma and beta, shaped as the axes that are normalized over."""
        self.axis = sorted(self.axis) if isinstance(self.axis, list) else [self.axis]
        shape = tuple(known_length(input_shape, axis, self) for axis in self.axis)
        self._add_affine_weights(shape, scale=self.scale or self.rms_scaling,
                                 center=self.center and not self.rms_scaling)  # fmt: skip

    def call(self, inputs: Any) -> Any:
        """Return the normalized inputs."""
        if self.rms_scaling:
            outputs = self._scaled_by_deviation(inputs)
        else:
            outputs = ops.layer_normalization(inputs, self.gamma, self.beta, tuple(self.axis),
                                              self.epsilon)  # fmt: skip
        return ops.cast(outputs, self.compute_dtype)

    def _scaled_by_deviation(self, inputs: Any) -> Any:
        wide = ops.cast(inputs, "float32") if inputs.dtype in ("float16", "bfloat16") else inputs
        variance = ops.var(wide, axis=tuple(self.axis), keepdims=True)
        shape = [1] * len(inputs.shape)
        for axis in self.axis:
            shape[axis] = inputs.shape[axis]
        scale = ops.multiply(ops.rsqrt(ops.add(variance, self.epsilon)),
                             ops.reshape(self.gamma, shape))  # fmt: skip
        return ops.multiply(wide, scale)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "axis": self.axis if isinstance(self.axis, int) else list(self.axis),
            "epsilon": self.epsilon,
            "rms_scaling": self.rms_scaling,
            **self._affine_config(),
        }
