"""What losses promise beyond equal values: shapes, masks, errors, finite gradients, configs."""

from __future__ import annotations

import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import nyala
from nyala import losses
from nyala.core import custom_object_scope

RNG = np.random.default_rng(0)


def gradient(loss, y_true, y_pred):
    return jax.grad(lambda x: loss(y_true, x))(jnp.asarray(y_pred, "float32"))


# -- shapes ----------------------------------------------------------------------------------------

ELEMENTWISE = [
    losses.mean_squared_error,
    losses.mean_absolute_error,
    losses.mean_absolute_percentage_error,
    losses.mean_squared_logarithmic_error,
    losses.huber,
    losses.log_cosh,
    losses.poisson,
    losses.hinge,
    losses.squared_hinge,
    losses.kl_divergence,
    losses.cosine_similarity,
    losses.binary_crossentropy,
    losses.binary_focal_crossentropy,
]
EVERY_FUNCTION = pytest.mark.parametrize("function", ELEMENTWISE, ids=lambda f: f.__name__)


@EVERY_FUNCTION
def test_a_vector_against_a_column_is_no_outer_product(function):
    vector = RNG.uniform(0.1, 0.9, size=6).astype("float32")
    other = RNG.uniform(0.1, 0.9, size=6).astype("float32")
    expected = function(vector[:, None], other[:, None]).numpy()
    assert expected.shape == (6,)
    np.testing.assert_array_equal(function(vector, other[:, None]), expected)
    np.testing.assert_array_equal(function(vector[:, None], other), expected)


@EVERY_FUNCTION
@pytest.mark.parametrize(
    ("true_shape", "pred_shape"),
    [((8,), (4, 2)), ((2,), (4, 2)), ((6, 1), (1, 6)), ((4, 2), (4, 3))],
)
def test_shapes_that_do_not_belong_together_are_named(function, true_shape, pred_shape):
    with pytest.raises(ValueError) as caught:
        function(np.ones(true_shape, "float32"), np.ones(pred_shape, "float32"))
    assert f"y_true of shape {true_shape}" in str(caught.value)
    assert f"y_pred of shape {pred_shape}" in str(caught.value)


def test_one_axis_of_length_one_is_repeated_as_in_keras():
    y_true, y_pred = np.ones((4, 3), "float32"), np.zeros((4, 1), "float32")
    np.testing.assert_array_equal(losses.mean_squared_error(y_true, y_pred), np.ones(4))


def test_a_number_may_stand_for_all_labels():
    np.testing.assert_array_equal(losses.mean_squared_error(1.0, np.zeros((2, 3))), np.ones(2))


@pytest.mark.parametrize("function", [losses.categorical_crossentropy, losses.categorical_hinge])
def test_class_numbers_for_one_hot_labels_are_refused(function):
    with pytest.raises(ValueError, match=r"y_true of shape \(5,\) does not fit .*one-hot"):
        function(np.zeros(5), np.ones((5, 3), "float32"))


@pytest.mark.parametrize("shape", [(5, 3), (4,), (5, 2)])
def test_labels_that_are_not_one_for_each_prediction_are_refused(shape):
    with pytest.raises(ValueError, match=r"expected one class number .* shape \(5,\).*one-hot"):
        losses.sparse_categorical_crossentropy(np.zeros(shape), np.ones((5, 3), "float32"))


def test_a_single_class_is_warned_of():
    with pytest.warns(SyntaxWarning, match="binary_crossentropy"):
        losses.categorical_crossentropy(np.ones((2, 1)), np.ones((2, 1), "float32"))


def test_ctc_names_the_shapes_it_needs():
    with pytest.raises(ValueError, match=r"\(batch, steps, classes\)"):
        losses.ctc(np.zeros((2, 3)), np.zeros((2, 3)))


def test_classes_along_another_axis():
    y_pred = RNG.uniform(0.1, 1.0, size=(2, 5, 3)).astype("float32")
    labels = RNG.integers(0, 5, size=(2, 3))
    for from_logits in (False, True):
        first = losses.sparse_categorical_crossentropy(labels, y_pred, from_logits, axis=1)
        last = losses.sparse_categorical_crossentropy(
            labels, y_pred.transpose(0, 2, 1), from_logits
        )
        np.testing.assert_allclose(first, last, rtol=1e-6)
        one_hot = np.eye(5)[labels].transpose(0, 2, 1)
        dense = losses.categorical_crossentropy(one_hot, y_pred, from_logits, axis=1)
        np.testing.assert_allclose(dense, first, rtol=1e-5)


