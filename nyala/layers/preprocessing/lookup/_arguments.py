"""What the arguments of lookups must be."""

from __future__ import annotations

from typing import Any


def check_arguments(layer: Any, idf_weights: Any, who: str) -> None:
    """Raise where the arguments of an `IndexLookup`, set as its attributes, do not fit.

    Args:
        layer: the lookup.
        idf_weights: as it was given.
        who: for errors.
    """
    if layer.max_tokens is not None and layer.max_tokens <= 1:
        raise ValueError(
            f"{who}: max_tokens must be greater than 1 (it counts the mask's and the unknown "
            f"token's places); got {layer.max_tokens}."
        )
    if layer.num_oov_indices < 0:
        raise ValueError(f"{who}: num_oov_indices must be at least 0; got {layer.num_oov_indices}.")
    if layer.pad_to_max_tokens and layer.max_tokens is None:
        raise ValueError(
            f"{who}: pad_to_max_tokens=True needs max_tokens, the length of the vectors; got None."
        )
    if layer.invert and layer.output_mode != "int":
        raise ValueError(f"{who}: invert=True needs output_mode='int'; got {layer.output_mode!r}.")
    if idf_weights is not None and layer.output_mode != "tf_idf":
        raise ValueError(
            f"{who}: idf_weights belong to output_mode='tf_idf'; got {layer.output_mode!r}."
        )
    _check_hash(layer, who)


def _check_hash(layer: Any, who: str) -> None:
    if layer.oov_method not in ("floormod", "farmhash"):
        raise ValueError(
            f"{who}: oov_method must be 'floormod' or 'farmhash'; got {layer.oov_method!r}."
        )
    if layer.salt and layer.vocabulary_dtype != "string" and layer.oov_method != "farmhash":
        raise ValueError(
            f"{who}: a salt changes hashes: it needs oov_method='farmhash'; got "
            f"{layer.oov_method!r}."
        )
