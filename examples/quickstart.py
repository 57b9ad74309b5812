"""Train a classifier of handwritten digits, evaluate it, predict, and draw what happened.

Run with `make demo`, or `python examples/quickstart.py`. MNIST is used where it can be had (see
`nyala.datasets.mnist`); otherwise the 1,797 smaller digits that ship with nyala. Leaves
`history.png` and `predictions.png` in the folder it is run in.
"""

from __future__ import annotations

import time

import drawing
import numpy as np

import nyala as keras
from nyala import layers


def load_digits() -> tuple[str, tuple, tuple]:
    """Return a name, and (images, labels) to train and to test on; pixels in [0, 1]."""
    try:
        (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
        name, top = "MNIST", 255
    except Exception as error:
        print(
            f"MNIST is not at hand ({type(error).__name__}); using the digits that ship with nyala."
        )
        (x_train, y_train), (x_test, y_test) = keras.datasets.digits.load_data()
        name, top = "UCI digits", 16
    scale = np.float32(1 / top)
    return name, (x_train * scale, y_train), (x_test * scale, y_test)


def build_model(pixels: int) -> keras.Model:
    """Return the classifier of Keras' guide on training: two hidden layers of 64."""
    inputs = keras.Input(shape=(pixels,), name="digits")
    x = layers.Dense(64, activation="relu", name="dense_1")(inputs)
    x = layers.Dense(64, activation="relu", name="dense_2")(x)
    outputs = layers.Dense(10, activation="softmax", name="predictions")(x)
    return keras.Model(inputs=inputs, outputs=outputs)


def main() -> None:
    """Run the whole workflow."""
    started = time.perf_counter()
    keras.utils.set_random_seed(0)
    name, (images, labels), (test_images, test_labels) = load_digits()
    side = images.shape[1]
    x, x_test = images.reshape(-1, side * side), test_images.reshape(-1, side * side)
    print(f"{name}: {len(x):,} images of {side}x{side} to train on, {len(x_test):,} to test on\n")

    model = build_model(side * side)
    model.summary()
    model.compile(
        optimizer=keras.optimizers.RMSprop(),
        loss=keras.losses.SparseCategoricalCrossentropy(),
        metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
    )
    history = model.fit(
        x, labels, batch_size=64, epochs=3 if name == "MNIST" else 15, validation_split=1 / 6
    )
    loss, accuracy = model.evaluate(x_test, test_labels, batch_size=128, verbose=0)
    print(f"\nOn {len(x_test):,} test images: loss {loss:.4f}, accuracy {accuracy:.2%}")

    probabilities = model.predict(x_test, verbose=0)
    wrong = np.flatnonzero(probabilities.argmax(-1) != test_labels)
    right = np.setdiff1d(np.arange(len(x_test)), wrong)
    chosen = np.concatenate([wrong[:8], right])[:32]
    drawing.draw_history(history.history, "history.png")
    drawing.draw_predictions(
        test_images[chosen], probabilities[chosen], test_labels[chosen], "predictions.png"
    )
    print(
        f"Drawn: history.png, predictions.png (the {min(8, len(wrong))} first mistakes come first)"
    )
    print(f"All of it took {time.perf_counter() - started:.1f} s, compilation included.")


if __name__ == "__main__":
    main()
