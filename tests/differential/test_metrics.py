"""Every metric against real Keras 3.15.1 on JAX, over batches without and with weights.

Values and variables agree to 1e-5.
"""

from __future__ import annotations

import numpy as np
import pytest

import nyala

keras = pytest.importorskip("keras")
# Keras asks JAX for int64 in its confusion matrix.
pytestmark = pytest.mark.filterwarnings("ignore:Explicitly requested dtype int64:UserWarning")

TOLERANCE = {"rtol": 1e-5, "atol": 1e-5}
RNG = np.random.default_rng(0)
BATCHES = 3
N, K = 16, 4


def softmax(x):
    exponentials = np.exp(x - x.max(-1, keepdims=True))
    return (exponentials / exponentials.sum(-1, keepdims=True)).astype("float32")


def batches(make):
    return [make() for _ in range(BATCHES)]


def scores(*shape):
    return softmax(RNG.normal(size=(*shape, K)))


def one_hot(*shape):
    return np.eye(K, dtype="float32")[RNG.integers(0, K, size=shape)]


DATA = {
    "real": batches(lambda: (RNG.normal(size=(N, K)), RNG.normal(size=(N, K)))),
    "positive": batches(lambda: np.abs(RNG.normal(size=(2, N, K)))),
    "signs": batches(lambda: (RNG.choice([-1.0, 1.0], size=(N, K)), RNG.normal(size=(N, K)))),
    "binary": batches(lambda: (RNG.integers(0, 2, size=(N,)), RNG.uniform(size=(N, 1)))),
    "multi-hot": batches(lambda: (RNG.integers(0, 2, size=(N, K)), RNG.uniform(size=(N, K)))),
    "multi-hot logits": batches(lambda: (RNG.integers(0, 2, size=(N, K)), RNG.normal(size=(N, K)))),
    "one-hot": batches(lambda: (one_hot(N), scores(N))),
    "one-hot steps": batches(lambda: (one_hot(N, 3), scores(N, 3))),
    "classes": batches(lambda: (RNG.integers(0, K, size=(N,)), scores(N))),
    "float classes, kept axis": batches(
        lambda: (RNG.integers(0, K, size=(N, 1)).astype("float32"), scores(N))
    ),
    "classes of steps": batches(lambda: (RNG.integers(0, K, size=(N, 3)), scores(N, 3))),
    "ids": batches(
        lambda: (RNG.integers(0, K, size=(N,)), np.argsort(RNG.normal(size=(N, K)), axis=-1))
    ),
    "class pairs": batches(lambda: RNG.integers(0, K, size=(2, N))),
    "binary pairs": batches(lambda: (RNG.integers(0, 2, size=(N,)), RNG.uniform(size=(N,)))),
    "equal": batches(lambda: RNG.integers(0, 3, size=(2, N)).astype("float32")),
    "distributions": batches(lambda: (scores(N), scores(N))),
}
DATA = {
    key: [tuple(np.asarray(part, "float32") if part.dtype == "float64" else part for part in pair)
          for pair in pairs]
    for key, pairs in DATA.items()
}  # fmt: skip
CUTS = [0.1, 0.25, 0.7]

