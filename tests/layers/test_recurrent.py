"""Recurrent layers: states, masks, dropout, cells of the user's, wrong use."""

from __future__ import annotations

import copy
import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import nyala
from nyala import layers, ops

X = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
MASK = np.array([[True, True, True, False, False], [True] * 5])


class Counter(layers.Layer):
    """A cell that counts its calls in a variable, and whose outputs are not like its state."""

    state_size = 1
    output_size = 2

    def __init__(self):
        super().__init__()
        self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False)
        self.inner = layers.Dropout(0.5, seed=1)

    def call(self, inputs, states, training=False):
        self.calls.assign_add(1.0)
        total = states[0] + ops.sum(inputs, axis=-1, keepdims=True)
        kept = self.inner(ops.ones_like(total), training=training)
        return ops.concatenate([total, kept], axis=-1), [total]


# -- cells ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("unroll", [False, True])
def test_a_cell_may_change_variables(unroll):
    cell = Counter()
    y = layers.RNN(cell, return_sequences=True, unroll=unroll)(X, training=True).numpy()
    assert float(cell.calls) == 5
    np.testing.assert_allclose(y[..., 0], X.sum(-1).cumsum(1), rtol=1e-5)
    # Ten draws from one seed: alike only once in 512 times, and the seed is fixed.
    assert set(np.unique(y[..., 1])) == {0.0, 2.0}


def test_masked_steps_hold_outputs_that_are_not_the_state():
    y = layers.RNN(Counter(), return_sequences=True)(X, mask=MASK).numpy()
    np.testing.assert_array_equal(y[0, 3:], np.broadcast_to(y[0, 2], (2, 2)))
    late = np.array([[False, True, True, True, True]] * 2)
    y = layers.RNN(Counter(), return_sequences=True)(X, mask=late).numpy()
    np.testing.assert_array_equal(y[:, 0], 0)


def test_cells_by_themselves_agree_with_their_layers():
    for layer in (layers.LSTM(4), layers.GRU(4), layers.SimpleRNN(4)):
        y = layer(X)
        states = layer.cell.get_initial_state(2)
        for t in range(5):
            out, states = layer.cell(X[:, t], states)
        np.testing.assert_allclose(out, y, atol=1e-6)


def test_a_subclass_of_a_cell_runs_its_own_call():
    class Doubled(layers.GRUCell):
        def call(self, inputs, states, training=False):
            output, states = super().call(inputs, states, training)
            return output * 2, states

    plain, doubled = layers.RNN(layers.GRUCell(4)), layers.RNN(Doubled(4))
    plain(X), doubled(X)
    doubled.set_weights(plain.get_weights())
    np.testing.assert_allclose(doubled(X), plain(X) * 2, atol=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x, s: (x, [s[0], s[0]]), "given 1 states.* returned 2"),
        (lambda x, s: (x, [s[0][:, :1]]), r"shape \(2, 3\) but returned one of shape \(2, 1\)"),
    ],
)
def test_cells_that_return_other_states(call, message):
    class Broken(layers.Layer):
        state_size = 3

        def call(self, inputs, states):
            return call(inputs, states)

    with pytest.raises(ValueError, match=message):
        layers.RNN(Broken())(X)


# -- states --------------------------------------------------------------------------------------


def test_stateful_goes_on_where_it_ended():
    whole, parts = layers.LSTM(4), layers.LSTM(4, stateful=True)
    whole(X), parts(X[:, :2])
    parts.set_weights(whole.get_weights())
    parts.reset_state()
    parts(X[:, :2])
    np.testing.assert_allclose(parts(X[:, 2:]), whole(X), atol=1e-6)
    parts.reset_states()
    np.testing.assert_allclose(parts(X), whole(X), atol=1e-6)
    parts.reset_states([np.ones((2, 4)), np.zeros((2, 4))])
    np.testing.assert_array_equal(parts.states[0], np.ones((2, 4)))
    assert len(parts.weights) == 3


