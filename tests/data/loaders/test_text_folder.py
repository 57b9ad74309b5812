"""`text_dataset_from_directory`: texts, labels and order beside real Keras', places, faults."""

from __future__ import annotations

import pathlib

import numpy as np
import pytest

import nyala
from nyala.utils import text_dataset_from_directory
from tests.data.loaders.places import assert_every_place_can_be_saved

GOLDEN = np.load(pathlib.Path(__file__).parent / "golden" / "series_and_sounds.npz")


def as_texts(strings):
    """Strings of an element as Python's."""
    return [s.decode() if isinstance(s, bytes) else s for s in np.atleast_1d(strings).tolist()]


def load(folder, **options):
    return text_dataset_from_directory(folder, **{"verbose": False, **options})


@pytest.fixture(scope="module")
def numbered(tmp_path_factory):
    """Twenty texts in two classes; the text is the number of the file and its class."""
    top = tmp_path_factory.mktemp("texts")
    for number in range(20):
        path = top / f"class_{number % 2}" / f"{number:02}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{number} in {number % 2}, 한글", encoding="utf-8")
    return top


@pytest.mark.parametrize("mode", ["int", "categorical", "binary"])
def test_texts_and_labels_are_those_of_keras(tmp_path, mode):
    for key in GOLDEN:
        if key.startswith("file/"):
            path = tmp_path / key.removeprefix("file/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(GOLDEN[key].tobytes())
    dataset = load(tmp_path, shuffle=False, label_mode=mode, max_length=6)
    texts, labels = next(dataset.as_numpy_iterator())
    assert [text.encode() for text in as_texts(texts)] == GOLDEN[f"text/{mode}/x"].tolist()
    np.testing.assert_array_equal(labels, GOLDEN[f"text/{mode}/y"])
    assert labels.dtype == GOLDEN[f"text/{mode}/y"].dtype
    assert dataset.class_names == ["a", "b"]


@pytest.mark.parametrize("batch_size", [None, 8])
def test_texts_and_labels_belong_together(numbered, batch_size):
    dataset = load(numbered, seed=1, batch_size=batch_size)
    orders = []
    for _ in range(2):
        texts, labels = zip(*dataset.as_numpy_iterator(), strict=True)
        texts, labels = as_texts(np.hstack(texts)), np.hstack(labels)
        assert len(texts) == 20
        assert all(
            text == f"{text.split()[0]} in {y}, 한글" for text, y in zip(texts, labels, strict=True)
        )
        orders.append(texts)
    assert orders[0] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1])


def test_length_counts_characters(numbered):
    texts = next(load(numbered, labels=None, shuffle=False, max_length=9).as_numpy_iterator())
    assert as_texts(texts)[0] == "0 in 0, 한"
    texts = next(load(numbered, labels=None, shuffle=False, max_length=0).as_numpy_iterator())
    assert set(as_texts(texts)) == {""}


def test_the_dataset_says_what_it_holds(numbered, capsys):
    dataset = text_dataset_from_directory(numbered, label_mode="categorical", batch_size=8)
    assert capsys.readouterr().out == "Found 20 files belonging to 2 classes.\n"
    texts, labels = dataset.element_spec
    assert (texts.shape, texts.dtype, labels.shape) == ((None,), "string", (None, 2))
    assert len(dataset) == 3
    training, validation = load(
        numbered, subset="both", validation_split=0.25, seed=3, batch_size=None
    )
    assert (len(training), len(validation)) == (15, 5)
    assert not set(training.file_paths) & set(validation.file_paths)


def test_it_adapts_and_trains(numbered):
    dataset = load(numbered, label_mode="binary", batch_size=5, seed=0)
    vectorize = nyala.layers.TextVectorization(output_mode="multi_hot", max_tokens=40)
    vectorize.adapt(dataset.map(lambda x, y: x))
    model = nyala.Sequential([vectorize, nyala.layers.Dense(1)])
    model.compile("sgd", "mse")
    assert np.isfinite(model.fit(dataset, epochs=1, verbose=0).history["loss"]).all()


@pytest.mark.parametrize(
    "options",
    [
        {"batch_size": 3, "shuffle": False},
        {"batch_size": 3, "seed": 2},
        {"batch_size": None},
        {"batch_size": 4, "label_mode": None, "on_error": "skip"},
    ],
)
def test_every_place_can_be_saved(numbered, options):
    assert_every_place_can_be_saved(lambda: load(numbered, **options))


def test_what_is_no_text_is_named(tmp_path):
    (tmp_path / "good.txt").write_text("good")
    (tmp_path / "latin.txt").write_bytes("é".encode("latin-1") * 3)
    with pytest.raises(ValueError, match=r"latin\.txt cannot be read: the byte 0xe9 at 0"):
        list(load(tmp_path, labels=None))
    dataset = load(tmp_path, labels=None, on_error="skip")
    with pytest.warns(UserWarning, match=r"latin\.txt"):
        assert as_texts(next(dataset.as_numpy_iterator())) == ["good"]
    assert list(dataset.skipped_files) == [str(tmp_path / "latin.txt")]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_length": -1}, "max_length"),
        ({"labels": "infered"}, "Did you mean 'inferred'"),
        ({"label_mode": "one_hot"}, "label_mode"),
        ({"format": "torch"}, "format expects"),
        ({"labels": [1, 2]}, "one label for each file"),
        ({"validation_split": 0.2}, "without subset"),
        ({"batch_size": 0}, "batch_size"),
    ],
)
def test_wrong_use(numbered, options, message):
    with pytest.raises(ValueError, match=message):
        load(numbered, **options)


def test_nothing_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        load(tmp_path / "nowhere")
    (tmp_path / "class").mkdir()
    with pytest.raises(ValueError, match=r"no texts in .*no file ends in \.txt"):
        load(tmp_path)


def test_keras_2_names(numbered):
    for room in (nyala.preprocessing, nyala.tf.keras.preprocessing, nyala.tf.keras.utils):
        assert room.text_dataset_from_directory is text_dataset_from_directory
