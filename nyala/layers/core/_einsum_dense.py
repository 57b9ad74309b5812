"""`EinsumDense`: a dense layer over any axes, as an einsum equation says."""

from __future__ import annotations

from typing import Any

from nyala import activations, initializers, ops, regularizers
from nyala.core import enrol
from nyala.layers.base import (
    InputSpec,
    Layer,
    set_weight_options,
    weight_options,
    weight_options_config,
)
from nyala.layers.base._low_rank import AdaptedWeight, LowRankAdaptable, refuse_quantization
from nyala.layers.core._einsum_equation import EinsumShapes, einsum_shapes


@enrol("keras.layers")
class EinsumDense(LowRankAdaptable, Layer):
    """A dense layer of any number of axes: `activation(einsum(equation, inputs, kernel) + bias)`.

    Args:
        equation: an einsum of inputs and one kernel, such as `"abc,cd->abd"`; an ellipsis before
            or after the labels of inputs and output stands for any number of axes.
        output_shape: the lengths of the output's axes without the batch (and without those under
            the ellipsis), an integer or a tuple; `None` where it follows from the input.
        activation: a function, a name such as `"relu"`, or `None` for no activation.
        bias_axes: the output's labels along which the bias varies, or `None` for no bias.
        kernel_initializer, bias_initializer: first values of the weights.
        kernel_regularizer, bias_regularizer: penalties on the weights.
        kernel_constraint, bias_constraint: applied to the weights after each optimizer step.
        lora_rank: freezes the kernel and learns an update of this rank (see `enable_lora`).
        lora_alpha: the update is scaled by `lora_alpha / lora_rank`.
        gptq_unpacked_column_size, quantization_config: must be `None`.

    >>> import nyala
    >>> layer = nyala.layers.EinsumDense("abc,cd->abd", output_shape=(None, 8), bias_axes="d")
    >>> layer(nyala.ops.ones((2, 4, 3))).shape, layer.kernel.shape
    ((2, 4, 8), (3, 8))
    """

    kernel = AdaptedWeight()

    def __init__(self, equation: str, output_shape: Any, activation: Any = None,
                 bias_axes: str | None = None, kernel_initializer: Any = "glorot_uniform",
                 bias_initializer: Any = "zeros", kernel_regularizer: Any = None,
                 bias_regularizer: Any = None, kernel_constraint: Any = None,
                 bias_constraint: Any = None, lora_rank: int | None = None,
                 lora_alpha: float | None = None, gptq_unpacked_column_size: int | None = None,
                 quantization_config: Any = None, **kwargs: Any):  # fmt: skip
        super().__init__(**kwargs)
        self.equation = equation
        self.partial_output_shape = (
            (output_shape,) if isinstance(output_shape, int) else tuple(output_shape)
        )
        self.bias_axes = bias_axes
        self.activation = activations.get(activation)
        set_weight_options(self, "kernel", kernel_initializer, kernel_regularizer,
                           kernel_constraint)  # fmt: skip
        set_weight_options(self, "bias", bias_initializer, bias_regularizer, bias_constraint)
        self._set_low_rank(lora_rank, lora_alpha)
        refuse_quantization(self, quantization_config or gptq_unpacked_column_size)
        self.bias = None

    def build(self, input_shape: Any) -> None:
        """Make the kernel and the bias whose shapes follow from the equation."""
        shapes = einsum_shapes(
            self.equation, self.bias_axes, input_shape, self.partial_output_shape
        )
        options = weight_options(self, "kernel")
        options["initializer"] = _with_fans(options["initializer"], shapes)
        self.kernel = self.add_weight(name="kernel", shape=shapes.kernel, **options)
        if shapes.bias is not None:
            self.bias = self.add_weight(name="bias", shape=shapes.bias,
                                        **weight_options(self, "bias"))  # fmt: skip
        self.input_spec = InputSpec(ndim=len(input_shape))
        self.built = True
        if self.lora_rank:
            self.enable_lora(self.lora_rank, self.lora_alpha)

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Return `activation(einsum(equation, inputs, kernel) + bias)`."""
        outputs = ops.einsum(self.equation, inputs, self.kernel)
        if self.bias is not None:
            outputs = ops.add(outputs, self.bias)
        return outputs if self.activation is None else self.activation(outputs)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "output_shape": self.partial_output_shape,
            "equation": self.equation,
            "activation": activations.serialize(self.activation),
            "bias_axes": self.bias_axes,
            **weight_options_config(self, "kernel", "bias"),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
            "quantization_config": None,
            **self._low_rank_config(),
        }


def _with_fans(initializer: Any, shapes: EinsumShapes) -> Any:
    """Tell an initializer that scales by fans which of the kernel's axes are inputs and outputs."""
    if not isinstance(initializer, initializers.VarianceScaling) or (
        initializer.input_axes is not None and initializer.output_axes is not None
    ):
        return initializer
    config = {**initializer.get_config(), "seed": initializer.seed,
              "input_axes": shapes.kernel_inputs, "output_axes": shapes.kernel_outputs}  # fmt: skip
    return type(initializer).from_config(config)
