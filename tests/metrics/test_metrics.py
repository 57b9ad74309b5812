"""What metrics promise beyond equal values: state, pure functions, resets, errors, configs."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import nyala
from nyala import metrics
from nyala.eager import StateScope

RNG = np.random.default_rng(0)
ONE_HOT = np.eye(3, dtype="float32")[[0, 2, 1, 1]]
SCORES = RNG.uniform(0.1, 0.9, size=(4, 3)).astype("float32")
CLASSES = np.array([0, 2, 1, 1])
WEIGHTS = np.array([1.0, 0.5, 2.0, 0.0], "float32")

# One of each way to keep state.
KINDS = [
    ("Mean", {}, (SCORES[:, 0],)),
    ("Sum", {}, (SCORES[:, 0],)),
    ("MeanTensor", {"shape": (4,)}, (SCORES[:, 0],)),
    ("MeanSquaredError", {}, (ONE_HOT, SCORES)),
    ("RootMeanSquaredError", {}, (ONE_HOT, SCORES)),
    ("MeanRelativeError", {"normalizer": [1.0, 2.0, 0.0]}, (ONE_HOT, SCORES)),
    ("SparseCategoricalAccuracy", {}, (CLASSES, SCORES)),
    ("Precision", {"thresholds": [0.2, 0.6]}, (ONE_HOT, SCORES)),
    ("RecallAtPrecision", {"precision": 0.3}, (ONE_HOT, SCORES)),
    ("AUC", {}, (ONE_HOT, SCORES)),
    ("AUC", {"multi_label": True}, (ONE_HOT, SCORES)),
    ("F1Score", {"average": "macro"}, (ONE_HOT, SCORES)),
    ("R2Score", {}, (ONE_HOT, SCORES)),
    ("MeanIoU", {"num_classes": 3, "sparse_y_pred": False, "dtype": "float32"}, (CLASSES, SCORES)),
]
EVERY_KIND = pytest.mark.parametrize(
    ("kind", "arguments", "batch"), KINDS, ids=[f"{k}-{a}" for k, a, _ in KINDS]
)


def made(kind, arguments, batch):
    """A metric that has seen one batch, so that it has its variables, and is reset again."""
    metric = getattr(metrics, kind)(**arguments)
    metric.update_state(*batch)
    metric.reset_state()
    return metric


# -- state -----------------------------------------------------------------------------------------


@EVERY_KIND
def test_a_reset_metric_is_a_new_one(kind, arguments, batch):
    metric = made(kind, arguments, batch)
    assert all(not np.any(v.numpy()) for v in metric.variables)
    first = metric(*batch).numpy()
    metric.reset_states()
    np.testing.assert_array_equal(metric(*batch).numpy(), first)


@EVERY_KIND
def test_compiled_with_a_scope_equals_eager(kind, arguments, batch):
    metric = made(kind, arguments, batch)
    variables = metric.variables

    @jax.jit
    def update(state, batch, weights):
        with StateScope(zip(variables, state, strict=True)) as scope:
            metric.update_state(*batch, sample_weight=weights)
            result = metric.result()
            return [scope.value(v) for v in variables], result._value

    before = [v.numpy() for v in variables]
    state, result = update([v.value._value for v in variables], batch, WEIGHTS)
    for variable, value in zip(variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)
    metric.update_state(*batch, sample_weight=WEIGHTS)
    np.testing.assert_allclose(result, metric.result().numpy(), rtol=1e-6)
    for variable, value in zip(variables, state, strict=True):
        np.testing.assert_allclose(value, variable.numpy(), rtol=1e-6)
        assert value.dtype == variable.dtype


@EVERY_KIND
def test_pure_functions_leave_the_metric_alone(kind, arguments, batch):
    metric = made(kind, arguments, batch)
    state = metric.stateless_reset_state()
    state = metric.stateless_update_state(state, *batch)
    state = metric.stateless_update_state(state, *batch, sample_weight=WEIGHTS)
    assert all(not np.any(v.numpy()) for v in metric.variables)
    pure = metric.stateless_result(state).numpy()
    metric.update_state(*batch)
    np.testing.assert_allclose(metric(*batch, sample_weight=WEIGHTS).numpy(), pure, rtol=1e-6)


@EVERY_KIND
def test_configs_rebuild_the_metric(kind, arguments, batch):
    metric = made(kind, arguments, batch)
    config = metrics.serialize(metric)
    copy = metrics.deserialize(config)
    assert type(copy) is type(metric)
    assert copy.get_config() == metric.get_config()
    np.testing.assert_array_equal(copy(*batch).numpy(), metric(*batch).numpy())


def test_merging_adds_the_states():
    first, second, whole = metrics.Mean(), metrics.Mean(), metrics.Mean()
    first.update_state([1.0, 2.0])
    second.update_state([6.0])
    whole.update_state([1.0, 2.0, 6.0])
    first.merge_state([second])
    assert float(first.result()) == float(whole.result())
    with pytest.raises(ValueError, match="their variables differ"):
        first.merge_state([metrics.Sum()])


def test_the_wrong_number_of_values_is_refused():
    with pytest.raises(ValueError, match="has 2 variables; got 1 values"):
        metrics.Mean().stateless_result([jnp.zeros(())])


def test_nothing_seen_is_zero():
    for name in ("Mean", "Sum", "MeanSquaredError", "Precision", "AUC", "RootMeanSquaredError"):
        assert float(getattr(metrics, name)().result()) == 0.0
    assert float(metrics.MeanIoU(2).result()) == 0.0


@pytest.mark.parametrize("name", ["F1Score", "R2Score", "MeanTensor"])
def test_no_result_before_the_shape_is_known(name):
    with pytest.raises(ValueError, match=r"has seen .* call update_state\(\) before"):
        getattr(metrics, name)().result()


def test_a_metric_reads_masks():
    values = nyala.ops.convert_to_tensor(SCORES)
    values._keras_mask = nyala.ops.convert_to_tensor([True, False, False, False])
    metric = metrics.SparseCategoricalAccuracy()
    metric.update_state(CLASSES, values)
    assert float(metric.count) == 1.0


# -- metrics of users ------------------------------------------------------------------------------


class Nested(metrics.Metric):
    """Keras 2's order of arguments, and state in attributes, lists and dicts."""

    def __init__(self, name="nested", **kwargs):
        super().__init__(name=name, **kwargs)
        self.own = self.add_weight("own", initializer="ones")
        self.parts = [metrics.Sum(name="a"), metrics.Sum(name="b")]
        self.more = {"c": metrics.Mean(name="c")}
        self.plain = nyala.Variable(0.0, name="plain", trainable=False)

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.own.assign_add(1.0)
        for part in self.parts:
            part.update_state(y_pred)

    def result(self):
        return {part.name: part.result() for part in self.parts}


