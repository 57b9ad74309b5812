"""Layers that everything starts from: inputs, dense layers, embeddings, functions, masks."""

from nyala.layers.core._dense import Dense
from nyala.layers.core._einsum_dense import EinsumDense
from nyala.layers.core._embedding import Embedding
from nyala.layers.core._identity import Identity
from nyala.layers.core._input_layer import Input, InputLayer
from nyala.layers.core._lambda import Lambda
from nyala.layers.core._masking import Masking
from nyala.layers.core._reversible_embedding import ReversibleEmbedding
from nyala.layers.core._wrapper import Wrapper

__all__ = [
    "Dense",
    "EinsumDense",
    "Embedding",
    "Identity",
    "Input",
    "InputLayer",
    "Lambda",
    "Masking",
    "ReversibleEmbedding",
    "Wrapper",
]