# -- weights, masks, reductions --------------------------------------------------------------------


def test_one_weight_for_each_sample_weighs_all_its_steps():
    y_true, y_pred = np.zeros((3, 3, 1), "float32"), np.ones((3, 3, 1), "float32")
    loss = losses.MeanSquaredError(reduction="none")
    expected = np.array([[1.0] * 3, [2.0] * 3, [3.0] * 3])
    np.testing.assert_allclose(loss(y_true, y_pred, sample_weight=[1.0, 2.0, 3.0]), expected)


def test_weights_of_another_length_are_refused():
    loss = losses.MeanSquaredError()
    with pytest.raises(ValueError, match=r"sample_weight of shape \(3,\) .* shape \(4,\)"):
        loss(np.zeros((4, 2)), np.zeros((4, 2)), sample_weight=[1.0, 1.0, 1.0])


def test_an_empty_batch_has_the_loss_zero():
    assert float(losses.MeanSquaredError()(np.zeros((0, 2)), np.zeros((0, 2)))) == 0.0


def test_auto_means_sum_over_batch_size():
    assert losses.Huber(reduction="auto").reduction == "sum_over_batch_size"
    assert losses.Huber(reduction=losses.Reduction.SUM).reduction == "sum"


def test_an_unknown_reduction_names_the_nearest():
    with pytest.raises(ValueError, match=r"Unknown reduction 'means'.*Did you mean 'mean'"):
        losses.MeanSquaredError(reduction="means")


def test_a_fully_masked_batch_is_finite():
    y_pred = nyala.ops.convert_to_tensor(np.ones((2, 3, 1), "float32"))
    y_pred._keras_mask = nyala.ops.convert_to_tensor(np.zeros((2, 3), bool))
    assert float(losses.MeanSquaredError()(np.zeros((2, 3, 1)), y_pred)) == 0.0


def test_the_loss_is_computed_in_its_own_dtype():
    y_pred = nyala.ops.cast([[1.0]], "bfloat16")
    assert losses.MeanSquaredError()([[0.0]], y_pred).dtype == "float32"
    assert losses.MeanSquaredError(dtype="mixed_bfloat16")([[0.0]], y_pred).dtype == "bfloat16"


# -- gradients -------------------------------------------------------------------------------------

HARD_CASES = [
    (losses.CosineSimilarity(), np.zeros((2, 3)), np.zeros((2, 3))),
    (losses.BinaryCrossentropy(), [[0.0, 1.0]], [[1.0, 0.0]]),
    (losses.BinaryCrossentropy(from_logits=True), [[0.0, 1.0]], [[1e4, -1e4]]),
    (losses.CategoricalCrossentropy(), [[0.0, 1.0]], [[1.0, 0.0]]),
    (losses.CategoricalCrossentropy(from_logits=True), [[0.0, 1.0]], [[1e4, -1e4]]),
    (losses.SparseCategoricalCrossentropy(), [1], [[1.0, 0.0]]),
    (losses.SparseCategoricalCrossentropy(from_logits=True), [1], [[1e4, -1e4]]),
    (losses.SparseCategoricalCrossentropy(ignore_class=0), [0, 1], [[0.0, 0.0], [0.5, 0.5]]),
    (losses.CategoricalFocalCrossentropy(), [[0.0, 1.0]], [[1.0, 0.0]]),
    (losses.BinaryFocalCrossentropy(), [[0.0, 1.0]], [[1.0, 0.0]]),
    (losses.CategoricalGeneralizedCrossEntropy(), [1], [[1.0, 0.0]]),
    (losses.KLDivergence(), [[0.0, 1.0]], [[1.0, 0.0]]),
    (losses.Poisson(), [[2.0]], [[0.0]]),
    (losses.LogCosh(), [[0.0]], [[1e4]]),
    (losses.MeanSquaredLogarithmicError(), [[0.0]], [[-1.0]]),
    (losses.MeanAbsolutePercentageError(), [[0.0]], [[0.0]]),
    (losses.Dice(), [[0.0, 0.0]], [[0.0, 0.0]]),
    (losses.Tversky(), [[0.0, 0.0]], [[0.0, 0.0]]),
    (losses.Circle(), [0, 1], [[1.0, 0.0], [0.0, 1.0]]),
    (losses.Circle(), [0, 0], [[1.0, 0.0], [1.0, 0.0]]),
    (losses.CTC(), [[1, 1]], np.zeros((1, 2, 3))),
]


