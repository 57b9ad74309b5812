"""`AdditiveAttention`: of queries to values, with scores from their sums."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import enrol
from nyala.layers.attention._attention import Attention, pairwise_sums


@enrol("keras.layers")
class AdditiveAttention(Attention):
    """Additive attention (Bahdanau's): `softmax(sum(scale * tanh(query + key))) value`.

    Args:
        use_scale: whether each feature has a learned factor.
        dropout: the part of the probabilities that is dropped in training.

    Call arguments and returns: as of `Attention`.

    >>> import nyala
    >>> query, value = nyala.ops.ones((1, 3, 4)), nyala.ops.ones((1, 5, 4))
    >>> nyala.layers.AdditiveAttention()([query, value]).shape
    (1, 3, 4)

    Source: Bahdanau et al., "Neural Machine Translation by Jointly Learning to Align and
    Translate", arXiv:1409.0473.
    """

    def __init__(self, use_scale: bool = True, dropout: float = 0.0, **kwargs: Any):
        super().__init__(use_scale=use_scale, dropout=dropout, **kwargs)

    def _make_scale(self, features: int) -> Any:
        return self.add_weight(name="scale", shape=(features,), initializer="glorot_uniform")

    def _calculate_scores(self, query: Any, key: Any) -> Any:
        terms = ops.tanh(pairwise_sums(query, key))
        terms = terms if self.scale is None else ops.multiply(self.scale, terms)
        return ops.sum(terms, axis=-1)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        config = super().get_config()
        del config["score_mode"]
        return config
