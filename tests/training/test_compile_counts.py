"""Nothing is compiled twice."""

from __future__ import annotations

import jax
import numpy as np
import pytest

import nyala
from nyala.eager import count_traces
from nyala.kernels import native_state


@pytest.fixture
def data():
    r = np.random.default_rng(0)
    return r.random((70, 6), "float32"), r.integers(0, 3, 70)


@pytest.fixture
def model(data):
    model = nyala.Sequential(
        [nyala.Input((6,)), nyala.layers.Dense(5, activation="relu"), nyala.layers.Dropout(0.1),
         nyala.layers.Dense(3, activation="softmax")]
    )  # fmt: skip
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def fit(model, data, **options):
    return model.fit(*data, batch_size=16, verbose=0, **options)


def test_later_epochs_and_fits_compile_nothing(model, data):
    fit(model, data, epochs=1)
    with count_traces() as traced:
        fit(model, data, epochs=3)
        fit(model, data, epochs=1)
    assert traced() == 0


def test_another_learning_rate_compiles_nothing(model, data):
    fit(model, data)
    before = model.get_weights()
    model.optimizer.learning_rate = 0.0
    with count_traces() as traced:
        fit(model, data)
    assert traced() == 0
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_evaluate_between_fits_compiles_once(model, data):
    model.evaluate(*data, batch_size=16, verbose=0)
    fit(model, data, validation_data=data)
    with count_traces() as traced:
        model.evaluate(*data, batch_size=16, verbose=0)
        fit(model, data, validation_data=data)
        model.predict(data[0][:10], verbose=0)
        model.predict(data[0][:10], verbose=0)
    assert traced() == 1  # the first prediction


def test_the_number_of_fused_steps_is_no_part_of_a_program(data):
    def dense():
        model = nyala.Sequential([nyala.Input((6,)), nyala.layers.Dense(3, activation="softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy")
        return model

    model = dense()
    model.fit(data[0][:64], data[1][:64], batch_size=16, verbose=0)
    with count_traces() as traced:
        model.fit(data[0][:48], data[1][:48], batch_size=16, verbose=0, steps_per_epoch=2, epochs=3)
    # Arrays of another length are another program; any number of steps on them is the same one.
    assert traced() == 1


def test_frozen_layers_take_effect_at_the_next_fit(model, data):
    fit(model, data)
    model.layers[0].trainable = False
    before = model.layers[0].get_weights()
    fit(model, data)
    for a, b in zip(before, model.layers[0].get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_tensors_that_the_user_holds_survive_training(model, data):
    fit(model, data)
    kernel = model.layers[0].kernel
    held, view = kernel.value, np.asarray(kernel.value)
    before = view.copy()
    fit(model, data, epochs=2)
    np.testing.assert_array_equal(held.numpy(), before)
    np.testing.assert_array_equal(view, before)
    assert not np.array_equal(kernel.numpy(), before)


def test_same_seed_same_bits(data):
    def run():
        nyala.utils.set_random_seed(3)
        model = nyala.Sequential(
            [
                nyala.Input((6,)),
                nyala.layers.Dense(8),
                nyala.layers.Dropout(0.5),
                nyala.layers.Dense(3),
            ]
        )
        model.compile("adam", nyala.losses.SparseCategoricalCrossentropy(from_logits=True))
        history = fit(model, data, epochs=3)
        return history.history["loss"], model.get_weights()

    (losses, weights), (again, weights_again) = run(), run()
    assert losses == again
    for a, b in zip(weights, weights_again, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_batch_callback_sees_every_step_and_the_same_history(data):
    seen = []

    def run(callbacks):
        nyala.utils.set_random_seed(3)
        model = nyala.Sequential([nyala.Input((6,)), nyala.layers.Dense(3, activation="softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
        return fit(model, data, epochs=2, callbacks=callbacks).history

    listener = nyala.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: seen.append((batch, logs["loss"]))
    )
    heard, fused = run([listener]), run([])
    for name in fused:
        assert heard[name] == pytest.approx(fused[name], rel=1e-6)
    assert [batch for batch, _ in seen] == [0, 1, 2, 3, 4] * 2
    assert all(isinstance(loss, float) for _, loss in seen)


@pytest.mark.skipif(jax.default_backend() != "cpu", reason="only XLA for CPU needs this")
def test_steps_of_convolutions_are_fused_where_these_are_native():
    layers = nyala.layers
    model = nyala.Sequential(
        [nyala.Input((6, 6, 1)), layers.Conv2D(4, 3), layers.Flatten(), layers.Dense(2)]
    )
    assert model._fuses_steps() == (not native_state().startswith("none"))
    nyala.config.set_kernels("xla")
    try:
        assert not model._fuses_steps()
    finally:
        nyala.config.set_kernels("auto")
