"""Mistakes, and what the errors say about them."""

from __future__ import annotations

import numpy as np
import pytest

import nyala
from nyala import layers

X, Y = np.ones((12, 4), "float32"), np.zeros(12, "int32")


@pytest.fixture
def model():
    return nyala.Sequential([nyala.Input((4,)), layers.Dense(3, activation="softmax")])


@pytest.fixture
def compiled(model):
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch"])
def test_before_compile(model, method):
    with pytest.raises(RuntimeError, match=r"before compile\(\).*model.compile"):
        getattr(model, method)(X, Y)


def test_lengths_that_differ(compiled):
    with pytest.raises(ValueError, match="x has 12 rows, y has 9 rows"):
        compiled.fit(X, Y[:9], verbose=0)


def test_one_hot_targets_for_a_sparse_loss(compiled):
    with pytest.raises(ValueError, match=r"outputs shape \(None, 3\).*y has shape.*One-hot"):
        compiled.fit(X, np.eye(3)[Y], verbose=0)


def test_integer_targets_for_a_categorical_loss(model):
    model.compile("sgd", "categorical_crossentropy")
    with pytest.raises(ValueError, match="Integer labels need sparse_categorical_crossentropy"):
        model.fit(X, Y, verbose=0)


def test_an_output_that_does_not_fit(model):
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"\(None, 3\).*\(12, 2\)|last axes differ"):
        model.fit(X, np.zeros((12, 2)), verbose=0)


@pytest.mark.parametrize("label", [3, -1])
def test_labels_outside_the_classes_are_named(compiled, label):
    labels = Y.copy()
    labels[7] = label
    with pytest.raises(ValueError, match=rf"\[0, 3\).*y\[7\] = {label}"):
        compiled.fit(X, labels, verbose=0)


def test_rows_against_a_column_are_aligned_and_never_multiplied():
    model = nyala.Sequential([nyala.Input((4,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    targets = np.arange(12, dtype="float32")
    column = model.evaluate(X, targets[:, None], verbose=0, batch_size=12)
    assert model.evaluate(X, targets, verbose=0, batch_size=12) == pytest.approx(column, rel=1e-6)
    expected = np.mean((model.predict(X, verbose=0)[:, 0] - targets) ** 2)
    assert column == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("arguments", "nearest"),
    [
        ({"optimizer": "adm", "loss": "mse"}, "'adam'"),
        ({"optimizer": "adam", "loss": "mean_square_error"}, "'mean_squared_error'"),
        ({"optimizer": "adam", "loss": "mse", "metrics": ["acuracy_top"]}, "metric"),
    ],
    ids=["optimizer", "loss", "metric"],
)
def test_unknown_names_are_found_by_compile(model, arguments, nearest):
    with pytest.raises(ValueError, match=nearest):
        model.compile(**arguments)


def test_unknown_activation():
    with pytest.raises(ValueError, match="Did you mean 'relu'"):
        layers.Dense(2, activation="rellu")


def test_a_class_without_a_weight(compiled):
    with pytest.raises(ValueError, match=r"no weight for the class\(es\) \[0\]"):
        compiled.fit(X, Y, class_weight={1: 2.0}, verbose=0)


def test_no_rows(compiled):
    with pytest.raises(ValueError, match="empty"):
        compiled.fit(X[:0], Y[:0], verbose=0)


def test_a_generator_without_batches(compiled):
    with pytest.raises(ValueError, match="yielded no batch"):
        compiled.fit(iter(()), verbose=0)


@pytest.mark.parametrize("batch_size", [0, -2, 1.5])
def test_batch_size(compiled, batch_size):
    with pytest.raises(ValueError, match="batch_size must be a positive integer"):
        compiled.fit(X, Y, batch_size=batch_size, verbose=0)


def test_wrong_width_names_the_layer_and_both_shapes():
    layer = layers.Dense(2, name="head")
    layer(X)
    with pytest.raises(ValueError, match=r"'head'.*length 4.*\(12, 5\)"):
        layer(np.ones((12, 5)))


def test_wrong_rank_names_the_layer():
    with pytest.raises(ValueError, match=r"'picture'.*ndim=4.*\(12, 4\)"):
        layers.Conv2D(2, 3, name="picture")(X)


def test_a_model_called_with_the_wrong_shape(compiled):
    with pytest.raises(ValueError, match=r"expects shape \(None, 4\).*\(12, 5\)"):
        compiled.predict(np.ones((12, 5)), verbose=0)


def test_a_graph_that_is_not_connected():
    a, b = nyala.Input((2,)), nyala.Input((2,))
    with pytest.raises(ValueError, match="not connected"):
        nyala.Model(a, layers.Dense(1)(b))


def test_weights_before_they_exist():
    with pytest.raises(ValueError, match="do not exist yet"):
        layers.Dense(2).count_params()


def test_y_beside_batches(compiled):
    with pytest.raises(ValueError, match="must be part of them"):
        compiled.fit(((X, Y) for _ in range(2)), Y, verbose=0)


def test_an_unknown_output_name():
    x = nyala.Input((4,))
    model = nyala.Model(x, [layers.Dense(1, name="score")(x), layers.Dense(1, name="kind")(x)])
    model.compile("sgd", {"scor": "mse"})
    with pytest.raises(ValueError, match=r"'scor' is not the name of an output.*'score'"):
        model.fit(X, [X[:, :1], X[:, :1]], verbose=0)


def test_no_loss_at_all(model):
    model.compile("sgd")
    with pytest.raises(ValueError, match="no loss to compute"):
        model.fit(X, Y, verbose=0)


def test_nan_names_the_step(capsys):
    model = nyala.Sequential([nyala.Input((4,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    rows = X.copy()
    rows[8] = np.nan
    model.fit(rows, np.ones(12), batch_size=4, shuffle=False, verbose=0,
              callbacks=[nyala.callbacks.TerminateOnNaN()])  # fmt: skip
    assert model.stop_training
    assert "step 3" in capsys.readouterr().out


def test_a_source_that_ends_too_early(compiled):
    batches = ((X, Y) for _ in range(2))
    with pytest.warns(UserWarning, match="ran out after 2 steps"):
        compiled.fit(batches, steps_per_epoch=5, epochs=3, verbose=0)
