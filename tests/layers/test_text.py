"""`TextVectorization`. Expected values were printed by Keras 3.15.1 on TensorFlow 2.21."""

from __future__ import annotations

import re
import string

import numpy as np
import pytest

import nyala
from nyala import layers

DATA = ["a b c", "b c", "Ä ÀB c!"]
SAMPLES = np.array([["This is the 1st sample."], ["And here's the 2nd sample."]])


def adapted(data=DATA, **kwargs):
    layer = layers.TextVectorization(**kwargs)
    layer.adapt(data)
    return layer


def test_document_prints_indices():
    output = adapted(SAMPLES, output_mode="int")(SAMPLES)
    assert output.tolist() == [[4, 5, 2, 9, 3], [7, 6, 2, 8, 3]]
    assert output.dtype == "int32"


def test_document_prints_bigrams():
    output = adapted(SAMPLES, output_mode="binary", ngrams=2)(SAMPLES)
    assert output.dtype == "float32"
    assert output.tolist() == [
        [0, 1, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1],
        [0, 1, 1, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0],
    ]


@pytest.mark.parametrize(
    ("kwargs", "texts", "vocabulary", "expected"),
    [
        ({}, ["a b", "c zz"], ["", "[UNK]", "c", "b", "Ä", "Àb", "a"], [[6, 3], [2, 1]]),
        ({}, ["ÄB a\u00a0b"], ["", "[UNK]", "c", "b", "Ä", "Àb", "a"], [[1, 1]]),
        ({}, "a b c", ["", "[UNK]", "c", "b", "Ä", "Àb", "a"], [6, 3, 2]),
        ({"output_sequence_length": 2}, "a b c", None, [6, 3]),
        ({"output_sequence_length": 4}, ["a b", "c"], None, [[6, 3, 0, 0], [2, 0, 0, 0]]),
        ({"output_sequence_length": 2}, ["a b c", "c"], None, [[6, 3], [2, 0]]),
        ({"ngrams": 2, "output_sequence_length": 2}, ["a b c"], None, [[10, 4]]),
        (
            {"split": "character"},
            ["ab", "c"],
            ["", "[UNK]", " ", "c", "b", "Ä", "À", "a"],
            [[7, 4], [3, 0]],
        ),
        (
            {"split": None},
            [["b c", "c"], ["a b c", "zz"]],
            ["", "[UNK]", "Ä Àb c", "b c", "a b c"],
            [[3, 1], [4, 1]],
        ),
        ({"split": None}, ["b c", "c"], None, [3, 1]),
        ({"ngrams": (2,)}, ["a b c"], ["", "[UNK]", "b c", "Ä Àb", "Àb c", "a b"], [[5, 2]]),
        ({"ngrams": 3}, ["a b c"], None, [[12, 4, 2, 11, 3, 10]]),
        ({"standardize": "lower"}, ["A b"], None, [[7, 3]]),
        ({"standardize": "strip_punctuation"}, ["A, b"], None, [[1, 3]]),
        ({"standardize": None}, ["A, b"], None, [[1, 3]]),
        ({"output_mode": "count"}, "a b", ["[UNK]", "c", "b", "Ä", "Àb", "a"], [0, 0, 1, 0, 0, 1]),
        ({"output_mode": "multi_hot"}, ["a b", ""], None, [[0, 0, 1, 0, 0, 1], [0] * 6]),
        (
            {"output_mode": "count", "max_tokens": 8, "pad_to_max_tokens": True},
            ["c zz zz"],
            None,
            [[2, 1, 0, 0, 0, 0, 0, 0]],
        ),
        (
            {"output_mode": "tf_idf"},
            ["a b", "c zz zz"],
            None,
            [[0, 0, 0.69314718, 0, 0, 0.91629076], [1.60065424, 0.55961579, 0, 0, 0, 0]],
        ),
        (
            {"output_mode": "tf-idf", "max_tokens": 8, "pad_to_max_tokens": True},
            ["a b"],
            None,
            [[0, 0, 0.69314718, 0, 0, 0.91629076, 0, 0]],
        ),
    ],
)
def test_is_keras(kwargs, texts, vocabulary, expected):
    layer = adapted(**kwargs)
    output = layer(texts)
    if vocabulary is not None:
        assert layer.get_vocabulary() == vocabulary
        assert layer.vocabulary_size() == len(vocabulary)
    np.testing.assert_allclose(output.numpy(), expected, rtol=1e-6)
    spec = layer.compute_output_spec(nyala.KerasTensor(np.shape(texts), "string"))
    assert spec.dtype == output.dtype
    assert len(spec.shape) == output.ndim
    for known, length in zip(spec.shape, output.shape, strict=True):
        assert known in (None, length)


