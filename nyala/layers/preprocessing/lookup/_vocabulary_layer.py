"""A layer with a vocabulary: given, read from a file, or learned by `adapt`."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala.core import floatx
from nyala.eager import Tensor
from nyala.layers.preprocessing._host_layer import HostLayer
from nyala.layers.preprocessing.lookup._files import is_path, read_asset, read_tokens, write_asset
from nyala.layers.preprocessing.lookup._vocabulary import (
    Specials,
    Vocabulary,
    check_tokens,
    weights_in_place,
)
from nyala.layers.preprocessing.tokens import Integers, Strings, TokenCounts, steps_of


class VocabularyLayer(HostLayer):
    """A layer with a vocabulary of tokens (integers, or strings as bytes of UTF-8).

    Subclasses say what a token is: `_column`, `_token`, `_shown`. They set `max_tokens`,
    `pad_to_max_tokens`, `output_mode` and `_who`, the name of the layer in errors, before they call
    `_begin`.
    """

    encoding = "utf-8"

    def _begin(self, specials: Specials, vocabulary: Any, idf_weights: Any, size: int | None,
               fixed: bool | None) -> None:  # fmt: skip
        """Take what the layer was made with.

        Args:
            specials: the special tokens.
            vocabulary, idf_weights: as of `set_vocabulary`, or `None`.
            size: of a vocabulary that a file will bring.
            fixed: whether `adapt` is refused; by default where there is a vocabulary.
        """
        # Configs of layers that never saw a vocabulary count the special tokens alone.
        known = size is not None and size > specials.start
        self._frozen_vocab_size = size if known else None
        self._has_input_vocabulary = vocabulary is not None if fixed is None else fixed
        given = None if vocabulary is None or is_path(vocabulary) else _listed(vocabulary)
        weights = None if idf_weights is None else _listed(idf_weights)
        self._keep(_given_vocabulary=given, _given_weights=weights, idf_weights=None)
        self._keep(_specials=specials, _vocabulary=None)
        self._keep(_counts=TokenCounts(self.output_mode == "tf_idf"))
        self._drawn = False  # whether a model relies on the length of the vectors
        if vocabulary is not None:
            self.set_vocabulary(vocabulary, idf_weights)

    def _keep(self, **attributes: Any) -> None:
        """Set attributes that can be large: what is set plainly is searched for layers."""
        for name, value in attributes.items():
            object.__setattr__(self, name, value)

    # -- tokens, said by subclasses ----------------------------------------------------------------

    def _column(self, inputs: Any) -> tuple[Strings | Integers, tuple]:
        """Return the tokens of the inputs, and the inputs' shape."""
        raise TypeError(f"{type(self).__name__} must say what its tokens are.")

    def _token(self, value: Any) -> Any:
        """Return what stands in the table for a token as users write it."""
        raise TypeError(f"{type(self).__name__} must say what its tokens are.")

    def _shown(self, token: Any) -> Any:
        """Return a token as users see it."""
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

    def vocabulary_size(self) -> int:
        """Return the number of indices, those of the mask and of unknown tokens included."""
        return self._specials.start if self._vocabulary is None else self._vocabulary.size

    def get_vocabulary(self, include_special_tokens: bool = True) -> list:
        """Return the tokens in the order of their indices.

        Args:
            include_special_tokens: whether the mask's and the unknown token's places are shown.
        """
        tokens = [] if self._vocabulary is None else list(map(self._shown, self._vocabulary.tokens))
        return self._specials.shown() + tokens if include_special_tokens else tokens

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Put a vocabulary in place of the present one.

        Args:
            vocabulary: tokens in order, or the path of a text file with one in each line. The mask
                and unknown tokens may stand in front of them.
            idf_weights: a weight for each token, in mode `"tf_idf"`.

        Raises:
            ValueError: empty, too long, or with tokens that repeat.
        """
        who = self._who
        if (self.output_mode == "tf_idf") != (idf_weights is not None):
            raise ValueError(
                f"{who}: a vocabulary comes with idf_weights in output_mode='tf_idf' and only "
                f"there; output_mode is {self.output_mode!r}, and idf_weights were "
                f"{'not ' if idf_weights is None else ''}given."
            )
        if is_path(vocabulary):
            given = self._from_file(vocabulary, who)
        else:
            given = [self._token(item) for item in _listed(vocabulary)]
        if not given:
            raise ValueError(
                f"{who}: the vocabulary is empty; pass at least one token, or call adapt(data)."
            )
        special, start = (
            list(map(self._token_or_none, self._specials.shown())),
            self._specials.start,
        )
        with_special = given[:start] == special
        tokens = given[start:] if with_special else given
        self._check(tokens, who)
        self._use(tokens)
        if idf_weights is not None:
            missing = 0 if with_special else start
            self._use_weights(_listed(idf_weights), len(given), missing)

    def _from_file(self, path: Any, who: str) -> list:
        if self.output_mode == "tf_idf":
            raise ValueError(
                f"{who}: a vocabulary from a file brings no idf_weights; pass a list in "
                "output_mode='tf_idf'."
            )
        lines = read_tokens(path, self.encoding, who)
        return [self._token(line) for line in lines]

    def _token_or_none(self, value: Any) -> Any:
        return None if value is None else self._token(value)

    def _check(self, tokens: list, who: str) -> None:
        reserved = [self.mask_token, *([self.oov_token] if self.invert else [])]
        known = [self._token(token) for token in reserved if token is not None]
        check_tokens(tokens, self._specials, known, self._shown, who)
        size = len(tokens) + self._specials.start
        if self.max_tokens is not None and size > self.max_tokens:
            raise ValueError(
                f"{who}: the vocabulary needs {size} places, those of special tokens included, but "
                f"max_tokens is {self.max_tokens}; raise max_tokens, or leave the last "
                f"{size - self.max_tokens} out."
            )

    def _use(self, tokens: list) -> None:
        """Make the table from these tokens."""
        mask = self._token_or_none(self.mask_token)
        vocabulary = Vocabulary(self._specials, tokens, mask)
        fixed = self.output_mode != "int" and not self.pad_to_max_tokens and self._drawn
        if fixed and self._frozen_vocab_size not in (None, vocabulary.size):
            raise RuntimeError(
                f"{self._who} is part of a model made for vectors of length "
                f"{self._frozen_vocab_size}; the new vocabulary needs {vocabulary.size}: use "
                "pad_to_max_tokens=True, or make the model after the vocabulary."
            )
        self._keep(_vocabulary=vocabulary, _frozen_vocab_size=vocabulary.size)

    def _use_weights(self, weights: Any, count: int, missing: int) -> None:
        length = self.max_tokens if self.pad_to_max_tokens else None
        array = weights_in_place(weights, count, missing, length, self._who)
        self._keep(idf_weights=array.astype(floatx()))

    def _known_vocabulary(self) -> Vocabulary:
        if self._vocabulary is None:
            raise RuntimeError(
                f"{self._who} has no vocabulary yet: call adapt(data) or set_vocabulary(tokens), "
                "or make the layer with vocabulary=..., before using it."
            )
        return self._vocabulary

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
            column, shape = self._column(data)
            self._count_rows(column, (*shape, 1) if len(shape) == 1 else shape)
        else:
            for batch in batches:
                self.update_state(batch[0] if isinstance(batch, tuple) else batch)
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Take a batch into account: a row a document; an array of one axis is one document."""
        self._count_rows(*self._column(data))

    def _count_rows(self, column: Strings | Integers, shape: tuple) -> None:
        width = shape[-1] if shape else 1
        self._count(column, np.full(len(column) // max(width, 1), width))

    def _count(self, column: Strings | Integers, lengths: np.ndarray) -> None:
        if self._has_input_vocabulary:
            raise ValueError(
                f"{self._who}: adapt() cannot be called on a layer that was made with a "
                "vocabulary; make it without one, or call set_vocabulary()."
            )
        self._counts.add(column, lengths)

    def finalize_state(self) -> None:
        """Make the vocabulary from the tokens that were counted.

        Raises:
            ValueError: there was none, or there is no place for any.
        """
        if self._has_input_vocabulary:
            return
        start, counts = self._specials.start, self._counts
        if self.max_tokens is not None and self.max_tokens <= start:
            raise ValueError(
                f"{self._who}: max_tokens={self.max_tokens} leaves no place for tokens: the "
                f"special ones {self._specials.shown()} take {start}; expected at least "
                f"{start + 1}."
            )
        special = [self._token(t) for t in (self.mask_token, self.oov_token) if t is not None]
        most = None if self.max_tokens is None else self.max_tokens - start
        tokens = counts.ranked(special, most)
        if not tokens:
            raise ValueError(
                f"{self._who}: adapt(data) found no token to learn: the data has "
                f"{counts.num_documents} rows. Check that the data is not empty or used up, and "
                "that standardize and split leave something of it."
            )
        self._use(tokens)
        if self.output_mode == "tf_idf":
            self._use_weights(counts.inverse_document_frequencies(tokens), len(tokens), start)
        self.reset_state()

    def reset_state(self) -> None:
        """Forget the tokens that were counted (not the vocabulary)."""
        if not self._has_input_vocabulary:
            self._keep(_counts=TokenCounts(self.output_mode == "tf_idf"))

    # -- files -------------------------------------------------------------------------------------

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
        if self._given_vocabulary is None and self._vocabulary is not None:
            write_asset(dir_path, self.get_vocabulary())

    def load_assets(self, dir_path: Any) -> None:
        """Read the vocabulary from `vocabulary.txt` in a folder, unless the config held it."""
        if self._given_vocabulary is not None:
            return
        lines = read_asset(dir_path, self._frozen_vocab_size or 0)
        tokens = [self._token(line) for line in (lines or ())[self._specials.start :]]
        if tokens:
            self._use(tokens)


def _listed(values: Any) -> list:
    """Return a list, tuple, array or Tensor of values as a list of Python's own."""
    if isinstance(values, Tensor):
        values = values.numpy()
    return values.tolist() if hasattr(values, "tolist") else list(values)
