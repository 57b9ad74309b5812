"""Merging, activation, regularization, recurrent and attention layers beside real Keras."""

from __future__ import annotations

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from nyala import layers

keras = pytest.importorskip("keras")

RNG = np.random.default_rng(0)
SEQUENCES = RNG.normal(size=(2, 5, 3)).astype("float32")
MASK = np.array([[True, True, False, True, False], [False, True, True, True, True]])


def randomized(layer, theirs):
    """Give both layers the same random weights."""
    rng = np.random.default_rng(1)
    values = [rng.normal(size=w.shape).astype("float32") * 0.5 for w in theirs.weights]
    theirs.set_weights(values)
    layer.set_weights(values)


def pair(make):
    return make(layers), make(keras.layers)


def check_same(ours, theirs, tolerance=1e-5):
    ours = [np.asarray(y) for y in jax.tree.leaves(ours)]
    theirs = [np.asarray(y) for y in jax.tree.leaves(theirs)]
    assert [y.shape for y in ours] == [y.shape for y in theirs]
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, atol=tolerance, rtol=tolerance)


def run_both(make, *args, **kwargs):
    ours, theirs = pair(make)
    theirs(*args, **kwargs)
    ours(*args, **kwargs)
    assert [tuple(w.shape) for w in ours.weights] == [tuple(w.shape) for w in theirs.weights]
    assert [w.name for w in ours.weights] == [w.name for w in theirs.weights]
    if theirs.weights:
        randomized(ours, theirs)
    check_same(ours(*args, **kwargs), theirs(*args, **kwargs))
    return ours, theirs


def x(*shape, seed=3):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


# -- configs -------------------------------------------------------------------------------------

# Real Keras keeps the factor in float32, where a quarter is exact.
QUARTER = {"class_name": "L1", "config": {"l1": 0.25}}
CONFIGS = {
    "Concatenate": lambda L: L.Concatenate(axis=1),
    "Add": lambda L: L.Add(name="sum"),
    "Subtract": lambda L: L.Subtract(),
    "Dot": lambda L: L.Dot((1, 2), normalize=True),
    "Activation": lambda L: L.Activation("relu"),
    "ReLU": lambda L: L.ReLU(6.0, 0.1, 0.2),
    "LeakyReLU": lambda L: L.LeakyReLU(0.1),
    "PReLU": lambda L: L.PReLU(shared_axes=[1]),
    "ELU": lambda L: L.ELU(0.5),
    "Softmax": lambda L: L.Softmax(axis=1),
    "Dropout": lambda L: L.Dropout(0.5, noise_shape=(None, 1), seed=3),
    "SpatialDropout1D": lambda L: L.SpatialDropout1D(0.2),
    "SpatialDropout2D": lambda L: L.SpatialDropout2D(0.2, data_format="channels_first"),
    "SpatialDropout3D": lambda L: L.SpatialDropout3D(0.2, seed=1),
    "AlphaDropout": lambda L: L.AlphaDropout(0.1),
    "GaussianNoise": lambda L: L.GaussianNoise(0.1, seed=2),
    "GaussianDropout": lambda L: L.GaussianDropout(0.1),
    "ActivityRegularization": lambda L: L.ActivityRegularization(0.1, 0.2),
    "SimpleRNNCell": lambda L: L.SimpleRNNCell(3, dropout=0.1),
    "LSTMCell": lambda L: L.LSTMCell(3, unit_forget_bias=False),
    "GRUCell": lambda L: L.GRUCell(3, reset_after=False),
    "RNN": lambda L: L.RNN(L.GRUCell(3), return_sequences=True, zero_output_for_mask=True),
    "StackedRNNCells": lambda L: L.StackedRNNCells([L.LSTMCell(3), L.SimpleRNNCell(2)]),
    "SimpleRNN": lambda L: L.SimpleRNN(3, dropout=0.1, return_state=True),
    "LSTM": lambda L: L.LSTM(3, kernel_regularizer="l2", activity_regularizer=QUARTER),
    "GRU": lambda L: L.GRU(3, recurrent_constraint="unit_norm", go_backwards=True, seed=1),
    "Bidirectional": lambda L: L.Bidirectional(L.LSTM(3, return_sequences=True), "sum"),
    "TimeDistributed": lambda L: L.TimeDistributed(L.Dense(2)),
    "ConvLSTM1D": lambda L: L.ConvLSTM1D(3, 2),
    "ConvLSTM2D": lambda L: L.ConvLSTM2D(3, (2, 3), padding="same", data_format="channels_first"),
    "ConvLSTM3D": lambda L: L.ConvLSTM3D(3, 2, strides=2),
    "MultiHeadAttention": lambda L: L.MultiHeadAttention(2, 3, value_dim=4, output_shape=5),
    "GroupQueryAttention": lambda L: L.GroupQueryAttention(4, 4, 2, use_gate=True),
    "Attention": lambda L: L.Attention(use_scale=True, score_mode="concat", dropout=0.1, seed=1),
    "AdditiveAttention": lambda L: L.AdditiveAttention(),
}  # fmt: skip


