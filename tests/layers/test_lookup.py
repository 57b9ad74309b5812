"""Lookups, hashes, category encodings and intervals.

Expected buckets and indices were printed by Keras 3.15.1 on TensorFlow 2.21.
"""

from __future__ import annotations

import numpy as np
import pytest

import nyala
from nyala import layers
from nyala.layers.preprocessing.tokens import Strings, combined, fingerprints64, keyed_hashes64

LONG = "abcdefghijklmnopqrstuvwxyz0123456789ÄÖ" * 8
LETTERS = ["a", "b", "a", "c"]


def adapted(cls, data, **kwargs):
    layer = cls(**kwargs)
    layer.adapt(data)
    return layer


# -- hashes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("length", "fast", "strong"),
    [
        (0, 1936946117179621455, 316627932347062996),
        (3, 2640714258260161385, 2288159068006480041),
        (7, 4341691227789030229, 1733789709272385407),
        (16, 1469030743107030717, 2540178693098969412),
        (31, 496390783753762012, 1991959764304121256),
        (63, 1440694665709484484, 2802971270894632648),
        (65, 2386496231829551752, 372108289848296902),
        (130, 3548867585705125720, 4405035699690369088),
        (200, 3394736330860021005, 2964821251546012224),
    ],
)
def test_hashes_are_tensorflows(length, fast, strong):
    column = Strings.of([LONG[:length].encode()])
    assert int(fingerprints64(column)[0]) % 2**62 == fast
    assert int(keyed_hashes64(column, (133, 137))[0]) % 2**62 == strong


def test_combined_hashes_are_tensorflows():
    start, number = np.array([0xDECAFCAFFE], np.uint64), np.array([-7]).view(np.uint64)
    first = combined(start, fingerprints64(Strings.of([b"bb"])))
    assert int(combined(first, number)[0]) % 2**40 == 166264079414


@pytest.mark.parametrize(
    ("kwargs", "values", "expected"),
    [
        ({}, ["A", "B", "A"], [1, 0, 1]),
        ({"salt": [133, 137]}, ["A", "B", "C", "D", "E"], [1, 2, 1, 0, 2]),
        ({"mask_value": ""}, [["A"], [""]], [[1], [0]]),
        ({"mask_value": "", "output_mode": "one_hot"}, ["A", ""], [[0, 1, 0], [1, 0, 0]]),
        ({"mask_value": "", "output_mode": "one_hot"}, [["A"], [""]], [[0, 1, 0], [1, 0, 0]]),
        (
            {"mask_value": "", "output_mode": "multi_hot"},
            [["A", "B"], ["", "D"]],
            [[0, 1, 0], [1, 0, 1]],
        ),
        ({"mask_value": "", "output_mode": "count"}, [["A", "B"]], [[0, 2, 0]]),
    ],
)
def test_hashing(kwargs, values, expected):
    output = layers.Hashing(3, **kwargs)(values)
    np.testing.assert_array_equal(output.numpy(), expected)
    assert output.dtype == ("int32" if "output_mode" not in kwargs else "float32")


def test_hashing_of_numbers_is_that_of_their_digits():
    layer = layers.Hashing(1000)
    text = layer(["12", "-3"]).tolist()
    assert layer(np.array([12, -3])).tolist() == text
    assert layer(np.array([12.7, -3.2], "float32")).tolist() == text
    masked = layers.Hashing(1000, mask_value=-3)(np.array([12, -3])).tolist()
    assert masked[1] == 0 < masked[0]


def test_default_dtype_does_not_widen_the_process():
    import jax

    layers.Hashing(3)
    assert not jax.config.jax_enable_x64


@pytest.mark.parametrize(
    ("inputs", "mode", "expected"),
    [
        ((["A", "B"], [1, 2]), "int", [0, 1]),
        (([["A"], ["B"]], [[1], [2]]), "int", [[0], [1]]),
        (("A", 3), "int", 1),
        ((["A", "B"], [1, 2]), "one_hot", [[1, 0, 0, 0, 0], [0, 1, 0, 0, 0]]),
        (("A", 3), "one_hot", [[0, 1, 0, 0, 0]]),
    ],
)
def test_hashed_crossing(inputs, mode, expected):
    output = layers.HashedCrossing(5, output_mode=mode)(tuple(map(np.array, inputs)))
    np.testing.assert_array_equal(output.numpy(), expected)