def test_states_in_a_list_with_the_sequences():
    layer = layers.LSTM(4, return_state=True)
    y, h, c = layer(X)
    np.testing.assert_array_equal(layer([X, h, c])[0], layer(X, initial_state=[h, c])[0])
    np.testing.assert_array_equal(layer(inputs=X)[0], y)
    encoder, decoder = nyala.Input((None, 3)), nyala.Input((None, 3))
    _, *states = layers.LSTM(4, return_state=True)(encoder)
    outputs = layers.LSTM(4, return_sequences=True)(decoder, initial_state=states)
    assert tuple(outputs.shape) == (None, None, 4)
    assert nyala.Model([encoder, decoder], outputs)([X, X]).shape == (2, 5, 4)


@pytest.mark.parametrize("make", [layers.LSTM, layers.GRU])
def test_graph_shapes(make):
    x = nyala.Input((None, 3))
    output, *states = make(4, return_sequences=True, return_state=True)(x)
    assert tuple(output.shape) == (None, None, 4)
    assert [tuple(s.shape) for s in states] == [(None, 4)] * len(states)


# -- masks ---------------------------------------------------------------------------------------


def test_masked_steps_do_not_count():
    for layer in (
        layers.LSTM(4),
        layers.GRU(4, recurrent_activation="relu"),
        layers.Bidirectional(layers.LSTM(4)),
        layers.RNN([layers.LSTMCell(3), layers.GRUCell(4)]),
        layers.RNN([layers.LSTMCell(3), layers.GRUCell(4)], go_backwards=True),
    ):
        y = layer(X, mask=MASK)
        np.testing.assert_allclose(y[:1], layer(X[:1, :3]), atol=1e-6)


def test_masks_of_outputs():
    x = layers.Embedding(4, 3, mask_zero=True)(np.array([[1, 2, 0]]))
    expected = [[True, True, False]]
    assert getattr(layers.LSTM(2)(x), "_keras_mask", None) is None
    sequences, h, _ = layers.LSTM(2, return_sequences=True, return_state=True)(x)
    np.testing.assert_array_equal(sequences._keras_mask, expected)
    assert getattr(h, "_keras_mask", None) is None
    y = layers.Bidirectional(layers.GRU(2, return_sequences=True))(x)
    np.testing.assert_array_equal(y._keras_mask, expected)
    assert (y.numpy()[0, 2] == 0).all()
    y = layers.TimeDistributed(layers.Dense(2))(x)
    np.testing.assert_array_equal(y._keras_mask, expected)


# -- dropout -------------------------------------------------------------------------------------

DROPPING = {
    "lstm": lambda **o: layers.LSTM(4, seed=1, **o),
    "gru": lambda **o: layers.GRU(4, seed=1, **o),
    "gru_before": lambda **o: layers.GRU(4, reset_after=False, seed=1, **o),
    "simple": lambda **o: layers.SimpleRNN(4, seed=1, **o),
    "relu": lambda **o: layers.LSTM(4, activation="relu", seed=1, **o),
    "each_gate": lambda **o: layers.LSTM(4, implementation=1, seed=1, **o),
    "unrolled": lambda **o: layers.GRU(4, unroll=True, seed=1, **o),
}


@pytest.mark.parametrize("name", DROPPING)
def test_dropout_in_cells(name):
    layer = DROPPING[name](dropout=0.5, recurrent_dropout=0.5)
    first = layer(X, training=True).numpy()
    assert (layer(X, training=True).numpy() != first).any()
    again = DROPPING[name](dropout=0.5, recurrent_dropout=0.5)
    again(X)
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(again(X, training=True), first)
    plain = DROPPING[name]()
    plain(X)
    plain.set_weights(layer.get_weights())
    np.testing.assert_allclose(layer(X), plain(X), atol=1e-6)


@pytest.mark.parametrize("name", ["lstm", "relu", "each_gate", "unrolled"])
def test_one_mask_serves_all_steps(name):
    layer = DROPPING[name](dropout=0.5, return_sequences=True)
    layer(X)
    x = np.ones((2, 5, 3), "float32")
    weights = layer.get_weights()
    # No memory: each step's output depends on its own input only, and these are all the same.
    layer.set_weights([weights[0], np.zeros_like(weights[1]), weights[2]])
    if layer.cell.state_size != 4:
        layer.cell.bias.assign(np.repeat([0.0, -100.0, 0.0, 0.0], 4))
    elif name == "unrolled":
        layer.cell.bias.assign(np.stack([np.repeat([-100.0, 0.0, 0.0], 4), np.zeros(12)]))
    y = layer(x, training=True).numpy()
    np.testing.assert_allclose(y, np.broadcast_to(y[:, :1], y.shape), atol=1e-6)