@pytest.mark.parametrize(
    ("loss", "y_true", "y_pred"), HARD_CASES, ids=[repr(case[0]) for case in HARD_CASES]
)
def test_values_and_gradients_are_finite_at_the_edges(loss, y_true, y_pred):
    assert np.isfinite(float(loss(y_true, np.asarray(y_pred, "float32"))))
    assert np.isfinite(gradient(loss, np.asarray(y_true), y_pred)).all()


def test_ignored_predictions_may_be_nan():
    loss = losses.SparseCategoricalCrossentropy(ignore_class=-1, from_logits=True)
    y_pred = np.array([[np.nan, np.nan], [0.0, 0.0]], "float32")
    assert float(loss([-1, 1], y_pred)) == pytest.approx(np.log(2.0), rel=1e-6)
    assert np.isfinite(gradient(loss, [-1, 1], y_pred)).all()


def test_ctc_is_the_sum_over_all_alignments():
    probabilities = np.array([[[0.2, 0.5, 0.3], [0.6, 0.1, 0.3]]])
    # "1": (1, 1), (1, blank) and (blank, 1).
    expected = -np.log(0.5 * 0.1 + 0.5 * 0.6 + 0.2 * 0.1)
    loss = losses.ctc([[1, 0]], np.log(probabilities).astype("float32"))
    np.testing.assert_allclose(loss, [expected], rtol=1e-5)


# -- wrong labels ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 1, 3, 5], r"Label 3 at index 2 is outside \[0, 3\).*at least 6 units"),
        (np.array([0, -1]), r"Label -1 at index 1 .*begin at 0.*ignore_class"),
        ([[0, 1], [7, 0]], r"Label 7 at index \(1, 0\)"),
        (np.array([0.0, 4.0], "float32"), "Label 4.0 at index 1"),
    ],
)
def test_a_label_that_is_no_class_is_named(labels, message):
    y_pred = np.full((*np.shape(labels), 3), 1 / 3, "float32")
    with pytest.raises(ValueError, match=message):
        losses.SparseCategoricalCrossentropy()(labels, y_pred)


def test_an_ignored_label_is_no_error():
    losses.check_labels([0, 255, 2], 3, ignore_class=255)
    with pytest.raises(ValueError, match="Label 7 at index 1"):
        losses.check_labels([255, 7], 3, ignore_class=255)


def test_labels_are_not_looked_at_in_compiled_code():
    def loss(labels, y_pred):
        return losses.SparseCategoricalCrossentropy()(labels, y_pred)

    value = jax.jit(loss)(jnp.array([5]), jnp.full((1, 3), 1 / 3))
    assert float(value) == 0.0


# -- compiled as eager -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["MeanSquaredError", "CategoricalCrossentropy", "Dice"])
def test_compiled_equals_eager(kind):
    loss = getattr(losses, kind)()
    y_true = RNG.uniform(0.1, 0.9, size=(4, 3)).astype("float32")
    y_pred = RNG.uniform(0.1, 0.9, size=(4, 3)).astype("float32")
    weights = np.arange(1.0, 5.0, dtype="float32") if kind != "Dice" else None
    compiled = jax.jit(lambda *data: loss(*data, sample_weight=weights))(y_true, y_pred)
    np.testing.assert_allclose(compiled, loss(y_true, y_pred, weights).numpy(), rtol=1e-6)


# -- functions and classes of users ----------------------------------------------------------------


