"""`IntegerLookup`: integers to indices, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala.core import enrol
from nyala.layers.preprocessing.lookup._index_lookup import IndexLookup
from nyala.layers.preprocessing.tokens import Integers, Strings


@enrol("keras.layers")
class IntegerLookup(IndexLookup):
    """Maps integers (identifiers, say) to their indices in a vocabulary, or to vectors of those.

    Args:
        max_tokens: the most places of the vocabulary, those of special tokens included.
        num_oov_indices: how many places unknown integers share; 0 makes them an error.
        mask_token: the integer of index 0 that stands for "nothing here"; `None` for no such.
        oov_token: what unknown places are shown as.
        vocabulary: the integers in order, or the path of a text file with one in each line; without
            it call `adapt`.
        vocabulary_dtype: must be `"int64"`.
        idf_weights: a weight for each integer of `vocabulary`, in mode `"tf_idf"`.
        invert: whether the layer goes from indices to integers.
        output_mode: as of `StringLookup`.
        sparse: must be false.
        pad_to_max_tokens: whether vectors have `max_tokens` places whatever the vocabulary.
        oov_method: how unknown integers share their places: `"floormod"` by their remainder,
            `"farmhash"` by a hash of their decimal digits.
        salt: an integer, or two, that change the hash.

    Input shape: any. Output shape: as of `StringLookup`. Integers of more than 32 bits need JAX's
    64-bit mode.

    >>> import nyala
    >>> layer = nyala.layers.IntegerLookup(vocabulary=[12, 36])
    >>> layer([[36, 7]]).numpy()
    array([[2, 0]], dtype=int32)
    """

    def __init__(self, max_tokens: int | None = None, num_oov_indices: int = 1,
                 mask_token: int | None = None, oov_token: int = -1, vocabulary: Any = None,
                 vocabulary_dtype: str = "int64", idf_weights: Any = None, invert: bool = False,
                 output_mode: str = "int", sparse: bool = False, pad_to_max_tokens: bool = False,
                 oov_method: str = "floormod", salt: Any = None, name: str | None = None,
                 **kwargs: Any):  # fmt: skip
        if vocabulary_dtype != "int64":
            raise ValueError(
                f"IntegerLookup: vocabulary_dtype must be 'int64'; got {vocabulary_dtype!r}."
            )
        super().__init__(
            max_tokens=max_tokens, num_oov_indices=num_oov_indices, mask_token=mask_token,
            oov_token=oov_token, vocabulary_dtype=vocabulary_dtype, vocabulary=vocabulary,
            idf_weights=idf_weights, invert=invert, output_mode=output_mode, sparse=sparse,
            pad_to_max_tokens=pad_to_max_tokens, oov_method=oov_method, salt=salt, name=name,
            **kwargs,
        )  # fmt: skip

    def _column(self, inputs: Any) -> tuple[Integers, tuple]:
        array = self._host_array(inputs)
        if array.dtype.kind not in "iubf":
            raise TypeError(
                f"{self._who} expects integers; got {array.dtype} values. Use StringLookup for "
                "strings."
            )
        return Integers(array.astype(np.int64, copy=False).ravel()), array.shape

    def _token(self, value: Any) -> int:
        try:
            return int(value)
        except (TypeError, ValueError):
            raise ValueError(
                f"{self._who}: {value!r} in the vocabulary is not an integer."
            ) from None

    def _texts(self, column: Integers) -> Strings:
        return Strings.of_integers(column.values)
