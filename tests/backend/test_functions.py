"""Keras 2's `keras.backend` beside NumPy."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import nyala
from nyala import backend as K

RNG = np.random.default_rng(0)
A = RNG.normal(size=(3, 4)).astype("float32")
P = RNG.uniform(0.05, 0.95, size=(3, 4)).astype("float32")
T = (RNG.uniform(size=(3, 4)) > 0.5).astype("float32")
S = RNG.normal(size=(2, 5, 3)).astype("float32")
IMAGE = RNG.normal(size=(1, 6, 5, 2)).astype("float32")


def einsum(pattern, *arrays):
    return np.einsum(pattern, *arrays)


CASES = {
    "argmax along the last axis": (K.argmax(A), A.argmax(-1)),
    "batch_dot of vectors": (K.batch_dot(A, A, axes=1), (A * A).sum(1, keepdims=True)),
    "batch_dot of matrices": (
        K.batch_dot(S, S, axes=(2, 2)), einsum("bif,bjf->bij", S, S),
    ),
    "batch_dot by default": (
        K.batch_dot(S, S.transpose(0, 2, 1)), S @ S.transpose(0, 2, 1),
    ),
    "batch_dot of ranks 3 and 2": (
        K.batch_dot(S, S[:, 0], axes=(2, 1)), einsum("bif,bf->bi", S, S[:, 0]),
    ),
    "batch_flatten": (K.batch_flatten(S), S.reshape(2, 15)),
    "batch_normalization": (
        K.batch_normalization(A, A.mean(0), A.var(0), np.ones(4), np.full(4, 2.0)),
        (A - A.mean(0)) / np.sqrt(A.var(0) + 1e-3) * 2 + 1,
    ),
    "bias_add channels first": (
        K.bias_add(IMAGE, np.arange(6.0), data_format="channels_first"),
        IMAGE + np.arange(6.0)[:, None, None],
    ),
    "binary_crossentropy": (
        K.binary_crossentropy(T, P), -(T * np.log(P) + (1 - T) * np.log(1 - P)),
    ),
    "binary_focal_crossentropy": (
        K.binary_focal_crossentropy(T, P, apply_class_balancing=True),
        -np.where(T > 0, 0.25 * (1 - P) ** 2 * np.log(P), 0.75 * P**2 * np.log(1 - P)),
    ),
    "categorical_focal_crossentropy": (
        K.categorical_focal_crossentropy(T, P / P.sum(-1, keepdims=True)),
        (-0.25 * (1 - P / P.sum(-1, keepdims=True)) ** 2
         * T * np.log(P / P.sum(-1, keepdims=True))).sum(-1),
    ),
    "clip without an upper bound": (K.clip(A, 0, None), np.maximum(A, 0)),
    "concatenate": (K.concatenate([A, A]), np.concatenate([A, A], -1)),
    "cumsum along the first axis": (K.cumsum(A), A.cumsum(0)),
    "dot of 3 and 2 axes": (K.dot(S, np.ones((3, 2))), S @ np.ones((3, 2))),
    "foldl": (K.foldl(lambda a, x: a * 2 + x, np.array([1.0, 2.0, 3.0])), 11.0),
    "foldr": (K.foldr(lambda a, x: a * 2 + x, np.array([1.0, 2.0, 3.0])), 17.0),
    "gather": (K.gather(A, [2, 0]), A[[2, 0]]),
    "hard_sigmoid": (K.hard_sigmoid(A), np.clip(0.2 * A + 0.5, 0, 1)),
    "l2_normalize": (K.l2_normalize(A, axis=1), A / np.linalg.norm(A, axis=1, keepdims=True)),
    "map_fn": (K.map_fn(lambda row: row * 2, A), A * 2),
    "normalize_batch_in_training": (
        K.normalize_batch_in_training(A, None, None, [0])[0],
        (A - A.mean(0)) / np.sqrt(A.var(0) + 1e-3),
    ),
    "permute_dimensions": (K.permute_dimensions(S, (2, 0, 1)), S.transpose(2, 0, 1)),
    "pool2d": (K.pool2d(IMAGE, (2, 5), (2, 5), pool_mode="avg"),
               IMAGE.reshape(1, 3, 2, 1, 5, 2).mean((2, 4))),
    "relu with everything": (
        K.relu(A, alpha=0.1, max_value=1.0, threshold=0.5),
        np.where(A >= 0.5, np.minimum(A, 1.0), 0.1 * (A - 0.5)),
    ),
    "repeat": (K.repeat(A, 2), np.repeat(A[:, None], 2, 1)),
    "repeat_elements": (K.repeat_elements(A, 2, 1), np.repeat(A, 2, 1)),
    "resize_images": (
        K.resize_images(IMAGE, 2, 3, "channels_last"), IMAGE.repeat(2, 1).repeat(3, 2),
    ),
    "sparse crossentropy without a class": (
        K.sparse_categorical_crossentropy([0, 3, 1], P, ignore_class=3),
        -np.log(P / P.sum(-1, keepdims=True))[[0, 1, 2], [0, 3, 1]] * [1, 0, 1],
    ),
    "spatial_2d_padding": (
        K.spatial_2d_padding(IMAGE, ((1, 0), (0, 2))),
        np.pad(IMAGE, ((0, 0), (1, 0), (0, 2), (0, 0))),
    ),
    "switch of elements": (K.switch(A > 0, A, -A), np.abs(A)),
    "switch of rows": (K.switch(A[:, 0] > 0, A, -A), np.where(A[:, :1] > 0, A, -A)),
    "temporal_padding": (K.temporal_padding(S, (1, 2)), np.pad(S, ((0, 0), (1, 2), (0, 0)))),
    "var": (K.var(A, axis=1, keepdims=True), A.var(1, keepdims=True)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_value_is_numpys(name):
    found, expected = CASES[name]
    np.testing.assert_allclose(np.asarray(found), expected, rtol=2e-5, atol=2e-5)


def test_local_convolutions_are_sums_over_windows():
    kernel = RNG.normal(size=(4, 2 * 3, 7)).astype("float32")
    found = K.local_conv1d(S, kernel, (2,), (1,)).numpy()
    expected = np.stack([S[:, i : i + 2].reshape(2, 6) @ kernel[i] for i in range(4)], 1)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    kernel = RNG.normal(size=(6, 2 * 2 * 2, 3)).astype("float32")
    found = K.local_conv2d(IMAGE, kernel, (2, 2), (2, 2), (3, 2)).numpy()
    corner = IMAGE[:, 2:4, 2:4].reshape(1, 8) @ kernel[3]
    np.testing.assert_allclose(found[:, 1, 1], corner, rtol=1e-5, atol=1e-5)


def test_variables_are_read_and_written():
    v = K.variable([[1.0, 2.0]], name="v")
    K.set_value(v, [[3.0, 4.0]])
    K.update_sub(v, 1.0)
    K.moving_average_update(v, [[0.0, 0.0]], 0.5)
    assert K.get_value(v).tolist() == [[1.0, 1.5]]
    K.batch_set_value([(v, [[0.0, 0.0]])])
    assert K.batch_get_value([v])[0].tolist() == [[0.0, 0.0]]
    assert (K.int_shape(v), K.ndim(v), K.count_params(v), K.dtype(v)) == ((1, 2), 2, 2, "float32")
    assert isinstance(K.zeros((2,)), nyala.Variable)
    assert not isinstance(nyala.function(lambda x: K.zeros((2,)) + x)(np.ones(2)), nyala.Variable)


@pytest.mark.parametrize("zero_output", [False, True])
@pytest.mark.parametrize("backwards", [False, True])
def test_rnn_skips_masked_steps(zero_output, backwards):
    mask = np.array([[1, 1, 0, 1, 0], [1, 1, 1, 1, 1]], bool)

    def step(x, states):
        state = 0.5 * states[0] + x
        return state * 2, [state]

    last, outputs, states = K.rnn(
        step,
        S,
        [np.zeros((2, 3), "float32")],
        mask=mask,
        go_backwards=backwards,
        zero_output_for_mask=zero_output,
    )
    state, previous, expected = np.zeros((2, 3)), np.zeros((2, 3)), []
    for t in reversed(range(5)) if backwards else range(5):
        valid = mask[:, t, None]
        new = 0.5 * state + S[:, t]
        output = np.where(valid, new * 2, 0 if zero_output else previous)
        state, previous = np.where(valid, new, state), output
        expected.append(output)
    np.testing.assert_allclose(outputs.numpy(), np.stack(expected, 1), rtol=1e-5)
    np.testing.assert_allclose(last.numpy(), expected[-1], rtol=1e-5)
    np.testing.assert_allclose(states[0].numpy(), state, rtol=1e-5)


def test_rnn_may_return_the_last_output_only():
    last, outputs, _ = K.rnn(lambda x, s: (x + s[1], [x]), S, [S[:, 0]], constants=[S[:, 1]],
                             return_all_outputs=False)  # fmt: skip
    np.testing.assert_allclose(last.numpy(), S[:, -1] + S[:, 1], rtol=1e-6)
    assert outputs.shape == (2, 1, 3)


def test_a_function_is_cut_out_of_a_model():
    model = nyala.Sequential([nyala.Input((3,)), nyala.layers.Dense(2), nyala.layers.Dense(1)])
    inner = K.function([model.layers[0].input, K.learning_phase()], [model.layers[0].output])
    (found,) = inner([A[:, :3], 0])
    np.testing.assert_allclose(found, model.layers[0](A[:, :3]).numpy(), rtol=1e-6)


def test_the_learning_phase_holds_inside_a_call():
    class Doubling(nyala.layers.Layer):
        def call(self, x):
            return K.in_train_phase(x * 2, x)

    layer = Doubling()
    assert float(layer(np.float32(3), training=True)) == 6
    assert float(layer(np.float32(3))) == 3
    with K.learning_phase_scope(1):
        assert K.learning_phase() == 1
    assert K.learning_phase() == 0


def test_ctc_of_certain_predictions_costs_nothing():
    certain = nyala.ops.one_hot([[0, 3, 1, 3]], 4).numpy()
    cost = K.ctc_batch_cost(np.array([[0, 1]]), certain, np.array([[4]]), np.array([[2]]))
    assert cost.shape == (1, 1)
    assert float(cost[0, 0]) < 1e-3
    (decoded,), _ = K.ctc_decode(certain, np.array([4]))
    assert decoded.numpy()[0, :2].tolist() == [0, 1]


def test_random_arrays_have_their_distribution():
    nyala.utils.set_random_seed(0)
    assert abs(float(K.mean(K.random_normal((4000,), 2.0, 0.5))) - 2) < 0.05
    assert abs(float(K.mean(K.random_bernoulli((4000,), 0.3))) - 0.3) < 0.05
    uniform = K.get_value(K.random_uniform_variable((100,), -1, 1))
    assert uniform.min() >= -1
    assert uniform.max() < 1


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: K.gradients(A, []), RuntimeError, "GradientTape"),
        (lambda: K.batch_dot(S, S, axes=0), ValueError, "the batch, axis 0"),
        (lambda: K.function([], [], updates=[1]), ValueError, "updates must be empty"),
        (lambda: K.set_learning_phase(2), ValueError, "expects 0 or 1; got 2"),
        (lambda: K.pool2d(IMAGE, 2, pool_mode="mean"), ValueError, "'max' or 'avg'"),
    ],
)
def test_wrong_use_is_explained(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_every_function_takes_its_documented_parameters():
    for name, parameters in {
        "sum": ("x", "axis", "keepdims"), "equal": ("x", "y"), "pow": ("x", "a"),
        "conv2d": ("x", "kernel", "strides", "padding", "data_format", "dilation_rate"),
        "elu": ("x", "alpha"), "stack": ("x", "axis"), "reverse": ("x", "axes"),
    }.items():  # fmt: skip
        assert set(parameters) <= set(inspect.signature(getattr(K, name)).parameters), name
