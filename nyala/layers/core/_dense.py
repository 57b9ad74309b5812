"""`Dense`: every output is a weighted sum of every input."""

from __future__ import annotations

from typing import Any

from nyala import activations, ops
from nyala.core import enrol
from nyala.layers.base import (
    InputSpec,
    Layer,
    set_weight_options,
    weight_options,
    weight_options_config,
)
from nyala.layers.base._low_rank import AdaptedWeight, LowRankAdaptable, refuse_quantization


@enrol("keras.layers")
class Dense(LowRankAdaptable, Layer):
    """A fully connected layer: `activation(inputs @ kernel + bias)`.

    Args:
        units: the length of the outputs' last axis, a positive integer.
        activation: a function, a name such as `"relu"`, or `None` for no activation.
        use_bias: whether a bias of shape `(units,)` is added.
        kernel_initializer, bias_initializer: first values of the weights.
        kernel_regularizer, bias_regularizer: penalties on the weights.
        activity_regularizer: a penalty on the outputs.
        kernel_constraint, bias_constraint: applied to the weights after each optimizer step.
        lora_rank: freezes the kernel and learns an update of this rank (see `enable_lora`).
        lora_alpha: the update is scaled by `lora_alpha / lora_rank`.
        quantization_config: must be `None`.

    Input shape: `(batch, ..., features)`. Output shape: `(batch, ..., units)`. The kernel has the
    shape `(features, units)`.

    >>> import nyala
    >>> layer = nyala.layers.Dense(3, activation="relu")
    >>> layer(nyala.ops.ones((2, 5))).shape, layer.kernel.shape
    ((2, 3), (5, 3))
    """

    kernel = AdaptedWeight()

    def __init__(self, units: int, activation: Any = None, use_bias: bool = True,
                 kernel_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros",
                 kernel_regularizer: Any = None, bias_regularizer: Any = None,
                 activity_regularizer: Any = None, kernel_constraint: Any = None,
                 bias_constraint: Any = None, lora_rank: int | None = None,
                 lora_alpha: float | None = None, quantization_config: Any = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.units = positive_integer(units, "Dense(units=...)")
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        set_weight_options(self, "kernel", kernel_initializer, kernel_regularizer,
                           kernel_constraint)  # fmt: skip
        set_weight_options(self, "bias", bias_initializer, bias_regularizer, bias_constraint)
        self._set_low_rank(lora_rank, lora_alpha)
        refuse_quantization(self, quantization_config)
        self.input_spec = InputSpec(min_ndim=2)
        self.supports_masking = True
        self.bias = None

    def build(self, input_shape: Any) -> None:
        """Make the kernel `(features, units)` and the bias."""
        features = known_features(input_shape[-1], input_shape, self)
        self.kernel = self.add_weight(name="kernel", shape=(features, self.units),
                                      **weight_options(self, "kernel"))  # fmt: skip
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(self.units,),
                                        **weight_options(self, "bias"))  # fmt: skip
        self.input_spec = InputSpec(min_ndim=2, axes={-1: features})
        self.built = True
        if self.lora_rank:
            self.enable_lora(self.lora_rank, self.lora_alpha)

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Return `activation(inputs @ kernel + bias)`."""
        outputs = ops.matmul(inputs, self.kernel)
        if self.bias is not None:
            outputs = ops.add(outputs, self.bias)
        return outputs if self.activation is None else self.activation(outputs)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            **weight_options_config(self, "kernel", "bias"),
            "quantization_config": None,
            **self._low_rank_config(),
        }


def positive_integer(value: Any, who: str) -> int:
    """Return `value` as an int, or raise an error that names the argument."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or value <= 0:
        raise ValueError(f"{who} expects a positive integer; got {value!r}.")
    return int(value)


def known_features(length: int | None, input_shape: Any, layer: Layer) -> int:
    """Return the length of an axis on which a weight's shape depends, or raise where unknown."""
    if length is None:
        raise ValueError(
            f"{type(layer).__name__} {layer.name!r}: the axis of the inputs' features must have a "
            f"known length, but the input shape is {tuple(input_shape)}. Give it in the Input's "
            "shape."
        )
    return length
