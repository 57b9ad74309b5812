"""`Embedding`: a learned vector for every integer."""

from __future__ import annotations

from typing import Any

from nyala import kernels, ops, regularizers
from nyala.core import enrol
from nyala.eager import Array, op
from nyala.layers.base import Layer, set_weight_options, weight_options, weight_options_config
from nyala.layers.base._low_rank import AdaptedWeight, LowRankAdaptable, refuse_quantization
from nyala.layers.core._dense import positive_integer


@op(name="embedding_lookup")
def _look_up(table: Array, ids: Array) -> Array:
    return kernels.embedding_lookup(table, ids)


@enrol("keras.layers")
class Embedding(LowRankAdaptable, Layer):
    """Turns integers into rows of a learned table.

    Args:
        input_dim: the number of rows: the greatest integer + 1.
        output_dim: the length of a row.
        embeddings_initializer: first values of the table.
        embeddings_regularizer: a penalty on the table.
        embeddings_constraint: applied to the table after each optimizer step.
        mask_zero: whether 0 marks padding: layers after this one are given the mask `ids != 0`, and
            real integers begin at 1.
        weights: the first table, an array of shape `(input_dim, output_dim)` or a list of one.
        lora_rank: freezes the table and learns an update of this rank (see `enable_lora`).
        lora_alpha: the update is scaled by `lora_alpha / lora_rank`.
        quantization_config: must be `None`.
        input_length: the length of the input sequences (Keras 2; optional).

    Input: integers of any shape, such as `(batch, time)`. Output shape:
    `(*input_shape, output_dim)`.

    >>> import nyala
    >>> layer = nyala.layers.Embedding(input_dim=1000, output_dim=16)
    >>> layer(nyala.ops.array([[3, 7, 0]])).shape
    (1, 3, 16)
    """

    _adapted_weight = "embeddings"
    embeddings = AdaptedWeight()

    def __init__(self, input_dim: int, output_dim: int, embeddings_initializer: Any = "uniform",
                 embeddings_regularizer: Any = None, embeddings_constraint: Any = None,
                 mask_zero: bool = False, weights: Any = None, lora_rank: int | None = None,
                 lora_alpha: float | None = None, quantization_config: Any = None,
                 **kwargs: Any):  # fmt: skip
        input_length = kwargs.pop("input_length", None)
        if input_length is not None and "input_shape" not in kwargs:
            kwargs["input_shape"] = _as_tuple(input_length)
        super().__init__(**kwargs)
        self.input_dim = positive_integer(input_dim, "Embedding(input_dim=...)")
        self.output_dim = positive_integer(output_dim, "Embedding(output_dim=...)")
        set_weight_options(self, "embeddings", embeddings_initializer, embeddings_regularizer,
                           embeddings_constraint)  # fmt: skip
        self.mask_zero = self.supports_masking = mask_zero
        # Integers above 2**8 (bfloat16) or 2**11 (float16) do not survive a cast.
        self.autocast = False
        self._set_low_rank(lora_rank, lora_alpha)
        refuse_quantization(self, quantization_config)
        if weights is not None:
            self.build()
            self.set_weights(
                weights if isinstance(weights, list) and len(weights) == 1 else [weights]
            )

    def build(self, input_shape: Any = None) -> None:
        """Make the table."""
        if self.built:
            return
        self.embeddings = self.add_weight(
            name="embeddings", shape=(self.input_dim, self.output_dim),
            # The rows that are looked up are cast, not the whole table.
            autocast=False, **weight_options(self, "embeddings"),
        )  # fmt: skip
        self.built = True
        if self.lora_rank:
            self.enable_lora(self.lora_rank, self.lora_alpha)

    def call(self, inputs: Any) -> Any:
        """Return the rows of the table that `inputs` name."""
        if inputs.dtype not in ("int32", "int64"):
            inputs = ops.cast(inputs, "int32")
        return ops.cast(_look_up(self.embeddings, inputs), self.compute_dtype)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return `inputs != 0` where 0 marks padding, else nothing."""
        return ops.not_equal(inputs, 0) if self.mask_zero else None

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "input_dim": self.input_dim,
            "output_dim": self.output_dim,
            **weight_options_config(self, "embeddings"),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
            "mask_zero": self.mask_zero,
            "quantization_config": None,
            **self._low_rank_config(),
        }


def _as_tuple(value: Any) -> tuple:
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)