METRICS = [
    ("Accuracy", {}, "equal"),
    ("BinaryAccuracy", {"threshold": 0.4}, "binary"),
    ("CategoricalAccuracy", {}, "one-hot"),
    ("CategoricalAccuracy", {}, "one-hot steps"),
    ("SparseCategoricalAccuracy", {}, "classes"),
    ("SparseCategoricalAccuracy", {}, "float classes, kept axis"),
    ("SparseCategoricalAccuracy", {}, "classes of steps"),
    ("TopKCategoricalAccuracy", {"k": 2}, "one-hot steps"),
    ("SparseTopKCategoricalAccuracy", {"k": 2}, "classes of steps"),
    ("SparseTopKCategoricalAccuracy", {"k": 2, "from_sorted_ids": True}, "ids"),
    ("MeanSquaredError", {}, "real"),
    ("MeanAbsoluteError", {}, "real"),
    ("MeanAbsolutePercentageError", {}, "real"),
    ("MeanSquaredLogarithmicError", {}, "positive"),
    ("RootMeanSquaredError", {}, "real"),
    ("CosineSimilarity", {}, "real"),
    ("LogCoshError", {}, "real"),
    ("R2Score", {}, "real"),
    ("R2Score", {"class_aggregation": None}, "real"),
    ("R2Score", {"class_aggregation": "variance_weighted_average"}, "real"),
    ("R2Score", {"num_regressors": 3}, "real"),
    ("PearsonCorrelation", {}, "real"),
    ("ConcordanceCorrelation", {}, "real"),
    ("Hinge", {}, "signs"),
    ("SquaredHinge", {}, "signs"),
    ("CategoricalHinge", {}, "one-hot"),
    ("KLDivergence", {}, "distributions"),
    ("Poisson", {}, "positive"),
    ("BinaryCrossentropy", {"label_smoothing": 0.1}, "multi-hot"),
    ("CategoricalCrossentropy", {"from_logits": True}, "one-hot"),
    ("SparseCategoricalCrossentropy", {}, "classes"),
    ("SparseCategoricalCrossentropy", {"ignore_class": 1}, "classes"),
    ("TruePositives", {}, "binary"),
    ("TrueNegatives", {"thresholds": CUTS}, "binary"),
    ("FalsePositives", {"thresholds": [0.0, 0.5, 1.0]}, "multi-hot"),
    ("FalseNegatives", {"thresholds": 0.3}, "multi-hot"),
    ("Precision", {}, "binary"),
    ("Precision", {"thresholds": CUTS}, "multi-hot"),
    ("Precision", {"top_k": 2}, "multi-hot"),
    ("Precision", {"class_id": 1, "top_k": 2}, "multi-hot"),
    ("Recall", {"class_id": 2}, "multi-hot"),
    ("Recall", {"top_k": 1, "thresholds": [0.2, 0.6]}, "multi-hot"),
    ("SensitivityAtSpecificity", {"specificity": 0.6}, "binary"),
    ("SpecificityAtSensitivity", {"sensitivity": 0.6, "num_thresholds": 1}, "binary"),
    ("PrecisionAtRecall", {"recall": 0.7, "num_thresholds": 30}, "multi-hot"),
    ("RecallAtPrecision", {"precision": 0.5, "class_id": 1}, "multi-hot"),
    ("AUC", {}, "binary"),
    ("AUC", {"curve": "PR"}, "binary"),
    ("AUC", {"curve": "PR", "summation_method": "majoring"}, "multi-hot"),
    ("AUC", {"curve": "PRGAIN", "summation_method": "minoring"}, "binary"),
    ("AUC", {"thresholds": CUTS}, "binary"),
    ("AUC", {"multi_label": True, "num_labels": K}, "multi-hot"),
    ("AUC", {"multi_label": True, "curve": "PR", "label_weights": [1.0, 2.0, 0.0, 3.0]},
     "multi-hot"),
    ("AUC", {"multi_label": True, "thresholds": CUTS}, "multi-hot"),
    ("AUC", {"label_weights": [1.0, 2.0, 0.0, 3.0], "from_logits": True}, "multi-hot logits"),
    ("F1Score", {}, "one-hot"),
    ("F1Score", {"average": "weighted"}, "one-hot"),
    ("FBetaScore", {"beta": 2.0, "average": "micro", "threshold": 0.4}, "multi-hot"),
    ("FBetaScore", {"beta": 0.5, "average": "macro"}, "multi-hot"),
    ("IoU", {"num_classes": K, "target_class_ids": [0, 2]}, "class pairs"),
    ("IoU", {"num_classes": 3, "target_class_ids": [1]}, "class pairs"),
    ("MeanIoU", {"num_classes": K, "ignore_class": 1}, "class pairs"),
    ("MeanIoU", {"num_classes": K, "sparse_y_true": False, "sparse_y_pred": False}, "one-hot"),
    ("BinaryIoU", {"threshold": 0.4}, "binary pairs"),
    ("OneHotIoU", {"num_classes": K, "target_class_ids": [1, 3]}, "one-hot"),
    ("OneHotMeanIoU", {"num_classes": K}, "one-hot"),
]  # fmt: skip
EVERY_METRIC = pytest.mark.parametrize(
    ("name", "arguments", "data"), METRICS, ids=[f"{n}-{a}-{d}" for n, a, d in METRICS]
)
# These count in integers, as whose fractions weights would lose theirs.
INTEGER_WEIGHTS = {"IoU", "MeanIoU", "BinaryIoU", "OneHotIoU", "OneHotMeanIoU"}


