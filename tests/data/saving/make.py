"""Writes the files of Keras 2 beside this script, with what they predict and how they train on.

Run it once for each generation, in an environment that has it:

    python make.py tf_keras    # tf_keras 2.21 beside TensorFlow 2.21: keras-2.21.0.tar.xz
    python make.py keras       # Keras 2.13 to 2.15 beside the TensorFlow of its time

Every model is fitted for two steps and saved in each format that its Keras has. `<kind>.npz` holds
its inputs `x…` and targets `y…`, the predictions after saving `p…`, and after a third step `q…`.
"""

import importlib
import io
import os
import sys
import tarfile
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np

k = importlib.import_module(sys.argv[1])
layers = k.layers
rng = np.random.default_rng(0)


def normal(*shape):
    return rng.normal(size=shape).astype("float32")


def sequential():
    model = k.Sequential(
        [layers.Dense(4, activation="relu", input_shape=(6,)), layers.BatchNormalization(),
         layers.Dropout(0.0), layers.Dense(2)]
    )  # fmt: skip
    model.compile("adam", "mse", metrics=["mae"])
    return model, normal(8, 6), normal(8, 2)


def functional():
    x = k.Input((6,), name="x")
    y = layers.Dense(4, activation="tanh")(x)
    y = layers.Add()([layers.Dense(4)(y), y])
    model = k.Model(x, layers.Dense(3, activation="softmax")(y))
    optimizer = k.optimizers.SGD(0.1, momentum=0.9, nesterov=True)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, normal(8, 6), rng.integers(0, 3, 8)


def several_inputs():
    a, b = k.Input((3,), name="a"), k.Input((2,), name="b")
    both = layers.Concatenate()([a, b])
    outputs = {"one": layers.Dense(1, name="one")(both), "two": layers.Dense(2, name="two")(both)}
    model = k.Model([a, b], outputs)
    model.compile("rmsprop", {"one": "mse", "two": "mae"}, loss_weights={"one": 1.0, "two": 0.5})
    return model, [normal(8, 3), normal(8, 2)], {"one": normal(8, 1), "two": normal(8, 2)}


def nested():
    inner = k.Sequential([k.Input((4,)), layers.Dense(3), layers.Dense(4)], name="inner")
    a = k.Input((4,))
    outer = k.Model(a, layers.BatchNormalization()(inner(inner(a))), name="outer")
    x = k.Input((4,))
    model = k.Model(x, layers.Dense(2)(outer(x)))
    model.compile("adam", k.losses.Huber(0.5))
    return model, normal(8, 4), normal(8, 2)


def shared():
    layer = layers.Dense(3, name="shared")
    a, b = k.Input((4,)), k.Input((4,))
    model = k.Model([a, b], layers.Subtract()([layer(a), layer(b)]))
    model.compile(k.optimizers.Adagrad(0.1), k.losses.MeanSquaredError())
    return model, [normal(8, 4), normal(8, 4)], normal(8, 3)


def recurrent():
    x = k.Input((5,), dtype="int32")
    y = layers.Embedding(9, 4, mask_zero=True)(x)
    y = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(y)
    y = layers.GRU(3, return_sequences=True)(y)
    y = layers.SimpleRNN(2)(layers.TimeDistributed(layers.Dense(3))(y))
    model = k.Model(x, layers.Dense(1, activation="sigmoid")(y))
    model.compile("adam", "binary_crossentropy")
    return model, rng.integers(0, 9, (8, 5)).astype("int32"), rng.integers(0, 2, (8, 1))


def images():
    x = k.Input((8, 8, 3))
    y = layers.Conv2D(4, 3, padding="same", activation="relu")(layers.Rescaling(0.5)(x))
    y = layers.DepthwiseConv2D(3, depth_multiplier=2)(y)
    y = layers.SeparableConv2D(2, 1)(layers.BatchNormalization()(y))
    y = layers.Conv2DTranspose(2, 2, strides=2)(layers.MaxPooling2D()(y))
    model = k.Model(x, layers.Dense(2)(layers.GlobalAveragePooling2D()(y)))
    model.compile(k.optimizers.Adam(0.01, amsgrad=True, clipnorm=1.0), "mse")
    return model, normal(8, 8, 8, 3), normal(8, 2)


def attention():
    x = k.Input((5, 4))
    y = layers.MultiHeadAttention(2, 2)(x, x)
    y = layers.LayerNormalization()(layers.Add()([x, y]))
    model = k.Model(x, layers.Dense(1)(layers.GlobalAveragePooling1D()(y)))
    model.compile("adamax", "mse")
    return model, normal(8, 5, 4), normal(8, 1)