def test_hashed_crossing_in_a_model():
    first, second = nyala.Input((1,), dtype="string"), nyala.Input((1,), dtype="int32")
    crossed = layers.HashedCrossing(5, output_mode="one_hot")([first, second])
    model = nyala.Model([first, second], layers.Dense(2)(crossed))
    data = [np.array([["A"], ["B"]]), np.array([[1], [2]])]
    np.testing.assert_allclose(model.predict(data, verbose=0), model(data).numpy(), atol=1e-6)


# -- lookups -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("int", [[1, 0], [3, 1]]),
        ("one_hot", [[[0, 1, 0, 0], [1, 0, 0, 0]], [[0, 0, 0, 1], [0, 1, 0, 0]]]),
        ("multi_hot", [[1, 1, 0, 0], [0, 1, 0, 1]]),
        ("count", [[1, 1, 0, 0], [0, 1, 0, 1]]),
        ("tf_idf", [[1.01484084, 0.84729785, 0, 0], [0, 0.84729785, 0, 1.0986123]]),
    ],
)
def test_modes(mode, expected):
    strings = adapted(layers.StringLookup, LETTERS, output_mode=mode)
    assert strings.get_vocabulary() == ["[UNK]", "a", "c", "b"]
    output = strings([["a", "z"], ["b", "a"]])
    np.testing.assert_allclose(output.numpy(), expected, rtol=1e-6)
    numbers = adapted(layers.IntegerLookup, [1, 2, 1, 3], output_mode=mode)
    np.testing.assert_allclose(numbers([[1, 9], [2, 1]]).numpy(), expected, rtol=1e-6)
    spec = strings.compute_output_spec(nyala.KerasTensor((None, 2), "string"))
    assert tuple(spec.shape) == (None, *output.shape[1:])
    assert spec.dtype == output.dtype == ("int32" if mode == "int" else "float32")


@pytest.mark.parametrize(
    ("cls", "data", "kwargs", "values", "expected"),
    [
        ("StringLookup", LETTERS, {"num_oov_indices": 3, "mask_token": ""},
         ["a", "z", "yy", ""], [4, 2, 2, 0]),
        ("StringLookup", LETTERS, {"num_oov_indices": 3, "salt": 7},
         ["a", "z", "yy", ""], [3, 0, 2, 1]),
        ("IntegerLookup", [1, 2, 2], {"num_oov_indices": 3}, [1, -9, 77], [4, 0, 2]),
        ("IntegerLookup", [1, 2, 2], {"num_oov_indices": 3, "oov_method": "farmhash"},
         [1, -9, 77], [4, 1, 0]),
        ("IntegerLookup", [1, 0, 0, 2], {"mask_token": 0}, [1, 0, 77], [3, 0, 1]),
    ],
)  # fmt: skip
def test_places_of_unknown_and_masked(cls, data, kwargs, values, expected):
    layer = adapted(getattr(layers, cls), data, **kwargs)
    assert layer(values).tolist() == expected


def test_back_to_tokens():
    strings = layers.StringLookup(vocabulary=["a", "b"], invert=True, mask_token="")
    assert strings([0, 1, 2, 9]).tolist() == [b"", b"[UNK]", b"a", b"[UNK]"]
    numbers = layers.IntegerLookup(vocabulary=[10, 20], invert=True)
    assert numbers([[0, 1], [2, 9]]).tolist() == [[-1, 10], [20, -1]]
    assert numbers.compute_output_spec(nyala.KerasTensor((2,), "int32")).dtype == "int32"


def test_bytes_and_shapes():
    layer = layers.StringLookup(vocabulary=["ä", "b"])
    assert layer(np.array(["ä".encode(), b"b"])).tolist() == [1, 2]
    assert layer("b").tolist() == 2
    assert layer(np.array([[["ä"], ["x"]]])).tolist() == [[[1], [0]]]
    latin = layers.StringLookup(vocabulary=["ä"], encoding="latin-1")
    assert latin(np.array(["ä".encode("latin-1")])).tolist() == [1]
    assert layer(np.zeros((0, 2), "U1")).shape == (0, 2)


