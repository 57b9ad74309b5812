"""Rectifiers without weights: `ReLU`, `LeakyReLU`, `ELU`."""

from __future__ import annotations

from typing import Any

from nyala import activations
from nyala.core import enrol
from nyala.layers.base import Layer


@enrol("keras.layers")
class ReLU(Layer):
    """The rectified linear unit.

    `max_value` from `max_value` up; x between `threshold` and `max_value`;
    `negative_slope * (x - threshold)` below.

    Args:
        max_value: the greatest output, 0 or more; `None` for no bound.
        negative_slope: the slope below the threshold, 0 or more.
        threshold: where the identity begins, 0 or more.

    >>> import nyala
    >>> nyala.layers.ReLU(max_value=6.0)(nyala.ops.array([-1.0, 2.0, 8.0])).numpy()
    array([0., 2., 6.], dtype=float32)

    Source: Nair and Hinton, "Rectified Linear Units Improve Restricted Boltzmann Machines",
    ICML 2010.
    """

    def __init__(self, max_value: float | None = None, negative_slope: float = 0.0,
                 threshold: float = 0.0, **kwargs: Any):  # fmt: skip
        super().__init__(**kwargs)
        self.max_value = (
            max_value if max_value is None else _not_negative(max_value, "ReLU(max_value")
        )
        self.negative_slope = _not_negative(negative_slope, "ReLU(negative_slope")
        self.threshold = _not_negative(threshold, "ReLU(threshold")
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Apply the function."""
        return activations.relu(
            inputs,
            negative_slope=self.negative_slope,
            max_value=self.max_value,
            threshold=self.threshold,
        )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "max_value": self.max_value,
            "negative_slope": self.negative_slope,
            "threshold": self.threshold,
        }


@enrol("keras.layers")
class LeakyReLU(Layer):
    """A rectifier with a small slope below 0: `x` where positive, `negative_slope * x` elsewhere.

    Args:
        negative_slope: the slope, 0 or more (Keras 2 called it `alpha`, also accepted).

    >>> import nyala
    >>> nyala.layers.LeakyReLU(0.5)(nyala.ops.array([-1.0, 2.0])).numpy()
    array([-0.5,  2. ], dtype=float32)

    Source: Maas et al., "Rectifier Nonlinearities Improve Neural Network Acoustic Models",
    ICML 2013.
    """

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any):
        negative_slope = kwargs.pop("alpha", negative_slope)
        super().__init__(**kwargs)
        self.negative_slope = _not_negative(negative_slope, "LeakyReLU(negative_slope")
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Apply the function."""
        return activations.leaky_relu(inputs, negative_slope=self.negative_slope)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "negative_slope": self.negative_slope}


@enrol("keras.layers")
class ELU(Layer):
    """The exponential linear unit: `x` where positive, `alpha * (exp(x) - 1)` elsewhere.

    Args:
        alpha: minus the limit for very negative inputs.

    >>> import nyala
    >>> nyala.layers.ELU()(nyala.ops.array([-100.0, 2.0])).numpy()
    array([-1.,  2.], dtype=float32)

    Source: Clevert et al., "Fast and Accurate Deep Network Learning by Exponential Linear Units",
    arXiv:1511.07289.
    """

    def __init__(self, alpha: float = 1.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.alpha = alpha
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Apply the function."""
        return activations.elu(inputs, alpha=self.alpha)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "alpha": self.alpha}


def _not_negative(value: Any, who: str) -> Any:
    if value is None or isinstance(value, (str, list, tuple)) or not value >= 0:
        raise ValueError(f"{who}=...) expects a number of 0 or more; got {value!r}.")
    return value
