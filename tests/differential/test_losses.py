"""Every loss against real Keras 3.15.1 on JAX: values, gradients, configs.

Values agree to 1e-5 relative to their size, gradients to 1e-4: both sides sum in float32.
"""

from __future__ import annotations

import itertools

import jax
import numpy as np
import pytest

import nyala

keras = pytest.importorskip("keras")

TOLERANCE = {"rtol": 1e-5, "atol": 1e-5}
RNG = np.random.default_rng(0)
SHAPE = (4, 3, 5)


def softmax(x):
    exponentials = np.exp(x - x.max(-1, keepdims=True))
    return (exponentials / exponentials.sum(-1, keepdims=True)).astype("float32")


LOGITS = RNG.normal(size=SHAPE).astype("float32")
CLASSES = RNG.integers(0, 5, size=SHAPE[:-1])
DATA = {
    "real": (RNG.normal(size=SHAPE).astype("float32"), LOGITS),
    "positive": (np.abs(RNG.normal(size=SHAPE)).astype("float32"), np.abs(LOGITS)),
    "signs": (RNG.choice([-1.0, 1.0], size=SHAPE).astype("float32"), LOGITS),
    "binary": (RNG.integers(0, 2, size=SHAPE), 1 / (1 + np.exp(-LOGITS))),
    "binary logits": (RNG.integers(0, 2, size=SHAPE), 3 * LOGITS),
    "distributions": (softmax(RNG.normal(size=SHAPE)), softmax(LOGITS)),
    "one-hot": (np.eye(5, dtype="float32")[CLASSES], softmax(LOGITS)),
    "one-hot logits": (np.eye(5, dtype="float32")[CLASSES], 3 * LOGITS),
    "classes": (CLASSES, softmax(LOGITS)),
    "float classes": (CLASSES.astype("float32"), softmax(LOGITS)),
    "classes, last axis kept": (CLASSES[..., None], softmax(LOGITS)),
    "classes logits": (CLASSES, 3 * LOGITS),
    "embeddings": (
        np.array([0, 0, 1, 1]),
        LOGITS[:, 0] / np.linalg.norm(LOGITS[:, 0], axis=-1, keepdims=True),
    ),
    "sequences": (np.array([[1, 2], [2, 2], [3, 0], [4, 1]]), RNG.normal(size=(4, 6, 5))),
}

LOSSES = [
    ("MeanSquaredError", {}, "real"),
    ("MeanAbsoluteError", {}, "real"),
    ("MeanAbsolutePercentageError", {}, "real"),
    ("MeanSquaredLogarithmicError", {}, "positive"),
    ("Huber", {}, "real"),
    ("Huber", {"delta": 0.3}, "real"),
    ("LogCosh", {}, "real"),
    ("CosineSimilarity", {}, "real"),
    ("CosineSimilarity", {"axis": 1}, "real"),
    ("Hinge", {}, "signs"),
    ("Hinge", {}, "binary"),
    ("SquaredHinge", {}, "signs"),
    ("CategoricalHinge", {}, "one-hot"),
    ("KLDivergence", {}, "distributions"),
    ("Poisson", {}, "positive"),
    ("BinaryCrossentropy", {}, "binary"),
    ("BinaryCrossentropy", {"label_smoothing": 0.2}, "binary"),
    ("BinaryCrossentropy", {"from_logits": True, "axis": 1}, "binary logits"),
    ("BinaryFocalCrossentropy", {}, "binary"),
    (
        "BinaryFocalCrossentropy",
        {"apply_class_balancing": True, "gamma": 1.5, "alpha": 0.4, "from_logits": True},
        "binary logits",
    ),
    ("CategoricalCrossentropy", {}, "one-hot"),
    ("CategoricalCrossentropy", {"label_smoothing": 0.1}, "one-hot"),
    ("CategoricalCrossentropy", {"from_logits": True}, "one-hot logits"),
    (
        "CategoricalCrossentropy",
        {"from_logits": True, "label_smoothing": 0.1},
        "one-hot logits",
    ),
    ("CategoricalCrossentropy", {"axis": 1}, "distributions"),
    ("CategoricalFocalCrossentropy", {}, "one-hot"),
    (
        "CategoricalFocalCrossentropy",
        {"alpha": [0.1, 0.2, 0.3, 0.4, 0.5], "from_logits": True, "label_smoothing": 0.1},
        "one-hot logits",
    ),
    ("SparseCategoricalCrossentropy", {}, "classes"),
    ("SparseCategoricalCrossentropy", {}, "float classes"),
    ("SparseCategoricalCrossentropy", {}, "classes, last axis kept"),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, "classes logits"),
    ("SparseCategoricalCrossentropy", {"ignore_class": 2}, "classes"),
    (
        "SparseCategoricalCrossentropy",
        {"ignore_class": 2, "from_logits": True},
        "classes logits",
    ),
    ("CategoricalGeneralizedCrossEntropy", {"q": 0.7}, "classes"),
    ("Dice", {}, "binary"),
    ("Dice", {"axis": (1, 2)}, "binary"),
    ("Tversky", {"alpha": 0.3, "beta": 0.8, "axis": (1,)}, "binary"),
    ("Circle", {}, "embeddings"),
    ("Circle", {"gamma": 2.0, "margin": 0.2, "remove_diagonal": False}, "embeddings"),
    ("CTC", {}, "sequences"),
]
EVERY_LOSS = pytest.mark.parametrize(
    ("name", "arguments", "data"), LOSSES, ids=[f"{n}-{a}-{d}" for n, a, d in LOSSES]
)


