"""`ReversibleEmbedding`: an embedding that also turns vectors back into scores of integers."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import enrol
from nyala.layers.base import weight_options
from nyala.layers.core._embedding import Embedding


@enrol("keras.layers")
class ReversibleEmbedding(Embedding):
    """An `Embedding` that, called with `reverse=True`, projects vectors back to `input_dim` logits.

    Args:
        input_dim: the number of rows: the greatest integer + 1.
        output_dim: the length of a row.
        tie_weights: whether the projection uses the table itself, transposed, or a matrix of its
            own.
        embeddings_initializer: first values of the table.
        embeddings_regularizer: a penalty on the table.
        embeddings_constraint: applied to the table after each optimizer step.
        mask_zero: whether 0 marks padding.
        reverse_dtype: the dtype of the projection; the compute dtype by default.
        logit_soft_cap: keeps logits within ± this number, as `cap * tanh(logits / cap)`.

    >>> import nyala
    >>> layer = nyala.layers.ReversibleEmbedding(1000, 16)
    >>> vectors = layer(nyala.ops.array([[3, 7, 0]]))
    >>> layer(vectors, reverse=True).shape
    (1, 3, 1000)

    Source: Press and Wolf, "Using the Output Embedding to Improve Language Models",
    arXiv:1608.05859.
    """

    def __init__(self, input_dim: int, output_dim: int, tie_weights: bool = True,
                 embeddings_initializer: Any = "uniform", embeddings_regularizer: Any = None,
                 embeddings_constraint: Any = None, mask_zero: bool = False,
                 reverse_dtype: Any = None, logit_soft_cap: float | None = None,
                 **kwargs: Any):  # fmt: skip
        self.tie_weights = tie_weights
        super().__init__(
            input_dim, output_dim, embeddings_initializer=embeddings_initializer,
            embeddings_regularizer=embeddings_regularizer,
            embeddings_constraint=embeddings_constraint, mask_zero=mask_zero, **kwargs,
        )  # fmt: skip
        self.reverse_dtype = reverse_dtype
        self.logit_soft_cap = logit_soft_cap

    def build(self, input_shape: Any = None) -> None:
        """Make the table, and the matrix of the projection where it is not tied."""
        if self.built:
            return
        super().build(input_shape)
        if not self.tie_weights:
            self.reverse_embeddings = self.add_weight(
                name="reverse_embeddings", shape=(self.output_dim, self.input_dim),
                initializer=weight_options(self, "embeddings")["initializer"],
            )  # fmt: skip

    def call(self, inputs: Any, reverse: bool = False) -> Any:
        """Return rows for integers, or logits for vectors where `reverse`."""
        if not reverse:
            outputs = super().call(inputs)
            if self.mask_zero:
                # Not in compute_mask, which does not know the direction.
                outputs._keras_mask = ops.not_equal(inputs, 0)
            return outputs
        kernel = ops.transpose(self.embeddings) if self.tie_weights else self.reverse_embeddings
        dtype = self.compute_dtype if self.reverse_dtype is None else self.reverse_dtype
        logits = ops.matmul(ops.cast(inputs, dtype), ops.cast(kernel, dtype))
        if self.logit_soft_cap is None:
            return logits
        return ops.multiply(ops.tanh(ops.divide(logits, self.logit_soft_cap)), self.logit_soft_cap)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> None:
        """Return nothing: the call puts the mask on its outputs."""
        return

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "tie_weights": self.tie_weights,
            "reverse_dtype": self.reverse_dtype,
            "logit_soft_cap": self.logit_soft_cap,
        }
