"""Calls of nyala's own layers are one recorded operation; nothing else about them changes."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

import nyala
from nyala import layers, ops
from nyala.eager._graph import local

X = np.linspace(-1.0, 1.0, 12, dtype="float32").reshape(3, 4)


def _model(**dense):
    return nyala.Sequential(
        [nyala.Input((4,)), layers.Dense(8, activation="relu"), layers.Dense(2, **dense)]
    )


def _recorded(run):
    """Return how many operations `run` records (a second time, when all is known)."""
    run()
    nyala.eager.flush_recorded()
    result = run()
    count = len(local.graph.nodes)
    nyala.eager.flush_recorded()
    assert result is not None
    return count


def test_a_model_is_one_operation():
    model = _model()
    assert _recorded(lambda: model(X)) == 1
    assert _recorded(lambda: model(ops.convert_to_tensor(X))) == 1


def test_under_a_tape_its_variables_are_one_more():
    model = _model()

    def run():
        with nyala.GradientTape() as tape:
            return model(X), tape

    assert _recorded(run) == 2


def test_the_values_are_those_of_step_by_step():
    model = _model()
    whole = model(X).numpy()
    with nyala.eager.immediate_mode():
        steps = model(X).numpy()
    np.testing.assert_allclose(whole, steps, rtol=1e-6)
    np.testing.assert_allclose(whole, model.predict(X, verbose=0), rtol=1e-6)


def test_gradients_are_those_of_step_by_step():
    model, target = _model(), ops.convert_to_tensor(X)

    def gradients():
        with nyala.GradientTape() as tape:
            tape.watch(target)
            loss = ops.sum(ops.square(model(target, training=True)))
        return [g.numpy() for g in tape.gradient(loss, [target, *model.trainable_variables])]

    whole = gradients()
    with nyala.eager.immediate_mode():
        steps = gradients()
    for one, other in zip(whole, steps, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_settings_that_change_are_seen():
    layer = layers.Dense(2, activation="relu")
    negative = -np.abs(layer(X).numpy()) - 1
    layer.bias.assign([-50.0, -50.0])
    assert (layer(X).numpy() == 0).all()
    layer.activation = None
    assert (layer(X).numpy() < 0).all()
    model = nyala.Sequential([nyala.Input((4,)), layers.BatchNormalization()])
    before = model(X, training=True).numpy()
    model.layers[0].trainable = False  # frozen: it normalizes by what it has gathered
    assert not np.allclose(before, model(X, training=True).numpy())
    assert negative.shape == (3, 2)


def test_state_is_kept_and_drawn_anew():
    normalize = layers.BatchNormalization(momentum=0.5)
    normalize(X + 1, training=True)
    normalize(X + 1, training=True)
    np.testing.assert_allclose(normalize.moving_mean, 0.75 * (X + 1).mean(axis=0), rtol=1e-5)
    drop = layers.Dropout(0.5, seed=3)
    one, two = drop(np.ones((4, 64)), training=True), drop(np.ones((4, 64)), training=True)
    assert (one.numpy() != two.numpy()).any()


def test_an_array_that_changes_after_the_call_does_not_change_the_result():
    model, x = _model(), X.copy()
    expected = model(x).numpy()
    later = model(x)
    x[:] = 100.0
    np.testing.assert_array_equal(later, expected)


def test_what_a_user_wrote_runs_every_time():
    calls = []

    def activation(x):
        calls.append(x.shape)
        return x

    class Block(layers.Layer):
        def __init__(self):
            super().__init__()
            self.inner = layers.Dense(2, activation=activation)

        def call(self, inputs):
            calls.append("block")
            return self.inner(inputs)

    block = Block()
    for _ in range(3):
        block(X)
    assert calls == ["block", (3, 2)] * 3
    shout = layers.Lambda(lambda x: calls.append("lambda") or x)
    model = nyala.Sequential([nyala.Input((4,)), shout])
    calls.clear()
    model(X), model(X)
    assert calls == ["lambda"] * 2


def test_training_of_the_call_around_counts():
    class Block(layers.Layer):
        def __init__(self):
            super().__init__()
            self.inner = layers.Dropout(0.5, seed=1)

        def call(self, inputs):
            return self.inner(inputs)

    block, ones = Block(), np.ones((8, 8), "float32")
    trained = block(ones, training=True)
    assert (block(ones, training=False).numpy() == 1).all()
    assert (trained.numpy() == 0).any()


def test_masks_and_losses_go_step_by_step():
    embed = layers.Embedding(5, 3, mask_zero=True)
    assert embed(np.array([[1, 0]]))._keras_mask.tolist() == [[True, False]]
    model = nyala.Sequential([nyala.Input((2,)), embed, layers.LSTM(4)])
    assert model(np.array([[1, 0]])).shape == (1, 4)
    dense = layers.Dense(2, activity_regularizer="l2")
    dense(X)
    assert len(dense.losses) == 1


def test_mixed_precision_inside_and_around():
    model = nyala.Sequential(
        [nyala.Input((4,)), layers.Dense(3, dtype="mixed_bfloat16"), layers.Dense(2)]
    )
    assert model(X).dtype == "float32"
    assert model.layers[0](X).dtype == "bfloat16"


def test_several_inputs_and_outputs():
    a, b = nyala.Input((4,), name="a"), nyala.Input((4,), name="b")
    model = nyala.Model({"a": a, "b": b}, [a + b, layers.Dense(1)(a * b)])
    both = {"a": X, "b": 2 * X}
    assert _recorded(lambda: model(both)) == 1
    total, _ = model(both)
    np.testing.assert_allclose(total, 3 * X, rtol=1e-6)


def test_a_wrong_shape_names_the_model_every_time():
    model = _model()
    model(X)
    for _ in range(2):
        with pytest.raises(ValueError, match="sequential"):
            model(np.ones((3, 5), "float32"))
    assert model(X).shape == (3, 2)
    assert _recorded(lambda: model(X)) == 1  # one mistake does not make the model slow for good


def test_a_second_call_compiles_nothing_and_another_batch_size_once():
    model = _model()
    model(X).numpy()
    calls = len(model._whole_calls._recorded._calls)
    model(X + 1).numpy()
    assert len(model._whole_calls._recorded._calls) == calls
    model(X[:2]).numpy()
    assert len(model._whole_calls._recorded._calls) == calls + 1


def test_a_model_that_nobody_holds_is_freed():
    model = _model()
    with nyala.GradientTape() as tape:
        loss = ops.sum(model(X))
    tape.gradient(loss, model.trainable_variables)
    ref = weakref.ref(model)
    loss.numpy()
    del model, tape, loss
    gc.collect()
    assert ref() is None


def test_a_value_outlives_its_model():
    y = _model()(X)
    gc.collect()
    assert y.numpy().shape == (3, 2)