def both(name, **arguments):
    return getattr(nyala.losses, name)(**arguments), getattr(keras.losses, name)(**arguments)


@EVERY_LOSS
def test_values_weighted_mean_and_gradient(name, arguments, data):
    mine, real = both(name, **arguments)
    y_true, y_pred = DATA[data]
    y_true, y_pred = jax.numpy.asarray(y_true, "float32"), jax.numpy.asarray(y_pred, "float32")
    each, weighted, gradient = _computed(mine, y_true, y_pred)
    real_each, real_weighted, real_gradient = _computed(real, y_true, y_pred)
    np.testing.assert_allclose(each, real_each, **TOLERANCE)
    np.testing.assert_allclose(weighted, real_weighted, **TOLERANCE)
    np.testing.assert_allclose(gradient, real_gradient, rtol=1e-4, atol=1e-5)


def _computed(loss, y_true, y_pred):
    def weighted(x):
        each = _raw(loss.call(y_true, x))
        # Keras takes one weight for each value that the loss returns.
        weights = np.linspace(0.5, 2.0, each.size, dtype="float32").reshape(each.shape)
        return _raw(loss(y_true, x, sample_weight=weights)), each

    (value, each), gradient = jax.jit(jax.value_and_grad(weighted, has_aux=True))(y_pred)
    return each, value, gradient


def _raw(value):
    return getattr(value, "_value", value)


REDUCTIONS = ["sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none", None]
WEIGHTS = {
    "no weights": None,
    "a number": 0.5,
    "by sample and step": RNG.uniform(size=(4, 3)).astype("float32"),
    "by sample, kept axis": RNG.uniform(size=(4, 1)).astype("float32"),
    "by value, kept axis": RNG.uniform(size=(4, 3, 1)).astype("float32"),
    "zeros": np.zeros((4, 3), "float32"),
}
MASK = np.array([[1, 1, 0], [1, 0, 0], [1, 1, 1], [0, 0, 0]], bool)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("masked", [False, True])
def test_reductions_weights_and_masks(reduction, weights, masked):
    mine, real = both("MeanSquaredError", reduction=reduction)
    y_true, y_pred = DATA["real"]
    my_pred = nyala.ops.convert_to_tensor(y_pred)
    real_pred = keras.ops.convert_to_tensor(y_pred)
    if masked:
        my_pred._keras_mask = nyala.ops.convert_to_tensor(MASK)
        keras.src.backend.set_keras_mask(real_pred, keras.ops.convert_to_tensor(MASK))
    np.testing.assert_allclose(
        mine(y_true, my_pred, WEIGHTS[weights]),
        real(y_true, real_pred, WEIGHTS[weights]),
        **TOLERANCE,
    )


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_ignored_classes_leave_the_mean(masked, weighted):
    mine, real = both("SparseCategoricalCrossentropy", ignore_class=1)
    y_true, y_pred = DATA["classes"]
    my_pred = nyala.ops.convert_to_tensor(y_pred)
    real_pred = keras.ops.convert_to_tensor(y_pred)
    if masked:
        my_pred._keras_mask = nyala.ops.convert_to_tensor(MASK)
        keras.src.backend.set_keras_mask(real_pred, keras.ops.convert_to_tensor(MASK))
    weights = WEIGHTS["by sample and step"] if weighted else None
    np.testing.assert_allclose(
        mine(y_true, my_pred, weights), real(y_true, real_pred, weights), **TOLERANCE
    )


