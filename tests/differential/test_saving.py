"""Files of real Keras load here, and ours load there: the same predictions to 1e-5."""

from __future__ import annotations

import io
import zipfile

import h5py
import numpy as np
import pytest

import nyala

keras = pytest.importorskip("keras")

# What real Keras itself does with NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def sequential(k):
    layers = k.layers
    return k.Sequential(
        [k.Input((6,)), layers.Dense(4, activation="relu"), layers.Dropout(0.5),
         layers.BatchNormalization(), layers.Dense(2)]
    )  # fmt: skip


def images(k):
    layers = k.layers
    x = k.Input((8, 8, 3))
    y = layers.Conv2D(4, 3, padding="same", activation="relu")(x)
    y = layers.DepthwiseConv2D(3)(y)
    y = layers.MaxPooling2D()(layers.SeparableConv2D(2, 1)(y))
    return k.Model(x, layers.Dense(2)(layers.Flatten()(y)))


def recurrent(k):
    layers = k.layers
    x = k.Input((5,), dtype="int32")
    y = layers.Embedding(9, 4, mask_zero=True)(x)
    y = layers.Bidirectional(layers.LSTM(3, return_sequences=True, dropout=0.1))(y)
    return k.Model(
        x, layers.TimeDistributed(layers.Dense(2))(layers.GRU(3, return_sequences=True)(y))
    )


def attention(k):
    layers = k.layers
    x = k.Input((5, 4))
    y = layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 2)(x, x))
    return k.Model(x, layers.GlobalAveragePooling1D()(y))


def several_inputs(k):
    layers = k.layers
    a, b = k.Input((3,), name="a"), k.Input((3,), name="b")
    shared = layers.Dense(2, name="shared")
    y = layers.Concatenate()([shared(a), shared(b)])
    return k.Model({"a": a, "b": b}, [layers.Dense(1)(y), layers.Dense(2)(y)])


def nested(k):
    layers = k.layers
    inner = k.Sequential([k.Input((4,)), layers.Dense(3), layers.Dense(4)], name="inner")
    x = k.Input((4,))
    return k.Model(x, layers.Dense(2)(inner(inner(x))))


def operations(k):
    x = k.Input((4,))
    y = k.ops.concatenate([x * 2 + 1, k.ops.relu(x) / 3], axis=-1)
    y = k.ops.reshape(y, (-1, 2, 4)) - k.ops.mean(x, axis=1)[:, None, None]
    return k.Model(x, k.ops.sum(1 - y, axis=1, keepdims=True)[:, 0, 1:3] ** 2)


def mixed(k):
    layers = k.layers
    return k.Sequential([k.Input((4,)), layers.Dense(3, dtype="mixed_float16"),
                         layers.Dense(2, dtype="bfloat16")])  # fmt: skip


BUILDERS = [sequential, images, recurrent, attention, several_inputs, nested, operations, mixed]


def sample(model):
    rng = np.random.default_rng(0)

    def one(tensor):
        shape = (3, *tensor.shape[1:])
        if "int" in str(tensor.dtype):
            return rng.integers(0, 9, shape).astype("int32")
        return rng.normal(size=shape).astype("float32")

    drawn = {t.name: one(t) for t in model.inputs}
    return drawn if len(drawn) > 1 else next(iter(drawn.values()))


def predictions(model, x):
    outputs = model.predict(x, verbose=0)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    return [np.asarray(y, "float32") for y in outputs]


def assert_same(one, other, x):
    for a, b in zip(predictions(one, x), predictions(other, x), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("build", BUILDERS, ids=lambda b: b.__name__)
def test_keras_loads_ours_and_ours_loads_keras(build, tmp_path):
    own, theirs = build(nyala), build(keras)
    x = sample(own)
    own.save(tmp_path / "own.keras")
    theirs.save(tmp_path / "theirs.keras")
    assert_same(own, keras.models.load_model(tmp_path / "own.keras"), x)
    assert_same(theirs, nyala.models.load_model(tmp_path / "theirs.keras"), x)
    theirs.save_weights(tmp_path / "w.weights.h5")
    own.load_weights(tmp_path / "w.weights.h5")
    assert_same(own, theirs, x)


@pytest.mark.parametrize("build", [sequential, recurrent, attention, images, nested])
def test_arrays_lie_at_the_same_places(build, tmp_path):
    build(nyala).save(tmp_path / "own.keras")
    build(keras).save(tmp_path / "theirs.keras")
    assert places(tmp_path / "own.keras") == places(tmp_path / "theirs.keras")


def places(path):
    found = {}

    def note(name, item):
        if isinstance(item, h5py.Dataset) and "seed_generator" not in name:
            found[name] = item.shape

    with zipfile.ZipFile(path) as archive:
        weights = io.BytesIO(archive.read("model.weights.h5"))
    with h5py.File(weights) as file:
        file.visititems(note)
    return found


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "rmsprop"])
def test_training_goes_on_in_the_other(optimizer, tmp_path):
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(8, 6)).astype("float32"), rng.normal(size=(8, 2)).astype("float32")

    def plain(k):
        return k.Sequential([k.Input((6,)), k.layers.Dense(4), k.layers.Dense(2)])

    theirs = plain(keras)
    theirs.compile(optimizer, "mse", metrics=["mae"])
    theirs.fit(x, y, epochs=2, verbose=0, shuffle=False)
    theirs.save(tmp_path / "theirs.keras")
    own = nyala.models.load_model(tmp_path / "theirs.keras")
    own.fit(x, y, epochs=2, verbose=0, shuffle=False)
    own.save(tmp_path / "own.keras")
    back = keras.models.load_model(tmp_path / "own.keras")
    assert int(back.optimizer.iterations) == 4
    for model in (theirs, back, own):
        model.fit(x, y, epochs=2 if model is theirs else 1, verbose=0, shuffle=False)
    theirs.fit(x, y, epochs=1, verbose=0, shuffle=False)
    for a, b, c in zip(theirs.get_weights(), back.get_weights(), own.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(a, c, rtol=1e-4, atol=1e-5)


def test_legacy_h5_of_keras(tmp_path):
    theirs = recurrent(keras)
    x = sample(theirs)
    theirs.save(tmp_path / "theirs.h5")
    assert_same(theirs, nyala.models.load_model(tmp_path / "theirs.h5"), x)
    own = recurrent(nyala)
    own.save(tmp_path / "own.h5")
    assert_same(own, keras.models.load_model(tmp_path / "own.h5"), x)