@pytest.mark.parametrize("name", CONFIGS)
def test_config(name):
    keras.utils.clear_session()
    ours, theirs = pair(CONFIGS[name])
    config, their_config = (json.loads(json.dumps(layer.get_config())) for layer in (ours, theirs))
    assert config == their_config
    data = json.loads(json.dumps(keras.saving.serialize_keras_object(theirs)))
    from nyala.core import deserialize_keras_object, serialize_keras_object

    assert json.loads(json.dumps(serialize_keras_object(ours)))["class_name"] == data["class_name"]
    again = deserialize_keras_object(data)
    assert json.loads(json.dumps(again.get_config())) == their_config


# -- merging -------------------------------------------------------------------------------------


def masked_inputs(L, seeds=(1, 2, 3)):
    """Embedded tokens, whose zeros are masked."""
    out = []
    for seed in seeds:
        tokens = np.random.default_rng(seed).integers(0, 3, size=(2, 4))
        embedding = L.Embedding(3, 5, mask_zero=True)
        embedding.build((2, 4))
        embedding.set_weights([x(3, 5, seed=seed)])
        out.append(embedding(tokens))
    return out


@pytest.mark.parametrize("name", ["Add", "Multiply", "Average", "Maximum", "Minimum"])
@pytest.mark.parametrize("masked", [0, 1, 3])
def test_elementwise(name, masked):
    results, masks = [], []
    for L in (layers, keras.layers):
        inputs = masked_inputs(L)[:masked] + [x(2, 4, 5, seed=n) for n in range(masked, 3)]
        output = getattr(L, name)()(inputs)
        results.append(np.asarray(output))
        mask = getattr(output, "_keras_mask", None)
        masks.append(None if mask is None else np.asarray(mask))
    check_same(*results)
    np.testing.assert_equal(*masks)


@pytest.mark.parametrize(
    ("name", "shapes"),
    [
        ("add", [(2, 3, 4), (2, 4)]),
        ("subtract", [(2, 3), (2, 3)]),
        ("multiply", [(2, 3, 1), (2, 1, 4)]),
        ("maximum", [(2, 3)]),
        ("concatenate", [(2, 3), (2, 4)]),
        ("dot", [(2, 5), (2, 5)]),
    ],
)
def test_functions(name, shapes):
    inputs = [x(*shape, seed=n) for n, shape in enumerate(shapes)]
    check_same(getattr(layers, name)(inputs), getattr(keras.layers, name)(inputs))


@pytest.mark.parametrize(
    ("axes", "a", "b"),
    [
        ((1, 2), (2, 3, 5), (2, 4, 3)),
        (-1, (2, 3, 5), (2, 4, 5)),
        ((2, 1), (2, 3, 5), (2, 5)),
        ((1, 1), (2, 5), (2, 5, 3)),
        ((3, 1), (2, 3, 4, 5), (2, 5, 6, 7)),
    ],
)
@pytest.mark.parametrize("normalize", [False, True])
def test_dot(axes, a, b, normalize):
    run_both(lambda L: L.Dot(axes, normalize=normalize), [x(*a), x(*b, seed=4)])


