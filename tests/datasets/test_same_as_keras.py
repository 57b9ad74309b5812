"""Every dataset, from small files in its format: the arrays are those that real Keras makes."""

from __future__ import annotations

import hashlib
import importlib
import json

import numpy as np
import pytest

import nyala
from nyala import datasets
from tests.datasets import small_files

CIFAR_10 = [f"cifar-10-batches-py/data_batch_{n}" for n in range(1, 6)]
CIFAR_10.append("cifar-10-batches-py/test_batch")
CIFAR_100 = ["cifar-100-python/train", "cifar-100-python/test"]


@pytest.fixture
def serve(places, origin, monkeypatch):
    """Serve a dataset's file from this machine, as if it had the published hash."""

    def serve(module, file, data, hash_name="_SHA256"):
        (origin.folder / file).write_bytes(data)
        kind = hashlib.md5 if hash_name == "_WORDS_MD5" else hashlib.sha256
        monkeypatch.setattr(module, hash_name, kind(data).hexdigest())
        for name, value in (("_URL", f"{origin.url}/{file}"), ("_BASE", f"{origin.url}/")):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, value)
        return origin.folder / file

    return serve


@pytest.fixture
def keras_loads(monkeypatch):
    """Call real Keras' `load_data` on a file that is there."""
    pytest.importorskip("keras")

    def call(name, path, *args, **options):
        module = importlib.import_module(f"keras.src.datasets.{name}")
        monkeypatch.setattr(module, "get_file", lambda *a, **k: str(path))
        return module.load_data(*args, **options)

    return call


def assert_same(ours, theirs):
    for our_part, their_part in zip(ours, theirs, strict=True):
        for our_array, their_array in zip(our_part, their_part, strict=True):
            assert our_array.dtype == their_array.dtype
            if our_array.dtype == object:
                assert [list(row) for row in our_array] == [list(row) for row in their_array]
            else:
                np.testing.assert_array_equal(our_array, their_array)


TEXT_OPTIONS = [
    {},
    {"num_words": 40},
    {"num_words": 40, "skip_top": 8, "seed": 5},
    {"maxlen": 9, "start_char": None},
    {"oov_char": None, "num_words": 60},
    {"index_from": 0, "start_char": None},
    {"index_from": 5, "start_char": 2, "oov_char": 3, "maxlen": 8, "num_words": 30},
]


@pytest.mark.parametrize("options", TEXT_OPTIONS)
@pytest.mark.parametrize("name", ["imdb", "reuters"])
def test_texts(serve, keras_loads, name, options):
    module = getattr(datasets, name)
    path = serve(module, f"{name}.npz", getattr(small_files, name)())
    assert_same(module.load_data(**options), keras_loads(name, path, **options))


@pytest.mark.parametrize("options", [{}, {"test_split": 0.37, "seed": 2}, {"test_split": 0}])
@pytest.mark.parametrize(("name", "features"), [("boston_housing", 13), ("california_housing", 8)])
def test_tables(serve, keras_loads, name, features, options):
    module = getattr(datasets, name)
    path = serve(module, f"{name}.npz", small_files.housing(features))
    assert_same(module.load_data(**options), keras_loads(name, path, **options))
    if name == "california_housing":
        small = module.load_data("small", **options)
        assert_same(small, keras_loads(name, path, "small", **options))


def test_fashion_mnist(places, origin, monkeypatch):
    keras = pytest.importorskip("keras")
    files = small_files.fashion_mnist()
    for name, data in files.items():
        (origin.folder / name).write_bytes(data)
    hashes = {name: hashlib.md5(data).hexdigest() for name, data in files.items()}
    # In the order in which the module reads them.
    module = datasets.fashion_mnist
    monkeypatch.setattr(module, "_FILES", {name: hashes[name] for name in module._FILES})
    monkeypatch.setattr(module, "_BASE", f"{origin.url}/")
    theirs = importlib.import_module("keras.src.datasets.fashion_mnist")
    monkeypatch.setattr(theirs, "get_file", lambda name, **k: str(origin.folder / name))
    assert keras
    assert_same(module.load_data(), theirs.load_data())
    assert_same(module.load_data(), theirs.load_data())
    assert len(origin.requests) == 4
    assert (places.cache / "fashion-mnist").is_dir()


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_cifar_100(serve, data_format):
    module = datasets.cifar100
    data = small_files.cifar(CIFAR_100, ["fine_labels", "coarse_labels"])
    serve(module, "cifar-100-python.tar.gz", data)
    nyala.config.set_image_data_format(data_format)
    first, last = module.load_data(), module.load_data("coarse")
    assert (first[0][1] != last[0][1]).any()
    _check_images(first, data_format, train=4)
    assert first[0][1].dtype == np.int64


