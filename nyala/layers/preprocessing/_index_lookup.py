"""What `StringLookup` and `IntegerLookup` share: a table from tokens to indices."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from itertools import repeat
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
from nyala.layers.preprocessing._fingerprints import fingerprint64, keyed_hash64
from nyala.layers.preprocessing._host_layer import HostLayer, device_dtype, to_device
from nyala.layers.preprocessing._token_counts import TokenCounts, steps_of
from nyala.symbolic import KerasTensor

# Places of what is not in the table. Negative places are left out of vectors.
_DROPPED, _UNKNOWN = -1, -2


class IndexLookup(HostLayer):
    """A table from tokens (Python's integers, or bytes of UTF-8) to indices.

    Subclasses say what a token is: `_tokens_in`, `_token`, `_shown`, `_as_text`.

    Args:
        max_tokens, num_oov_indices, mask_token, oov_token, vocabulary, idf_weights, invert,
            output_mode, sparse, pad_to_max_tokens, oov_method, salt: as of the subclasses.
        vocabulary_dtype: `"string"` or `"int64"`.
        vocabulary_size: the size of a vocabulary that a file will bring.
        has_input_vocabulary: whether the vocabulary is fixed, so that `adapt` is refused.
    """

    def __init__(self, max_tokens: int | None, num_oov_indices: int, mask_token: Any,
                 oov_token: Any, vocabulary_dtype: str, vocabulary: Any = None,
                 idf_weights: Any = None, invert: bool = False, output_mode: str = "int",
                 sparse: bool = False, pad_to_max_tokens: bool = False,
                 oov_method: str = "floormod", name: str | None = None, salt: Any = None,
                 vocabulary_size: int | None = None, has_input_vocabulary: bool | None = None,
                 **kwargs: Any):  # fmt: skip
        kwargs.pop("trainable", None)  # there is nothing to train and nothing to compute with
        kwargs.pop("dtype", None)
        super().__init__(name=name, **kwargs)
        who = type(self).__name__
        refuse_sparse(sparse, who)
        self.output_mode = check_mode(
            output_mode, ("int", "one_hot", "multi_hot", "count", "tf_idf"), who
        )
        self.max_tokens, self.num_oov_indices = max_tokens, num_oov_indices
        self.mask_token, self.oov_token = mask_token, oov_token
        self.vocabulary_dtype, self.invert, self.sparse = vocabulary_dtype, invert, False
        self.pad_to_max_tokens, self.oov_method = pad_to_max_tokens, oov_method
        self.salt = check_salt(salt, who)
        self._check_arguments(who, idf_weights)
        # Configs of layers that never saw a vocabulary count the special tokens alone.
        known = vocabulary_size is not None and vocabulary_size > self._token_start()
        self._frozen_vocab_size = vocabulary_size if known else None
        self._has_input_vocabulary = (
            vocabulary is not None if has_input_vocabulary is None else has_input_vocabulary
        )
        given = None if vocabulary is None or _is_path(vocabulary) else _listed(vocabulary)
        weights = None if idf_weights is None else _listed(idf_weights)
        self._keep(_given_vocabulary=given, _given_weights=weights, idf_weights=None)
        self._keep(_counts=TokenCounts(self.output_mode == "tf_idf"), _tokens=None, _table={})
        self._drawn = False  # whether a model relies on the length of the vectors
        if vocabulary is not None:
            self.set_vocabulary(vocabulary, idf_weights)
        self.built = True

    def _keep(self, **attributes: Any) -> None:
        """Set attributes that can be large: what is set plainly is searched for layers."""
        for name, value in attributes.items():
            object.__setattr__(self, name, value)

    def _check_arguments(self, who: str, idf_weights: Any) -> None:
        if self.max_tokens is not None and self.max_tokens <= 1:
            raise ValueError(
                f"{who}: max_tokens must be greater than 1 (it counts the mask's and the unknown "
                f"token's places); got {self.max_tokens}."
            )
        if self.num_oov_indices < 0:
            raise ValueError(
                f"{who}: num_oov_indices must be at least 0; got {self.num_oov_indices}."
            )
        if self.pad_to_max_tokens and self.max_tokens is None:
            raise ValueError(f"{who}: pad_to_max_tokens=True needs max_tokens.")
        if self.invert and self.output_mode != "int":
            raise ValueError(
                f"{who}: invert=True needs output_mode='int'; got {self.output_mode!r}."
            )
        if idf_weights is not None and self.output_mode != "tf_idf":
            raise ValueError(
                f"{who}: idf_weights belong to output_mode='tf_idf'; got {self.output_mode!r}."
            )
        if self.oov_method not in ("floormod", "farmhash"):
            raise ValueError(
                f"{who}: oov_method must be 'floormod' or 'farmhash'; got {self.oov_method!r}."
            )
        if self.salt and self.vocabulary_dtype != "string" and self.oov_method != "farmhash":
            raise ValueError(f"{who}: salt needs oov_method='farmhash'.")

    # -- tokens, said by subclasses ----------------------------------------------------------------

    def _tokens_in(self, inputs: Any) -> tuple[list, tuple]:
        """Return the tokens of the inputs as a flat list, and their shape."""
        raise TypeError(f"{type(self).__name__} must say what its tokens are.")

    def _token(self, value: Any) -> Any:
        """Return what stands in the table for a token as users write it."""
        raise TypeError(f"{type(self).__name__} must say what its tokens are.")

    def _shown(self, token: Any) -> Any:
        """Return a token as users see it."""
        return token

    def _as_text(self, token: Any) -> bytes:
        """Return what is hashed for an unknown token."""
        return token

    # -- vocabulary --------------------------------------------------------------------------------

    @property
    def input_vocabulary(self) -> list | None:
        """The vocabulary that the layer was made with, `None` where it came in another way."""
        return self._given_vocabulary

    @property
    def input_idf_weights(self) -> list | None:
        """The weights that the layer was made with."""
        return self._given_weights

    def _oov_start(self) -> int:
        return 1 if self.mask_token is not None and self.output_mode == "int" else 0

    def _token_start(self) -> int:
        return self._oov_start() + self.num_oov_indices

    def _special_tokens(self) -> list:
        return [self.mask_token] * self._oov_start() + [self.oov_token] * self.num_oov_indices

    def vocabulary_size(self) -> int:
        """Return the number of indices, those of the mask and of unknown tokens included."""
        return len(self._tokens or ()) + self._token_start()

    def get_vocabulary(self, include_special_tokens: bool = True) -> list:
        """Return the tokens in the order of their indices.

        Args:
            include_special_tokens: whether the mask's and the unknown token's places are shown.
        """
        tokens = [self._shown(token) for token in self._tokens or ()]
        return self._special_tokens() + tokens if include_special_tokens else tokens

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Put a vocabulary in place of the present one.

        Args:
            vocabulary: tokens in order, or the path of a text file with one in each line. The mask
                and unknown tokens may stand in front of them.
            idf_weights: a weight for each token, in mode `"tf_idf"`.

        Raises:
            ValueError: empty, too long, or with tokens that repeat.
        """
        who = f"{type(self).__name__} {self.name!r}"
        if (self.output_mode == "tf_idf") != (idf_weights is not None):
            raise ValueError(
                f"{who}: a vocabulary comes with idf_weights in output_mode='tf_idf' and only "
                f"there; output_mode is {self.output_mode!r}."
            )
        given = self._read(vocabulary, who) if _is_path(vocabulary) else _listed(vocabulary)
        given = [self._token(item) for item in given]
        if not given:
            raise ValueError(f"{who}: the vocabulary is empty.")
        special = [self._token(token) for token in self._special_tokens() if token is not None]
        start = self._token_start()
        with_special = len(special) == start and given[:start] == special
        tokens = given[start:] if with_special else given
        self._check_tokens(tokens, who)
        self._use(tokens)
        if idf_weights is not None:
            self._use_weights(_listed(idf_weights), len(given), 0 if with_special else start, who)

    def _read(self, path: Any, who: str) -> list:
        if self.output_mode == "tf_idf":
            raise ValueError(
                f"{who}: a vocabulary from a file brings no idf_weights; pass a list in "
                "output_mode='tf_idf'."
            )
        try:
            with open(path, encoding="utf-8", errors="surrogateescape", newline="\n") as file:
                lines = file.read().removesuffix("\n").split("\n")
        except FileNotFoundError:
            raise ValueError(f"{who}: there is no vocabulary file {os.fspath(path)!r}.") from None
        return [line.removesuffix("\r") for line in lines]

    def _check_tokens(self, tokens: list, who: str) -> None:
        if len(set(tokens)) != len(tokens):
            repeated = [token for token, count in Counter(tokens).items() if count > 1]
            raise ValueError(
                f"{who}: each token may stand in the vocabulary once; repeated are "
                f"{[self._shown(token) for token in repeated[:10]]}."
            )
        reserved = [self.mask_token] + ([self.oov_token] if self.invert else [])
        for token in reserved:
            if token is not None and self._token(token) in set(tokens):
                raise ValueError(
                    f"{who}: the token {token!r} is reserved; it may stand in the vocabulary only "
                    f"as part of the beginning {self._special_tokens()}."
                )
        size = len(tokens) + self._token_start()
        if self.max_tokens is not None and size > self.max_tokens:
            raise ValueError(
                f"{who}: the vocabulary needs {size} places, those of special tokens included, but "
                f"max_tokens is {self.max_tokens}."
            )

    def _use(self, tokens: list) -> None:
        """Make the table from these tokens."""
        start = self._token_start()
        size = start + len(tokens)
        fixed = self.output_mode != "int" and not self.pad_to_max_tokens and self._drawn
        if fixed and self._frozen_vocab_size not in (None, size):
            raise RuntimeError(
                f"{type(self).__name__} {self.name!r} is part of a model made for vectors of "
                f"length {self._frozen_vocab_size}; the new vocabulary needs {size}: use "
                "pad_to_max_tokens=True, or make the model after the vocabulary."
            )
        table = dict(zip(tokens, range(start, size), strict=True))
        if self.mask_token is not None:
            table[self._token(self.mask_token)] = 0 if self.output_mode == "int" else _DROPPED
        self._keep(_tokens=tokens, _table=table, _frozen_vocab_size=size)

    def _use_weights(self, weights: list, count: int, missing: int, who: str) -> None:
        """Keep a weight for each index; those of special tokens are the mean where not given."""
        array = np.asarray(weights, "float64")
        if array.shape != (count,):
            raise ValueError(
                f"{who}: idf_weights must hold one number for each of the {count} tokens; got an "
                f"array of shape {array.shape}."
            )
        array = np.concatenate([np.full(missing, array.mean()), array])
        padding = self.max_tokens - len(array) if self.pad_to_max_tokens else 0
        self._keep(idf_weights=np.pad(array, (0, padding)).astype(floatx()))

    # -- adapt -------------------------------------------------------------------------------------

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Learn the vocabulary from data: the most frequent tokens first.

        Args:
            data: an array or list of tokens (each its own document, or one in each row), or an
                iterable of batches of them.
            steps: how many batches of an iterable to take; all by default.

        Raises:
            ValueError: there is no token in the data, or the vocabulary was given.
        """
        self.reset_state()
        batches = steps_of(data, steps)
        if batches is None:
            tokens, shape = self._tokens_in(data)
            self._count(tokens, (*shape, 1) if len(shape) == 1 else shape)
        else:
            for batch in batches:
                self.update_state(batch[0] if isinstance(batch, tuple) else batch)
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Take a batch into account: a row a document; an array of one axis is one document."""
        self._count(*self._tokens_in(data))

    def _count(self, tokens: list, shape: tuple) -> None:
        width = shape[-1] if shape else 1
        step = max(width, 1)
        self._count_rows([tokens[i : i + step] for i in range(0, len(tokens), step)])

    def _count_rows(self, rows: list) -> None:
        if self._has_input_vocabulary:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: adapt() cannot be called on a layer that "
                "was made with a vocabulary."
            )
        self._counts.add(rows)

    def finalize_state(self) -> None:
        """Make the vocabulary from the tokens that were counted.

        Raises:
            ValueError: there was none.
        """
        if self._has_input_vocabulary:
            return
        special = [t for t in (self.mask_token, self.oov_token) if t is not None]
        most = None if not self.max_tokens else max(self.max_tokens - self._token_start(), 0)
        tokens = self._counts.ranked(map(self._token, special), most)
        if not tokens:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: adapt(data) found no token to learn: the "
                f"data has {self._counts.num_documents} rows."
            )
        self._use(tokens)
        if self.output_mode == "tf_idf":
            weights = self._counts.inverse_document_frequencies(tokens)
            self._use_weights(list(weights), len(tokens), self._token_start(), self.name)
        self.reset_state()

    def reset_state(self) -> None:
        """Forget the tokens that were counted (not the vocabulary)."""
        if not self._has_input_vocabulary:
            self._keep(_counts=TokenCounts(self.output_mode == "tf_idf"))

    # -- looking up --------------------------------------------------------------------------------

    def call(self, inputs: Any) -> Tensor:
        """Look the tokens up."""
        if self.invert:
            return self._look_back(self._host_array(inputs))
        tokens, shape = self._tokens_in(inputs)
        return self._encoded(self._places(tokens, len(tokens)).reshape(shape))

    def _places(self, tokens: Iterable, count: int) -> np.ndarray:
        """Return the index of each token."""
        self._require_vocabulary()
        unknown = self._oov_start() if self.num_oov_indices == 1 else _UNKNOWN
        if self.num_oov_indices != 1:
            tokens = list(tokens)
        places = np.fromiter(map(self._table.get, tokens, repeat(unknown)), np.int64, count)
        if self.num_oov_indices != 1:
            for i in np.flatnonzero(places == _UNKNOWN):
                places[i] = self._oov_start() + self._bucket(tokens[i])
        return places

    def _require_vocabulary(self) -> None:
        if self._tokens is None:
            raise RuntimeError(
                f"{type(self).__name__} {self.name!r} has no vocabulary yet: call adapt(data) or "
                "set_vocabulary(tokens), or make the layer with vocabulary=..., before using it."
            )

    def _bucket(self, token: Any) -> int:
        """Return which of the places of unknown tokens this one takes."""
        buckets = self.num_oov_indices
        if not buckets:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: {self._shown(token)!r} is not in the "
                "vocabulary, and num_oov_indices=0 leaves no place for unknown tokens; use 1."
            )
        if self.vocabulary_dtype != "string" and self.oov_method == "floormod":
            return token % buckets
        text = self._as_text(token)
        if self.salt is not None:
            return keyed_hash64(text, tuple(self.salt)) % buckets
        return fingerprint64(text) % buckets

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
        self._require_vocabulary()
        if indices.dtype.kind not in "iu":
            raise TypeError(
                f"{type(self).__name__} {self.name!r} with invert=True expects integers; got an "
                f"array of dtype {indices.dtype}."
            )
        table = self.get_vocabulary()
        last = len(table)
        found = [table[i] if 0 <= i < last else self.oov_token for i in indices.ravel().tolist()]
        return self._tokens_out(found, indices.shape)

    def _tokens_out(self, tokens: list, shape: tuple) -> Tensor:
        return to_device(np.array(tokens).reshape(shape), "int64")

    # -- shapes and files --------------------------------------------------------------------------

    def _depth(self) -> int | None:
        return self.max_tokens if self.pad_to_max_tokens else self._frozen_vocab_size

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape of the outputs for inputs of this shape."""
        mode = "count" if self.output_mode == "tf_idf" else self.output_mode
        if mode != "int" and self._depth() is None:
            self._require_vocabulary()
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

    def save_own_variables(self, store: dict) -> None:
        """Write the weights of mode `"tf_idf"` into a dict of arrays."""
        if self.idf_weights is not None:
            store["idf_weights"] = self.idf_weights

    def load_own_variables(self, store: dict) -> None:
        """Read the weights of mode `"tf_idf"` from a dict of arrays."""
        if self.output_mode == "tf_idf" and "idf_weights" in store:
            self._keep(idf_weights=np.asarray(store["idf_weights"], floatx()))

    def save_assets(self, dir_path: Any) -> None:
        """Write the vocabulary to `vocabulary.txt` in a folder, unless the config holds it."""
        if self._given_vocabulary is not None or self._tokens is None:
            return
        text = "\n".join(map(str, self.get_vocabulary()))
        path = os.path.join(dir_path, "vocabulary.txt")
        with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            file.write(text)

    def load_assets(self, dir_path: Any) -> None:
        """Read the vocabulary from `vocabulary.txt` in a folder, unless the config held it."""
        path = os.path.join(dir_path, "vocabulary.txt")
        if self._given_vocabulary is not None or not os.path.exists(path):
            return
        with open(path, encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            lines = [line.removesuffix("\r") for line in file.read().split("\n")]
        while lines and lines[-1] == "" and len(lines) > (self._frozen_vocab_size or 0):
            lines.pop()  # a last line that ends like all others
        tokens = [self._token(line) for line in lines[self._token_start() :]]
        if tokens:
            self._use(tokens)


def refuse_path(config: dict, who: str) -> None:
    """Raise where a config names a file: a model from elsewhere is not to read this machine's."""
    if _is_path(config.get("vocabulary")):
        raise ValueError(
            f"{who}: its config names the vocabulary file {config['vocabulary']!r}, which is not "
            "read when a layer is restored. Saved layers bring their vocabulary themselves; to use "
            "that file, call set_vocabulary(path)."
        )


def _is_path(vocabulary: Any) -> bool:
    return isinstance(vocabulary, (str, os.PathLike))


def _listed(values: Any) -> list:
    """Return a list, tuple, array or Tensor of values as a list of Python's own."""
    if isinstance(values, Tensor):
        values = values.numpy()
    return values.tolist() if hasattr(values, "tolist") else list(values)
