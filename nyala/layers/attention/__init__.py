"""Attention layers."""

from nyala.layers.attention._additive_attention import AdditiveAttention
from nyala.layers.attention._attention import Attention
from nyala.layers.attention._grouped_query_attention import GroupedQueryAttention
from nyala.layers.attention._multi_head_attention import MultiHeadAttention

# The name under which Keras exports it.
GroupQueryAttention = GroupedQueryAttention

__all__ = [
    "AdditiveAttention",
    "Attention",
    "GroupQueryAttention",
    "GroupedQueryAttention",
    "MultiHeadAttention",
]