def test_variables_are_found_wherever_they_hang():
    metric = Nested()
    names = [v.name for v in metric.variables]
    assert names == ["own", "plain", "total", "total", "total", "count"]
    assert metric.variables[0].path == "nested/own"
    assert not any(v.trainable for v in metric.variables)
    metric.update_state(None, [1.0, 2.0])
    assert {k: float(v) for k, v in metric.result().items()} == {"a": 3.0, "b": 3.0}
    metric.reset_state()
    assert float(metric.own) == 0.0
    assert float(metric.parts[0].result()) == 0.0


def test_keras_2_spellings_of_the_base():
    assert metrics.Metric("mine").name == "mine"
    named = metrics.Metric("mine", "float16")
    assert (named.name, named.dtype) == ("mine", "float16")
    other = metrics.Metric("float16", "mine")
    assert (other.name, other.dtype) == ("mine", "float16")
    assert named.add_weight("w", (2, 3)).shape == (2, 3)
    assert named.add_weight(name="v", shape=(2,), initializer="ones").numpy().tolist() == [1, 1]


def test_a_reset_in_keras_2_spelling_is_called():
    class Old(metrics.Mean):
        def reset_states(self):
            super().reset_states()
            self.was_reset = True

    metric = Old()
    metric.update_state([1.0])
    metric.reset_state()
    assert metric.was_reset
    assert float(metric.count) == 0.0