def test_a_plain_function_is_a_loss():
    def per_sample(y_true, y_pred):
        return nyala.ops.max(nyala.ops.abs(y_true - y_pred), axis=-1)

    def scalar(y_true, y_pred):
        return nyala.ops.max(nyala.ops.abs(y_true - y_pred))

    y_true, y_pred = [[0.0, 0.0], [0.0, 0.0]], [[1.0, 2.0], [3.0, 4.0]]
    assert float(losses.LossFunctionWrapper(per_sample)(y_true, y_pred)) == 3.0
    assert float(losses.LossFunctionWrapper(scalar)(y_true, y_pred)) == 4.0
    assert losses.get(per_sample) is per_sample


def test_a_function_gets_aligned_labels_and_its_arguments():
    seen = {}

    def loss(y_true, y_pred, power):
        seen["shapes"] = tuple(y_true.shape), tuple(y_pred.shape)
        return nyala.ops.mean(nyala.ops.abs(y_true - y_pred) ** power, axis=-1)

    wrapped = losses.LossFunctionWrapper(loss, power=2)
    assert float(wrapped(np.zeros(3), np.full((3, 1), 2.0, "float32"))) == 4.0
    assert seen["shapes"] == ((3, 1), (3, 1))


def test_structures_of_labels():
    def both(y_true, y_pred):
        first = losses.mean_squared_error(y_true["a"], y_pred["a"])
        return first + losses.mean_squared_error(y_true["b"], y_pred["b"])

    y_true = {"a": np.zeros(2), "b": np.zeros((2, 3))}
    y_pred = {"a": np.ones((2, 1), "float32"), "b": np.ones((2, 3), "float32")}
    assert float(losses.LossFunctionWrapper(both)(y_true, y_pred)) == 2.0


def test_a_class_without_call_says_so():
    class Empty(losses.Loss):
        pass

    assert Empty().name == "empty"
    with pytest.raises(NotImplementedError, match="Empty is a Loss without call"):
        Empty()([0.0], [0.0])


# -- names and configs -----------------------------------------------------------------------------


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(ValueError, match=r"Unknown loss: 'mean_square_error'.*_squared_error"):
        losses.get("mean_square_error")


def test_what_is_no_loss_is_refused():
    with pytest.raises(ValueError, match="Cannot use 3 as loss"):
        losses.get(3)
    assert losses.get(None) is None


def test_names_classes_and_configs_mean_the_same():
    assert losses.get("mse") is losses.get("MSE") is losses.mse is losses.mean_squared_error
    assert isinstance(losses.get("Huber"), losses.Huber)
    assert isinstance(losses.get(losses.Huber), losses.Huber)
    config = {"class_name": "Huber", "config": {"delta": 0.5}}
    assert losses.get(config).delta == 0.5
    assert losses.deserialize("Huber") is losses.Huber


def test_legacy_configs_are_written_and_read():
    config = losses.serialize(losses.Huber(delta=0.5), use_legacy_format=True)
    assert set(config) == {"class_name", "config"}
    assert losses.deserialize(config).delta == 0.5
    name = losses.serialize(losses.huber, use_legacy_format=True)
    assert losses.deserialize(name) is losses.huber


def test_losses_of_users_are_found_in_scopes():
    def mine(y_true, y_pred):
        return y_pred

    with custom_object_scope({"mine": mine}):
        assert losses.get("mine") is mine
    assert losses.deserialize("mine", custom_objects={"mine": mine}) is mine


def test_no_argument_is_lost_in_a_config():
    loss = losses.CategoricalFocalCrossentropy(alpha=0.5, gamma=1.0, axis=1, name="f")
    copy = losses.CategoricalFocalCrossentropy.from_config(loss.get_config())
    assert copy.get_config() == loss.get_config()
    assert (copy.alpha, copy.gamma, copy.axis, copy.name) == (0.5, 1.0, 1, "f")


def test_q_must_lie_between_0_and_1():
    with pytest.raises(ValueError, match="0 < q < 1; got q=1"):
        losses.CategoricalGeneralizedCrossEntropy(q=1)


def test_repr_names_the_class():
    assert repr(losses.MeanSquaredError()) == (
        "<nyala.losses.MeanSquaredError name=mean_squared_error reduction=sum_over_batch_size>"
    )


def test_nothing_warns_on_ordinary_data():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        losses.BinaryCrossentropy()(np.array([0, 1]), np.array([[0.2], [0.9]]))