def test_vocabulary_from_a_file_and_special_tokens(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("b\r\nzwei Wörter\n", encoding="utf-8")
    layer = layers.StringLookup(vocabulary=str(path))
    assert layer.get_vocabulary() == ["[UNK]", "b", "zwei Wörter"]
    assert layer.get_config()["vocabulary"] is None
    with_special = layers.StringLookup(vocabulary=["", "[UNK]", "x"], mask_token="")
    assert with_special.get_vocabulary(include_special_tokens=False) == ["x"]
    assert with_special.vocabulary_size() == 3


def test_adapt_on_batches_and_steps():
    batches = [np.array([["a"], ["b"]]), np.array([["b"], ["c"]]), np.array([["c"], ["c"]])]
    assert adapted(layers.StringLookup, iter(batches)).get_vocabulary()[1:] == ["c", "b", "a"]
    layer = layers.StringLookup(max_tokens=2)
    layer.adapt(iter(batches), steps=2)
    assert layer.get_vocabulary() == ["[UNK]", "b"]
    dataset = nyala.data.Dataset.from_tensor_slices(np.array(["x", "y", "y"])).batch(2)
    assert adapted(layers.StringLookup, dataset).get_vocabulary() == ["[UNK]", "y", "x"]
    layer.adapt(["q"])
    assert layer.get_vocabulary() == ["[UNK]", "q"]


def test_config_and_assets_restore_a_layer(tmp_path):
    layer = adapted(layers.StringLookup, LETTERS, output_mode="tf_idf", mask_token="")
    again = layers.StringLookup.from_config(layer.get_config())
    spec = again.compute_output_spec(nyala.KerasTensor((None, 2), "string"))
    assert tuple(spec.shape) == (None, 4)
    layer.save_assets(tmp_path)
    store = {}
    layer.save_own_variables(store)
    assert (tmp_path / "vocabulary.txt").read_text() == "[UNK]\na\nc\nb"
    again.load_own_variables(store)
    again.load_assets(tmp_path)
    values = [["a", "q"], ["", "c"]]
    np.testing.assert_array_equal(again(values).numpy(), layer(values).numpy())
    numbers = adapted(layers.IntegerLookup, [5, -6, 5])
    numbers.save_assets(tmp_path)
    restored = layers.IntegerLookup.from_config(numbers.get_config())
    restored.load_assets(tmp_path)
    assert restored.get_vocabulary() == numbers.get_vocabulary() == [-1, 5, -6]


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: layers.StringLookup(vocabulary=["a", "b", "a"]), ValueError, "repeated.*'a'"),
        (lambda: layers.StringLookup(vocabulary=[]), ValueError, "empty"),
        (lambda: layers.StringLookup(vocabulary=["a", ""], mask_token=""), ValueError, "reserved"),
        (lambda: layers.StringLookup(vocabulary=["a", "b"], max_tokens=2), ValueError, "needs 3"),
        (lambda: layers.StringLookup(vocabulary="/no/such.txt"), ValueError, "no vocabulary file"),
        (lambda: layers.StringLookup(vocabulary=[1]), TypeError, "expects strings"),
        (lambda: layers.StringLookup()(["a"]), RuntimeError, "no vocabulary yet.*adapt"),
        (lambda: layers.StringLookup(output_mode="count")(["a"]), RuntimeError, "no vocabulary"),
        (lambda: layers.StringLookup(vocabulary=["a"])([1]), TypeError, "expects strings"),
        (lambda: layers.StringLookup(vocabulary=["a"], num_oov_indices=0)(["z"]), ValueError, "z"),
        (lambda: layers.StringLookup(vocabulary=["a"]).adapt(["b"]), ValueError, "made with a voc"),
        (lambda: layers.StringLookup().adapt([]), ValueError, "no token"),
        (lambda: layers.StringLookup().adapt(iter([])), ValueError, "no token"),
        (lambda: layers.StringLookup(output_mode="hot"), ValueError, "output_mode"),
        (lambda: layers.StringLookup(output_mode="count", sparse=True), ValueError, "sparse"),
        (lambda: layers.StringLookup(output_mode="count", invert=True), ValueError, "invert"),
        (lambda: layers.StringLookup(pad_to_max_tokens=True), ValueError, "max_tokens"),
        (lambda: layers.StringLookup(vocabulary=["a"], output_mode="tf_idf"), ValueError, "idf_w"),
        (lambda: layers.StringLookup(vocabulary=["a"], output_mode="tf_idf", idf_weights=[1, 2]),
         ValueError, "one number for each"),
        (lambda: layers.IntegerLookup(vocabulary=[1])(["a"]), TypeError, "StringLookup"),
        (lambda: layers.IntegerLookup(vocabulary=["x"]), ValueError, "not an integer"),
        (lambda: layers.IntegerLookup(salt=3), ValueError, "farmhash"),
        (lambda: layers.IntegerLookup(vocabulary=[1])([1 << 40]), ValueError, "64-bit"),
        (lambda: layers.IntegerLookup(vocabulary=[1])(np.array([1 << 40])), ValueError, "64-bit"),
        (lambda: layers.Hashing(0), ValueError, "num_bins"),
        (lambda: layers.Hashing(3, salt="x"), ValueError, "salt"),
        (lambda: layers.Hashing(3, dtype="float32"), ValueError, "dtype"),
        (lambda: layers.HashedCrossing(3)(["a"]), ValueError, "two or more"),
        (lambda: layers.HashedCrossing(3)([np.array(["a"]), np.array([[1]])]), ValueError, "shape"),
        (lambda: layers.HashedCrossing(3)([np.array(["a"]), np.array([1.5])]), TypeError, "floats"),
        (lambda: layers.CategoryEncoding(), ValueError, "num_tokens"),
        (lambda: layers.CategoryEncoding(3)([1], count_weights=[1.0]), ValueError, "count_weights"),
        (lambda: layers.Discretization(), ValueError, "either"),
        (lambda: layers.Discretization([2.0, 1.0]), ValueError, "rise"),
        (lambda: layers.Discretization(num_bins=2)([1.0]), RuntimeError, "no boundaries yet"),
        (lambda: layers.Discretization(num_bins=2).adapt(np.zeros((0,))), ValueError, "no data"),
        (lambda: layers.Discretization([1.0]).adapt([1.0]), ValueError, "num_bins"),
    ],
)  # fmt: skip
def test_wrong_use(make, error, text):
    with pytest.raises(error, match=text):
        make()