def test_inputs_of_any_kind_agree():
    layer = adapted()
    expected = [[6, 3], [2, 4]]
    texts = ["a b", "c Ä"]
    column = [[text] for text in texts]
    encoded = np.array([text.encode() for text in texts])
    for value in (texts, column, np.array(texts), np.array(column, object), encoded,
                  nyala.ops.convert_to_tensor(column)):  # fmt: skip
        assert layer(value).tolist() == expected
    latin = layers.TextVectorization(vocabulary=["ä"], encoding="latin-1")
    assert latin(np.array(["ä".encode("latin-1")])).tolist() == [[2]]
    assert layer(np.array(["a\0b", "c\0"], object)).tolist() == [[1], [1]]


def test_adapt_on_arrays_batches_and_datasets():
    expected = adapted().get_vocabulary()
    texts = np.array(DATA)
    assert adapted(texts[:, None]).get_vocabulary() == expected
    assert adapted(iter([texts[:2], texts[2:, None]])).get_vocabulary() == expected
    dataset = nyala.data.Dataset.from_tensor_slices(texts).batch(2)
    assert adapted(dataset).get_vocabulary() == expected
    layer = layers.TextVectorization(max_tokens=4)
    layer.adapt(dataset, steps=1)
    assert layer.get_vocabulary() == ["", "[UNK]", "c", "b"]


def test_functions_of_the_users():
    def reverse(texts):
        assert texts.dtype.kind == "U"
        return np.char.replace(texts, "-", " ")

    def comma(texts):
        return [text.split(",") for text in texts.tolist()]

    layer = layers.TextVectorization(standardize=reverse, vocabulary=["a", "b"])
    assert layer([["a-b"], ["b"]]).tolist() == [[2, 3], [3, 0]]
    layer = layers.TextVectorization(standardize="lower", split=comma, vocabulary=["a", "b c"])
    assert layer(["A,b C", "a"]).tolist() == [[2, 3], [2, 0]]


def test_in_dataset_map_by_element_and_batch():
    layer = adapted(output_sequence_length=2)
    dataset = nyala.data.Dataset.from_tensor_slices(np.array(["a b", "c"]))
    single = [row.tolist() for row in dataset.map(layer).as_numpy_iterator()]
    batched = [rows.tolist() for rows in dataset.batch(2).map(layer).as_numpy_iterator()]
    assert [single] == batched == [[[6, 3], [2, 0]]]


@pytest.mark.parametrize("mode", ["int", "tf_idf"])
def test_config_and_assets_restore_a_layer(tmp_path, mode):
    layer = adapted(output_mode=mode, ngrams=(1, 2), name="words")
    config = layer.get_config()
    assert config["vocabulary"] is None
    assert config["vocabulary_size"] == layer.vocabulary_size()
    again = layers.TextVectorization.from_config(config)
    assert again.get_config() == config | {"vocabulary_size": again.vocabulary_size()}
    store = {}
    layer.save_own_variables(store)
    layer.save_assets(tmp_path)
    again.load_own_variables(store)
    again.load_assets(tmp_path)
    assert again.get_vocabulary() == layer.get_vocabulary()
    np.testing.assert_array_equal(again(["a b zz"]).numpy(), layer(["a b zz"]).numpy())


def test_config_with_a_list_of_ngrams_and_a_given_vocabulary():
    layer = layers.TextVectorization(vocabulary=["x", "y"], ngrams=2)
    config = layer.get_config()
    again = layers.TextVectorization.from_config({**config, "ngrams": [1, 2]})
    assert again.get_vocabulary() == ["", "[UNK]", "x", "y"]
    assert again(["y x"]).tolist() == [[3, 2, 1]]
    weights = {"vocabulary": ["x"], "idf_weights": [0.5], "output_mode": "tf_idf"}
    layer = layers.TextVectorization(**weights)
    assert layer(["x x z"]).tolist() == [[0.5, 1.0]]
    assert layer.get_config()["idf_weights"] == [0.5]


