"""Own training steps, of both ages, and models that bring their own loss."""

from __future__ import annotations

import jax
import numpy as np
import pytest

import nyala as keras
from nyala import layers, ops
from nyala.eager import count_traces


@pytest.fixture
def data():
    r = np.random.default_rng(0)
    return r.normal(size=(70, 8)).astype("float32"), r.normal(size=(70, 1)).astype("float32")


def built(cls, regularizer="l2"):
    keras.utils.set_random_seed(1)
    inputs = keras.Input((8,))
    x = layers.Dense(6, activation="tanh", kernel_regularizer=regularizer)(inputs)
    x = layers.BatchNormalization()(x)
    return cls(inputs, layers.Dense(1)(x))


class Keras2Step(keras.Model):
    """The step of seed 003."""

    def train_step(self, data):
        x, y = data
        with keras.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compiled_loss(y, y_pred, regularization_losses=self.losses)
        trainable_vars = self.trainable_variables
        gradients = tape.gradient(loss, trainable_vars)
        self.optimizer.apply_gradients(zip(gradients, trainable_vars, strict=True))
        self.compiled_metrics.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}


class Keras3Step(keras.Model):
    """The stateless step of Keras 3 on JAX."""

    def compute_loss_and_updates(self, trainable, non_trainable, x, y, training=False):
        y_pred, non_trainable = self.stateless_call(trainable, non_trainable, x, training=training)
        return self.compute_loss(x, y, y_pred), (y_pred, non_trainable)

    def train_step(self, state, data):
        trainable, non_trainable, optimizer_variables, metrics_variables = state
        x, y = data
        grad_fn = jax.value_and_grad(self.compute_loss_and_updates, has_aux=True)
        (loss, (y_pred, non_trainable)), grads = grad_fn(
            trainable, non_trainable, x, y, training=True
        )
        trainable, optimizer_variables = self.optimizer.stateless_apply(
            optimizer_variables, grads, trainable
        )
        logs, new_metrics = {}, []
        for metric in self.metrics:
            own = metrics_variables[len(new_metrics) : len(new_metrics) + len(metric.variables)]
            if metric.name == "loss":
                own = metric.stateless_update_state(own, loss)
            else:
                own = metric.stateless_update_state(own, y, y_pred)
            logs[metric.name] = metric.stateless_result(own)
            new_metrics += own
        return logs, (trainable, non_trainable, optimizer_variables, new_metrics)


@pytest.mark.parametrize("cls", [Keras2Step, Keras3Step])
def test_a_step_that_restates_the_default_gives_its_results(cls, data):
    histories = []
    for kind in (keras.Model, cls):
        # compute_loss sees regularizers of the live weights, not of those that are differentiated.
        model = built(kind, regularizer=None if cls is Keras3Step else "l2")
        model.compile("adam", "mse", metrics=["mae"])
        histories.append(
            model.fit(*data, batch_size=10, epochs=3, shuffle=False, verbose=0).history
        )
        with count_traces() as traced:
            model.fit(*data, batch_size=10, epochs=1, shuffle=False, verbose=0)
        assert traced() == 0
    default, own = histories
    assert list(own) == ["loss", "mae"]
    for name in own:
        np.testing.assert_allclose(own[name], default[name], rtol=1e-5, err_msg=name)


def test_the_forward_pass_stands_in_the_program_once(data):
    calls = []

    class Counted(layers.Layer):
        def call(self, x):
            calls.append(1)
            return ops.sin(x)

    inputs = keras.Input((8,))
    x = layers.Dense(4)(inputs)
    model = Keras2Step(inputs, layers.Dense(1)(Counted()(x)))
    model.compile("sgd", "mse")
    calls.clear()
    model.fit(data[0][:20], data[1][:20], batch_size=10, verbose=0)
    jaxpr = str(jax.make_jaxpr(lambda: model.train_step((data[0][:10], data[1][:10])))())
    assert jaxpr.count(" sin ") == 1
    assert jaxpr.count(" cos ") == 1


def test_a_model_with_its_own_tracker_and_no_labels(data):
    class Autoencoder(keras.Model):
        def __init__(self):
            super().__init__()
            self.encoder, self.decoder = layers.Dense(3), layers.Dense(8)
            self.tracker = keras.metrics.Mean(name="distance")

        @property
        def metrics(self):
            return [self.tracker]

        def call(self, x):
            return self.decoder(self.encoder(x))

        def train_step(self, x):
            with keras.GradientTape() as tape:
                distance = ops.mean(ops.square(self(x) - x))
            gradients = tape.gradient(distance, self.trainable_weights)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_weights, strict=True))
            self.tracker.update_state(distance)
            return {"distance": self.tracker.result()}

    model = Autoencoder()
    model.compile(keras.optimizers.Adam(1e-2))
    history = model.fit(data[0], batch_size=10, epochs=5, verbose=0).history
    assert list(history) == ["distance"]
    assert history["distance"][-1] < history["distance"][0]