SHAPES = [((6,), (6, 1)), ((6, 1), (6,)), ((6, 2), (6, 2, 1)), ((6, 1), (6, 3)), ((6,), (6,))]


@pytest.mark.parametrize(("true_shape", "pred_shape"), SHAPES)
@pytest.mark.parametrize("name", ["MeanSquaredError", "Huber", "LogCosh", "Hinge", "Poisson"])
def test_alignment_of_shapes(name, true_shape, pred_shape):
    mine, real = both(name)
    y_true = RNG.uniform(size=true_shape).astype("float32")
    y_pred = RNG.uniform(size=pred_shape).astype("float32")
    np.testing.assert_allclose(mine(y_true, y_pred), real(y_true, y_pred), **TOLERANCE)


def test_circle_with_references():
    labels, embeddings = DATA["embeddings"]
    arguments = {"ref_labels": labels[:3], "ref_embeddings": embeddings[:3], "gamma": 2.0}
    np.testing.assert_allclose(
        nyala.losses.circle(labels, embeddings, **arguments),
        keras.losses.circle(labels, embeddings, **arguments),
        **TOLERANCE,
    )


@EVERY_LOSS
def test_configs_are_keras_own_and_go_both_ways(name, arguments, data):
    mine, real = both(name, **arguments, reduction="sum")
    my_config = nyala.saving.serialize_keras_object(mine)
    real_config = keras.saving.serialize_keras_object(real)
    # Keras forgets these arguments when it saves; nyala adds them, and Keras reads them.
    extra = {"axis", "delta"} & set(my_config["config"]) - set(real_config["config"])
    kept = {k: v for k, v in my_config["config"].items() if k not in extra}
    assert {**my_config, "config": kept} == real_config

    read_by_keras = type(real).from_config(my_config["config"])
    assert read_by_keras.get_config() == real.get_config()
    assert read_by_keras._fn_kwargs == real._fn_kwargs
    if not extra:
        assert nyala.losses.deserialize(real_config).get_config() == mine.get_config()


def test_function_configs_go_both_ways():
    config = nyala.losses.serialize(nyala.losses.mean_squared_error)
    assert config == keras.losses.serialize(keras.losses.mean_squared_error)
    assert nyala.losses.deserialize(config) is nyala.losses.mean_squared_error
    wrapper = keras.src.losses.losses.LossFunctionWrapper(keras.losses.huber, name="h", delta=0.2)
    read = nyala.losses.deserialize(keras.saving.serialize_keras_object(wrapper))
    y_true, y_pred = DATA["real"]
    np.testing.assert_allclose(read(y_true, y_pred), wrapper(y_true, y_pred), **TOLERANCE)


def test_names_that_keras_knows_are_known():
    # LossFunctionWrapper cannot be made without a function.
    for name in set(keras.src.losses.ALL_OBJECTS_DICT) - {"LossFunctionWrapper"}:
        mine, real = nyala.losses.get(name), keras.losses.get(name)
        assert getattr(mine, "__name__", mine) == getattr(real, "__name__", mine)
        if not hasattr(real, "__name__"):
            assert type(mine).__name__ == type(real).__name__
            assert mine.get_config().items() >= real.get_config().items()


def test_absolute_error_of_many_shapes():
    for rank, keep in itertools.product([1, 2, 3], [False, True]):
        shape = (7, 2, 3)[:rank]
        y_true = RNG.uniform(size=(*shape, 1) if keep else shape).astype("float32")
        y_pred = RNG.uniform(size=shape).astype("float32")
        np.testing.assert_allclose(
            nyala.losses.mean_absolute_error(y_true, y_pred),
            keras.losses.mean_absolute_error(y_true, y_pred),
            **TOLERANCE,
        )