@pytest.mark.parametrize(
    ("content", "kwargs", "text"),
    [
        (b"", {}, "is empty; expected a token in each line"),
        (b"a\nb\na\n", {}, r"repeated are 'a' \(at 0 and 2\)"),
        ("a\nä\n".encode("latin-1"), {}, "line 2 .* is not in encoding='utf-8'"),
        (b"a\nb\n", {"max_tokens": 2}, "needs 3 places.*max_tokens is 2; raise max_tokens"),
        (b"a\n\nb\n", {"mask_token": ""}, "the token '', at 1 of the vocabulary, is reserved"),
        (b"a\n", {"output_mode": "tf_idf", "idf_weights": [1.0]}, "from a file brings no idf"),
    ],
)
def test_dirty_vocabulary_files(tmp_path, content, kwargs, text):
    path = tmp_path / "words.txt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=rf"StringLookup 'words'.*{text}"):
        layers.StringLookup(vocabulary=path, name="words", **kwargs)


def test_files_in_other_encodings_and_with_marks(tmp_path):
    path = tmp_path / "words.txt"
    path.write_bytes("ä\n".encode("latin-1"))
    layer = layers.StringLookup(vocabulary=path, encoding="latin-1")
    assert layer.get_vocabulary() == ["[UNK]", "ä"]
    path.write_bytes("ä\nb".encode("utf-8-sig"))
    assert layers.StringLookup(vocabulary=path).get_vocabulary() == ["[UNK]", "ä", "b"]
    with pytest.raises(ValueError, match="is a folder"):
        layers.StringLookup(vocabulary=tmp_path)


def test_errors_name_the_layer_that_users_made():
    layer = layers.TextVectorization(name="reviews", max_tokens=2)
    with pytest.raises(RuntimeError, match="TextVectorization 'reviews' has no vocabulary yet"):
        layer(["a"])
    with pytest.raises(ValueError, match=r"'reviews': max_tokens=2 leaves no place.*at least 3"):
        layer.adapt(["a"])
    with pytest.raises(ValueError, match=r"'reviews': adapt\(data\) found no token.*0 rows"):
        layers.TextVectorization(name="reviews").adapt(nyala.data.Dataset.range(0))
    with pytest.raises(ValueError, match=r"encoding must be one that Python knows.*'ascii2utf'"):
        layers.StringLookup(vocabulary=["a"], encoding="ascii2utf")
    with pytest.raises(ValueError, match=r"b'.xff' is not in encoding='utf-16'"):
        layers.StringLookup(vocabulary=["a"], encoding="utf-16")(np.array([b"\xff"]))