def test_forgetting_super_is_explained():
    class Forgetful(metrics.Metric):
        def __init__(self):
            self.name = "forgetful"
            self.add_weight(name="w")

    with pytest.raises(RuntimeError, match=r"Forgetful.*super\(\).__init__\(\)"):
        Forgetful()


def test_missing_methods_are_explained():
    with pytest.raises(NotImplementedError, match="without update_state"):
        metrics.Metric().update_state([1.0])
    with pytest.raises(NotImplementedError, match="without result"):
        metrics.Metric().result()


def test_a_plain_function_is_a_metric():
    def worst(y_true, y_pred, power=1):
        return nyala.ops.max(nyala.ops.abs(y_true - y_pred)) ** power

    metric = metrics.MeanMetricWrapper(worst, name="worst", power=2)
    metric.update_state(np.zeros((2, 1)), np.array([[1.0], [3.0]], "float32"))
    assert float(metric.result()) == 9.0


# -- errors ----------------------------------------------------------------------------------------

WRONG = [
    (lambda: metrics.get("acuracy"), "Unknown metric: 'acuracy'.*Did you mean"),
    (lambda: metrics.Precision(thresholds=[0.2, 1.5]), r"must lie in \[0, 1\]; got \[1.5\]"),
    (lambda: metrics.AUC(curve="RC"), "AUC\\(curve=...\\) expects one of.*Did you mean 'ROC'"),
    (lambda: metrics.AUC(num_thresholds=1), "at least 2; got 1"),
    (lambda: metrics.AUC(num_labels=3), "multi_label=True only"),
    (lambda: metrics.AUC(multi_label=True)([1], [0.5]), r"\(batch, labels\); got \(1,\)"),
    (lambda: metrics.SensitivityAtSpecificity(1.5), "specificity=...\\) expects .* got 1.5"),
    (lambda: metrics.PrecisionAtRecall(0.5, num_thresholds=0), "positive integer; got 0"),
    (lambda: metrics.F1Score(average="mean"), "expects 'micro', 'macro', 'weighted' or None"),
    (lambda: metrics.FBetaScore(beta=0), "positive number; got 0"),
    (lambda: metrics.F1Score(threshold=2.0), r"number in \(0, 1\] or None; got 2.0"),
    (lambda: metrics.F1Score()([1, 0], [1, 0]), r"shape \(batch, classes\)"),
    (lambda: metrics.R2Score(class_aggregation="mean"), "expects 'uniform_average'"),
    (lambda: metrics.R2Score(num_regressors=-1), "expects 0 or more"),
    (lambda: metrics.R2Score()([1, 0], [1, 0]), r"shape \(batch, outputs\)"),
    (lambda: metrics.IoU(2, [2]), r"target class 2 is outside \[0, 2\)"),
    (lambda: metrics.MeanIoU(2)([0, 1, 1], [0, 1]), r"\(3,\) does not fit y_pred of shape \(2,\)"),
    (lambda: metrics.Precision()(np.ones((4, 3)), np.ones(4)), r"\(4, 3\) does not fit"),
    (lambda: metrics.Precision(class_id=0)([1], [1]), "class_id=0 needs y_pred of shape"),
    (lambda: metrics.CategoricalAccuracy()([0, 1], SCORES[:2]), "one-hot labels of the same"),
    (lambda: metrics.SparseCategoricalAccuracy()(CLASSES[:3], SCORES), "one class number for"),
    (lambda: metrics.Mean()([1.0, 2.0], sample_weight=[1.0, 2.0, 3.0]), r"\(3,\) does not fit"),
    (lambda: metrics.resolve_accuracy((4,), (4, 1), "loss"), "expected one of"),
]


@pytest.mark.parametrize(("wrong", "message"), WRONG, ids=[message for _, message in WRONG])
def test_wrong_use_is_explained(wrong, message):
    with pytest.raises(ValueError, match=message):
        wrong()


def test_lost_fractions_are_warned_of():
    metric = metrics.MeanIoU(2)
    with pytest.warns(UserWarning, match="float weights lose their fractions"):
        metric.update_state([0, 1], [0, 1], np.array([0.5, 1.5]))