@pytest.mark.parametrize("axis", [1, -1])
def test_concatenated_masks(axis):
    found = []
    for L in (layers, keras.layers):
        inputs = [*masked_inputs(L, (1, 2)), x(2, 4, 5)]
        output = L.Concatenate(axis=axis)(inputs)
        found.append((np.asarray(output), np.asarray(output._keras_mask)))
    check_same(found[0][0], found[1][0])
    np.testing.assert_array_equal(found[0][1], found[1][1])


# -- activations ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Activation", "ReLU", "LeakyReLU", "ELU", "Softmax"])
def test_activations(name):
    run_both(CONFIGS[name], x(2, 3, 4) * 4)


@pytest.mark.parametrize("axes", [None, 1, [1, 2]])
def test_prelu(axes):
    run_both(lambda L: L.PReLU(shared_axes=axes, alpha_initializer="ones"), x(2, 3, 4))


@pytest.mark.parametrize("axis", [-1, 1, [1, 2], [2]])
@pytest.mark.parametrize("dtype", ["bool", "float32"])
def test_masked_softmax(axis, dtype):
    mask = (x(2, 1, 4, seed=7) > 0).astype(dtype)
    ours, theirs = pair(lambda L: L.Softmax(axis=axis))
    check_same(ours(x(2, 3, 4), mask=mask), theirs(x(2, 3, 4), mask=mask))


# -- recurrent -----------------------------------------------------------------------------------

RECURRENT = {
    "simple": lambda L, **o: L.SimpleRNN(4, **o),
    "lstm": lambda L, **o: L.LSTM(4, **o),
    "lstm_without_bias": lambda L, **o: L.LSTM(4, use_bias=False, **o),
    "lstm_relu": lambda L, **o: L.LSTM(4, activation="relu", **o),
    "gru": lambda L, **o: L.GRU(4, **o),
    "gru_reset_before": lambda L, **o: L.GRU(4, reset_after=False, **o),
    "gru_hard": lambda L, **o: L.GRU(4, recurrent_activation="hard_sigmoid", **o),
    "gru_before_hard": lambda L, **o: L.GRU(
        4, reset_after=False, recurrent_activation="hard_sigmoid", **o
    ),
    "stack": lambda L, **o: L.RNN([L.LSTMCell(3), L.GRUCell(4)], **o),
}


@pytest.mark.parametrize(
    ("name", "go_backwards"),
    [*((name, False) for name in RECURRENT), ("lstm", True), ("gru_hard", True), ("stack", True)],
)
def test_recurrent(name, go_backwards):
    def make(L):
        return RECURRENT[name](
            L, return_sequences=True, return_state=True, go_backwards=go_backwards
        )

    ours, theirs = run_both(make, SEQUENCES)
    check_same(ours(SEQUENCES, mask=MASK), theirs(SEQUENCES, mask=jnp.asarray(MASK)))


@pytest.mark.parametrize("name", ["lstm", "gru_hard"])
@pytest.mark.parametrize("zero", [False, True])
@pytest.mark.parametrize("unroll", [False, True])
def test_last_output_of_masked_sequences(name, zero, unroll):
    if zero and unroll:
        pytest.skip("real Keras does not set outputs to zero when it unrolls")

    def make(L):
        return RECURRENT[name](L, zero_output_for_mask=zero, unroll=unroll)

    ours, theirs = run_both(make, SEQUENCES)
    check_same(ours(SEQUENCES, mask=MASK), theirs(SEQUENCES, mask=jnp.asarray(MASK)))


@pytest.mark.parametrize("name", ["simple", "lstm", "gru", "lstm_relu"])
def test_initial_state(name):
    states = [x(2, 4, seed=n) for n in range(2 if "lstm" in name else 1)]
    ours, theirs = run_both(lambda L: RECURRENT[name](L, return_state=True), SEQUENCES)
    check_same(ours(SEQUENCES, initial_state=states), theirs(SEQUENCES, initial_state=states))


