"""Texts, sequences and word pairs beside real Keras, which keeps them as `keras._legacy`."""

from __future__ import annotations

import numpy as np
import pytest

keras = pytest.importorskip("keras")
legacy_sequence = pytest.importorskip("keras.src.legacy.preprocessing.sequence")
legacy_text = pytest.importorskip("keras.src.legacy.preprocessing.text")

from nyala.preprocessing import sequence, text  # noqa: E402

TEXTS = ["The cat sat on the mat.", "The dog sat!", "a cat; a dog", "dog\tdog dog"]


@pytest.mark.parametrize(
    "options",
    [{}, {"num_words": 4}, {"oov_token": "?"}, {"num_words": 3, "oov_token": "?"},
     {"char_level": True}, {"lower": False, "filters": ".!"}],
)  # fmt: skip
def test_tokenizers_agree(options):
    ours, theirs = text.Tokenizer(**options), legacy_text.Tokenizer(**options)
    for tokenizer in (ours, theirs):
        tokenizer.fit_on_texts(TEXTS)
    assert ours.word_index == theirs.word_index
    other = [*TEXTS, "an unknown cat"]
    assert ours.texts_to_sequences(other) == theirs.texts_to_sequences(other)
    assert ours.sequences_to_texts([[1, 2, 50]]) == theirs.sequences_to_texts([[1, 2, 50]])
    for mode in ("binary", "count", "freq", "tfidf"):
        np.testing.assert_allclose(
            ours.texts_to_matrix(other, mode), theirs.texts_to_matrix(other, mode)
        )


def test_hashing_agrees():
    arguments = ("The cat and the dog", 20, "md5")
    assert text.hashing_trick(*arguments) == legacy_text.hashing_trick(*arguments)


def test_sampling_tables_agree():
    np.testing.assert_allclose(
        sequence.make_sampling_table(50), legacy_sequence.make_sampling_table(50)
    )


def test_skipgrams_agree_on_what_is_near():
    arguments = {"sequence": [1, 2, 0, 3, 4, 2], "vocabulary_size": 9, "window_size": 2, "seed": 7}

    def near(pairs, labels):
        return sorted(tuple(p) for p, label in zip(pairs, labels, strict=True) if label == 1)

    ours, theirs = sequence.skipgrams(**arguments), legacy_sequence.skipgrams(**arguments)
    assert near(*ours) == near(*theirs)
    assert len(ours[0]) == len(theirs[0])


@pytest.mark.parametrize("options", [{}, {"stride": 3}, {"start_index": 2, "end_index": 9},
                                     {"sampling_rate": 2, "reverse": True}])  # fmt: skip
def test_windows_agree(options):
    data = np.arange(30).reshape(15, 2)
    ours = sequence.TimeseriesGenerator(data, data, length=4, batch_size=3, **options)
    theirs = legacy_sequence.TimeseriesGenerator(data, data, length=4, batch_size=3, **options)
    assert len(ours) == len(theirs)
    for i in range(len(ours)):
        for a, b in zip(ours[i], theirs[i], strict=True):
            np.testing.assert_array_equal(a, b)
