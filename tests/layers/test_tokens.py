"""Tokens by the column, beside plain Python and beside what Keras 3.15.1 on TensorFlow printed."""

from __future__ import annotations

import json
import re
import string
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from nyala import layers
from nyala.layers.preprocessing.tokens import (
    Integers,
    Strings,
    StringTable,
    TokenCounts,
    Tokenizer,
    distinct,
    table_of,
)

GOLDEN = json.loads((Path(__file__).parent / "golden" / "text_vectorization.json").read_text())
LENGTHS = [0, 1, 3, 7, 8, 9, 15, 16, 17, 24, 25, 70]


def random_tokens(zeros: bool) -> list[bytes]:
    """Return tokens of few letters, so that many are equal or begin alike."""
    generator = np.random.default_rng(3)
    letters = np.frombuffer(b"ab\0" if zeros else b"ab\xff", np.uint8)
    lengths = generator.choice(LENGTHS, 600)
    return [generator.choice(letters, n, p=[0.9, 0.05, 0.05]).tobytes() for n in lengths]


@pytest.mark.parametrize("zeros", [False, True])
def test_tables_and_counts_are_those_of_dicts(zeros):
    tokens = random_tokens(zeros)
    known = list(dict.fromkeys(tokens[:300]))
    expected = {token: 5 + i for i, token in enumerate(known)}
    column = Strings.of([*tokens, *(token + b"a" for token in tokens)])
    assert column.plain is not zeros
    found = StringTable(known, range(5, 5 + len(known)), -7).find(column)
    assert found.tolist() == [expected.get(token, -7) for token in column.items()]
    assert dict(zip(*distinct(column), strict=True)) == Counter(column.items())


def test_tables_of_integers_and_of_nothing():
    values = np.array([3, -(2**60), 0, 7, 3])
    assert table_of([-(2**60), 3], [1, 0], -1).find(Integers(values)).tolist() == [0, 1, -1, -1, 0]
    assert table_of([], [], 4).find(Integers(values)).tolist() == [4] * 5
    assert StringTable([], [], 4).find(Strings.of([b"", b"a"])).tolist() == [4, 4]


def test_full_tables_find_all():
    values = np.random.default_rng(0).integers(-(2**62), 2**62, 20_000)
    values = np.unique(values)
    table = table_of(values.tolist(), range(len(values)), -1)
    np.testing.assert_array_equal(table.find(Integers(values)), np.arange(len(values)))
    assert (table.find(Integers(values + 1)) == np.where(np.isin(values + 1, values), 0, -1)).all()


@pytest.mark.parametrize("extra", ["", "\0"])
@pytest.mark.parametrize("standardize", [None, "lower_and_strip_punctuation"])
@pytest.mark.parametrize("split", ["whitespace", "character"])
def test_cutting_is_that_of_regular_expressions(standardize, split, extra):
    generator = np.random.default_rng(1)
    letters = list("aBé日🙂.,- \t\n\v\u00a0" + extra)
    texts = ["".join(generator.choice(letters, n)) for n in generator.integers(0, 12, 200)]
    tokenizer = Tokenizer(standardize, split, None, "utf-8", "the layer")
    tokens, counts, _ = tokenizer.tokens(np.array(texts, object))
    plain = texts
    if standardize:
        lowered = (re.sub("[A-Z]", lambda m: m[0].lower(), text) for text in texts)
        plain = [re.sub(f"[{re.escape(string.punctuation)}]", "", text) for text in lowered]
    rows = [re.findall(r"[^ \t\n\v\f\r]+" if split == "whitespace" else "(?s:.)", t) for t in plain]
    assert counts.tolist() == list(map(len, rows))
    assert tokens.items() == [token.encode() for row in rows for token in row]


def test_runs_and_beginnings():
    tokenizer = Tokenizer(None, "whitespace", (2, 1), "utf-8", "the layer")
    tokens, counts, _ = tokenizer.tokens(np.array(["a b  c", "", "d"], object), most=4)
    assert tokens.items() == [b"a b", b"b c", b"a", b"b", b"d"]
    assert counts.tolist() == [4, 0, 1]


def test_documents_are_counted_once():
    counts = TokenCounts(by_document=True)
    counts.add(Strings.of([b"a", b"a", b"internationally", b"a"]), np.array([3, 0, 1]))
    assert counts.documents == {b"a": 2, b"internationally": 1}
    assert counts.num_documents == 3
    np.testing.assert_allclose(counts.inverse_document_frequencies([b"a"]), [np.log1p(3 / 3)])


def test_bytes_that_are_no_text():
    layer = layers.TextVectorization(standardize=None)
    layer.adapt(np.array([b"\xff\xfe ok"], object))
    assert layer(np.array([b"ok \xff\xfe", b"\xff"], object)).tolist() == [[3, 2], [1, 0]]
    characters = layers.TextVectorization(split="character", vocabulary=["\ufffd", "a"])
    assert characters(np.array([b"\xffa"], object)).tolist() == [[2, 3]]


# Of equally frequent tokens Keras takes the later first, as here; floats to 1e-5, relative.
@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: str(case["kwargs"]))
def test_text_vectorization_is_keras(case):
    layer = layers.TextVectorization(**case["kwargs"])
    layer.adapt(GOLDEN["texts"][::2])
    assert layer.get_vocabulary() == case["vocabulary"]
    output = layer(GOLDEN["texts"]).numpy()
    rows = output.reshape(len(GOLDEN["texts"]), -1)
    np.testing.assert_allclose(rows, case["output"], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("salt", "expected"), GOLDEN["buckets"])
def test_places_of_unknown_texts_are_keras(salt, expected):
    layer = layers.StringLookup(vocabulary=["a"], num_oov_indices=1000, salt=salt)
    assert layer(GOLDEN["texts"]).tolist() == expected


def test_threads_share_a_layer():
    texts = np.array(GOLDEN["texts"] * 20, object)
    layer = layers.TextVectorization(output_sequence_length=5)
    layer.adapt(texts)
    expected = layer(texts).numpy()
    with ThreadPoolExecutor(4) as pool:
        for output in pool.map(lambda _: layer(texts).numpy(), range(16)):
            np.testing.assert_array_equal(output, expected)