@pytest.mark.parametrize("name", ["lstm", "gru", "stack"])
def test_stateful(name):
    ours, theirs = pair(lambda L: RECURRENT[name](L, stateful=True))
    for layer in (ours, theirs):
        layer.build(SEQUENCES.shape)
    randomized(ours, theirs)
    for _ in range(2):
        check_same(ours(SEQUENCES), theirs(SEQUENCES))
    check_same(
        [s.numpy() for s in jax.tree.leaves(ours.states)],
        [np.asarray(s) for s in keras.tree.flatten(theirs.states)],
    )


@pytest.mark.parametrize("stacked", [False, True])
def test_custom_cell(stacked):
    def make(L):
        class MinimalCell(L.Layer):
            def __init__(self, units, **kwargs):
                super().__init__(**kwargs)
                self.units = self.state_size = units

            def build(self, input_shape):
                self.kernel = self.add_weight(shape=(input_shape[-1], self.units), name="kernel")
                self.recurrent = self.add_weight(shape=(self.units, self.units), name="recurrent")

            def call(self, inputs, states):
                output = inputs @ self.kernel + states[0] @ self.recurrent
                return output, [output]

        cell = [MinimalCell(4), MinimalCell(3)] if stacked else MinimalCell(3)
        return L.RNN(cell, return_sequences=True)

    ours, theirs = run_both(make, SEQUENCES)
    if not stacked:  # where real Keras repeats the state of the wrong cell
        check_same(ours(SEQUENCES, mask=MASK), theirs(SEQUENCES, mask=jnp.asarray(MASK)))


@pytest.mark.parametrize("name", ["simple", "lstm", "gru", "gru_reset_before", "lstm_relu"])
def test_gradients(name):
    ours, theirs = run_both(lambda L: RECURRENT[name](L, return_sequences=True), SEQUENCES)

    def gradients(layer):
        def loss(values, x):
            y, _ = layer.stateless_call(values, rest, x, mask=jnp.asarray(MASK))
            return jnp.sum(jnp.sin(jnp.asarray(y)))

        rest = [jnp.asarray(v) for v in layer.non_trainable_variables]
        values = [jnp.asarray(v) for v in layer.trainable_variables]
        return jax.grad(loss, argnums=(0, 1))(values, jnp.asarray(SEQUENCES))

    check_same(gradients(ours), gradients(theirs), tolerance=1e-4)


@pytest.mark.parametrize("merge_mode", ["concat", "sum", "mul", "ave", None])
@pytest.mark.parametrize("sequences", [False, True])
def test_bidirectional(merge_mode, sequences):
    def make(L):
        return L.Bidirectional(L.LSTM(4, return_sequences=sequences, return_state=True), merge_mode)

    ours, theirs = run_both(make, SEQUENCES)
    check_same(ours(SEQUENCES, mask=MASK), theirs(SEQUENCES, mask=jnp.asarray(MASK)))


@pytest.mark.parametrize("name", ["gru", "lstm", "lstm_relu"])
def test_bidirectional_states(name):
    def make(L):
        return L.Bidirectional(RECURRENT[name](L, return_state=True))

    states = [x(2, 4, seed=n) for n in range(4 if "lstm" in name else 2)]
    ours, theirs = run_both(make, SEQUENCES)
    check_same(ours(SEQUENCES, initial_state=states), theirs(SEQUENCES, initial_state=states))


def test_backward_layer():
    def make(L):
        back = L.GRU(4, go_backwards=True, return_sequences=True)
        return L.Bidirectional(L.LSTM(4, return_sequences=True), backward_layer=back)

    run_both(make, SEQUENCES)


@pytest.mark.parametrize(
    "inner",
    [
        lambda L: L.Dense(4, activation="relu"),
        lambda L: L.BatchNormalization(),
        lambda L: L.Lambda(lambda t: t - t.mean(axis=0)),
    ],
    ids=["dense", "batch_norm", "lambda"],
)
@pytest.mark.parametrize("training", [False, True])
def test_time_distributed(inner, training):
    ours, theirs = run_both(lambda L: L.TimeDistributed(inner(L)), SEQUENCES, training=training)
    check_same(ours.variables, theirs.variables)


