"""`SpectralNormalization`: a layer whose kernel has the largest singular value 1."""

from __future__ import annotations

from typing import Any

from nyala import initializers, ops
from nyala.core import enrol
from nyala.layers.base import InputSpec
from nyala.layers.core import Wrapper


@enrol("keras.layers")
class SpectralNormalization(Wrapper):
    """Wraps a layer and divides its kernel by the kernel's largest singular value while training.

    Args:
        layer: a layer with a `kernel` (or `embeddings`), such as `Dense` or `Conv2D`.
        power_iterations: steps of power iteration at each call, by which the singular value is
            estimated.

    >>> import nyala
    >>> layer = nyala.layers.SpectralNormalization(nyala.layers.Conv2D(2, 2))
    >>> layer(nyala.ops.ones((1, 10, 10, 1)), training=True).shape
    (1, 9, 9, 2)

    Source: Miyato et al., "Spectral Normalization for Generative Adversarial Networks",
    arXiv:1802.05957.
    """

    def __init__(self, layer: Any, power_iterations: int = 1, **kwargs: Any):
        super().__init__(layer, **kwargs)
        if power_iterations <= 0:
            raise ValueError(
                f"SpectralNormalization(power_iterations=...) expects a positive integer; got "
                f"{power_iterations!r}."
            )
        self.power_iterations = power_iterations

    def build(self, input_shape: Any) -> None:
        """Build the layer inside and make the estimate of its kernel's first singular vector."""
        super().build(input_shape)
        self.input_spec = InputSpec(min_ndim=1, axes={-1: input_shape[-1]})
        kernel = getattr(self.layer, "kernel", getattr(self.layer, "embeddings", None))
        if kernel is None:
            raise ValueError(
                "SpectralNormalization(layer=...) expects a layer with a kernel or embeddings; "
                f"{type(self.layer).__name__} {self.layer.name!r} has neither."
            )
        self.kernel = kernel
        self.vector_u = self.add_weight(
            name="vector_u", shape=(1, kernel.shape[-1]), trainable=False, dtype=kernel.dtype,
            initializer=initializers.TruncatedNormal(stddev=0.02),
        )  # fmt: skip

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Return what the layer makes of `inputs`; in training, normalize its kernel first."""
        if training:
            vector, kernel = self.normalized_weights()
            # A kernel of zeros has no direction to divide by, and stays.
            empty = ops.all(ops.equal(self.kernel, 0))
            self.vector_u.assign(ops.where(empty, self.vector_u, vector))
            self.kernel.assign(ops.where(empty, self.kernel, kernel))
        return ops.cast(self.layer(inputs), inputs.dtype)

    def normalized_weights(self) -> tuple[Any, Any]:
        """Return the singular vector after another step, and the kernel divided by its value."""
        matrix = ops.reshape(self.kernel, (-1, self.kernel.shape[-1]))
        right = self.vector_u
        for _ in range(self.power_iterations):
            left = _unit(ops.matmul(right, ops.transpose(matrix)))
            right = _unit(ops.matmul(left, matrix))
        left, right = ops.stop_gradient(left), ops.stop_gradient(right)
        value = ops.matmul(ops.matmul(left, matrix), ops.transpose(right))
        # Zero only for a kernel of zeros, whose quotient nobody reads.
        value = ops.where(ops.equal(value, 0), ops.ones_like(value), value)
        return right, ops.reshape(ops.divide(self.kernel, value), self.kernel.shape)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "power_iterations": self.power_iterations}


def _unit(vector: Any) -> Any:
    return ops.normalize(vector, axis=None, order=2, epsilon=1e-12)
