"""Indices to vectors, each as long as its layer has indices."""

from __future__ import annotations

from typing import Any

from nyala import layers


def encoder_of(name: str, preprocessor: Any, dtype: str) -> layers.CategoryEncoding:
    """Return the layer that makes vectors of what a layer returns.

    Args:
        name: of the feature, for errors.
        preprocessor: the layer.
        dtype: of what it returns.
    """
    if not str(dtype).startswith("int"):
        raise ValueError(
            f"FeatureSpace: feature {name!r} has output_mode='one_hot', for which its preprocessor "
            f"must return integers; {type(preprocessor).__name__} returns {dtype}. Use "
            "output_mode='float'."
        )
    return layers.CategoryEncoding(num_tokens=_count(name, preprocessor), output_mode="multi_hot")


def _count(name: str, preprocessor: Any) -> int:
    if isinstance(preprocessor, (layers.IntegerLookup, layers.StringLookup)):
        return preprocessor.vocabulary_size()
    if isinstance(preprocessor, layers.Discretization):
        return preprocessor.num_bins or len(preprocessor.bin_boundaries) + 1
    if isinstance(preprocessor, (layers.Hashing, layers.HashedCrossing)):
        return preprocessor.num_bins
    if isinstance(preprocessor, layers.CategoryEncoding):
        return preprocessor.num_tokens
    raise ValueError(
        f"FeatureSpace: feature {name!r} has output_mode='one_hot', but how many indices "
        f"{type(preprocessor).__name__} returns is not known. Use output_mode='int' and encode "
        "them yourself."
    )
