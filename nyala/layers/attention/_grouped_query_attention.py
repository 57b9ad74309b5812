"""`GroupedQueryAttention`: heads of queries share heads of keys and values."""

from __future__ import annotations

from typing import Any

from nyala.core import enrol
from nyala.layers.attention._projected import ProjectedAttention, check_key_shape
from nyala.layers.base import positive_integer


@enrol("keras.layers", name="GroupQueryAttention", aliases=("GroupedQueryAttention",))
class GroupedQueryAttention(ProjectedAttention):
    """Attention in which each head of keys and values serves a group of neighbouring query heads.

    Args:
        head_dim: the width of each head.
        num_query_heads: the number of heads of queries.
        num_key_value_heads: the number of heads of keys and values; it divides `num_query_heads`.
        dropout: the part of the probabilities that is dropped in training.
        use_bias: whether the projections have biases.
        sliding_window: keys at this distance or farther are not seen.
        flash_attention: accepted for Keras' sake: the fastest way of the platform is taken.
        kernel_initializer, bias_initializer: first values of the projections.
        kernel_regularizer, bias_regularizer: penalties on the projections.
        activity_regularizer: a penalty on the outputs of the projections.
        kernel_constraint, bias_constraint: applied to the projections after each optimizer step.
        use_gate: whether the heads' outputs are multiplied by a sigmoid of the queries.
        seed: an integer, for reproducible dropout.

    Call arguments and returns: as of `MultiHeadAttention`, for inputs of three axes.

    >>> import nyala
    >>> layer = nyala.layers.GroupQueryAttention(4, num_query_heads=4, num_key_value_heads=2)
    >>> x = nyala.ops.ones((1, 6, 8))
    >>> layer(x, x).shape, layer.key_dense.kernel.shape
    ((1, 6, 8), (8, 2, 4))

    Source: Ainslie et al., "GQA", arXiv:2305.13245.
    """

    def __init__(self, head_dim: int, num_query_heads: int, num_key_value_heads: int,
                 dropout: float = 0.0, use_bias: bool = True, sliding_window: int | None = None,
                 flash_attention: bool | None = None, kernel_initializer: Any = "glorot_uniform",
                 bias_initializer: Any = "zeros", kernel_regularizer: Any = None,
                 bias_regularizer: Any = None, activity_regularizer: Any = None,
                 kernel_constraint: Any = None, bias_constraint: Any = None,
                 use_gate: bool = False, seed: int | None = None, **kwargs: Any):  # fmt: skip
        super().__init__(**kwargs)
        self._configure(
            {
                "kernel_initializer": kernel_initializer, "bias_initializer": bias_initializer,
                "kernel_regularizer": kernel_regularizer, "bias_regularizer": bias_regularizer,
                "activity_regularizer": activity_regularizer,
                "kernel_constraint": kernel_constraint, "bias_constraint": bias_constraint,
            },
            dropout, sliding_window, flash_attention, seed,
        )  # fmt: skip
        who = "GroupQueryAttention"
        self.head_dim = positive_integer(head_dim, f"{who}(head_dim=...)")
        self.num_query_heads = positive_integer(num_query_heads, f"{who}(num_query_heads=...)")
        self.num_key_value_heads = positive_integer(
            num_key_value_heads, f"{who}(num_key_value_heads=...)"
        )
        if num_query_heads % num_key_value_heads:
            raise ValueError(
                f"{who}: num_query_heads must be a multiple of num_key_value_heads; got "
                f"{num_query_heads} and {num_key_value_heads}."
            )
        self.num_repeats = num_query_heads // num_key_value_heads
        self.dropout, self.use_bias, self.use_gate = dropout, use_bias, use_gate
        self.sliding_window = sliding_window

    def build(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> None:
        """Make the projections."""
        key_shape = check_key_shape(self, value_shape, key_shape)
        self.feature_dim = query_shape[-1]
        queries, keys = self.num_query_heads, self.num_key_value_heads
        self._query_dense = self._to_heads(query_shape, queries, "query")
        self._key_dense = self._to_heads(key_shape, keys, "key")
        if self.use_gate:
            self._gate_dense = self._to_heads(query_shape, queries, "gate", "sigmoid")
        self._value_dense = self._to_heads(value_shape, keys, "value")
        self._make_inner_layers(self.dropout)
        self._output_dense = self._projection("bquh,uhm->bqm", (None, self.feature_dim), "m",
                                              self.use_bias, "attention_output")  # fmt: skip
        self._output_dense.build((None, None, queries, self.head_dim))

    def _to_heads(self, shape: Any, heads: int, name: str, activation: Any = None) -> Any:
        layer = self._projection("bqm,muh->bquh", (None, heads, self.head_dim), "uh",
                                 self.use_bias, name, activation)  # fmt: skip
        layer.build(shape)
        return layer

    def _is_gated(self) -> bool:
        return self.use_gate

    def _window(self) -> int | None:
        return self.sliding_window

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "head_dim": self.head_dim,
            "num_query_heads": self.num_query_heads,
            "num_key_value_heads": self.num_key_value_heads,
            "use_bias": self.use_bias,
            "use_gate": self.use_gate,
            "sliding_window": self.sliding_window,
            "dropout": self.dropout,
            **self._options_config(),
            "seed": self.seed,
        }
