"""`MultiHeadAttention`."""

from __future__ import annotations

import string
from typing import Any

from nyala.core import enrol
from nyala.layers.attention._projected import ProjectedAttention, check_key_shape
from nyala.layers.base import positive_integer


@enrol("keras.layers")
class MultiHeadAttention(ProjectedAttention):
    """Attention of several heads: `softmax(q kᵀ / sqrt(key_dim)) v` for projections q, k, v.

    Args:
        num_heads: the number of heads.
        key_dim: the width of queries and keys in each head.
        value_dim: the width of values in each head; `key_dim` by default.
        dropout: the part of the probabilities that is dropped in training.
        use_bias: whether the projections have biases.
        output_shape: the lengths of the outputs' last axes, an integer or a tuple; the last axis of
            the queries by default.
        attention_axes: the axes of positions; all but the first and the last by default.
        sliding_window: keys at this distance or farther are not seen.
        flash_attention: accepted for Keras' sake: the fastest way of the platform is taken.
        kernel_initializer, bias_initializer: first values of the projections.
        kernel_regularizer, bias_regularizer: penalties on the projections.
        activity_regularizer: a penalty on the outputs of the projections.
        kernel_constraint, bias_constraint: applied to the projections after each optimizer step.
        use_gate: whether the heads' outputs are multiplied by a sigmoid of the queries.
        seed: an integer, for reproducible dropout.

    Call arguments:
        query: `(batch, T, features)`.
        value: `(batch, S, features)`.
        key: `(batch, S, features)`; `value` by default.
        query_mask, value_mask, key_mask: booleans `(batch, T)` and `(batch, S)`, which tensors with
            masks bring along.
        attention_mask: booleans `(batch, T, S)` or `(batch, heads, T, S)`: who may look at whom.
        return_attention_scores: whether the probabilities `(batch, heads, T, S)` are returned too.
        training: whether dropout acts.
        use_causal_mask: whether later positions are hidden.

    Returns:
        `(batch, T, output features)`, and the probabilities where asked for.

    >>> import nyala
    >>> layer = nyala.layers.MultiHeadAttention(num_heads=2, key_dim=4)
    >>> x = nyala.ops.ones((1, 6, 8))
    >>> y, scores = layer(x, x, return_attention_scores=True)
    >>> y.shape, scores.shape
    ((1, 6, 8), (1, 2, 6, 6))

    Source: Vaswani et al., "Attention Is All You Need", arXiv:1706.03762; gate: Qiu et al., "Gated
    Attention for Large Language Models", arXiv:2505.06708.
    """

    def __init__(self, num_heads: int, key_dim: int, value_dim: int | None = None,
                 dropout: float = 0.0, use_bias: bool = True, output_shape: Any = None,
                 attention_axes: Any = None, sliding_window: int | None = None,
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
        self._num_heads = positive_integer(num_heads, "MultiHeadAttention(num_heads=...)")
        self._key_dim = positive_integer(key_dim, "MultiHeadAttention(key_dim=...)")
        self._value_dim = key_dim
        if value_dim is not None:
            self._value_dim = positive_integer(value_dim, "MultiHeadAttention(value_dim=...)")
        self._dropout, self._use_bias, self._use_gate = dropout, use_bias, use_gate
        self._sliding_window = sliding_window
        self._output_shape = _lengths(output_shape, "output_shape")
        self._attention_axes = _lengths(attention_axes, "attention_axes")

    def build(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> None:
        """Make the projections."""
        key_shape = check_key_shape(self, value_shape, key_shape)
        heads, rank = self._num_heads, len(query_shape)
        self._query_dense = self._to_heads(query_shape, self._key_dim, "query")
        self._key_dense = self._to_heads(key_shape, self._key_dim, "key")
        if self._use_gate:
            self._gate_dense = self._to_heads(query_shape, self._value_dim, "gate", "sigmoid")
        self._value_dense = self._to_heads(value_shape, self._value_dim, "value")
        axes = range(1, rank - 1) if self._attention_axes is None else self._attention_axes
        self._attention_axes = tuple(axis if axis >= 0 else rank + axis for axis in axes)
        self._make_inner_layers(self._dropout)
        lengths = self._output_shape or (query_shape[-1],)
        equation, bias_axes = _projection_equation(rank - 1, 2, len(lengths))
        output_shape = (*(None for _ in query_shape[1:-1]), *lengths)
        self._output_dense = self._projection(
            equation, output_shape, bias_axes, self._use_bias, "attention_output"
        )
        self._output_dense.build((*query_shape[:-1], heads, self._value_dim))

    def _to_heads(self, shape: Any, width: int, name: str, activation: Any = None) -> Any:
        """Return a built projection `(batch, ..., features) -> (batch, ..., heads, width)`."""
        equation, bias_axes = _projection_equation(len(shape) - 1, 1, 2)
        output_shape = (*(None for _ in shape[1:-1]), self._num_heads, width)
        layer = self._projection(
            equation, output_shape, bias_axes, self._use_bias, name, activation
        )
        layer.build(shape)
        return layer

    def _is_gated(self) -> bool:
        return self._use_gate

    def _window(self) -> int | None:
        return self._sliding_window

    num_heads = property(lambda self: self._num_heads, doc="The number of heads.")
    key_dim = property(lambda self: self._key_dim, doc="The width of queries and keys.")
    value_dim = property(lambda self: self._value_dim, doc="The width of values.")
    dropout = property(lambda self: self._dropout, doc="The part of probabilities dropped.")
    use_bias = property(lambda self: self._use_bias, doc="Whether projections have biases.")
    attention_axes = property(lambda self: self._attention_axes, doc="The axes of positions.")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "num_heads": self._num_heads,
            "key_dim": self._key_dim,
            "value_dim": self._value_dim,
            "dropout": self._dropout,
            "use_bias": self._use_bias,
            "use_gate": self._use_gate,
            "output_shape": self._output_shape,
            "attention_axes": self._attention_axes,
            "sliding_window": self._sliding_window,
            **self._options_config(),
            "seed": self.seed,
        }


def _lengths(value: Any, argument: str) -> tuple[int, ...] | None:
    if value is None:
        return None
    values = (value,) if isinstance(value, int) else value
    if not isinstance(values, (list, tuple)) or not all(isinstance(n, int) for n in values):
        raise ValueError(
            f"MultiHeadAttention({argument}=...) expects an integer, several of them, or None; got "
            f"{value!r}."
        )
    return tuple(values) or None


def _projection_equation(free: int, summed: int, made: int) -> tuple[str, str]:
    """Return an einsum equation, and the labels of the axes that it makes.

    Args:
        free: the number of axes that stay, the batch axis among them.
        summed: the number of axes that are summed over.
        made: the number of axes that the kernel adds.
    """
    labels = string.ascii_lowercase
    kept, over = labels[:free], labels[free : free + summed]
    new = labels[free + summed : free + summed + made]
    return f"{kept}{over},{over}{new}->{kept}{new}", new