def both(kind, **arguments):
    return getattr(nyala.metrics, kind)(**arguments), getattr(keras.metrics, kind)(**arguments)


def weights_for(name):
    if name in INTEGER_WEIGHTS:
        return RNG.integers(0, 4, size=(N,))
    return RNG.uniform(0.1, 2.0, size=(N,)).astype("float32")


@EVERY_METRIC
def test_values_and_state_over_three_batches(name, arguments, data):
    mine, real = both(name, **arguments)
    for y_true, y_pred in DATA[data]:
        mine.update_state(y_true, y_pred)
        real.update_state(y_true, y_pred)
    np.testing.assert_allclose(mine.result(), real.result(), **TOLERANCE)
    for y_true, y_pred in DATA[data]:
        weights = weights_for(name)
        mine.update_state(y_true, y_pred, sample_weight=weights)
        real.update_state(y_true, y_pred, sample_weight=weights)
    np.testing.assert_allclose(mine.result(), real.result(), **TOLERANCE)
    assert [v.name for v in mine.variables] == [v.name for v in real.variables]
    for my_variable, real_variable in zip(mine.variables, real.variables, strict=True):
        np.testing.assert_allclose(my_variable, np.asarray(real_variable.value), **TOLERANCE)


@EVERY_METRIC
def test_configs_are_keras_own_and_go_both_ways(name, arguments, data):
    mine, real = both(name, **arguments, name="m")
    my_config = nyala.saving.serialize_keras_object(mine)
    real_config = keras.saving.serialize_keras_object(real)
    if arguments.get("label_weights"):
        # Keras writes a tensor; it reads a list as well.
        real_config["config"]["label_weights"] = arguments["label_weights"]
    # Keras forgets the axis of CosineSimilarity.
    extra = {"axis", "from_sorted_ids"} & set(my_config["config"]) - set(real_config["config"])
    kept = {k: v for k, v in my_config["config"].items() if k not in extra}
    assert {**my_config, "config": kept} == real_config

    read_by_keras = keras.metrics.deserialize(my_config)
    assert str(read_by_keras.get_config()) == str(real.get_config())
    read_by_me = nyala.metrics.deserialize(keras.saving.serialize_keras_object(real))
    assert read_by_me.get_config() == mine.get_config()


VALUES = {
    "by sample": RNG.normal(size=(6,)).astype("float32"),
    "by step": RNG.normal(size=(6, 2)).astype("float32"),
    "a number": np.float32(2.5),
}
WEIGHTS = {
    "no weights": None,
    "a number": np.float32(0.5),
    "by sample": RNG.uniform(size=(6,)).astype("float32"),
    "kept axis": RNG.uniform(size=(6, 1)).astype("float32"),
    "by step": RNG.uniform(size=(6, 2)).astype("float32"),
    "zeros": np.zeros((6,), "float32"),
}


@pytest.mark.parametrize("name", ["Mean", "Sum"])
@pytest.mark.parametrize(
    ("values", "weights"),
    [(v, w) for v in VALUES for w in WEIGHTS
     if not (v == "a number" and w not in ("no weights", "a number"))
     and not (v == "by sample" and w == "by step")],
)  # fmt: skip
def test_means_and_sums(name, values, weights):
    mine, real = both(name)
    for factor in (1.0, 2.0):
        mine.update_state(VALUES[values] * factor, WEIGHTS[weights])
        real.update_state(VALUES[values] * factor, WEIGHTS[weights])
    np.testing.assert_allclose(mine.result(), real.result(), **TOLERANCE)