def test_too_few_values_for_the_adjusted_score_are_warned_of():
    metric = metrics.R2Score(num_regressors=5)
    metric.update_state([[1.0], [2.0]], [[1.0], [3.0]])
    plain = metrics.R2Score()
    with pytest.warns(UserWarning, match="needs more than 6 values"):
        adjusted = metric.result()
    assert float(adjusted) == float(plain([[1.0], [2.0]], [[1.0], [3.0]]))


# -- values that Keras does not tell ---------------------------------------------------------------


def test_the_area_under_the_curve_is_a_share_of_pairs():
    labels = RNG.integers(0, 2, size=300)
    predictions = (RNG.integers(0, 100, size=300) + 0.5) / 100
    metric = metrics.AUC(num_thresholds=101)
    difference = predictions[labels == 1][:, None] - predictions[labels == 0][None]
    expected = np.mean((difference > 0) + 0.5 * (difference == 0))
    assert float(metric(labels, predictions)) == pytest.approx(expected, abs=1e-5)


def test_even_and_uneven_thresholds_count_alike():
    labels, predictions = RNG.integers(0, 2, size=64), RNG.uniform(size=64).astype("float32")
    even = metrics.TruePositives(thresholds=np.linspace(0, 1, 21))
    # One threshold more takes the evenness away.
    uneven = metrics.TruePositives(thresholds=[*np.linspace(0, 1, 21), 0.001])
    np.testing.assert_array_equal(
        even(labels, predictions).numpy(), uneven(labels, predictions).numpy()[:-1]
    )


def test_mean_tensor_weighs_rows():
    metric = metrics.MeanTensor()
    metric.update_state([[1.0, 2.0], [3.0, 4.0]])
    metric.update_state([[3.0, 4.0], [0.0, 0.0]], sample_weight=[1.0, 0.0])
    np.testing.assert_array_equal(metric.result().numpy(), [[2.0, 3.0], [3.0, 4.0]])
    with pytest.raises(ValueError, match=r"began with values of shape \(2, 2\)"):
        metric.update_state([1.0])


def test_labels_may_have_any_dtype():
    for dtype in ("uint8", "int32", "float16", "float32", "bool"):
        labels = np.array([0, 1, 1, 0]).astype(dtype)
        metric = metrics.SparseCategoricalAccuracy()
        metric.update_state(labels, SCORES[:, :2])
        expected = np.mean(np.argmax(SCORES[:, :2], -1) == labels)
        assert float(metric.result()) == expected


# -- names -----------------------------------------------------------------------------------------


def test_names_are_found_in_every_spelling():
    for name in ("mse", "MSE", "MeanSquaredError", "mean_squared_error"):
        assert type(metrics.get(name)) is metrics.MeanSquaredError
    assert metrics.get("huber") is metrics.huber
    assert metrics.get(None) is None
    assert isinstance(metrics.get(metrics.AUC), metrics.AUC)
    assert metrics.deserialize("AUC") is metrics.AUC


def test_legacy_configs_are_written_and_read():
    config = metrics.serialize(metrics.MeanIoU(3), use_legacy_format=True)
    assert set(config) == {"class_name", "config"}
    assert metrics.deserialize(config).num_classes == 3


@pytest.mark.parametrize(
    ("true_shape", "pred_shape", "expected"),
    [
        ((None,), (None,), "Binary"),
        ((None, 1), (None, 1), "Binary"),
        ((None,), (None, 3), "SparseCategorical"),
        ((None, 1), (None, 3), "SparseCategorical"),
        ((None, 3), (None, 3), "Categorical"),
        ((None, None), (None, None, 3), "SparseCategorical"),
    ],
)
def test_the_kind_of_accuracy_follows_from_the_shapes(true_shape, pred_shape, expected):
    accuracy = metrics.resolve_accuracy(true_shape, pred_shape)
    assert type(accuracy).__name__ == f"{expected}Accuracy"
    crossentropy = metrics.resolve_accuracy(true_shape, pred_shape, "ce")
    assert (type(crossentropy).__name__, crossentropy.name) == (f"{expected}Crossentropy", "ce")


def test_automatic_names_count_up():
    nyala.core.reset_names()
    assert [metrics.AUC().name for _ in range(2)] == ["auc", "auc_1"]
    assert repr(metrics.Mean()) == "<nyala.metrics.Mean name=mean>"