def test_cifar_10(serve, tmp_path, monkeypatch):
    data = small_files.cifar(CIFAR_10, ["labels"])
    serve(datasets.cifar10, "cifar-10-python.tar.gz", data)
    ours = datasets.cifar10.load_data()
    _check_images(ours, "channels_last", train=20)
    assert ours[0][1].dtype == ours[1][1].dtype == np.uint8


def test_cifar_pixels_are_those_that_keras_reads(serve, keras_loads, tmp_path):
    import tarfile

    data = small_files.cifar(CIFAR_100, ["fine_labels", "coarse_labels"])
    path = serve(datasets.cifar100, "cifar-100-python.tar.gz", data)
    with tarfile.open(path) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    assert_same(
        datasets.cifar100.load_data(), keras_loads("cifar100", tmp_path / "unpacked", "fine")
    )


def _check_images(parts, data_format, train):
    shape = (32, 32, 3) if data_format == "channels_last" else (3, 32, 32)
    for (x, y), count in zip(parts, (train, 4), strict=True):
        assert (x.shape, y.shape, x.dtype) == ((count, *shape), (count, 1), np.uint8)
        assert x.flags.c_contiguous
        assert x.flags.writeable
        assert len(np.unique(x[0])) > 100


def test_the_pickles_of_these_tests():
    small_files.check_pickles()


@pytest.mark.parametrize("name", ["imdb", "reuters"])
def test_word_indices(serve, name):
    module = getattr(datasets, name)
    path = serve(module, f"{name}_word_index.json", json.dumps({"é": 2}).encode(), "_WORDS_MD5")
    assert module.get_word_index() == {"é": 2}
    path.write_bytes(b'["the"]')
    with pytest.raises(ValueError, match="does not hold a number for each word"):
        module.get_word_index(str(path))


def test_topics():
    keras = pytest.importorskip("keras")
    assert datasets.reuters.get_label_names() == keras.datasets.reuters.get_label_names()


def test_addresses_and_hashes_are_those_of_keras():
    pytest.importorskip("keras")
    import inspect

    for name in ("boston_housing", "california_housing", "cifar10", "cifar100", "imdb", "reuters"):
        theirs = inspect.getsource(importlib.import_module(f"keras.src.datasets.{name}"))
        module = getattr(datasets, name)
        assert module._SHA256 in theirs
        assert getattr(module, "_WORDS_MD5", "") in theirs
        assert (module._URL if name.startswith("cifar") else "tf-keras-datasets") in theirs


def test_files_placed_by_hand_need_no_hash(places, monkeypatch):
    monkeypatch.setenv("NYALA_DATASETS", str(places.by_hand))
    (places.by_hand / "imdb.npz").write_bytes(small_files.imdb())
    (x_train, _), _ = datasets.imdb.load_data()
    assert len(x_train) == 30
    (places.by_hand / "cifar-10-python.tar.gz").write_bytes(small_files.cifar(CIFAR_10, ["labels"]))
    assert len(datasets.cifar10.load_data()[0][0]) == 20


def test_what_keras_fetched_is_used(places, monkeypatch):
    data = small_files.cifar(CIFAR_100, ["fine_labels"])
    monkeypatch.setattr(datasets.cifar100, "_SHA256", hashlib.sha256(data).hexdigest())
    monkeypatch.setattr(datasets.cifar100, "_URL", "http://127.0.0.1:9/")
    (places.keras / "cifar-100-python-target_archive").write_bytes(data)
    assert len(datasets.cifar100.load_data()[0][0]) == 4


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: datasets.cifar100.load_data("corse"), "Did you mean 'coarse'"),
        (lambda: datasets.california_housing.load_data("big"), "'large' or 'small'"),
        (lambda: datasets.boston_housing.load_data(test_split=1), "less than 1"),
        (lambda: datasets.reuters.load_data(test_split=-0.1), "less than 1"),
    ],
)
def test_wrong_use(places, call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_arguments_of_imdb(serve):
    serve(datasets.imdb, "imdb.npz", small_files.imdb())
    assert_same(datasets.imdb.load_data(nb_words=20), datasets.imdb.load_data(num_words=20))
    with pytest.raises(TypeError, match="numwords"):
        datasets.imdb.load_data(numwords=20)
    with pytest.raises(ValueError, match="maxlen=2 leaves no text: the shortest has 3 words"):
        datasets.imdb.load_data(maxlen=2)