def text():
    vectorize = layers.TextVectorization(max_tokens=12, output_sequence_length=4)
    vectorize.adapt(["the cat sat", "the dog ran", "a cat ran"])
    x = k.Input((1,), dtype="string")
    y = layers.GlobalAveragePooling1D()(layers.Embedding(12, 3)(vectorize(x)))
    model = k.Model(x, layers.Dense(1)(y))
    model.compile("adam", "mse")
    return model, np.array([["the cat"], ["a dog sat"], ["who"], [""]]), normal(4, 1)


def preprocessing():
    scaled, word, age = k.Input((2,)), k.Input((1,), dtype="string"), k.Input((1,))
    normalization = layers.Normalization()
    normalization.adapt(normal(20, 2) * 3 + 1)
    lookup = layers.StringLookup(output_mode="one_hot")
    lookup.adapt(np.array(["red", "green", "blue"]))
    bins = layers.Discretization([10.0, 20.0], output_mode="one_hot")
    merged = layers.Concatenate()([normalization(scaled), lookup(word), bins(age)])
    model = k.Model([scaled, word, age], layers.Dense(2)(merged))
    model.compile("sgd", "mse")
    words = np.array([["red"], ["blue"], ["pink"], ["green"]])
    return model, [normal(4, 2), words, np.array([[5.0], [15], [25], [10]])], normal(4, 2)


@k.saving.register_keras_serializable("tests")
class Own(k.Model):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.blocks = [layers.Dense(units), layers.Dense(2)]
        self.norm = layers.LayerNormalization()

    def call(self, inputs):
        for block in self.blocks:
            inputs = block(inputs)
        return self.norm(inputs)

    def get_config(self):
        return {"units": self.units, "name": self.name}


def subclassed():
    model = Own(3)
    model(normal(1, 4))
    model.compile("adam", "mse")
    return model, normal(8, 4), normal(8, 2)


def mixed():
    k.mixed_precision.set_global_policy("mixed_bfloat16")
    x = k.Input((4,))
    y = layers.Dense(3)(layers.BatchNormalization()(layers.Dense(4)(x)))
    model = k.Model(x, layers.Dense(2, dtype="float32")(y))
    k.mixed_precision.set_global_policy("float32")
    model.compile("adam", "mse")
    return model, normal(8, 4), normal(8, 2)


def old_optimizer():
    model = k.Sequential([k.Input((3,)), layers.Dense(3), layers.Dense(3)])
    model.compile(k.optimizers.legacy.Adam(0.01), "mse")
    return model, normal(8, 3), normal(8, 3)


KINDS = [sequential, functional, several_inputs, nested, shared, recurrent, images, attention, text,
         preprocessing, subclassed, mixed, old_optimizer]  # fmt: skip


def flat(prefix, values):
    """Return named arrays: lists by number, dicts by key."""
    if isinstance(values, dict):
        return {f"{prefix}_{key}": np.asarray(value) for key, value in values.items()}
    values = values if isinstance(values, list) else [values]
    return {f"{prefix}{i}": np.asarray(value) for i, value in enumerate(values)}


def write(build, folder):
    k.backend.clear_session()
    k.utils.set_random_seed(1)
    model, x, y = build()
    rows = len(x[0]) if isinstance(x, list) else len(x)
    model.fit(x, y, batch_size=rows, epochs=2, shuffle=False, verbose=0)
    name = build.__name__
    if build is not old_optimizer:
        model.save(folder / f"{name}.keras")
        model.save_weights(folder / f"{name}.weights.h5")
    if build not in (subclassed, text, preprocessing):
        model.save(folder / f"{name}.h5")
        model.save_weights(folder / f"{name}-weights.h5")
    kept = {**flat("x", x), **flat("y", y), **flat("p", model.predict(x, verbose=0))}
    model.fit(x, y, batch_size=rows, epochs=1, shuffle=False, verbose=0)
    kept |= flat("q", model.predict(x, verbose=0))
    np.savez(folder / f"{name}.npz", **kept)


def main():
    target = Path(__file__).with_name(f"keras-{k.__version__}.tar.xz")
    with tempfile.TemporaryDirectory() as folder:
        for build in KINDS:
            if build is not old_optimizer or k.__name__ == "keras":
                write(build, Path(folder))
        with tarfile.open(target, "w:xz") as archive:
            for path in sorted(Path(folder).iterdir()):
                info = tarfile.TarInfo(path.name)
                info.size = path.stat().st_size
                archive.addfile(info, io.BytesIO(path.read_bytes()))
    print(target, target.stat().st_size)


main()