def test_a_gan_with_two_optimizers(data):
    class Gan(keras.Model):
        def __init__(self):
            super().__init__()
            self.generator = keras.Sequential([layers.Dense(8, activation="tanh"), layers.Dense(8)])
            self.discriminator = keras.Sequential(
                [layers.Dense(8, activation="relu"), layers.Dense(1)]
            )
            self.seeds = keras.random.SeedGenerator(1)

        def compile(self, d_optimizer, g_optimizer, loss_fn):
            super().compile()
            self.d_optimizer, self.g_optimizer, self.loss_fn = d_optimizer, g_optimizer, loss_fn

        def call(self, noise):
            return self.generator(noise)

        def train_step(self, real):
            rows = ops.shape(real)[0]
            noise = keras.random.normal((rows, 4), seed=self.seeds)
            fake = self.generator(noise)
            labels = ops.concatenate([ops.ones((rows, 1)), ops.zeros((rows, 1))], axis=0)
            with keras.GradientTape() as tape:
                judged = self.discriminator(ops.concatenate([fake, real], axis=0))
                d_loss = self.loss_fn(labels, judged)
            grads = tape.gradient(d_loss, self.discriminator.trainable_weights)
            self.d_optimizer.apply_gradients(
                zip(grads, self.discriminator.trainable_weights, strict=True)
            )
            noise = keras.random.normal((rows, 4), seed=self.seeds)
            with keras.GradientTape() as tape:
                judged = self.discriminator(self.generator(noise))
                g_loss = self.loss_fn(ops.zeros((rows, 1)), judged)
            grads = tape.gradient(g_loss, self.generator.trainable_weights)
            self.g_optimizer.apply_gradients(
                zip(grads, self.generator.trainable_weights, strict=True)
            )
            return {"d_loss": d_loss, "g_loss": g_loss}

    model = Gan()
    model.compile(
        keras.optimizers.Adam(1e-2), keras.optimizers.Adam(1e-3),
        keras.losses.BinaryCrossentropy(from_logits=True),
    )  # fmt: skip
    model.discriminator(model(np.zeros((1, 4), "float32")))
    before = [w.numpy() for w in model.generator.weights + model.discriminator.weights]
    history = model.fit(data[0], batch_size=10, epochs=2, verbose=0).history
    assert list(history) == ["d_loss", "g_loss"]
    after = [w.numpy() for w in model.generator.weights + model.discriminator.weights]
    assert all(np.abs(a - b).max() > 0 for a, b in zip(before, after, strict=True))


def test_test_and_predict_steps(data):
    class Own(keras.Model):
        def test_step(self, data):
            x, y = data
            return {"worst": ops.max(ops.abs(self(x, training=False) - y))}

        def predict_step(self, data):
            return self(data, training=False) * 0 + 7

    model = built(Own)
    model.compile("sgd", "mse")
    worst = model.evaluate(*data, batch_size=70, verbose=0, return_dict=True)
    assert worst["worst"] == pytest.approx(
        float(np.abs(model(data[0]).numpy() - data[1]).max()), rel=1e-5
    )
    assert (model.predict(data[0], verbose=0) == 7).all()


@pytest.mark.parametrize("cls", [keras.Model, Keras2Step])
def test_run_eagerly_lets_python_see_values(cls, data):
    seen = []

    class Peek(layers.Layer):
        def call(self, x):
            seen.append(repr(ops.max(x)))
            return x

    def train(eagerly):
        keras.utils.set_random_seed(1)
        inputs = keras.Input((8,))
        x = layers.Dense(4, kernel_regularizer="l2")(inputs)
        x = layers.BatchNormalization()(x)
        model = cls(inputs, layers.Dense(1)(Peek()(x)))
        model.compile("adam", "mse", metrics=["mae"], run_eagerly=eagerly)
        return model.fit(*data, batch_size=32, epochs=2, shuffle=False, verbose=0).history

    eager = train(True)
    values = [one for one in seen if "traced" not in one]
    assert len(values) == 6
    assert "numpy=" in values[0]
    seen.clear()
    compiled = train(False)
    assert all("traced" in one for one in seen)
    for name in compiled:
        np.testing.assert_allclose(eager[name], compiled[name], rtol=1e-4, err_msg=name)


def test_a_learning_rate_that_only_python_can_compute(data):
    rates = iter([0.1, 0.0, 0.0, 0.0])
    model = built(keras.Model)
    model.compile(keras.optimizers.SGD(lambda: next(rates, 0.0)), "mse")
    model.fit(data[0][:16], data[1][:16], batch_size=16, verbose=0)
    before = [w.numpy() for w in model.trainable_weights]
    model.fit(data[0][:16], data[1][:16], batch_size=16, verbose=0)
    for a, b in zip(before, model.trainable_weights, strict=True):
        np.testing.assert_array_equal(a, b.numpy())
