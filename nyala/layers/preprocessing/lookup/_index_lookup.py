"""What `StringLookup` and `IntegerLookup` share: a table from tokens to indices."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala.core import floatx
from nyala.eager import Tensor
from nyala.layers.preprocessing._encoding import (
    check_mode,
    check_salt,
    encode_on_host,
    encoded_shape,
    refuse_sparse,
)
from nyala.layers.preprocessing._host_layer import device_dtype, to_device
from nyala.layers.preprocessing.lookup._arguments import check_arguments
from nyala.layers.preprocessing.lookup._files import refuse_path
from nyala.layers.preprocessing.lookup._vocabulary import Specials
from nyala.layers.preprocessing.lookup._vocabulary_layer import VocabularyLayer
from nyala.layers.preprocessing.tokens import (
    Integers,
    Strings,
    fingerprints64,
    keyed_hashes64,
)
from nyala.symbolic import KerasTensor


class IndexLookup(VocabularyLayer):
    """A table from tokens (integers, or strings as bytes of UTF-8) to indices.

    Subclasses say what a token is: `_column`, `_token`, `_shown`, `_texts`, `_tokens_out`.

    Args:
        max_tokens, num_oov_indices, mask_token, oov_token, vocabulary, idf_weights, invert,
            output_mode, sparse, pad_to_max_tokens, oov_method, salt: as of the subclasses.
        vocabulary_dtype: `"string"` or `"int64"`.
        vocabulary_size: the size of a vocabulary that a file will bring.
        has_input_vocabulary: whether the vocabulary is fixed, so that `adapt` is refused.
        who: the layer that errors name, where it is not this one.
    """

    def __init__(self, max_tokens: int | None, num_oov_indices: int, mask_token: Any,
                 oov_token: Any, vocabulary_dtype: str, vocabulary: Any = None,
                 idf_weights: Any = None, invert: bool = False, output_mode: str = "int",
                 sparse: bool = False, pad_to_max_tokens: bool = False,
                 oov_method: str = "floormod", name: str | None = None, salt: Any = None,
                 vocabulary_size: int | None = None, has_input_vocabulary: bool | None = None,
                 who: str | None = None, **kwargs: Any):  # fmt: skip
        kwargs.pop("trainable", None)  # there is nothing to train and nothing to compute with
        kwargs.pop("dtype", None)
        super().__init__(name=name, **kwargs)
        self._who = who = who or f"{type(self).__name__} {self.name!r}"
        refuse_sparse(sparse, who)
        modes = ("int", "one_hot", "multi_hot", "count", "tf_idf")
        self.output_mode = check_mode(output_mode, modes, who)
        self.max_tokens, self.num_oov_indices = max_tokens, num_oov_indices
        self.mask_token, self.oov_token = mask_token, oov_token
        self.vocabulary_dtype, self.invert, self.sparse = vocabulary_dtype, invert, False
        self.pad_to_max_tokens, self.oov_method = pad_to_max_tokens, oov_method
        self.salt = check_salt(salt, who)
        check_arguments(self, idf_weights, who)
        specials = Specials(mask_token, oov_token, num_oov_indices, self.output_mode == "int")
        self._begin(specials, vocabulary, idf_weights, vocabulary_size, has_input_vocabulary)
        self.built = True

    def _texts(self, column: Any) -> Strings:
        """Return what is hashed for unknown tokens."""
        return column

    def _tokens_out(self, tokens: np.ndarray) -> Tensor:
        """Return an array of tokens as a Tensor."""
        return to_device(tokens.astype(np.int64), "int64")

    # -- looking up --------------------------------------------------------------------------------

    def call(self, inputs: Any) -> Tensor:
        """Look the tokens up."""
        if self.invert:
            return self._look_back(self._host_array(inputs))
        column, shape = self._column(inputs)
        return self._encoded(self._places(column).reshape(shape))

    def _places(self, column: Strings | Integers) -> np.ndarray:
        """Return the index of each token."""
        return self._known_vocabulary().places(column, self._buckets)

    def _buckets(self, column: Any) -> np.ndarray:
        """Return which of the places of unknown tokens these take."""
        count = self.num_oov_indices
        if not count:
            unknown = [self._shown(token) for token in column[:5].items()]
            raise ValueError(
                f"{self._who}: {', '.join(map(repr, unknown))} is not in the vocabulary, and "
                "num_oov_indices=0 leaves no place for unknown tokens; use 1."
            )
        if isinstance(column, Integers) and self.oov_method == "floormod":
            return column.values % count
        texts = self._texts(column)
        if self.salt is not None:
            return keyed_hashes64(texts, tuple(self.salt)) % count
        return fingerprints64(texts) % count

    def _encoded(self, places: np.ndarray) -> Tensor:
        """Return indices, or vectors made of them, as a Tensor."""
        if self.output_mode == "int":
            return to_device(places, "int64")
        mode = "count" if self.output_mode == "tf_idf" else self.output_mode
        vectors = encode_on_host(places, mode, self._depth(), floatx())
        if self.output_mode == "tf_idf":
            vectors = vectors * self.idf_weights
        return to_device(vectors, floatx())

    def _look_back(self, indices: np.ndarray) -> Tensor:
        """Return the tokens of indices."""
        self._known_vocabulary()
        if indices.dtype.kind not in "iu":
            raise TypeError(
                f"{self._who} with invert=True expects integers; got an array of dtype "
                f"{indices.dtype}."
            )
        tokens = np.array([*self.get_vocabulary(), self.oov_token], object)
        last = len(tokens) - 1
        return self._tokens_out(tokens[np.where((indices >= 0) & (indices < last), indices, last)])

    # -- shapes and files --------------------------------------------------------------------------

    def _depth(self) -> int | None:
        return self.max_tokens if self.pad_to_max_tokens else self._frozen_vocab_size

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape of the outputs for inputs of this shape."""
        mode = "count" if self.output_mode == "tf_idf" else self.output_mode
        if mode != "int" and self._depth() is None:
            self._known_vocabulary()
        self._drawn = True
        return encoded_shape(input_shape, mode, self._depth())

    def compute_output_spec(self, inputs: Any) -> KerasTensor:
        """Return the shape and dtype of the outputs, as a KerasTensor."""
        dtype = "int64" if self.output_mode == "int" else floatx()
        if self.invert:
            dtype = self.vocabulary_dtype
        return KerasTensor(self.compute_output_shape(inputs.shape), device_dtype(dtype))

    def get_build_config(self) -> dict:
        """Return nothing: no shape matters."""
        return {}

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "invert": self.invert,
            "max_tokens": self.max_tokens,
            "num_oov_indices": self.num_oov_indices,
            "oov_token": self.oov_token,
            "mask_token": self.mask_token,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
            "pad_to_max_tokens": self.pad_to_max_tokens,
            "vocabulary_dtype": self.vocabulary_dtype,
            "idf_weights": self._given_weights,
            "vocabulary": self._given_vocabulary,
            "vocabulary_size": self._frozen_vocab_size,
            "oov_method": self.oov_method,
            "salt": None if self.salt is None else list(self.salt),
        }

    @classmethod
    def from_config(cls, config: dict) -> Any:
        """Return a layer from `get_config()`."""
        refuse_path(config, cls.__name__)
        return cls(**config)