def test_unadapted_layer_can_be_drawn_and_adapted_later():
    layer = layers.TextVectorization(output_sequence_length=3)
    inputs = nyala.Input((1,), dtype="string")
    model = nyala.Model(inputs, layer(inputs))
    with pytest.raises(RuntimeError, match="no vocabulary yet"):
        model(SAMPLES)
    layer.adapt(SAMPLES)
    assert model(SAMPLES).shape == (2, 3)


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: layers.TextVectorization()(["a"]), RuntimeError, "no vocabulary yet.*adapt"),
        (lambda: layers.TextVectorization(output_mode="count")(nyala.Input((1,), dtype="string")),
         RuntimeError, "no vocabulary yet"),
        (lambda: layers.TextVectorization(vocabulary=["a", "a"]), ValueError, "repeated"),
        (lambda: layers.TextVectorization().adapt([]), ValueError, "no token"),
        (lambda: layers.TextVectorization().adapt(["!"]), ValueError, "no token.*1 row"),
        (lambda: layers.TextVectorization().adapt(np.ones(3)), TypeError, "expects strings"),
        (lambda: adapted()(np.ones((2, 1))), TypeError, "expects strings"),
        (lambda: adapted()(nyala.Input((1,))), TypeError, 'dtype="string"'),
        (lambda: adapted()([["a", "b"]]), ValueError, r"\(batch, 1\)"),
        (lambda: layers.TextVectorization(standardize="upper"), ValueError, "standardize"),
        (lambda: layers.TextVectorization(split="line"), ValueError, "split"),
        (lambda: layers.TextVectorization(ngrams=0), ValueError, "ngrams"),
        (lambda: layers.TextVectorization(ngrams="2"), ValueError, "ngrams"),
        (lambda: layers.TextVectorization(output_mode="onehot"), ValueError, "output_mode"),
        (lambda: layers.TextVectorization(output_sequence_length=0), ValueError, "positive"),
        (lambda: layers.TextVectorization(output_sequence_length=3, output_mode="count"),
         ValueError, "output_mode='int'"),
        (lambda: layers.TextVectorization(ragged=True), ValueError, "ragged"),
        (lambda: layers.TextVectorization(sparse=True, output_mode="count"), ValueError, "sparse"),
        (lambda: layers.TextVectorization(vocabulary=["a"]).adapt(["b"]), ValueError, "made with"),
        (lambda: layers.TextVectorization(split=lambda t: t, vocabulary=["a"])(["a"]),
         ValueError, "list of tokens for each"),
        (lambda: layers.TextVectorization(standardize=lambda t: 3, vocabulary=["a"])(["a"]),
         TypeError, "must return strings"),
    ],
)  # fmt: skip
def test_wrong_use(make, error, text):
    with pytest.raises(error, match=text):
        make()


def test_functions_written_for_tensorflow():
    import nyala.tf as tf

    def standardize(texts):
        lowered = tf.strings.regex_replace(tf.strings.lower(texts), "<br />", " ")
        return tf.strings.regex_replace(lowered, f"[{re.escape(string.punctuation)}]", "")

    def characters(texts):
        return tf.strings.unicode_split(texts, "UTF-8")

    layer = layers.TextVectorization(standardize=standardize, output_sequence_length=4)
    layer.adapt(["Great<br />film!", "A film"])
    assert layer.get_vocabulary() == ["", "[UNK]", "film", "great", "a"]
    assert layer([["great, GREAT film"]]).tolist() == [[3, 3, 2, 0]]
    by_character = layers.TextVectorization(split=characters, vocabulary=["é", "b"])
    assert by_character(["éB", "b"]).tolist() == [[2, 3], [3, 0]]
    by_comma = layers.TextVectorization(
        standardize=None, split=lambda x: tf.strings.split(x, sep=","), vocabulary=["a b", "c"]
    )
    assert by_comma(["a b,c", "x"]).tolist() == [[2, 3], [1, 0]]
