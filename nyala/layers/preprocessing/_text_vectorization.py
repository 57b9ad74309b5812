"""`TextVectorization`: texts to indices of their words, or to vectors of those."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala.core import deserialize_keras_object, enrol, floatx, serialize_keras_object
from nyala.eager import Tensor
from nyala.layers.preprocessing._encoding import check_mode
from nyala.layers.preprocessing._host_layer import HostLayer, device_dtype, to_device
from nyala.layers.preprocessing.lookup import StringLookup, refuse_path
from nyala.layers.preprocessing.tokens import Tokenizer, steps_of
from nyala.symbolic import KerasTensor


@enrol("keras.layers")
class TextVectorization(HostLayer):
    """Standardizes texts, splits them into tokens, and maps those to indices or vectors.

    Args:
        max_tokens: the most places of the vocabulary, those of special tokens included.
        standardize: `"lower_and_strip_punctuation"`, `"lower"` or `"strip_punctuation"` (of ASCII);
            a function of a NumPy array of strings; or `None`.
        split: `"whitespace"` (of ASCII) or `"character"`; a function of a NumPy array of strings
            that returns a list of tokens for each; or `None`, each string being one token.
        ngrams: runs of tokens that count as tokens: of up to so many, or a tuple of lengths.
        output_mode: `"int"`, the index of each token (0 where a text has ended, 1 for unknown
            tokens); or a vector for each text: `"multi_hot"` (also `"binary"`), which tokens are
            there; `"count"`, how often; `"tf_idf"` (also `"tf-idf"`), how often times a weight that
            is smaller the more texts have the token.
        output_sequence_length: to what length rows of indices are cut and filled; the longest row's
            by default. In a compiled model each new length is compiled anew: give one.
        pad_to_max_tokens: whether vectors have `max_tokens` places whatever the vocabulary.
        vocabulary: the tokens in order, or the path of a text file with one in each line; without
            it call `adapt`.
        idf_weights: a weight for each token of `vocabulary`, in mode `"tf_idf"`.
        sparse, ragged: must be false.
        encoding: of texts that are bytes.

    Input shape: `(batch,)` or `(batch, 1)`, strings, or a single string. Output shape:
    `(batch, length)`, integers, or `(batch, places)`, floats.

    It works on the host: called on strings, in `Dataset.map`, and at the beginning of a functional
    model that takes `Input((1,), dtype="string")`.

    >>> import nyala
    >>> layer = nyala.layers.TextVectorization()
    >>> layer.adapt(["The cat.", "A cat!"])
    >>> layer.get_vocabulary()
    ['', '[UNK]', 'cat', 'the', 'a']
    >>> layer(["the cat", "dog"]).numpy()
    array([[3, 2],
           [1, 0]], dtype=int32)
    """

    _input_dtype = "string"

    def __init__(self, max_tokens: int | None = None,
                 standardize: Any = "lower_and_strip_punctuation", split: Any = "whitespace",
                 ngrams: Any = None, output_mode: str = "int",
                 output_sequence_length: int | None = None, pad_to_max_tokens: bool = False,
                 vocabulary: Any = None, idf_weights: Any = None, sparse: bool = False,
                 ragged: bool = False, encoding: str = "utf-8", name: str | None = None,
                 **kwargs: Any):  # fmt: skip
        known = {k: kwargs.pop(k) for k in ("vocabulary_size", "has_input_vocabulary")
                 if k in kwargs}  # fmt: skip
        if kwargs.get("dtype") == "string":  # that of the inputs, as Keras 2 took it
            del kwargs["dtype"]
        super().__init__(name=name, **kwargs)
        who = f"TextVectorization {self.name!r}"
        if ragged:
            raise ValueError(f"{who}: ragged=True is not possible: tensors are dense here.")
        modes = ("int", "one_hot", "multi_hot", "count", "tf_idf")
        self._output_mode = check_mode(output_mode, modes, who)
        self._output_sequence_length = _checked_length(output_sequence_length, output_mode, who)
        self._ngrams_arg = tuple(ngrams) if isinstance(ngrams, list) else ngrams
        self._tokenizer = Tokenizer(standardize, split, _runs(ngrams, who), encoding, who)
        self._lookup_layer = StringLookup(
            max_tokens=max_tokens, vocabulary=vocabulary, idf_weights=idf_weights,
            pad_to_max_tokens=pad_to_max_tokens, mask_token="", output_mode=self._output_mode,
            sparse=sparse, encoding=encoding, who=who, **known,
        )  # fmt: skip
        self.built = True

    # -- vocabulary --------------------------------------------------------------------------------

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Learn the vocabulary from texts: the most frequent tokens first.

        Args:
            data: an array or list of strings, or an iterable of batches of them, such as a dataset.
            batch_size: accepted for Keras' sake.
            steps: how many batches of an iterable to take; all by default.

        Raises:
            ValueError: there is no token in the data, or the vocabulary was given.
        """
        self.reset_state()
        batches = steps_of(data, steps)
        if batches is None:
            self.update_state(data)
        else:
            for batch in batches:
                self.update_state(batch[0] if isinstance(batch, tuple) else batch)
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Count the tokens of a batch of texts."""
        tokens, counts, _ = self._tokenizer.tokens(self._host_array(data))
        self._lookup_layer._count(tokens, counts)

    def finalize_state(self) -> None:
        """Make the vocabulary from the tokens that were counted."""
        self._lookup_layer.finalize_state()

    def reset_state(self) -> None:
        """Forget the tokens that were counted (not the vocabulary)."""
        self._lookup_layer.reset_state()

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[str]:
        """Return the tokens in the order of their indices.

        Args:
            include_special_tokens: whether the places of padding and unknown tokens are shown.
        """
        return self._lookup_layer.get_vocabulary(include_special_tokens)

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Put a vocabulary in place of the present one; see `StringLookup.set_vocabulary`."""
        self._lookup_layer.set_vocabulary(vocabulary, idf_weights)

    def vocabulary_size(self) -> int:
        """Return the number of indices, those of padding and unknown tokens included."""
        return self._lookup_layer.vocabulary_size()

    # -- texts to numbers --------------------------------------------------------------------------

    def call(self, inputs: Any) -> Tensor:
        """Turn texts into indices or vectors."""
        texts = self._host_array(inputs)
        tokens, counts, shape = self._tokenizer.tokens(texts, self._output_sequence_length)
        places = self._lookup_layer._places(tokens)
        if self._output_mode == "int":
            return to_device(self._padded(places, counts, shape, texts.ndim), "int64")
        # Places that no token takes are left out of vectors.
        indices = _scattered(places, counts, int(counts.max(initial=0)), -1)
        return self._lookup_layer._encoded(indices.reshape(*shape, indices.shape[1]))

    def _padded(self, places: np.ndarray, counts: np.ndarray, shape: tuple, ndim: int) -> Any:
        if self._keeps_shape(ndim):
            return places.reshape(shape)
        length = self._output_sequence_length
        longest = int(counts.max(initial=0)) if length is None else length
        return _scattered(places, counts, longest, 0).reshape(*shape, longest)

    def _keeps_shape(self, ndim: int) -> bool:
        """Whether strings that are tokens already come in one axis and are to stay in it."""
        tokenizer = self._tokenizer
        plain = tokenizer.split is None and tokenizer.ngrams is None
        return plain and ndim < 2 and self._output_sequence_length is None

    # -- shapes and files --------------------------------------------------------------------------

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape of the outputs for texts of this shape."""
        shape = tuple(input_shape)
        texts = shape[:-1] if len(shape) > 1 else shape
        if self._output_mode == "int":
            if self._keeps_shape(len(shape)):
                return shape
            fixed = self._tokenizer.split is None and self._tokenizer.ngrams is None
            own = shape[-1] if fixed and len(shape) > 1 else None
            return (*texts, self._output_sequence_length or own)
        return self._lookup_layer.compute_output_shape((*texts, None))

    def compute_output_spec(self, inputs: Any) -> KerasTensor:
        """Return the shape and dtype of the outputs, as a KerasTensor."""
        if inputs.dtype != "string":
            raise TypeError(
                f"TextVectorization {self.name!r} expects strings; got {inputs.dtype} values. Make "
                'the input with Input(shape=(1,), dtype="string").'
            )
        dtype = "int64" if self._output_mode == "int" else floatx()
        return KerasTensor(self.compute_output_shape(inputs.shape), device_dtype(dtype))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        lookup = self._lookup_layer
        return {
            **super().get_config(),
            "max_tokens": lookup.max_tokens,
            "standardize": serialize_keras_object(self._tokenizer.standardize),
            "split": serialize_keras_object(self._tokenizer.split),
            "ngrams": self._ngrams_arg,
            "output_mode": self._output_mode,
            "output_sequence_length": self._output_sequence_length,
            "pad_to_max_tokens": lookup.pad_to_max_tokens,
            "sparse": False,
            "ragged": False,
            "vocabulary": lookup.input_vocabulary,
            "idf_weights": lookup.input_idf_weights,
            "encoding": self._tokenizer.encoding,
            "vocabulary_size": self.vocabulary_size(),
        }

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict | None = None) -> TextVectorization:
        """Return a layer from `get_config()`."""
        refuse_path(config, cls.__name__)
        functions = {
            key: deserialize_keras_object(config[key], custom_objects=custom_objects)
            for key in ("standardize", "split")
            if isinstance(config.get(key), dict)  # the name of a way needs no search
        }
        return cls(**{**config, **functions})

    def save_own_variables(self, store: dict) -> None:
        """Write the weights of mode `"tf_idf"` into a dict of arrays."""
        self._lookup_layer.save_own_variables(store)

    def load_own_variables(self, store: dict) -> None:
        """Read the weights of mode `"tf_idf"` from a dict of arrays."""
        self._lookup_layer.load_own_variables(store)

    def save_assets(self, dir_path: Any) -> None:
        """Write the vocabulary to `vocabulary.txt` in a folder, unless the config holds it."""
        self._lookup_layer.save_assets(dir_path)

    def load_assets(self, dir_path: Any) -> None:
        """Read the vocabulary from `vocabulary.txt` in a folder, unless the config held it."""
        self._lookup_layer.load_assets(dir_path)


def _scattered(places: np.ndarray, counts: np.ndarray, width: int, fill: int) -> np.ndarray:
    """Return rows of one length from the places of all rows behind each other."""
    if len(places) == len(counts) * width:
        return places.reshape(len(counts), width)
    rows = np.full((len(counts), width), fill, places.dtype)
    rows[np.arange(width) < counts[:, None]] = places
    return rows


def _runs(ngrams: Any, who: str) -> tuple[int, ...] | None:
    """Return the lengths of runs of tokens."""
    if ngrams is None:
        return None
    widths = tuple(range(1, ngrams + 1)) if isinstance(ngrams, int) else tuple(ngrams)
    if not widths or not all(isinstance(w, int) and w > 0 for w in widths):
        raise ValueError(
            f"{who}: ngrams must be a positive integer or a tuple of them; got {ngrams!r}."
        )
    return widths


def _checked_length(length: Any, output_mode: str, who: str) -> int | None:
    if length is None:
        return None
    if output_mode != "int":
        raise ValueError(
            f"{who}: output_sequence_length belongs to output_mode='int'; got {output_mode!r}."
        )
    if isinstance(length, bool) or not hasattr(length, "__index__") or length <= 0:
        raise ValueError(
            f"{who}: output_sequence_length must be a positive integer; got {length!r}."
        )
    return int(length)
