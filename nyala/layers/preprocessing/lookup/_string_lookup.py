"""`StringLookup`: strings to indices, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala.core import enrol
from nyala.eager import Tensor
from nyala.layers.preprocessing._host_layer import of_strings
from nyala.layers.preprocessing.lookup._index_lookup import IndexLookup
from nyala.layers.preprocessing.tokens import Strings, check_encoding, decoded, encoded


@enrol("keras.layers")
class StringLookup(IndexLookup):
    """Maps strings to their indices in a vocabulary, or to vectors made of those.

    Args:
        max_tokens: the most places of the vocabulary, those of special tokens included.
        num_oov_indices: how many places unknown strings share (by a hash); 0 makes them an error.
        mask_token: the string of index 0 that stands for "nothing here"; `None` for no such.
        oov_token: what unknown places are shown as.
        vocabulary: the strings in order, or the path of a text file with one in each line; without
            it call `adapt`.
        idf_weights: a weight for each string of `vocabulary`, in mode `"tf_idf"`.
        invert: whether the layer goes from indices to strings.
        output_mode: `"int"`; `"one_hot"`, a vector for each string; or for each row of strings
            `"multi_hot"` (also `"binary"`), `"count"` or `"tf_idf"`, counts times weights.
        pad_to_max_tokens: whether vectors have `max_tokens` places whatever the vocabulary.
        sparse: must be false.
        encoding: of strings that are bytes.
        salt: an integer, or two, that change the hash of unknown strings.

    Input shape: any, strings. Output shape: the same, integers; with vectors, floats: the last axis
    is replaced by one of the vocabulary's size (for `"one_hot"` one is added, unless the last has
    length 1).

    Unknown strings share their places as in Keras (FarmHash, with a salt SipHash). Layers of
    strings run on the host: inside a functional model before the compiled part.

    >>> import nyala
    >>> layer = nyala.layers.StringLookup(vocabulary=["a", "b"])
    >>> layer([["b", "x"]]).numpy()
    array([[2, 0]], dtype=int32)
    >>> nyala.layers.StringLookup(vocabulary=["a", "b"], invert=True)([2, 0]).numpy()
    array([b'b', b'[UNK]'], dtype=object)
    """

    def __init__(self, max_tokens: int | None = None, num_oov_indices: int = 1,
                 mask_token: str | None = None, oov_token: str = "[UNK]", vocabulary: Any = None,
                 idf_weights: Any = None, invert: bool = False, output_mode: str = "int",
                 pad_to_max_tokens: bool = False, sparse: bool = False, encoding: str = "utf-8",
                 name: str | None = None, salt: Any = None, **kwargs: Any):  # fmt: skip
        self._keep(encoding=check_encoding(encoding, f"StringLookup {name!r}"))
        super().__init__(
            max_tokens=max_tokens, num_oov_indices=num_oov_indices, mask_token=mask_token,
            oov_token=oov_token, vocabulary_dtype="string", vocabulary=vocabulary,
            idf_weights=idf_weights, invert=invert, output_mode=output_mode, sparse=sparse,
            pad_to_max_tokens=pad_to_max_tokens, name=name, salt=salt, **kwargs,
        )  # fmt: skip

    def _column(self, inputs: Any) -> tuple[Strings, tuple]:
        array = self._host_array(inputs)
        return encoded(array, self.encoding, self._who), array.shape

    def _token(self, value: Any) -> bytes:
        if isinstance(value, str):
            try:
                return value.encode()
            except UnicodeEncodeError:
                pass  # bytes that are no UTF-8, in disguise
        return self._column(value)[0].items()[0]

    def _shown(self, token: bytes) -> str:
        return decoded(token)

    def _tokens_out(self, tokens: np.ndarray) -> Tensor:
        return of_strings(tokens)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        config = {**super().get_config(), "encoding": self.encoding}
        del config["vocabulary_dtype"]  # strings are what the class is for
        return config
