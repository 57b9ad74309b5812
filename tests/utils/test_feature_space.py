"""`FeatureSpace` beside Keras 3.15.1 on TensorFlow, in pipelines, models and files."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import pytest

import nyala
from nyala import layers
from nyala.utils import FeatureSpace

GOLDEN = Path(__file__).parent / "golden"
EXPECTED = json.loads((GOLDEN / "feature_space.json").read_text())


@pytest.fixture(scope="module")
def script():
    """The program that printed what is expected, with nyala in the place of Keras."""
    spec = importlib.util.spec_from_file_location("make", GOLDEN / "make_feature_space.py")
    module = importlib.util.module_from_spec(spec)
    before = {name: sys.modules.get(name) for name in ("keras", "keras.utils")}
    sys.modules["keras"], sys.modules["keras.utils"] = nyala, nyala.utils
    try:
        spec.loader.exec_module(module)
    finally:
        for name, value in before.items():
            sys.modules.pop(name) if value is None else sys.modules.__setitem__(name, value)
    return module


@pytest.fixture
def space(script):
    space = script.joined()
    space.adapt(script.TABLE)
    return space


def close(value, expected):
    np.testing.assert_allclose(value.numpy(), expected, rtol=1e-6)


def test_rows_and_a_single_row_are_keras(script, space):
    close(space(script.TABLE), EXPECTED["rows"])
    close(space(script.FIRST), EXPECTED["row"])
    arrays = {name: np.array(values)[:, None] for name, values in script.TABLE.items()}
    close(space({**arrays, "no feature": np.ones(4)}), EXPECTED["rows"])


def test_columns_are_keras(script):
    space = script.by_column()
    space.adapt({name: script.TABLE[name] for name in space.features})
    for data, expected in ((script.TABLE, "columns"), (script.FIRST, "column")):
        outputs = space(data)
        assert list(outputs) == list(EXPECTED[expected])
        for name, values in outputs.items():
            close(values, EXPECTED[expected][name])
    assert outputs["word"].dtype == "int32"


def test_configs_are_keras(script, space):
    def plain(value):
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items() if k != "registered_name"}
        return [plain(v) for v in value] if isinstance(value, (list, tuple)) else value

    config = plain(nyala.saving.serialize_keras_object(space))
    expected = plain(EXPECTED["config"])
    # Of `Cross` and `Feature` Keras writes the names that it registered; what reads needs none.
    assert config["config"].keys() == expected["config"].keys()
    for name, feature in config["config"]["features"].items():
        given = feature["config"]["preprocessor"]["config"]
        keras = expected["config"]["features"][name]["config"]["preprocessor"]["config"]
        assert given.keys() == keras.keys()
        for key in set(given) - {"name", "bin_boundaries"}:
            assert given[key] == keras[key], (name, key)
    assert config["config"]["crosses"] == expected["config"]["crosses"]


def test_a_file_of_keras(script):
    space = nyala.models.load_model(GOLDEN / "feature_space.keras")
    close(space(script.TABLE), EXPECTED["rows"])
    assert space.preprocessors["word"].get_vocabulary() == ["[UNK]", "a", "c", "b"]


def test_save_and_load(script, space, tmp_path):
    space.save(tmp_path / "space.keras")
    again = nyala.models.load_model(tmp_path / "space.keras")
    close(again(script.TABLE), EXPECTED["rows"])
    assert again.get_encoded_features().shape == (None, 31)


@pytest.mark.parametrize("batch", [None, 2])
def test_in_a_pipeline(script, batch):
    dataset = nyala.data.Dataset.from_tensor_slices((script.TABLE, [0, 1, 0, 1]))
    dataset = dataset if batch is None else dataset.batch(batch)
    space = script.joined()
    space.adapt(dataset.map(lambda x, y: x))
    mapped = dataset.map(lambda x, y: (space(x), y)).as_numpy_iterator()
    rows = np.concatenate([np.reshape(x, (-1, 31)) for x, _ in mapped])
    np.testing.assert_allclose(rows, EXPECTED["rows"], rtol=1e-6)


def test_numbers_alone_are_compiled_in_a_pipeline():
    table = {"a": np.arange(6, dtype="float32"), "b": np.arange(6, dtype="float32") ** 2}
    space = FeatureSpace({"a": "float_normalized", "b": FeatureSpace.float_discretized(3)})
    space.adapt(table)
    mapped = nyala.data.Dataset.from_tensor_slices(table).batch(3).map(space).as_numpy_iterator()
    np.testing.assert_allclose(np.concatenate(list(mapped)), space(table).numpy(), rtol=1e-6)


def test_models_of_vectors_and_of_raw_rows(script, space):
    nyala.utils.set_random_seed(0)
    encoded = space.get_encoded_features()
    outputs = layers.Dense(1)(encoded)
    inner, whole = nyala.Model(encoded, outputs), nyala.Model(space.get_inputs(), outputs)
    inner.compile("adam", "mse")
    dataset = nyala.data.Dataset.from_tensor_slices((script.TABLE, np.ones(4))).batch(2)
    inner.fit(dataset.map(lambda x, y: (space(x), y)), epochs=1, verbose=0)
    whole.compile("adam", "mse")
    expected = inner.predict(space(script.TABLE), verbose=0)
    raw = {name: np.array(values)[:, None] for name, values in script.TABLE.items()}
    np.testing.assert_allclose(whole.predict(raw, verbose=0), expected, rtol=1e-5)
    before = whole.evaluate(raw, np.ones(4), verbose=0)
    history = whole.fit(raw, np.ones(4), epochs=20, verbose=0).history
    assert history["loss"][-1] < before


def test_a_layer_of_the_user(tmp_path):
    words = layers.TextVectorization(output_mode="tf_idf")
    text = FeatureSpace.feature(dtype="string", preprocessor=words, output_mode="float")
    table = {"text": ["1st string", "2nd string", "3rd string"]}
    space = FeatureSpace({"text": text})
    space.adapt(nyala.data.Dataset.from_tensor_slices(table))
    close(space(table), words(np.array(table["text"])).numpy())
    space.save(tmp_path / "space.keras")
    close(nyala.models.load_model(tmp_path / "space.keras")(table), space(table).numpy())


def test_what_needs_no_data_needs_no_adapt():
    space = FeatureSpace(
        {
            "a": "string_hashed",
            "b": FeatureSpace.float_discretized(None, bin_boundaries=[1.0, 2.0]),
        }
    )
    assert space({"a": ["x"], "b": [1.5]}).shape == (1, 35)
    assert space.crossers == {}


def test_adapted_again_the_vectors_grow():
    space = FeatureSpace({"word": "string_categorical"})
    space.adapt({"word": ["a"]})
    assert space({"word": ["a"]}).shape == (1, 2)
    space.adapt({"word": ["a", "b"]})
    assert space({"word": ["a"]}).shape == (1, 3)
    assert space.get_encoded_features().shape == (None, 3)


WORDS = {"word": "string_categorical", "age": "float"}


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: FeatureSpace({}), ValueError, "features must be a dict"),
        (lambda: FeatureSpace({"a": "flaot"}), ValueError, "feature 'a' .* mean 'float'"),
        (lambda: FeatureSpace(WORDS, output_mode="list"), ValueError, "output_mode must be one"),
        (lambda: FeatureSpace(WORDS, crosses=[("word", "agee")]), ValueError, "mean 'age'"),
        (lambda: FeatureSpace(WORDS, crosses=["word"]), ValueError, "two or more names"),
        (lambda: FeatureSpace.cross(("a", "b"), 3, output_mode="float"), ValueError, "'one_hot'"),
        (lambda: FeatureSpace.feature("string", None, "int"), TypeError, "must be a layer"),
        (lambda: FeatureSpace(WORDS)({"word": ["a"], "age": [1.0]}), ValueError,
         r"must learn.*adapt\(data\) with the columns \['word'\]"),
        (lambda: FeatureSpace(WORDS).save("space.keras"), ValueError, "must learn"),
        (lambda: FeatureSpace(WORDS).adapt([1.0]), TypeError, "dict of columns or a Dataset"),
        (lambda: FeatureSpace(WORDS).adapt({"age": [1.0]}), ValueError, "no column 'word'"),
        (lambda: FeatureSpace(WORDS).adapt({"word": np.array([], str)}), ValueError, "no rows"),
        (lambda: FeatureSpace(WORDS).adapt(
            nyala.data.Dataset.from_tensor_slices(({"word": ["a"]}, [1]))), TypeError,
         "lambda x, y: x"),
        (lambda: FeatureSpace({"a": "float"})([1.0]), ValueError, "expects a dict of columns"),
        (lambda: FeatureSpace({"a": "float"})({"b": [1.0]}), ValueError, "column 'a' is missing"),
        (lambda: FeatureSpace({"a": FeatureSpace.string_hashed(3, output_mode="int")})(
            {"a": ["x"]}), ValueError, "cannot be joined.*'one_hot'"),
        (lambda: FeatureSpace({"a": FeatureSpace.feature("float32", layers.Rescaling(2.0),
                                                         "one_hot")})({"a": [1.0]}),
         ValueError, "must return integers"),
    ],
)  # fmt: skip
def test_wrong_use(make, error, text):
    with pytest.raises(error, match=text):
        make()
