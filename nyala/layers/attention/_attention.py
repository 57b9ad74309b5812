"""`Attention`: of queries to values, without projections."""

from __future__ import annotations

from typing import Any

from nyala import ops, random
from nyala.core import enrol, tree
from nyala.eager import SeedGenerator
from nyala.layers.attention._masks import combined_mask, position_mask
from nyala.layers.attention._operations import attend
from nyala.layers.base import Layer

_SCORE_MODES = ("dot", "concat")


@enrol("keras.layers")
class Attention(Layer):
    """Dot-product attention (Luong's): `softmax(query keyᵀ) value`.

    Args:
        use_scale: whether the scores have a learned factor.
        score_mode: `"dot"` for the product of query and key, or `"concat"` for
            `weight * sum(tanh(query + key))`.
        dropout: the part of the probabilities that is dropped in training.
        seed: an integer, for reproducible dropout.

    Call arguments:
        inputs: a list of query `(batch, T, features)`, value `(batch, S, features)` and, if it is
            not the value, key `(batch, S, features)`.
        mask: a list of booleans `(batch, T)`, where outputs are set to 0 if false, and
            `(batch, S)`, where values are hidden if false; either may be `None`.
        training: whether dropout acts.
        return_attention_scores: whether the probabilities `(batch, T, S)` are returned too.
        use_causal_mask: whether later positions are hidden.

    Returns:
        `(batch, T, features)`, and the probabilities where asked for.

    >>> import nyala
    >>> query, value = nyala.ops.ones((1, 3, 4)), nyala.ops.ones((1, 5, 4))
    >>> nyala.layers.Attention()([query, value]).shape
    (1, 3, 4)

    Source: Luong et al., "Effective Approaches to Attention-based Neural Machine Translation",
    arXiv:1508.04025.
    """

    def __init__(self, use_scale: bool = False, score_mode: str = "dot", dropout: float = 0.0,
                 seed: int | None = None, **kwargs: Any):  # fmt: skip
        super().__init__(**kwargs)
        if score_mode not in _SCORE_MODES:
            raise ValueError(
                f"{type(self).__name__}(score_mode=...) expects 'dot' or 'concat'; got "
                f"{score_mode!r}."
            )
        self.use_scale, self.score_mode = use_scale, score_mode
        self.dropout, self.seed = dropout, seed
        if dropout > 0:
            self.seed_generator = SeedGenerator(seed)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Make the factors of the scores."""
        if tree.is_shape(input_shape):
            raise ValueError(self._expectation(f"one tensor of shape {tuple(input_shape)}"))
        self.scale = self.concat_score_weight = None
        if self.use_scale:
            self.scale = self._make_scale(input_shape[0][-1])
        if self.score_mode == "concat":
            self.concat_score_weight = self.add_weight(
                name="concat_score_weight", shape=(), initializer="ones"
            )

    def _make_scale(self, features: int) -> Any:
        return self.add_weight(name="scale", shape=(), initializer="ones")

    def call(self, inputs: Any, mask: Any = None, training: bool = False,
             return_attention_scores: bool = False,
             use_causal_mask: bool = False) -> Any:  # fmt: skip
        """Return the outputs, and the probabilities with `return_attention_scores`."""
        query, value, key = self._separate(inputs, mask)
        query_mask, value_mask = (None, None) if mask is None else mask[:2]
        scores_mask = self._score_mask(query, value, value_mask, use_causal_mask)
        if return_attention_scores or not self._is_plain(query, key, value):
            scores = self._calculate_scores(query, key)
            outputs, weights = self._apply_scores(scores, value, scores_mask, training)
        else:
            outputs, weights = self._attend(query, key, value, scores_mask, training), None
        if query_mask is not None:
            present = ops.expand_dims(ops.cast(query_mask, "bool"), -1)
            outputs = ops.where(present, outputs, 0.0)
        return (outputs, weights) if return_attention_scores else outputs

    def _is_plain(self, query: Any, key: Any, value: Any) -> bool:
        """Whether this is attention of one head, whose scores nobody sees or makes otherwise."""
        own = type(self)._calculate_scores, type(self)._apply_scores
        usual = own == (Attention._calculate_scores, Attention._apply_scores)
        ranks = {len(x.shape) for x in (query, key, value)}
        return usual and self.score_mode == "dot" and ranks == {3}

    def _attend(self, query: Any, key: Any, value: Any, mask: Any, training: bool) -> Any:
        """Return the outputs without a matrix of scores."""
        rate = self.dropout if training else 0.0
        query = query if self.scale is None else ops.multiply(query, self.scale)
        outputs, _ = attend(
            *(ops.expand_dims(x, 2) for x in (query, key, value)), mask,
            self.seed_generator.next() if rate else None, scale=1.0, dropout_rate=rate,
        )  # fmt: skip
        return ops.squeeze(outputs, 2)

    def _calculate_scores(self, query: Any, key: Any) -> Any:
        """Return the scores `(batch, T, S)` before the softmax."""
        if self.score_mode == "dot":
            scores = ops.matmul(query, ops.swapaxes(key, -2, -1))
            return scores if self.scale is None else ops.multiply(scores, self.scale)
        sums = pairwise_sums(query, key)
        sums = sums if self.scale is None else ops.multiply(sums, self.scale)
        return ops.multiply(self.concat_score_weight, ops.sum(ops.tanh(sums), axis=-1))

    def _apply_scores(self, scores: Any, value: Any, scores_mask: Any = None,
                      training: bool = False) -> tuple:  # fmt: skip
        """Return the weighted means of the values, and the weights."""
        if scores_mask is not None:
            # Lowered rather than replaced: where all are hidden, none becomes NaN.
            far = 65504.0 if scores.dtype == "float16" else 1e9
            scores = ops.where(scores_mask, scores, ops.subtract(scores, far))
        weights = ops.softmax(scores, axis=-1)
        if training and self.dropout > 0:
            weights = random.dropout(weights, self.dropout, seed=self.seed_generator)
        return ops.matmul(weights, value), weights

    def _score_mask(self, query: Any, value: Any, value_mask: Any, use_causal_mask: bool) -> Any:
        causal = position_mask(query, value, causal=True) if use_causal_mask else None
        return combined_mask(None, value_mask, None, causal)

    def _separate(self, inputs: Any, mask: Any) -> tuple:
        if not isinstance(inputs, (list, tuple)) or len(inputs) not in (2, 3):
            got = f"{len(inputs)} of them" if isinstance(inputs, (list, tuple)) else repr(inputs)
            raise ValueError(self._expectation(got))
        if mask is not None and (not isinstance(mask, (list, tuple)) or len(mask) not in (2, 3)):
            raise ValueError(
                f"{type(self).__name__} {self.name!r} expects mask=[query_mask, value_mask]; got "
                f"{mask!r}."
            )
        query, value = inputs[:2]
        return query, value, inputs[2] if len(inputs) == 3 else value

    def _expectation(self, got: str) -> str:
        return (
            f"{type(self).__name__} {self.name!r} expects a list of inputs, [query, value] or "
            f"[query, value, key]; got {got}."
        )

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return the mask of the queries."""
        return mask[0] if isinstance(mask, (list, tuple)) else None

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "use_scale": self.use_scale,
            "score_mode": self.score_mode,
            "dropout": self.dropout,
            "seed": self.seed,
        }


def pairwise_sums(query: Any, key: Any) -> Any:
    """Return `(batch, T, S, features)`: the sum of each query with each key."""
    return ops.add(ops.expand_dims(query, -2), ops.expand_dims(key, -3))
