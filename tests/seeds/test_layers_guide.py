"""Seeds 003 and 004: models of images, and models in models."""

from __future__ import annotations

import numpy as np

import nyala as keras
from nyala import layers


def test_images_of_any_size():
    inputs = keras.Input(shape=(None, None, 3))
    x = layers.CenterCrop(height=150, width=150)(inputs)
    x = layers.Rescaling(scale=1.0 / 255)(x)
    x = layers.Conv2D(filters=32, kernel_size=(3, 3), activation="relu")(x)
    x = layers.MaxPooling2D(pool_size=(3, 3))(x)
    x = layers.Conv2D(filters=32, kernel_size=(3, 3), activation="relu")(x)
    x = layers.MaxPooling2D(pool_size=(3, 3))(x)
    x = layers.Conv2D(filters=32, kernel_size=(3, 3), activation="relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    outputs = layers.Dense(10, activation="softmax")(x)
    model = keras.Model(inputs=inputs, outputs=outputs)
    assert model.count_params() == 19722
    shapes = [layer.output.shape for layer in model.layers[:-1]]
    assert shapes == [
        (None, None, None, 3), (None, 150, 150, 3), (None, 150, 150, 3), (None, 148, 148, 32),
        (None, 49, 49, 32), (None, 47, 47, 32), (None, 15, 15, 32), (None, 13, 13, 32), (None, 32),
    ]  # fmt: skip
    data = np.random.default_rng(0).integers(0, 256, (2, 200, 180, 3)).astype("float32")
    assert model(data).shape == (2, 10)


def test_an_activity_loss_counts():
    class ActivityRegularizationLayer(layers.Layer):
        def call(self, inputs):
            self.add_loss(1e-2 * keras.ops.sum(inputs))
            return inputs

    inputs = keras.Input(shape=(64,))
    x = layers.Dense(4, activation="relu")(inputs)
    x = ActivityRegularizationLayer()(x)
    model = keras.Model(inputs, layers.Dense(1)(x))
    rows = np.ones((8, 64), "float32")
    model(rows)
    assert len(model.losses) == 1
    model.compile("sgd", "mse")
    hidden = keras.Model(inputs, x)(rows)
    expected = np.mean(np.square(model(rows).numpy())) + 1e-2 * hidden.numpy().sum()
    found = model.evaluate(rows, np.zeros((8, 1)), verbose=0, batch_size=8)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_the_network_of_seed_004(digits):
    (x_train, y_train), (x_test, y_test) = digits
    x_train, x_test = x_train.reshape(-1, 8, 8, 1), x_test.reshape(-1, 8, 8, 1)
    inputs = layers.Input((8, 8, 1))
    net = layers.Conv2D(32, (3, 3), padding="SAME")(inputs)
    net = layers.Activation("relu")(net)
    net = layers.MaxPooling2D(pool_size=(2, 2))(net)
    net = layers.Dropout(0.25)(net)
    net = layers.Conv2D(64, (3, 3), padding="SAME")(net)
    net = layers.Activation("relu")(net)
    net = layers.MaxPooling2D(pool_size=(2, 2))(net)
    net = layers.Dropout(0.25)(net)
    net = layers.Flatten()(net)
    net = layers.Dense(128)(net)
    net = layers.Activation("relu")(net)
    net = layers.Dropout(0.5)(net)
    net = layers.Dense(10)(net)
    net = layers.Activation("softmax")(net)
    model = keras.Model(inputs=inputs, outputs=net)
    model.compile(
        optimizer=keras.optimizers.Adam(),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(x_train, y_train, batch_size=32, shuffle=True, epochs=8, verbose=0)
    assert model.evaluate(x_test, y_test, verbose=0)[1] > 0.9
