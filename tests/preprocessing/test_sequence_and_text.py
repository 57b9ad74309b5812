"""Padding, windows, word pairs and word numbers; beside real Keras in tests/differential."""

from __future__ import annotations

import numpy as np
import pytest

from nyala.preprocessing import sequence, text

TEXTS = ["The cat sat on the mat.", "The dog sat!", "a cat; a dog"]


def fitted(**options):
    tokenizer = text.Tokenizer(**options)
    tokenizer.fit_on_texts(TEXTS)
    return tokenizer


def test_frequent_words_come_first():
    tokenizer = fitted()
    assert list(tokenizer.word_index)[:4] == ["the", "cat", "sat", "dog"]
    assert tokenizer.texts_to_sequences(["the dog ran"]) == [[1, 4]]
    assert tokenizer.sequences_to_texts([[1, 4]]) == ["the dog"]


def test_unknown_and_rare_words_become_the_token():
    tokenizer = fitted(oov_token="<?>", num_words=4)
    assert tokenizer.word_index["<?>"] == 1
    assert tokenizer.texts_to_sequences(["the mat ran"]) == [[2, 1, 1]]
    assert tokenizer.sequences_to_texts([[2, 1, 99]]) == ["the <?> <?>"]


def test_matrices_count_and_weigh():
    tokenizer = fitted(num_words=4)
    rows = tokenizer.texts_to_matrix(["the the cat"], mode="count")
    assert rows.tolist() == [[0, 2, 1, 0]]
    assert tokenizer.texts_to_matrix(["the the cat"]).tolist() == [[0, 1, 1, 0]]
    np.testing.assert_allclose(
        tokenizer.texts_to_matrix(["the the cat"], "freq"), [[0, 2 / 3, 1 / 3, 0]]
    )
    weights = tokenizer.texts_to_matrix(["the the"], "tfidf")[0, 1]
    assert weights == pytest.approx((1 + np.log(2)) * np.log(1 + 3 / (1 + 2)))


def test_a_tokenizer_goes_to_json_and_back():
    tokenizer = fitted(num_words=5)
    again = text.tokenizer_from_json(tokenizer.to_json())
    assert again.get_config() == tokenizer.get_config()
    assert again.texts_to_sequences(TEXTS) == tokenizer.texts_to_sequences(TEXTS)


def test_characters_and_own_analyzers():
    assert fitted(char_level=True).texts_to_sequences(["tt"])[0][0] > 0
    tokenizer = text.Tokenizer(analyzer=lambda t: t.split("-"))
    tokenizer.fit_on_texts(["a-b", "a"])
    assert tokenizer.texts_to_sequences(["b-a"]) == [[2, 1]]


def test_batches_of_windows_end_before_their_targets():
    data = np.arange(20).reshape(10, 2)
    made = sequence.TimeseriesGenerator(data, data[:, 0], length=4, sampling_rate=2, batch_size=4)
    x, y = made[0]
    assert (len(made), x.shape) == (2, (4, 2, 2))
    assert x[0].tolist() == [[0, 1], [4, 5]]
    assert y.tolist() == [8, 10, 12, 14]
    assert made[1][1].tolist() == [16, 18]
    turned = sequence.TimeseriesGenerator(data, data, length=2, reverse=True)[0][0]
    assert turned[0].tolist() == [[2, 3], [0, 1]]
    with pytest.raises(IndexError):
        made[2]


def test_pairs_are_near_or_drawn():
    couples, labels = sequence.skipgrams([1, 2, 0, 3], 10, window_size=1, seed=1)
    near = {tuple(c) for c, label in zip(couples, labels, strict=True) if label == 1}
    assert near == {(1, 2), (2, 1)}
    assert sum(labels) == len(labels) / 2
    assert all(1 <= other < 10 for _, other in couples)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: text.Tokenizer().texts_to_matrix([]), "fit_on_texts"),
        (lambda: fitted().texts_to_matrix([], "idf"), "binary, count, freq, tfidf; got 'idf'"),
        (lambda: sequence.TimeseriesGenerator([1, 2], [1], 1), "got 2 and 1"),
        (lambda: sequence.TimeseriesGenerator([1, 2], [1, 2], 5), "a window of 5 steps"),
    ],
)
def test_wrong_use_is_explained(call, message):
    with pytest.raises(ValueError, match=message):
        call()
