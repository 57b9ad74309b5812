"""`ProjectedAttention`: what attention layers with projections have in common."""

from __future__ import annotations

import math
from typing import Any

from nyala import constraints, initializers, ops, regularizers
from nyala.layers.activation import Softmax
from nyala.layers.attention._masks import combined_mask, position_mask
from nyala.layers.attention._operations import attend
from nyala.layers.base import Layer
from nyala.layers.core import EinsumDense
from nyala.layers.regularization import Dropout

_OPTIONS = {
    "initializer": initializers,
    "regularizer": regularizers,
    "constraint": constraints,
}


class ProjectedAttention(Layer):
    """Attention of heads: queries, keys and values are projected, and so are the outputs.

    Args:
        options: initializers, regularizers and constraints of the projections, by name.
        dropout: the part of the probabilities that is dropped in training.
        sliding_window: keys at this distance or farther are not seen.
        flash_attention: accepted for Keras' sake; it excludes dropout and returning scores.
        seed: an integer, for reproducible dropout.
    """

    _attention_axes: Any = (1,)

    def _configure(self, options: dict[str, Any], dropout: float, sliding_window: int | None,
                   flash_attention: bool | None, seed: int | None) -> None:  # fmt: skip
        who = type(self).__name__
        if sliding_window is not None and (
            isinstance(sliding_window, bool)
            or not isinstance(sliding_window, int)
            or sliding_window <= 0
        ):
            raise ValueError(
                f"{who}(sliding_window=...) expects a positive integer or None; got "
                f"{sliding_window!r}."
            )
        if flash_attention and dropout > 0:
            raise ValueError(
                f"{who}: flash attention has no dropout; got dropout={dropout}. Use "
                "flash_attention=None, which takes the fastest way that applies."
            )
        self._options = {
            name: _OPTIONS[name.rsplit("_", 1)[1]].get(value) for name, value in options.items()
        }
        self._flash_attention = flash_attention
        self.seed = seed
        self.supports_masking = True

    def _projection(self, equation: str, output_shape: Any, bias_axes: str, use_bias: bool,
                    name: str, activation: Any = None) -> EinsumDense:  # fmt: skip
        options = dict(self._options)
        # A copy for each: an initializer with a seed must not fill all with the same numbers.
        for key in ("kernel_initializer", "bias_initializer"):
            options[key] = type(options[key]).from_config(options[key].get_config())
        return EinsumDense(
            equation, output_shape=output_shape, bias_axes=bias_axes if use_bias else None,
            name=name, activation=activation, dtype=self.dtype_policy, **options,
        )  # fmt: skip

    def _make_inner_layers(self, dropout: float) -> None:
        self._softmax = Softmax(dtype=self.dtype_policy)
        self._dropout_layer = Dropout(dropout, dtype=self.dtype_policy, seed=self.seed)

    def call(self, query: Any, value: Any, key: Any = None, query_mask: Any = None,
             value_mask: Any = None, key_mask: Any = None, attention_mask: Any = None,
             return_attention_scores: bool = False, training: bool | None = None,
             use_causal_mask: bool = False) -> Any:  # fmt: skip
        """Return the outputs, and the probabilities with `return_attention_scores`."""
        if self._flash_attention and return_attention_scores:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: flash attention does not return scores. "
                "Make the layer without flash_attention=True."
            )
        key = value if key is None else key
        mask = self._compute_attention_mask(
            query, value, query_mask, value_mask, key_mask, attention_mask, use_causal_mask
        )
        gate = self._gate_dense(query) if self._is_gated() else None
        outputs, scores = self._compute_attention(
            self._query_dense(query), self._key_dense(key), self._value_dense(value),
            attention_mask=mask, training=training,
            return_attention_scores=return_attention_scores,
        )  # fmt: skip
        outputs = self._output_dense(outputs if gate is None else ops.multiply(outputs, gate))
        if query_mask is not None:
            outputs._keras_mask = query_mask
        return (outputs, scores) if return_attention_scores else outputs

    def compute_mask(self, *args: Any, **kwargs: Any) -> None:
        """Return nothing: the call puts the mask of the queries on its outputs."""
        return

    def _compute_attention_mask(self, query: Any, value: Any, query_mask: Any = None,
                                value_mask: Any = None, key_mask: Any = None,
                                attention_mask: Any = None,
                                use_causal_mask: bool = False) -> Any:  # fmt: skip
        window = self._window()
        positions = None
        if use_causal_mask or window is not None:
            positions = position_mask(query, value, causal=bool(use_causal_mask), window=window)
        return combined_mask(query_mask, value_mask, key_mask, attention_mask, positions)

    def _compute_attention(self, query: Any, key: Any, value: Any, attention_mask: Any = None,
                           training: Any = None,
                           return_attention_scores: bool = False) -> tuple:  # fmt: skip
        """Return `(outputs, probabilities or None)` for projected queries, keys and values.

        Subclasses may compute it in another way.
        """
        rate = self._dropout_layer.rate if training else 0.0
        # As in Keras, whose fused attention differs from the explicit one in this.
        fused = len(query.shape) == 4 and not (self._dropout_layer.rate or return_attention_scores)
        return attend(
            query, key, value, attention_mask,
            self._dropout_layer.seed_generator.next() if rate else None,
            axes=tuple(self._attention_axes), scale=1 / math.sqrt(query.shape[-1]),
            dropout_rate=rate, return_scores=bool(return_attention_scores),
            zero_if_blind=not fused,
        )  # fmt: skip

    def _is_gated(self) -> bool:
        raise TypeError(f"{type(self).__name__} must implement _is_gated().")

    def _window(self) -> int | None:
        raise TypeError(f"{type(self).__name__} must implement _window().")

    @property
    def query_dense(self) -> EinsumDense:
        """The projection of the queries."""
        return self._query_dense

    @property
    def key_dense(self) -> EinsumDense:
        """The projection of the keys."""
        return self._key_dense

    @property
    def value_dense(self) -> EinsumDense:
        """The projection of the values."""
        return self._value_dense

    @property
    def output_dense(self) -> EinsumDense:
        """The projection of the outputs."""
        return self._output_dense

    def _options_config(self) -> dict[str, Any]:
        return {
            name: _OPTIONS[name.rsplit("_", 1)[1]].serialize(value)
            for name, value in self._options.items()
        }


def check_key_shape(layer: Layer, value_shape: Any, key_shape: Any) -> Any:
    """Return the shape of the keys, that of the values by default; raise unless they fit."""
    if key_shape is None:
        return value_shape
    if tuple(value_shape[1:-1]) != tuple(key_shape[1:-1]):
        raise ValueError(
            f"{type(layer).__name__} {layer.name!r}: keys and values must have the same axes but "
            f"for the last; got the shapes {tuple(key_shape)} and {tuple(value_shape)}."
        )
    return key_shape