@pytest.mark.parametrize("weighted", [False, True])
def test_masked_predictions(weighted):
    mine, real = both("SparseCategoricalAccuracy")
    mask = RNG.integers(0, 2, size=(N, 3)).astype(bool)
    for y_true, y_pred in DATA["classes of steps"]:
        my_pred, real_pred = nyala.ops.convert_to_tensor(y_pred), keras.ops.array(y_pred)
        my_pred._keras_mask = nyala.ops.convert_to_tensor(mask)
        keras.src.backend.set_keras_mask(real_pred, keras.ops.array(mask))
        weights = RNG.uniform(size=(N, 3)).astype("float32") if weighted else None
        mine.update_state(y_true, my_pred, weights)
        real.update_state(y_true, real_pred, weights)
    np.testing.assert_allclose(mine.result(), real.result(), **TOLERANCE)


FUNCTIONS = [
    ("binary_accuracy", "binary"),
    ("categorical_accuracy", "one-hot steps"),
    ("sparse_categorical_accuracy", "classes of steps"),
    ("sparse_categorical_accuracy", "float classes, kept axis"),
    ("top_k_categorical_accuracy", "one-hot steps"),
    ("sparse_top_k_categorical_accuracy", "classes of steps"),
    ("pearson_correlation", "real"),
    ("concordance_correlation", "real"),
]


@pytest.mark.parametrize(("name", "data"), FUNCTIONS)
def test_functions(name, data):
    for y_true, y_pred in DATA[data]:
        expected = getattr(keras.metrics, name)(y_true, y_pred)
        np.testing.assert_allclose(
            getattr(nyala.metrics, name)(y_true, y_pred), expected, **TOLERANCE
        )


def test_the_interpolated_area_is_there_whatever_the_curve():
    mine, real = both("AUC", curve="ROC")
    for y_true, y_pred in DATA["binary"]:
        mine.update_state(y_true, y_pred)
        real.update_state(y_true, y_pred)
    np.testing.assert_allclose(mine.interpolate_pr_auc(), real.interpolate_pr_auc(), **TOLERANCE)


def test_names_that_keras_knows_are_known():
    for name, cls in keras.src.metrics.ALL_OBJECTS_DICT.items():
        mine = nyala.metrics.deserialize(name)
        assert mine.__name__ == cls.__name__


def test_default_names_and_dtypes_are_keras_own():
    keras.backend.clear_session()
    nyala.core.reset_names()
    for name, arguments, _ in {metric[0]: metric for metric in METRICS}.values():
        mine, real = both(name, **arguments)
        assert (mine.name, mine.dtype) == (real.name, real.dtype)


@pytest.mark.parametrize(
    ("true_shape", "pred_shape"),
    [((8,), (8, 1)), ((8, 1), (8, 1)), ((8,), (8, 3)), ((8, 1), (8, 3)), ((8, 3), (8, 3)),
     ((8, 5), (8, 5, 3)), ((8, 5, 3), (8, 5, 3))],
)  # fmt: skip
@pytest.mark.parametrize("which", ["accuracy", "acc", "Accuracy"])
def test_accuracy_resolves_as_in_keras(true_shape, pred_shape, which):
    from keras.src.trainers.compile_utils import get_loss, get_metric

    y_true, y_pred = np.zeros(true_shape), np.zeros(pred_shape)
    mine = nyala.metrics.resolve_accuracy(true_shape, pred_shape, which)
    real = get_metric(which, y_true, y_pred)
    assert (type(mine).__name__, mine.name) == (type(real).__name__, real.name)
    loss = nyala.losses.resolve_crossentropy(true_shape, pred_shape)
    assert loss.__name__ == get_loss("crossentropy", y_true, y_pred).fn.__name__