def test_masks_of_a_cell_do_not_leak_out_of_compiled_code():
    cell = layers.LSTMCell(4, dropout=0.5, recurrent_dropout=0.5, seed=1)
    cell(X[:, 0], cell.get_initial_state(2))
    values = [v.value._value for v in cell.variables]
    trainable, others = values[:3], values[3:]

    def step(x):
        (y, _), _ = cell.stateless_call(
            trainable, others, x, cell.get_initial_state(2), training=True
        )
        return jnp.asarray(y)

    first = jax.jit(step)(X[:, 0])
    np.testing.assert_allclose(jax.jit(lambda x: step(x) + 0)(X[:, 0]), first)
    assert cell(X[:, 0], cell.get_initial_state(2), training=True)[0].shape == (2, 4)


# -- outside compiled code -----------------------------------------------------------------------


def test_a_layer_that_was_called_can_be_copied():
    layer = layers.RNN(Counter(), return_sequences=True)
    y = layer(X)
    for made in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layers.LSTM(4)))):
        assert made(X).shape[0] == 2
    np.testing.assert_array_equal(copy.deepcopy(layer)(X), y)


@pytest.mark.parametrize("name", ["lstm", "relu"])
def test_gradient_tape(name):
    layer = DROPPING[name]()
    layer(X)
    with nyala.GradientTape() as tape:
        loss = ops.sum(ops.square(layer(X)))
    found = tape.gradient(loss, layer.trainable_variables)

    def pure(values):
        y, _ = layer.stateless_call(values, [v.value for v in layer.non_trainable_variables], X)
        return jnp.sum(jnp.square(jnp.asarray(y)))

    expected = jax.grad(pure)([jnp.asarray(v) for v in layer.trainable_variables])
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


# -- wrappers ------------------------------------------------------------------------------------


def test_bidirectional_makes_layers_of_its_own():
    inner = layers.LSTM(4, return_sequences=True, name="memory")
    layer = layers.Bidirectional(inner)
    assert layer(X).shape == (2, 5, 8)
    assert not inner.built
    assert [one.name for one in (layer.forward_layer, layer.backward_layer)] == [
        "forward_memory", "backward_memory"
    ]  # fmt: skip
    copy = layers.Bidirectional(inner, weights=layer.get_weights())
    np.testing.assert_array_equal(copy(X), layer(X))


def test_bidirectional_losses_of_the_layers_inside_count():
    layer = layers.Bidirectional(layers.LSTM(4, activity_regularizer="l2", kernel_regularizer="l2"))
    layer(X)
    assert len(layer.losses) == 4


def test_stateful_bidirectional():
    layer = layers.Bidirectional(layers.GRU(4, stateful=True))
    first = layer(X).numpy()
    assert (layer(X).numpy() != first).any()
    layer.reset_states()
    np.testing.assert_array_equal(layer(X), first)
    assert len(layer.states) == 2
    with pytest.raises(AttributeError, match="stateful=True"):
        layers.Bidirectional(layers.GRU(4)).reset_state()


def test_time_distributed_adds_losses_of_every_step():
    class Penalized(layers.Layer):
        def call(self, inputs):
            self.add_loss(ops.sum(inputs))
            return inputs

    for inner in (Penalized(), layers.ActivityRegularization(l1=1.0)):
        layer = layers.TimeDistributed(inner)
        layer(np.abs(X))
        (loss,) = layer.losses
        assert float(loss) == pytest.approx(np.abs(X).sum(), rel=1e-5)


def test_time_distributed_models_and_images():
    model = nyala.Sequential([layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(3)])
    x = np.random.default_rng(1).normal(size=(2, 3, 4, 4, 1)).astype("float32")
    layer = layers.TimeDistributed(model)
    y = layer(x)
    np.testing.assert_allclose(y[:, 1], model(x[:, 1]), atol=1e-5)
    assert tuple(layer(nyala.Input((None, 4, 4, 1))).shape) == (None, None, 3)