@pytest.mark.parametrize(
    ("rank", "options"),
    [
        (1, {}),
        (1, {"dilation_rate": 2, "return_sequences": True, "go_backwards": True}),
        (2, {"strides": 2, "padding": "same", "return_state": True}),
        (2, {"unit_forget_bias": False, "use_bias": False, "return_sequences": True}),
        (3, {"kernel_size": (2, 1, 2)}),
    ],
)
def test_conv_lstm(rank, options):
    options = {"kernel_size": 2, **options}
    run_both(lambda L: getattr(L, f"ConvLSTM{rank}D")(3, **options), x(2, 3, *[3] * rank, 2))


# -- attention -----------------------------------------------------------------------------------

QUERY, VALUE = x(2, 5, 6, seed=5), x(2, 4, 6, seed=6)
ATTENTION_MASK = np.random.default_rng(8).random((2, 5, 4)) > 0.3
ATTENTION_MASK[:, :, 0] = True


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"use_bias": False},
        {"output_shape": (2, 3)},
        {"use_gate": True, "sliding_window": 2},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "call",
    [
        {},
        {"use_causal_mask": True},
        {"attention_mask": ATTENTION_MASK, "return_attention_scores": True},
        {"key": x(2, 4, 6, seed=9)},
    ],
    ids=lambda call: ",".join(call) or "plain",
)
def test_multi_head_attention(options, call):
    run_both(lambda L: L.MultiHeadAttention(2, 3, **options), QUERY, VALUE, **call)


def test_value_dim():
    # Real Keras' fused attention wants values as wide as keys, its explicit one does not.
    run_both(lambda L: L.MultiHeadAttention(2, 3, value_dim=5), QUERY, VALUE,
             return_attention_scores=True)  # fmt: skip


@pytest.mark.parametrize("axes", [(1,), (2,), (1, 2), (-2,)])
@pytest.mark.parametrize("scores", [False, True])
def test_attention_axes(axes, scores):
    images = x(2, 3, 4, 6)
    run_both(lambda L: L.MultiHeadAttention(2, 3, attention_axes=axes), images, images,
             return_attention_scores=scores)  # fmt: skip


def test_masks_of_inputs():
    found = []
    for L in (layers, keras.layers):
        query, value = masked_inputs(L, (1, 4))
        layer = L.MultiHeadAttention(2, 3)
        layer.build((2, 4, 5), (2, 4, 5))
        rng = np.random.default_rng(2)
        layer.set_weights([rng.normal(size=w.shape) for w in layer.weights])
        present = np.asarray(query._keras_mask)  # real Keras takes it off in the call
        output = layer(query, value, return_attention_scores=True)
        found.append((np.asarray(output[0])[present], np.asarray(output[0]._keras_mask)))
    check_same(*found)


CALLS = [{}, {"use_causal_mask": True}, {"attention_mask": ATTENTION_MASK}]


@pytest.mark.parametrize("heads", [1, 2, 4])
@pytest.mark.parametrize(
    "call", [{}, {"use_causal_mask": True}, {"attention_mask": ATTENTION_MASK}]
)
def test_grouped_query_attention(heads, call):
    run_both(
        lambda L: L.GroupQueryAttention(3, 4, heads, use_gate=heads == 2), QUERY, VALUE, **call
    )


@pytest.mark.parametrize(
    "make",
    [
        lambda L: L.Attention(),
        lambda L: L.Attention(use_scale=True),
        lambda L: L.Attention(score_mode="concat"),
        lambda L: L.Attention(use_scale=True, score_mode="concat"),
        lambda L: L.AdditiveAttention(),
        lambda L: L.AdditiveAttention(use_scale=False),
    ],
)
def test_attention(make):
    ours, theirs = run_both(make, [QUERY, VALUE])
    keys = [QUERY, VALUE, x(2, 4, 6, seed=9)]
    masks = [x(2, 5, seed=1) > 0, np.array([[True, False, True, True], [True, True, False, False]])]
    for options in ({"use_causal_mask": True}, {"mask": masks}, {"mask": [None, masks[1]]}):
        their_options = jax.tree.map(jnp.asarray, options)
        check_same(
            ours(keys, return_attention_scores=True, **options),
            theirs(keys, return_attention_scores=True, **their_options),
        )