@pytest.mark.parametrize("name", ["StringLookup", "IntegerLookup", "TextVectorization"])
def test_a_config_cannot_name_a_file(name, tmp_path):
    path = tmp_path / "numbers.txt"
    path.write_text("1")
    cls = getattr(layers, name)
    config = {**cls().get_config(), "vocabulary": str(path)}
    with pytest.raises(ValueError, match="not read when a layer is restored"):
        cls.from_config(config)


def test_a_model_keeps_the_length_of_its_vectors():
    layer = adapted(layers.StringLookup, LETTERS, output_mode="multi_hot")
    layer.adapt(["a", "b"])  # nothing relies on it yet
    layer(nyala.Input((2,), dtype="string"))
    with pytest.raises(RuntimeError, match="length 3"):
        layer.adapt(LETTERS)


def test_host_layers_say_so_in_compiled_code():
    layer = layers.IntegerLookup(vocabulary=[1])
    with pytest.raises(TypeError, match=r"works on the host.*Dataset\.map"):
        nyala.function(lambda x: layer(x))(np.array([1]))


POLICY = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"},
          "registered_name": None}  # fmt: skip
SHARED = {
    "name": "one", "trainable": True, "dtype": POLICY, "invert": False, "max_tokens": None,
    "num_oov_indices": 1, "mask_token": None, "output_mode": "int", "sparse": False,
    "pad_to_max_tokens": False, "idf_weights": None, "vocabulary": None, "vocabulary_size": None,
    "oov_method": "floormod", "salt": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kwargs", "expected"),
    [
        ("StringLookup", {}, {**SHARED, "oov_token": "[UNK]", "encoding": "utf-8"}),
        ("IntegerLookup", {}, {**SHARED, "oov_token": -1, "vocabulary_dtype": "int64"}),
        (
            "Hashing",
            {"num_bins": 3},
            {"name": "one", "trainable": True, "dtype": {**POLICY, "config": {"name": "int64"}},
             "num_bins": 3, "salt": None, "mask_value": None, "output_mode": "int",
             "sparse": False},
        ),
        (
            "HashedCrossing",
            {"num_bins": 3},
            {"name": "one", "dtype": "int64", "num_bins": 3, "output_mode": "int",
             "sparse": False},
        ),
    ],
)  # fmt: skip
def test_configs_are_keras(name, kwargs, expected):
    cls = getattr(layers, name)
    config = cls(**kwargs, name="one").get_config()
    assert config == expected
    assert cls.from_config(config).get_config() == config


# -- numbers that stay on the device -------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "values", "expected"),
    [
        ("one_hot", [[0], [2]], [[1, 0, 0], [0, 0, 1]]),
        ("one_hot", [0, 2], [[1, 0, 0], [0, 0, 1]]),
        ("one_hot", [[0, 2]], [[[1, 0, 0], [0, 0, 1]]]),
        ("multi_hot", [[0, 0], [1, 2]], [[1, 0, 0], [0, 1, 1]]),
        ("binary", [0, 2], [1, 0, 1]),
        ("count", [[0, 0], [1, 2]], [[2, 0, 0], [0, 1, 1]]),
    ],
)
def test_category_encoding(mode, values, expected):
    layer = layers.CategoryEncoding(3, output_mode=mode)
    np.testing.assert_array_equal(layer(np.array(values)).numpy(), expected)


def test_discretization_of_quantiles():
    data = np.random.default_rng(1).permutation(np.arange(1000)).astype("float32")
    layer = layers.Discretization(num_bins=4, epsilon=0.01)
    layer.adapt(data.reshape(10, 100)[i] for i in range(10))
    np.testing.assert_allclose(layer.bin_boundaries, [250, 500, 750], atol=10)
    again = layers.Discretization.from_config(layer.get_config())
    assert again.bin_boundaries == layer.bin_boundaries
    np.testing.assert_array_equal(again(data).numpy(), layer(data).numpy())
    counts = np.bincount(layer(data).numpy())
    np.testing.assert_allclose(counts, 250, atol=15)
