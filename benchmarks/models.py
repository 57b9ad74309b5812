"""The models of the rows, from one source for nyala and for Keras: `keras` is either."""

from __future__ import annotations

from typing import Any


def mlp(keras: Any) -> Any:
    layers = keras.layers
    return keras.Sequential([
        keras.Input((784,)),
        layers.Dense(64, activation="relu"),
        layers.Dense(64, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ])  # fmt: skip


def cnn(keras: Any) -> Any:
    layers = keras.layers
    x = inputs = keras.Input((28, 28, 1))
    for filters in (32, 64):
        x = layers.Conv2D(filters, (3, 3), padding="same")(x)
        x = layers.Activation("relu")(x)
        x = layers.MaxPooling2D(pool_size=(2, 2))(x)
        x = layers.Dropout(0.25)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(512)(x)
    x = layers.Activation("relu")(x)
    x = layers.Dropout(0.5)(x)
    x = layers.Dense(10)(x)
    return keras.Model(inputs, layers.Activation("softmax")(x))


def bilstm(keras: Any) -> Any:
    layers = keras.layers
    return keras.Sequential([
        keras.Input((200,), dtype="int32"),
        layers.Embedding(20_000, 64),
        layers.Bidirectional(layers.LSTM(64)),
        layers.Dense(1, activation="sigmoid"),
    ])  # fmt: skip


def transformer(keras: Any) -> Any:
    layers = keras.layers
    x = inputs = keras.Input((128, 64))
    attended = layers.MultiHeadAttention(num_heads=4, key_dim=16)(x, x)
    x = layers.LayerNormalization(epsilon=1e-6)(layers.add([x, attended]))
    hidden = layers.Dense(256, activation="relu")(x)
    x = layers.LayerNormalization(epsilon=1e-6)(layers.add([x, layers.Dense(64)(hidden)]))
    x = layers.GlobalAveragePooling1D()(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))


def mobilenet(keras: Any) -> Any:
    """MobileNetV2 of width 1 (Sandler et al., 2018, https://arxiv.org/abs/1801.04381)."""
    layers = keras.layers

    def normalized(x, relu=True):
        x = layers.BatchNormalization(epsilon=1e-3, momentum=0.999)(x)
        return layers.ReLU(6.0)(x) if relu else x

    def bottleneck(x, filters, strides, expansion):
        channels = x.shape[-1]
        y = x
        if expansion > 1:
            y = normalized(layers.Conv2D(expansion * channels, 1, use_bias=False)(y))
        y = layers.DepthwiseConv2D(3, strides=strides, padding="same", use_bias=False)(y)
        y = layers.Conv2D(filters, 1, use_bias=False)(normalized(y))
        y = normalized(y, relu=False)
        return layers.add([x, y]) if strides == 1 and channels == filters else y

    inputs = keras.Input((96, 96, 3))
    x = normalized(layers.Conv2D(32, 3, strides=2, padding="same", use_bias=False)(inputs))
    for expansion, filters, repeats, strides in (
        (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2),
        (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
    ):  # fmt: skip
        for i in range(repeats):
            x = bottleneck(x, filters, strides if i == 0 else 1, expansion)
    x = normalized(layers.Conv2D(1280, 1, use_bias=False)(x))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))


def resnet(keras: Any) -> Any:
    """ResNet50 (He et al., 2015, https://arxiv.org/abs/1512.03385)."""
    layers = keras.layers

    def conv(x, filters, size, strides=1, relu=True):
        x = layers.Conv2D(filters, size, strides=strides, padding="same")(x)
        x = layers.BatchNormalization(epsilon=1.001e-5)(x)
        return layers.Activation("relu")(x) if relu else x

    def block(x, filters, strides, project):
        shortcut = conv(x, 4 * filters, 1, strides, relu=False) if project else x
        y = conv(conv(x, filters, 1, strides), filters, 3)
        y = layers.add([shortcut, conv(y, 4 * filters, 1, relu=False)])
        return layers.Activation("relu")(y)

    inputs = keras.Input((96, 96, 3))
    x = conv(inputs, 64, 7, 2)
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    for filters, repeats, strides in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
        for i in range(repeats):
            x = block(x, filters, strides if i == 0 else 1, project=i == 0)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))


def gan(keras: Any, tape: Any) -> Any:
    """A small GAN with two optimizers and a `train_step` of its own; `tape` is `GradientTape`."""
    layers, ops = keras.layers, keras.ops

    def stack(inputs, hidden, outputs, activation=None):
        return keras.Sequential([
            keras.Input((inputs,)),
            layers.Dense(hidden, activation="relu"),
            layers.Dense(outputs, activation=activation),
        ])  # fmt: skip

    class Gan(keras.Model):
        def __init__(self):
            super().__init__()
            self.generator = stack(32, 128, 784, "sigmoid")
            self.discriminator = stack(784, 128, 1)
            self.seed_generator = keras.random.SeedGenerator(1)

        def compile(self):
            super().compile()
            self.g_optimizer = keras.optimizers.Adam(1e-4)
            self.d_optimizer = keras.optimizers.Adam(1e-4)
            self.loss_fn = keras.losses.BinaryCrossentropy(from_logits=True)

        def learn(self, optimizer, part, images, labels):
            with tape() as recorded:
                loss = self.loss_fn(labels, self.discriminator(images()))
            gradients = recorded.gradient(loss, part.trainable_weights)
            optimizer.apply_gradients(zip(gradients, part.trainable_weights, strict=True))
            return loss

        def train_step(self, data):
            real = data
            rows = ops.shape(real)[0]
            noise = keras.random.normal((rows, 32), seed=self.seed_generator)
            both = ops.concatenate([self.generator(noise), real], axis=0)
            labels = ops.concatenate([ops.ones((rows, 1)), ops.zeros((rows, 1))], axis=0)
            d_loss = self.learn(self.d_optimizer, self.discriminator, lambda: both, labels)
            noise = keras.random.normal((rows, 32), seed=self.seed_generator)
            g_loss = self.learn(
                self.g_optimizer, self.generator, lambda: self.generator(noise),
                ops.zeros((rows, 1)),
            )  # fmt: skip
            return {"d_loss": d_loss, "g_loss": g_loss}

    return Gan()