def test_time_distributed_masks():
    seen = []

    class Sees(layers.Layer):
        def call(self, inputs, mask=None):
            seen.append(tuple(mask.shape))
            return inputs

    layers.TimeDistributed(Sees())(X, mask=MASK)
    assert set(seen) == {(2,)}
    with pytest.raises(ValueError, match=r"\(2, 5\); got a mask of shape \(2, 4\)"):
        layers.TimeDistributed(layers.Dense(2))(X, mask=MASK[:, :4])


# -- configuration -------------------------------------------------------------------------------


def test_spellings_of_keras_2():
    layer = layers.LSTM(4, implementation=1, time_major=False, input_shape=(5, 3))
    assert layer.cell.implementation == 1
    assert layers.GRU(4, recurrent_dropout=0.1).cell.dropout_mask_count == 3
    with pytest.raises(ValueError, match="time_major=True is not supported"):
        layers.LSTM(4, time_major=True)


@pytest.mark.parametrize("policy", ["bfloat16", "float16", "mixed_bfloat16"])
def test_precision(policy):
    for make in (layers.LSTM, layers.GRU, layers.SimpleRNN):
        layer = make(4, dtype=policy, return_state=True)
        outputs = layer(X)
        assert {str(y.dtype) for y in outputs} == {policy.removeprefix("mixed_")}
        assert layer.cell.kernel.dtype == layer.dtype
    assert str(layers.LSTM(4)(X.astype("int32")).dtype) == "float32"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.LSTM(0), r"LSTMCell\(units=...\) expects a positive integer; got 0"),
        (lambda: layers.RNN(3), r"RNN\(cell=...\) expects a cell"),
        (lambda: layers.RNN([]), "list of cells"),
        (lambda: layers.GRU(4, use_cudnn="yes"), "use_cudnn"),
        (lambda: layers.LSTM(4, unroll=True)(nyala.Input((None, 3))), "number of steps"),
        (lambda: layers.LSTM(4, stateful=True)(nyala.Input((5, 3))), "fixed batch size"),
        (lambda: layers.LSTM(4)(X[0]), "ndim=3"),
        (lambda: layers.LSTM(4)(X, initial_state=[X[:, 0]]), "has 2 states .* got 1"),
        (lambda: layers.Bidirectional(3), "expects a recurrent layer"),
        (lambda: layers.Bidirectional(layers.LSTM(4), "add"), "merge_mode"),
        (
            lambda: layers.Bidirectional(layers.LSTM(4), backward_layer=layers.LSTM(4)),
            "different directions",
        ),
        (
            lambda: layers.Bidirectional(
                layers.LSTM(4),
                backward_layer=layers.LSTM(4, go_backwards=True, stateful=True),
            ),
            "same stateful",
        ),
        (
            lambda: layers.Bidirectional(layers.GRU(4))(X, initial_state=[X[:, 0]] * 3),
            "an even number; got 3",
        ),
        (lambda: layers.TimeDistributed(3), "expects a layer"),
        (lambda: layers.TimeDistributed(layers.Dense(2))(X[0]), "at least three axes"),
        (lambda: layers.ConvLSTM1D(2, 2, strides=2, dilation_rate=2), "cannot both be above 1"),
        (lambda: layers.ConvLSTM1D(2, 9)(np.ones((1, 2, 4, 1), "float32")), "does not fit"),
        (lambda: layers.ConvLSTM1D(2, 2)(nyala.Input((2, None, 1))), "must be known"),
    ],
)
def test_wrong_use(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_stateful_layer_refuses_another_batch_size():
    layer = layers.LSTM(4, stateful=True)
    layer(X)
    with pytest.raises(ValueError, match=r"built for batches of 2; got .*\(1, 5, 3\)"):
        layer(X[:1])


def test_training_a_recurrent_model_in_compiled_code():
    model = nyala.Sequential([
        nyala.Input(batch_shape=(2, 5, 3)),
        layers.Bidirectional(layers.LSTM(4, return_sequences=True, dropout=0.2)),
        layers.GRU(4, stateful=True, recurrent_dropout=0.2),
        layers.Dense(1),
    ])  # fmt: skip
    model.compile("sgd", "mse")
    before = model.layers[1].states[0].numpy()
    losses = model.fit(X, np.zeros((2, 1)), epochs=3, batch_size=2, verbose=0).history["loss"]
    assert np.isfinite(losses).all()
    assert (model.layers[1].states[0].numpy() != before).any()
