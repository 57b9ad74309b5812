"""The index of a directory: files, order, labels, split; beside real Keras in every case."""

from __future__ import annotations

import numpy as np
import pytest

from nyala.data.loaders._directory_index import (
    check_validation_split,
    index_directory,
    split_files,
)

FORMATS = (".txt", ".png")


@pytest.fixture
def folder(tmp_path):
    for name in (
        "dogs/b.txt", "dogs/a.PNG", "dogs/inner/z.txt", "dogs/inner-2/y.txt", "dogs/inner/x/w.txt",
        "cats/10.txt", "cats/9.txt", "cats/no.pdf", "birds/one.txt", ".hidden/h.txt", "top.txt",
    ):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


def index(folder, labels="inferred", **options):
    return index_directory(folder, labels, FORMATS, **{"verbose": False, **options})


@pytest.mark.parametrize("options", [
    {"shuffle": False}, {"seed": 1337}, {"seed": 3}, {"labels": None, "seed": 5},
    {"labels": list(range(9, 0, -1)), "seed": 5}, {"labels": [0, 1] * 4 + [1], "shuffle": False},
    {"class_names": ["dogs", "cats"], "seed": 2},
])  # fmt: skip
def test_files_labels_and_classes_are_those_of_keras(folder, options):
    pytest.importorskip("keras")
    from keras.src.utils.dataset_utils import index_directory as of_keras

    options = {"labels": "inferred", **options}
    if options["labels"] not in ("inferred", None):
        options["labels"] = [*options["labels"], 1]  # .hidden/h.txt counts here
    ours = index(folder, **options)
    theirs = of_keras(str(folder), formats=FORMATS, verbose=False, **options)
    assert ours[0] == list(theirs[0])
    assert (ours[1] is None) == (theirs[1] is None)
    if ours[1] is not None:
        np.testing.assert_array_equal(ours[1], theirs[1])
        assert ours[1].dtype == np.int32
    assert ours[2] == theirs[2]


@pytest.mark.parametrize("subset", ["training", "validation"])
@pytest.mark.parametrize("fraction", [0.2, 0.5, 0.9])
def test_the_split_is_that_of_keras(folder, subset, fraction):
    pytest.importorskip("keras")
    from keras.src.utils.dataset_utils import get_training_or_validation_split

    paths, labels, _ = index(folder, seed=1)
    ours = split_files(paths, labels, fraction, subset, verbose=False)
    theirs = get_training_or_validation_split(paths, labels, fraction, subset)
    assert ours[0] == theirs[0]
    np.testing.assert_array_equal(ours[1], theirs[1])


def test_a_split_too_small_for_a_file_leaves_all_for_training(folder):
    paths, labels, _ = index(folder)
    assert split_files(paths, labels, 0.01, "training", verbose=False)[0] == paths
    assert split_files(paths, labels, 0.01, "validation", verbose=False)[0] == []


def test_what_it_says(folder, capsys):
    index(folder, verbose=True)
    index(folder, labels=None, verbose=True)
    paths, labels, _ = index(folder)
    split_files(paths, labels, 0.25, "validation")
    assert capsys.readouterr().out.splitlines() == [
        "Found 8 files belonging to 3 classes.",
        "Found 10 files.",
        "Using 2 files for validation.",
    ]


def test_links_are_followed_when_asked_and_loops_end(folder):
    (folder / "cats" / "more").symlink_to(folder / "birds", target_is_directory=True)
    (folder / "birds" / "back").symlink_to(folder, target_is_directory=True)
    (folder / "birds" / "self").symlink_to(folder / "birds", target_is_directory=True)
    assert len(index(folder)[0]) == 8
    names = [p[len(str(folder)) :] for p in index(folder, follow_links=True, shuffle=False)[0]]
    assert "/cats/more/one.txt" in names
    assert "/birds/back/top.txt" in names
    assert len(names) == len(set(names)) < 100


def test_a_class_folder_without_files_is_named(folder):
    (folder / "empty").mkdir()
    with pytest.warns(UserWarning, match="'empty'"):
        _, labels, names = index(folder)
    assert names == ["birds", "cats", "dogs", "empty"]
    assert 3 not in labels


@pytest.mark.parametrize(("options", "error", "message"), [
    ({"class_names": ["dogs", "cat"]}, ValueError, r"got \['cat'\]. Did you mean 'cats'"),
    ({"class_names": ["dogs", "dogs"]}, ValueError, "differ"),
    ({"labels": None, "class_names": ["dogs"]}, ValueError, "labels='inferred' only"),
    ({"labels": [1, 2], "class_names": ["dogs"]}, ValueError, "labels='inferred' only"),
    ({"labels": [1, 2]}, ValueError, "10 files .* 2 labels"),
])  # fmt: skip
def test_wrong_use(folder, options, error, message):
    with pytest.raises(error, match=message):
        index(folder, **options)


def test_a_missing_directory_and_a_file(folder):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        index(folder / "nowhere")
    with pytest.raises(NotADirectoryError, match="is a file"):
        index(folder / "top.txt")


@pytest.mark.parametrize(("arguments", "message"), [
    ((1.5, "training", True, 1), "between 0 and 1; got 1.5"),
    ((0.2, None, True, 1), "validation_split was given without subset"),
    ((None, "training", True, 1), "subset was given without validation_split"),
    ((0.2, "trainings", True, 1), "Did you mean 'training'"),
    ((0.2, "training", True, None), "needs a seed"),
])  # fmt: skip
def test_wrong_splits(arguments, message):
    with pytest.raises(ValueError, match=message):
        check_validation_split(*arguments)


def test_right_splits():
    check_validation_split(None, None, True, None)
    check_validation_split(0.2, "both", True, 1)
    check_validation_split(0.2, "training", False, None)