@pytest.mark.parametrize("name", ["MultiHeadAttention", "GroupQueryAttention"])
def test_attention_gradients(name):
    def make(L):
        if name == "MultiHeadAttention":
            return L.MultiHeadAttention(2, 3)
        return L.GroupQueryAttention(3, 4, 2)

    ours, theirs = run_both(make, QUERY, VALUE)

    def gradients(layer):
        def loss(values, query):
            y, _ = layer.stateless_call(values, [], query, VALUE, use_causal_mask=True)
            return jnp.sum(jnp.sin(jnp.asarray(y)))

        values = [jnp.asarray(v) for v in layer.trainable_variables]
        return jax.grad(loss, argnums=(0, 1))(values, jnp.asarray(QUERY))

    check_same(gradients(ours), gradients(theirs), tolerance=1e-4)


@pytest.mark.parametrize(
    "make",
    [
        lambda L: L.LSTM(4, dtype="mixed_bfloat16", return_sequences=True),
        lambda L: L.GRU(4, dtype="mixed_bfloat16", recurrent_activation="hard_sigmoid"),
        lambda L: L.Bidirectional(L.LSTM(4, dtype="mixed_bfloat16"), dtype="mixed_bfloat16"),
    ],
)
def test_mixed_precision(make):
    ours, theirs = pair(make)
    theirs(SEQUENCES)
    ours(SEQUENCES)
    randomized(ours, theirs)
    y, their_y = ours(SEQUENCES), theirs(SEQUENCES)
    assert str(y.dtype) == str(keras.backend.standardize_dtype(their_y.dtype)) == "bfloat16"
    # Two units of the eighth bit: the two round in different orders.
    check_same(np.asarray(y, "float32"), np.asarray(their_y, "float32"), tolerance=2e-2)


# -- preprocessing -------------------------------------------------------------------------------

IMAGES = np.random.default_rng(4).integers(0, 256, size=(2, 6, 8, 3)).astype("float32")


@pytest.mark.parametrize(
    "make",
    [
        lambda L: L.Rescaling(0.5, -1),
        lambda L: L.Rescaling([0.5, 2.0, 3.0], [0.0, 1.0, 2.0]),
        lambda L: L.CenterCrop(4, 5),
        lambda L: L.CenterCrop(7, 3),
        lambda L: L.CenterCrop(2, 3, data_format="channels_first"),
        lambda L: L.Resizing(4, 5),
        lambda L: L.Resizing(9, 5, interpolation="nearest"),
        lambda L: L.Resizing(4, 4, interpolation="bicubic", antialias=True),
        lambda L: L.Resizing(3, 9, crop_to_aspect_ratio=True),
        lambda L: L.Resizing(3, 9, pad_to_aspect_ratio=True, fill_value=7.0),
        lambda L: L.Normalization(axis=[1, -1], mean=[1.0, 2.0, 3.0], variance=[3.0, 4.0, 5.0]),
        lambda L: L.Normalization(axis=None, mean=1.0, variance=3.0, invert=True),
    ],
)
def test_images(make):
    ours, theirs = pair(make)
    # Values up to 255.
    check_same(ours(IMAGES), theirs(IMAGES), tolerance=1e-4)
    check_same(ours(IMAGES[0]), theirs(IMAGES[0]), tolerance=1e-4)
    assert json.loads(json.dumps(ours.get_config())) == {
        **json.loads(json.dumps(theirs.get_config())),
        "name": ours.name,
    }


# Real Keras' variables have an __array__ of NumPy 1.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("axis", [-1, None, (1, 3)])
def test_normalization(axis):
    ours, theirs = pair(lambda L: L.Normalization(axis=axis))
    for layer in (ours, theirs):
        layer.adapt(IMAGES)
    check_same(ours(IMAGES), theirs(IMAGES))
    # A weight of Keras 2's files that neither uses.
    check_same(ours.get_weights()[:2], theirs.get_weights()[:2])
    assert [w.path.split("/")[-1] for w in ours.weights] == ["mean", "variance", "count"]
